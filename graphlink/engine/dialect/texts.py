"""Texts and times: patterns, formats, splitting and seconds with DuckDB's meaning."""

from __future__ import annotations

import re

from sqlglot import exp

from graphlink.core.errors import EngineError
from graphlink.engine.dialect.nodes import cast

_TIME_WORDS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"}
_SPACES = r"\t\n\f\r "  # what DuckDB's patterns mean by \s; Spark's mean more


def rewritten_seconds(node: exp.TimeToUnix) -> exp.Expr:
    """Seconds of a time with what is left of them; Spark's own cut that off."""
    return exp.Div(
        this=cast(exp.Anonymous(this="UNIX_MICROS", expressions=[node.this.copy()]), "DOUBLE"),
        expression=cast(exp.Literal.number(1_000_000), "DOUBLE"),
    )


def rewritten_time(node: exp.TimeToStr) -> exp.Expr:
    """A time as text; of DuckDB's format words those that Spark has too."""
    pattern = node.args["format"].name
    parts = re.findall(r"%[A-Za-z]|[^%A-Za-z]+|[A-Za-z]+", pattern)
    if any(part[0] == "%" and part not in _TIME_WORDS for part in parts):
        raise EngineError(f"time format {pattern} is not known to mean the same on Spark")
    words = [_TIME_WORDS.get(part, f"'{part}'" if part.isalpha() else part) for part in parts]
    return exp.Anonymous(
        this="DATE_FORMAT", expressions=[node.this.copy(), exp.Literal.string("".join(words))]
    )


def time_of_micros(node: exp.Anonymous) -> exp.Expr:
    """A time from microseconds."""
    return exp.Anonymous(this="TIMESTAMP_MICROS", expressions=[part.copy() for part in node.expressions])


def rewritten_format(node: exp.Format) -> exp.Expr:
    """Text with places ({} for anything, {:,} for a number with its thousands apart) as joined texts."""
    given = iter([part.copy() for part in node.expressions])
    texts: list[exp.Expr] = []
    for part in re.split(r"(\{[^}]*\})", node.this.name):
        if part == "{:,}":
            texts.append(
                exp.Anonymous(this="FORMAT_NUMBER", expressions=[next(given), exp.Literal.number(0)])
            )
        elif part == "{}":
            texts.append(cast(next(given), "TEXT"))
        elif part.startswith("{"):
            raise EngineError(f"format {part} is not known to mean the same on Spark")
        elif part:
            texts.append(exp.Literal.string(part))
    return exp.Anonymous(this="CONCAT", expressions=texts)


def rewritten_pattern(node: exp.Expr) -> exp.Expr:
    """Patterns mean what they mean to DuckDB: a dot is all but a new line, a dollar the very end."""
    node = node.copy()
    if not isinstance(node.expression, exp.Literal):
        raise EngineError("a pattern that is no literal is not known to mean the same on Spark")
    pattern = _portable_pattern(node.expression.name)
    if isinstance(node, exp.RegexpFullMatch):
        return exp.RegexpLike(this=node.this, expression=exp.Literal.string(f"^(?:{pattern})\\z"))
    node.set("expression", exp.Literal.string(pattern))
    if isinstance(node, exp.RegexpReplace):
        is_global = "g" in (node.args["modifiers"].name if node.args.get("modifiers") else "")
        if not is_global and not pattern.endswith(r"\z"):
            raise EngineError("Spark replaces every match of a pattern; say 'g', or end it with a dollar")
        return exp.Anonymous(
            this="REGEXP_REPLACE", expressions=[node.this, node.expression, node.args["replacement"]]
        )
    if isinstance(node, exp.RegexpExtract):
        group = node.args.get("group") or exp.Literal.number(0)
        return exp.Anonymous(this="REGEXP_EXTRACT", expressions=[node.this, node.expression, group])
    return node


def _portable_pattern(pattern: str) -> str:
    portable, is_class = "", False
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part in (r"\w", r"\W", r"\b", r"\D", r"\S"):
            raise EngineError(f"pattern {part} is not known to mean the same on Spark")
        if is_class:
            is_class = part != "]"
            portable += {r"\s": _SPACES, r"\d": "0-9", "[": r"\["}.get(part, part)
        else:
            is_class = part == "["
            portable += {r"\s": f"[{_SPACES}]", r"\d": "[0-9]", ".": r"[^\n]", "$": r"\z"}.get(part, part)
    return portable


def rewritten_length(node: exp.Length) -> exp.Expr:
    """The length of a text or a list, as a long number."""
    is_list = isinstance(node.this, exp.Anonymous) and node.this.name in ("SPLIT", "TRANSFORM")
    length = exp.Anonymous(this="SIZE", expressions=[node.this.copy()]) if is_list else node.copy()
    return cast(length, "BIGINT")


def rewritten_split(node: exp.Split) -> exp.Expr:
    """A text split at a separator, which is no pattern."""
    separator = exp.Literal.string(re.sub(r"([^\w\s])", r"[\1]", node.expression.name))
    return exp.Anonymous(this="SPLIT", expressions=[node.this.copy(), separator])
