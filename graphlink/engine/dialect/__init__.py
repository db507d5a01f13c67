"""DuckDB's SQL in Spark's words: the only package that imports sqlglot.

Most of it is a matter of words, which SQLGlot knows. What this package adds are the places where both engines
take the same words and give different answers: division by zero, whole numbers made of fractions,
logarithms of zero, seconds of times, the order inside an aggregate, what a dot means in a pattern. A
function that nobody compared is refused, so that a step can't come to mean something else on another engine.
"""

from __future__ import annotations

from graphlink.engine.dialect.translation import spark_sql

__all__ = ["spark_sql"]
