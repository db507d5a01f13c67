"""The run's own community step over the links around a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.core.constraint_names import MUST_LINK
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, NETWORKS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    DISAGREEMENT_WEIGHTS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    MARKED_ACCOUNTS,
    PAIR_EVIDENCE,
    PAIR_LABELS,
    SCORED_PAIRS,
    SINGLE_VALUES,
)
from graphlink.explanations.stored import ENDS, log_odds
from graphlink.kinds import network_of
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.clustering.merging import Against, Links
    from graphlink.core.settings import Settings
    from graphlink.core.stages import TableSpec
    from graphlink.explanations.reweighing import EvidenceGraph


class Known(NamedTuple):
    """What the step takes besides links and their evidence.

    Attributes:
        single_values: The one value of each account in kinds that are evidence against some link.
        p_exclusive: Of each item of the graph, how likely it is exclusive to one operator; NaN where none
            knows.
        constraints: Labelled pairs of the accounts: the rows of `constraints`.
        marks: What shows openly whose the accounts are: account_id, mark, value and its holders in all.
    """

    single_values: pa.Table
    p_exclusive: NDArray[np.float64]
    constraints: pa.Table
    marks: pa.Table


def find_communities_again(
    graph: EvidenceGraph,
    bits: NDArray[np.float64],
    is_gone: NDArray[np.bool_],
    settings: Settings,
    known: Known,
) -> dict[str, int]:
    """Community of each account that has one, computed by the run's own step."""
    is_kept = bits >= log_odds(settings.model.min_probability)
    if not is_kept.any() and not len(known.constraints):
        return {}
    # Imported here, because only this explanation needs the engine.
    from graphlink.clustering.communities import find_communities
    from graphlink.engine.duck import DuckEngine

    with DuckEngine(None, 1, None) as engine:
        for name, table in _tables(graph, bits, is_kept, is_gone, known).items():
            engine.load(name, table)
        find_communities(engine, settings)
        communities = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    numbers = zip(communities["account_no"].to_pylist(), communities["community_no"].to_pylist(), strict=True)
    return {graph.accounts[account - 1]: community for account, community in numbers}


def chief_links_again(graph: EvidenceGraph, settings: Settings, known: Known) -> tuple[Links, Against]:
    """The links with their leading identifiers, and what speaks against groups, by the run's own queries.

    Accounts are numbered from 1, in the order of the graph; links are in no order.
    """
    # Imported here, because only explanations of groups need the engine.
    from graphlink.clustering.communities.finding import read_against
    from graphlink.clustering.communities.leading import chief_evidence_sql, chief_links
    from graphlink.engine.duck import DuckEngine

    everything = np.ones(len(graph.bits), dtype=bool)
    nothing = np.zeros(len(graph.link), dtype=bool)
    with DuckEngine(None, 1, None) as engine:
        for name, table in _tables(graph, graph.bits, everything, nothing, known).items():
            engine.load(name, table)
        engine.make("leading_evidence", chief_evidence_sql(settings.parameters.communities))
        return chief_links(engine), read_against(engine)


def _tables(
    graph: EvidenceGraph,
    bits: NDArray[np.float64],
    is_kept: NDArray[np.bool_],
    is_gone: NDArray[np.bool_],
    known: Known,
) -> dict[str, pa.Table]:
    """The tables that `find_communities` takes; accounts and items are numbered from 1, as in a run."""
    rows = np.flatnonzero(is_kept[graph.link] & ~is_gone)
    kept, held = graph.ends[is_kept] + 1, graph.ends[graph.link[rows]] + 1
    has_value = np.array([bool(item.value) for item in graph.items])
    accounts: dict[str, object] = {
        "account_no": range(1, len(graph.accounts) + 1),
        "account_id": list(graph.accounts),
    }
    pairs: dict[str, object] = {"l": kept[:, 0], "r": kept[:, 1], "bits": bits[is_kept]}
    evidence = {
        "l": held[:, 0],
        "r": held[:, 1],
        "kind_no": graph.kind[rows],
        "identifier_no": pa.array(graph.item[rows] + 1, mask=~has_value[graph.item[rows]]),
        "facet": [graph.facets[item] for item in graph.item[rows].tolist()],
        "bits": graph.alone[rows],
        "contribution_bits": graph.counted[rows],
    }
    estimated = pa.array(known.p_exclusive, mask=np.isnan(known.p_exclusive))
    kinds, numbers = _kinds(graph), np.arange(1, len(graph.items) + 1)
    whole: list[tuple[TableSpec, dict[str, object]]] = [
        (ACCOUNT_NUMBERS, accounts),
        (SCORED_PAIRS, pairs),
        (PAIR_EVIDENCE, evidence),
        (NETWORKS, _networks(graph)),
        (DISAGREEMENT_WEIGHTS, _disagreement_weights(graph)),
        (SINGLE_VALUES, _single_values(graph, known.single_values)),
        (PAIR_LABELS, _pair_labels(graph, known.constraints)),
        (MARKED_ACCOUNTS, _marked_accounts(graph, known.marks)),
    ]
    kind_of, value_of = [item.kind for item in graph.items], [item.value for item in graph.items]
    in_part: list[tuple[TableSpec, dict[str, object]]] = [
        (SHARED_IDENTIFIERS, {"identifier_no": numbers, "kind": kind_of, "value": value_of}),
        (EVIDENCE_KINDS, {"kind_no": range(len(kinds)), "kind": kinds}),
        (EXCLUSIVITY, {"identifier_no": numbers, "p_exclusive": estimated}),
    ]
    in_part = [(spec.project(spec.name, spec.about, columns), columns) for spec, columns in in_part]
    return {spec.name: spec.arrow_table(columns) for spec, columns in (*whole, *in_part)}


def _kinds(graph: EvidenceGraph) -> list[str]:
    """The kinds of the graph's items, by number."""
    return sorted({item.kind for item in graph.items})


def _networks(graph: EvidenceGraph) -> dict[str, object]:
    """The network of each address, numbered after the items where it is none of them."""
    numbers = {(item.kind, item.value): i for i, item in enumerate(graph.items, 1)}
    network_numbers = {
        i: numbers.setdefault(network, len(numbers) + 1)
        for i, item in enumerate(graph.items, 1)
        if (network := network_of(item.kind, item.value)) != (item.kind, item.value)
    }
    return {"identifier_no": list(network_numbers), "network_no": list(network_numbers.values())}


def _disagreement_weights(graph: EvidenceGraph) -> dict[str, object]:
    """The kinds that are evidence against some link here, with their minimum bits."""
    against = np.flatnonzero(graph.alone < 0)
    kinds, bits = graph.kind[against], graph.alone[against]
    weights = {kind: bits[kinds == kind].min() for kind in sorted(set(kinds.tolist()))}
    return {"kind_no": list(weights), "group_no": list(weights), "bits": list(weights.values())}


def _single_values(graph: EvidenceGraph, single: pa.Table) -> dict[str, object]:
    """Single values by number; one that is no item here has none."""
    accounts = {name: i for i, name in enumerate(graph.accounts, 1)}
    kinds = {name: i for i, name in enumerate(_kinds(graph))}
    values = {(item.kind, item.value): i for i, item in enumerate(graph.items, 1)}
    rows = rows_of(single)
    return {
        "account_no": [accounts[row["account_id"]] for row in rows],
        "kind_no": [kinds[row["kind"]] for row in rows],
        "identifier_no": [values.get((row["kind"], row["value"])) for row in rows],
    }


def _pair_labels(graph: EvidenceGraph, constraints: pa.Table) -> dict[str, object]:
    """The labelled pairs by number."""
    accounts = {name: i for i, name in enumerate(graph.accounts, 1)}
    rows = [(accounts[row[ENDS[0]]], accounts[row[ENDS[1]]], row) for row in rows_of(constraints)]
    return {
        "l": [min(x, y) for x, y, _ in rows],
        "r": [max(x, y) for x, y, _ in rows],
        "is_same": [row["constraint_type"] == MUST_LINK for *_, row in rows],
    }


def _marked_accounts(graph: EvidenceGraph, marks: pa.Table) -> dict[str, object]:
    """What shows whose the accounts are, by number."""
    accounts = {name: i for i, name in enumerate(graph.accounts, 1)}
    return {
        "mark": marks["mark"],
        "account_no": [accounts[name] for name in marks["account_id"].to_pylist()],
        "value": marks["value"],
        "degree": marks["degree"],
    }
