"""DuckDB's SQL translated to Spark's dialect: the only package that imports sqlglot.

SQLGlot knows most of the syntax. This package adds the places where both engines take the same text and give
different answers: division by zero, whole numbers made of fractions, logarithms of zero, seconds of times,
the order inside an aggregate, what a dot means in a pattern. A function that nobody compared is refused, so
that a step can't come to mean something else on another engine.
"""

from __future__ import annotations

from graphlink.engine.dialect.selects import check_select
from graphlink.engine.dialect.translation import spark_sql

__all__ = ["check_select", "spark_sql"]
