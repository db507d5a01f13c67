"""The rows of evidence: in the order of their table, and inside clusters by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.batches import read_in_batches
from graphlink.explorer.index.columns import Floats, Ints, Longs, coded, filled_numbers, numbers_in
from graphlink.explorer.index.identifiers import Identifiers, Numbering, kinds_of
from graphlink.explorer.index.runs import summed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.result.result import Result

_COLUMNS = (
    "account_id_l", "account_id_r", "kind", "value", "facet", "bits", "contribution_bits", "first_joint",
    "last_joint",
)  # fmt: skip
_CODED = ("account_id_l", "account_id_r", "kind", "value", "facet")


@dataclass(frozen=True)
class Evidence:
    """The rows of evidence in their table's order, and those inside clusters by cluster.

    `identifier` is below 0 for what has no identifier: -1 - number of the kind. `bits` are those that count,
    `alone` its standalone bits; `first` and `last` are seconds from the start of the data. `starts` are the
    first rows of each left account. `facets` are those of `kinds`, `facet_bits` those of each cluster by
    `facet_names`.
    """

    left: Ints
    right: Ints
    identifier: Ints
    bits: Floats
    alone: Floats
    first: Ints
    last: Ints
    starts: Longs
    identifier_kinds: NDArray[np.int16]
    kinds: list[str]
    facets: list[str]
    facet_names: list[str]
    case_rows: Ints
    case_starts: Longs
    facet_bits: Floats
    n_routers: Longs

    @property
    def n_accounts(self) -> int:
        """How many accounts there are, with evidence or without."""
        return len(self.starts) - 1

    def kind_of(self, rows: NDArray[Any]) -> Longs:
        """The number, among `kinds`, of the kind of each row."""
        return kinds_of(self.identifier[rows], self.identifier_kinds)

    def rows_of_cluster(self, number: int) -> Ints:
        """The rows of evidence inside a cluster."""
        return self.case_rows[self.case_starts[number] : self.case_starts[number + 1]]


def _facet_of_each_kind(kind: pa.Array, facet: pa.Array) -> dict[str, str]:
    (kinds, kind_names), (facets, facet_names) = coded(kind), coded(facet)
    _, first = np.unique(kinds, return_index=True)
    return {str(kind_names[kinds[i]]): str(facet_names[facets[i]]) for i in first}


def read_evidence(
    result: Result, accounts: Accounts, clusters: Clusters, identifiers: Identifiers
) -> Evidence:
    """Read the evidence: its rows, and those inside each cluster."""
    size, batches = read_in_batches(result, "evidence", _COLUMNS, _CODED)
    into: dict[str, NDArray[Any]] = {
        name: np.empty(size, np.float64 if name in {"bits", "alone"} else np.int32)
        for name in ("left", "right", "identifier", "bits", "alone", "first", "last")
    }
    numbering = Numbering(identifiers)
    kind_facets: dict[str, str] = {}
    at = 0
    for batch in batches:
        window = slice(at, at + len(batch))
        at += len(batch)
        for name, column in (("left", "account_id_l"), ("right", "account_id_r")):
            into[name][window] = numbers_in(batch[column], accounts.names.values)
        into["identifier"][window] = numbering.numbers(batch["kind"], batch["value"])
        into["bits"][window] = filled_numbers(batch["contribution_bits"], np.float64)
        into["alone"][window] = filled_numbers(batch["bits"], np.float64)
        for name, column in (("first", "first_joint"), ("last", "last_joint")):
            into[name][window] = accounts.seconds_from_start(batch[column])
        kind_facets.update(_facet_of_each_kind(batch["kind"], batch["facet"]))
    facets = [kind_facets.get(kind, "") for kind in numbering.kinds]
    of_left = accounts.cluster[into["left"]]
    rows = np.flatnonzero((of_left >= 0) & (of_left == accounts.cluster[into["right"]]))
    rows = rows[np.argsort(of_left[rows], kind="stable")]
    n_clusters = len(clusters.rows)
    cluster, identifier = of_left[rows], into["identifier"][rows]
    kind_no = kinds_of(identifier, identifiers.kind)
    facet_names = sorted({*facets, *identifiers.facets})
    facet_no = np.array([facet_names.index(facet) for facet in facets] or [0])[kind_no]
    is_router = np.array([kind == "router" for kind in numbering.kinds] or [False])[kind_no]
    return Evidence(
        **into,
        starts=accounts.first_rows(into["left"]),
        identifier_kinds=identifiers.kind,
        kinds=numbering.kinds,
        facets=facets,
        facet_names=facet_names,
        case_rows=rows.astype(np.int32),
        case_starts=np.searchsorted(cluster, np.arange(n_clusters + 1)).astype(np.int64),
        facet_bits=_sum_by_facet(cluster, facet_no, into["bits"][rows], (n_clusters, len(facet_names))),
        n_routers=_count_distinct(cluster[is_router], identifier[is_router], n_clusters),
    )


def _sum_by_facet(cluster: Ints, facet: NDArray[Any], bits: Floats, shape: tuple[int, int]) -> Floats:
    """The bits for, of each cluster and facet."""
    n, width = shape[0], max(shape[1], 1)
    supporting = np.maximum(bits, 0).astype(np.float64)
    return summed(cluster * width + facet, supporting, n * width).reshape(n, width)


def _count_distinct(cluster: Ints, identifier: Ints, n: int) -> Longs:
    """How many distinct identifiers each of `n` clusters has."""
    distinct = np.unique(np.stack([cluster, identifier], axis=1), axis=0)
    return np.bincount(distinct[:, 0], minlength=n)
