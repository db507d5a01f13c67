"""The step that weighs the hypotheses of each cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.assessment.hypotheses.descriptions import (
    closures_sql,
    described_sql,
    members_sql,
    presence_sql,
)
from graphlink.assessment.hypotheses.likelihoods import CONCEALMENT, HARMLESS_READING, Piece, weighed
from graphlink.assessment.hypotheses.ties import load_ties, summary_sql
from graphlink.assessment.openness import marks_sql
from graphlink.core.organisations import ONE_PARENT, OWN_DOMAIN
from graphlink.core.schema import ACCOUNTS, CLUSTER_SCORES, MEMBERSHIP
from graphlink.core.schema import HYPOTHESES as HYPOTHESIS_EVIDENCE
from graphlink.core.tables.clusters import (
    CLUSTER_HYPOTHESES,
    CLUSTER_LINKS,
    CLUSTER_NAMES,
    COMMUNITIES,
    EVIDENCE_COMMUNITIES,
    EXPLAINED_COMMUNITIES,
)
from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    ACCOUNT_NUMBERS,
    INCIDENCE,
    OBSERVED_VALUES,
    SHARED_IDENTIFIERS,
)
from graphlink.core.tables.model import EVIDENCE_KINDS, EXCLUSIVITY, MARKED_ACCOUNTS, PAIR_EVIDENCE
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import BEHAVIOUR, CLIENT, IDENTITY, PAYMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# In the order of the columns `p_...` of `clusters`.
HYPOTHESES = ("same_operator", "shared_intermediary", "shared_network", "openly_one_organisation")
_SLICE = 10_000  # clusters weighed at a time
_PIECES = pa.schema(
    zip(
        Piece._fields,
        (pa.string(), pa.string(), pa.int64(), pa.int64(), *(pa.float64(),) * len(HYPOTHESES)),
        strict=True,
    )
)
_ABOUT = {
    "size": "how many accounts: households are small",
    "place": "whom the shared addresses belong to, by their size and reference lists",
    "router": "whom the shared router belongs to",
    PAYMENT.name: "whom the shared payment instruments belong to: a family is few accounts, a reseller many",
    IDENTITY.name: "whom the shared identities belong to",
    "places_shared": "how many use an address that another of them uses",
    "time_at_shared_places": "how much of their activity is at shared addresses",
    CONCEALMENT: "that an operator may hide behind addresses of others",
    "further_instruments": "whether one instrument ties them, or several",
    BEHAVIOUR.name: "whether they act together in time",
    CLIENT.name: "whether they run the same rare clients",
    OWN_DOMAIN: "whether they share a mail domain that hardly anybody else uses",
    ONE_PARENT: "whether one organisation is named as theirs, such as a billing parent",
    "openness": "whether they openly show that they are one organisation",
    "closed_for_abuse": "how many were closed for abuse: hardly any of an open organisation",
    "other": "whether they share what neither a network nor an intermediary explains",
    HARMLESS_READING: "whether something harmless explains the cluster as well",
}


@step(
    "hypotheses",
    "weigh the hypotheses of each cluster",
    takes=(
        *(CLUSTER_SCORES, MEMBERSHIP, COMMUNITIES, CLUSTER_NAMES, CLUSTER_LINKS, PAIR_EVIDENCE, EXCLUSIVITY),
        *(SHARED_IDENTIFIERS, EVIDENCE_KINDS, ACCOUNT_KINDS, ACCOUNT_NUMBERS, INCIDENCE, OBSERVED_VALUES),
        *(ACCOUNTS, EVIDENCE_COMMUNITIES, MARKED_ACCOUNTS, EXPLAINED_COMMUNITIES),
    ),
    makes=(HYPOTHESIS_EVIDENCE, CLUSTER_HYPOTHESES),
    counted=(HYPOTHESIS_EVIDENCE, CLUSTER_HYPOTHESES),
    share=0.02,
)
def weigh_hypotheses(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `hypotheses`, and `cluster_hypotheses` with the probabilities of each cluster.

    `hypotheses` has the log2 likelihood of each piece of evidence under each hypothesis; the probabilities
    are their sums turned to shares, from equal odds.

    Returns:
        Clusters per likeliest hypothesis, for the manifest.
    """
    parameters = settings.parameters
    load_ties(engine, parameters)
    engine.make("tie_summary", summary_sql())
    engine.make("cluster_presence", presence_sql(parameters.hypotheses.least_seen))
    engine.make("members", members_sql())
    engine.make("cluster_marks", marks_sql("members", "cluster_id"))
    engine.make("cluster_closures", closures_sql())
    described = engine.arrow(described_sql())
    # Slice by slice: as objects of Python all clusters would take ten times the memory.
    slices = (described.slice(start, _SLICE).to_pylist() for start in range(0, described.num_rows, _SLICE))
    tables = [_table_of(piece for row in rows for piece in weighed(row, parameters)) for rows in slices]
    _load_hypotheses(engine, tables)
    engine.make("cluster_hypotheses", _clusters_sql(parameters.hypotheses.doubt))
    return {
        name: number(engine, f"SELECT count(*) FROM cluster_hypotheses WHERE hypothesis = '{name}'")
        for name in HYPOTHESES
    }


def _table_of(pieces: Iterable[Piece]) -> pa.Table:
    columns = list(zip(*pieces, strict=True)) or [()] * len(_PIECES)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, _PIECES.types, strict=True)], _PIECES
    )


def _load_hypotheses(engine: Sql, tables: list[pa.Table]) -> None:
    engine.load("pieces", pa.concat_tables([_PIECES.empty_table(), *tables]))
    cases = " ".join(f"WHEN '{evidence}' THEN '{about}'" for evidence, about in _ABOUT.items())
    engine.make("hypotheses", f"SELECT *, CASE evidence {cases} END AS detail FROM pieces")


def _clusters_sql(doubt: float) -> str:
    """Query of the shares of the hypotheses of each cluster, none below the doubt, and the nearest rival."""
    sums = ", ".join(f"sum(bits_{name}::DECIMAL(18, 9))::DOUBLE AS b_{name}" for name in HYPOTHESES)
    most = f"greatest({', '.join(f'b_{name}' for name in HYPOTHESES)})"
    weights = ", ".join(f"pow(2.0, b_{name} - {most}) AS w_{name}" for name in HYPOTHESES)
    total = " + ".join(f"w_{name}" for name in HYPOTHESES)
    shares = ", ".join(
        f"{doubt} + (1.0 - {len(HYPOTHESES) * doubt}) * w_{name} / ({total}) AS p_{name}"
        for name in HYPOTHESES
    )
    ranked = ", ".join(
        f"{{'p': p_{name}, 'place': {-place}, 'name': '{name}'}}" for place, name in enumerate(HYPOTHESES)
    )
    return f"""
        WITH summed AS (SELECT cluster_id, {sums} FROM hypotheses GROUP BY cluster_id),
        weighed AS (SELECT cluster_id, {weights} FROM summed),
        shared AS (SELECT cluster_id, {shares} FROM weighed),
        ranked AS (SELECT *, list_reverse_sort([{ranked}]) AS likeliest FROM shared)
        SELECT c.cluster_id, {", ".join(f"r.p_{name}" for name in HYPOTHESES)},
               r.likeliest[1].name AS hypothesis, r.likeliest[2].name AS rival,
               log2(r.likeliest[1].p / r.likeliest[2].p) AS rival_bits
        FROM cluster_scores c JOIN ranked r USING (cluster_id)
    """
