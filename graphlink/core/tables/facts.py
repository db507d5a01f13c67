"""Tables of facts: what describes the calls of accounts, summed up by hour or day; the table `facts`."""

from __future__ import annotations

import math

from graphlink.core.columns import ACCOUNT_NO, real, text, whole
from graphlink.core.stages import Column, TableSpec

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


def _figure(name: str, about: str, *, least: float = -math.inf, is_required: bool = False) -> Column:
    return Column(name, "DOUBLE", about, is_required=is_required, bounds=(least, math.inf))


FACT_MEASURES = (
    *("calls_per_day", "share_of_calls", "growth", "hours_covered", "night_share", "gap_variation"),
    *("moved_share", "moved_accounts", "move_spread", "score_share", "category_share", "attribute_share"),
    *("amount_per_day", "share_of_amount"),
)

FACTS = TableSpec(
    "facts",
    "cluster and measure of its calls; facts link nobody",
    (
        Column("cluster_id", "VARCHAR", "The cluster.", is_required=True),
        Column(
            "measure",
            "VARCHAR",
            "Name of the measure, such as night_share or moved_share.",
            is_required=True,
            choices=FACT_MEASURES,
        ),
        Column(
            "fact",
            "VARCHAR",
            "The fact, as `facts` of a source names it, or the attribute of accounts; empty for times.",
            is_required=True,
        ),
        Column(
            "category",
            "VARCHAR",
            "Its category, such as one model; empty where there is none.",
            is_required=True,
        ),
        _figure("value", "Its value for the cluster.", is_required=True),
        _figure("low", "Lower end of the 95 % interval of the value; null where it has none."),
        _figure("high", "Upper end of that interval."),
        _figure(
            "usual",
            "The same over accounts outside clusters that are as active; null where too few are.",
        ),
        _figure("usual_low", "Lower end of what 95 % of groups of as many such accounts show."),
        _figure("usual_high", "Upper end of that range."),
        _figure("ratio", "Of some shares: value over usual, the risk ratio or lift.", least=0),
        _figure("ratio_low", "Lower end of the 95 % interval of the ratio.", least=0),
        _figure("ratio_high", "Upper end of that interval.", least=0),
        Column(
            "n_accounts", "BIGINT", "Members it is computed from.", is_required=True, bounds=(1, math.inf)
        ),
        Column(
            "n_usual",
            "BIGINT",
            "Accounts outside clusters that they are compared with.",
            is_required=True,
            bounds=(0, math.inf),
        ),
        Column("detail", "VARCHAR", "What the value is.", is_required=True),
    ),
    ("cluster_id", "measure", "fact", "category"),
    (),
)
