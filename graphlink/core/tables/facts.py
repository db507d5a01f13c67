"""Tables of facts: what describes the calls of accounts, summed up by hour or day; nothing links by them."""

from __future__ import annotations

from graphlink.core.columns import ACCOUNT_NO, real, text, whole
from graphlink.core.stages import TableSpec

_FACT = text("fact", "Name of the fact, such as model.")
_CATEGORY_NO = whole("category_no", "Number of the category.")

FACT_CATEGORIES = TableSpec(
    "fact_categories",
    "category of a fact, such as one model",
    (_CATEGORY_NO, _FACT, text("category", "The category as it is spelled in the source.")),
    ("category_no",),
    order=("fact", "category"),
)

FACT_HOURS = TableSpec(
    "fact_hours",
    "account, category and hour",
    (
        ACCOUNT_NO,
        _CATEGORY_NO,
        whole("hour_no", "Hour, counted from 1970 in UTC; null without time.", null=True),
        whole("n", "Calls.", wide=True),
        whole("first_s", "Second of the first of them, from 1970; null without time.", wide=True, null=True),
    ),
    (),
)

FACT_DAYS = TableSpec(
    "fact_days",
    "account, fact that is a number, and day",
    (
        ACCOUNT_NO,
        _FACT,
        whole("day_no", "Day, counted from 1970 in UTC; null without time.", null=True),
        whole("n", "Calls.", wide=True),
        real("total", "Sum of an amount; 0 for a score."),
        whole("n_above", "Calls whose score reaches the threshold; 0 for an amount.", wide=True),
    ),
    (),
)
