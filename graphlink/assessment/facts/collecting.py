"""The step that makes `facts`: every measure of every cluster, beside what is usual."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from graphlink.assessment.facts.accounts import describe_calls
from graphlink.assessment.facts.mapped import attribute_categories, fact_categories, number_measures
from graphlink.assessment.facts.measures import Compared, Name, measures_of_times
from graphlink.assessment.facts.releases import release_measures
from graphlink.core.schema import ACCOUNTS, MEMBERSHIP
from graphlink.core.tables.facts import FACT_CATEGORIES, FACT_DAYS, FACT_HOURS, FACTS
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, INCIDENCE, OBSERVED_VALUES, SIGHTINGS
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.assessment.facts.accounts import Called
    from graphlink.assessment.facts.measures import Measure
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_Row = tuple[str, Name, Compared]


@step(
    "facts",
    "compare how the accounts of each cluster call with what is usual",
    takes=(
        *(MEMBERSHIP, ACCOUNTS, ACCOUNT_NUMBERS, SIGHTINGS, INCIDENCE, OBSERVED_VALUES),
        *(FACT_CATEGORIES, FACT_HOURS, FACT_DAYS),
    ),
    makes=(FACTS,),
    share=0.02,
)
def collect_facts(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `facts` from `membership`, `sightings` and the tables of mapped facts.

    Returns:
        Rows of each measure, and accounts outside clusters that they are compared with, for the manifest.
    """
    called = describe_calls(engine, settings.parameters.facts)
    rows = sorted(_rows(engine, settings, called), key=lambda row: (row[0], row[1][:-1]))
    columns: dict[str, list[object]] = {"cluster_id": [cluster for cluster, _, _ in rows]}
    columns |= {name: [getattr(row[1], name) for row in rows] for name in Name._fields}
    columns |= {name: [getattr(row[2], name) for row in rows] for name in Compared._fields}
    engine.load(FACTS.name, FACTS.arrow_table(columns))
    measured = Counter(name.measure for _, name, _ in rows)
    return {"measures": dict(sorted(measured.items())), "n_compared_with": called.n_pool}


def _rows(engine: Sql, settings: Settings, called: Called) -> Iterator[_Row]:
    measures: list[Measure] = [*measures_of_times(called), *number_measures(engine, settings, called)]
    measures += release_measures(engine, settings, called)
    categories = [*fact_categories(engine, called), *attribute_categories(engine, called)]
    for cluster in called.clusters:
        listed = [one for each in categories for one in each.measures(cluster)]
        for measure in (*measures, *listed):
            compared = measure.compare(cluster, settings.seed)
            if compared is not None:
                yield cluster[0], measure.name, compared
