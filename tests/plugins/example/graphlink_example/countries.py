"""A step: the countries of the tax numbers of each cluster, as a table of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.columns import CLUSTER_ID, text, whole
from graphlink.core.schema import MEMBERSHIP, OBSERVATIONS
from graphlink.core.stages import TableSpec
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

COUNTRIES = TableSpec(
    "tax_countries",
    "country of the tax numbers in a cluster",
    (
        CLUSTER_ID,
        text("country", "Two letters."),
        whole("n_accounts", "Members with one.", wide=True),
    ),
    key=("cluster_id", "country"),
)


@step(
    "tax_countries",
    "count the countries of tax numbers",
    takes=(OBSERVATIONS, MEMBERSHIP),
    makes=(COUNTRIES,),
)
def find_countries(engine: Sql, _: Settings) -> dict[str, object]:
    """Make `tax_countries` from `observations` and `membership`.

    Returns:
        Facts for the manifest.
    """
    engine.make(
        "tax_countries",
        """
        SELECT m.cluster_id, left(o.value, 2) AS country, count(DISTINCT o.account_id) AS n_accounts
        FROM observations o JOIN membership m ON m.account_id = o.account_id
        WHERE o.kind = 'tax_id' AND m.cluster_id IS NOT NULL
        GROUP BY m.cluster_id, left(o.value, 2)
        """,
    )
    return {"countries": len(engine.rows("SELECT DISTINCT country FROM tax_countries"))}
