"""The accounts connected with a cluster: all that a change of it starts from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.constraint_names import MUST_LINK
from graphlink.core.errors import QuestionError
from graphlink.core.kind_names import kind_name
from graphlink.core.organisations import ONE_PARENT, OWN_DOMAIN
from graphlink.core.schema import ACCOUNTS
from graphlink.explanations.reweighing import EvidenceGraph, read_evidence_graph
from graphlink.explanations.stored import ENDS, identifiers_known, members_of, membership_of, settings_of
from graphlink.explanations.what_if.groups import groups_of
from graphlink.explanations.what_if.solving import Known, find_communities_again
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explanations.readable import Readable

_MOST_AROUND = 50_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The accounts connected with a cluster: all that a change of it starts from.

    Attributes:
        graph: Their links and evidence.
        known: What the step that finds communities takes besides these.
        before: Cluster of each account that is in one.
        again: The groups when it is solved with nothing left out.
    """

    graph: EvidenceGraph
    known: Known
    before: dict[str, str]
    again: frozenset[frozenset[str]]


@of_result
def read_surroundings(result: Readable, cluster_id: str) -> Surroundings:
    """Read the accounts connected with a cluster, and solve them with nothing left out.

    Raises:
        NotFoundError: There is no such cluster.
        QuestionError: Too many accounts are connected to solve them again.
    """
    settings = settings_of(result)
    around, constraints = _around(result, set(members_of(result, cluster_id)))
    graph = read_evidence_graph(result, around, settings.model.prior_bits)
    known = known_of(result, graph, constraints)
    again = find_communities_again(graph, graph.bits, np.zeros(len(graph.link), dtype=bool), settings, known)
    rows = membership_of(result, graph.accounts)
    before = {name: str(row["cluster_id"]) for name, row in rows.items() if row["cluster_id"] is not None}
    return Surroundings(graph, known, before, frozenset(groups_of(again)))


def known_of(result: Readable, graph: EvidenceGraph, constraints: pa.Table) -> Known:
    """What the step that finds communities takes besides links and their evidence."""
    return Known(
        _single_values(result, graph), _exclusivity(result, graph), constraints, _marks(result, graph)
    )


def _around(result: Readable, members: set[str]) -> tuple[set[str], pa.Table]:
    """The accounts connected with these over probable links and must-links, and their constraints."""
    constraints = result.table("constraints")
    tied = rows_of(constraints.filter(pc.equal(constraints["constraint_type"], MUST_LINK)))
    around, reached = members, set[str]()
    while reached != around:
        reached = around
        links, is_more = result.links_around(reached, _MOST_AROUND, more_than=0.0)
        if is_more:
            raise QuestionError(
                f"more than {_MOST_AROUND:,} accounts are connected here; run again with other settings"
            )
        around = reached.union(*(links[end].to_pylist() for end in ENDS))
        pairs = ({row[end] for end in ENDS} for row in tied)
        around = around.union(*(pair for pair in pairs if pair & around))
    inside = [pc.is_in(constraints[end], value_set=pa.array(sorted(around))) for end in ENDS]
    return around, constraints.filter(pc.and_(*inside))


def _single_values(result: Readable, graph: EvidenceGraph) -> pa.Table:
    """The one value of each account in kinds that are evidence against a link here: account, kind, value."""
    kinds = {graph.items[item].kind for item in np.unique(graph.item[graph.alone < 0]).tolist()}
    seen = result.held(graph.accounts if kinds else (), kinds)
    counted_values = seen.group_by(["account_id", "kind"], use_threads=False).aggregate(
        [("value", "count_distinct"), ("value", "min")]
    )
    single = counted_values.filter(pc.equal(counted_values["value_count_distinct"], 1))
    return pa.table(
        {"account_id": single["account_id"], "kind": single["kind"], "value": single["value_min"]}
    )


def _exclusivity(result: Readable, graph: EvidenceGraph) -> NDArray[np.float64]:
    known = identifiers_known(result, {(item.kind, item.value) for item in graph.items if item.value})
    rows = (known.get((item.kind, item.value), {}) for item in graph.items)
    return np.array([row.get("p_exclusive") for row in rows], dtype=float)


def _marks(result: Readable, graph: EvidenceGraph) -> pa.Table:
    """What shows openly whose the accounts are: what they share of such kinds, and their attributes.

    What an account shares with nobody here shows nothing of a community.
    """
    names = settings_of(result).organisation_names
    marks = {(ONE_PARENT, kind_name(name) or name) for name in names} | {(OWN_DOMAIN, "email_domain")}
    of_kind = {kind: mark for mark, kind in sorted(marks)}
    chosen = {i: item for i, item in enumerate(graph.items) if item.value and item.kind in of_kind}
    known = identifiers_known(result, {(item.kind, item.value) for item in chosen.values()})
    degree = {
        i: int(known[item.kind, item.value]["degree"])
        for i, item in chosen.items()
        if (item.kind, item.value) in known
    }
    of_chosen = np.flatnonzero(np.isin(graph.item, list(degree)))
    ends = graph.ends[graph.link[of_chosen]].ravel()
    shown = np.unique(np.column_stack([np.repeat(graph.item[of_chosen], 2), ends]), axis=0).tolist()
    held = [(end, of_kind[chosen[i].kind], chosen[i].value, degree[i]) for i, end in shown]
    rows = [(graph.accounts[end], *rest) for end, *rest in sorted(held)]
    columns = list(zip(*(rows + _attribute_marks(result, graph, names)), strict=True)) or [()] * 4
    return pa.table({
        "account_id": pa.array(columns[0], pa.string()), "mark": pa.array(columns[1], pa.string()),
        "value": pa.array(columns[2], pa.string()), "degree": pa.array(columns[3], pa.int32()),
    })  # fmt: skip


def _attribute_marks(
    result: Readable, graph: EvidenceGraph, names: tuple[str, ...]
) -> list[tuple[str, str, str, int]]:
    """Attributes of the accounts that name an organisation: account, mark, value and its holders."""
    inside = result.table("accounts", where={"account_id": graph.accounts})
    rows = []
    for name in names:
        if name in inside.column_names and name not in ACCOUNTS.column_names:
            degree = Counter(_texts(result.table("accounts", [name])[name]))
            pairs = zip(inside["account_id"].to_pylist(), _texts(inside[name]), strict=True)
            rows += [(account, ONE_PARENT, f"{name}={text}", degree[text]) for account, text in pairs if text]
    return rows


def _texts(column: pa.ChunkedArray) -> list[str]:
    """What cells say, without blanks around it; nothing where they are null."""
    return ["" if cell is None else str(cell).strip() for cell in column.to_pylist()]
