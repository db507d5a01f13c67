"""The contingency table of clusters and operators, from which every measure is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import InputError
from graphlink.evaluation.columns import (
    Codes,
    Flags,
    Floats,
    codes_of,
    column_of,
    positions_of,
    unique_accounts,
)
from graphlink.storage.arrow_values import one_array

_OPERATOR_COLUMNS = ("operator_id", "operator")


@dataclass(frozen=True, slots=True)
class Truth:
    """Known accounts with the codes of their operator (in sorted order of its name) and style."""

    accounts: Any
    operator: Codes
    style: Codes | None
    style_names: tuple[str, ...]
    n_rows: int
    rows: Codes


@dataclass(frozen=True, slots=True)
class Clustering:
    """The cluster of each known account; `given` is its code among named clusters, -1 for none."""

    cluster: Codes
    given: Codes
    sizes: Codes
    names: Any
    n_missing: int
    n_unknown: int

    @property
    def is_placed(self) -> Flags:
        """Whether each known account is in a cluster of at least two accounts, known or not."""
        sizes = np.append(self.sizes, 0)  # -1, no cluster, reads the last
        return np.asarray(sizes[self.given] >= 2)

    @property
    def full_size(self) -> Codes:
        """Accounts in the cluster of each known account, known or not; 1 for none."""
        return np.append(self.sizes, 1)[self.given]


@dataclass(frozen=True, slots=True)
class Cells:
    """The contingency table: an entry per cluster and operator that share accounts, in that order."""

    cluster: Codes
    operator: Codes
    size: Codes
    cell_of: Codes
    cluster_sizes: Codes
    operator_sizes: Codes

    @classmethod
    def made(cls, cluster: Codes, operator: Codes) -> Cells:
        """Count the accounts of each cluster and operator."""
        width = int(operator.max(initial=0)) + 1
        key, cell_of, size = np.unique(cluster * width + operator, return_inverse=True, return_counts=True)
        return cls(
            key // width, key % width, size, cell_of.ravel(), np.bincount(cluster), np.bincount(operator)
        )

    @property
    def own_cluster_size(self) -> Codes:
        """Known accounts in the cluster of each account."""
        return self.cluster_sizes[self.cluster[self.cell_of]]

    @property
    def own_operator_size(self) -> Codes:
        """Accounts of the operator of each account."""
        return self.operator_sizes[self.operator[self.cell_of]]

    @property
    def shared(self) -> Codes:
        """Accounts that have both the cluster and the operator of each account, itself among them."""
        return self.size[self.cell_of]

    @property
    def has_partner(self) -> Flags:
        """Whether the operator of each account has another account."""
        return np.asarray(self.own_operator_size >= 2)

    @property
    def is_mixed_cluster(self) -> Flags:
        """Whether each account shares its cluster with an account of another operator."""
        return np.asarray(self.own_cluster_size > self.shared)

    @property
    def is_majority(self) -> Flags:
        """Whether each account is of its cluster's majority operator (at least two accounts)."""
        order = np.lexsort((self.operator, -self.size, self.cluster))
        first = np.ones(len(order), bool)
        first[1:] = self.cluster[order][1:] != self.cluster[order][:-1]
        is_top = np.zeros(len(order), bool)
        is_top[order[first]] = True
        return (is_top & (self.size >= 2))[self.cell_of]


def read_truth(truth: pa.Table) -> Truth:
    """The accounts of a truth whose operator is known."""
    operators = column_of(truth, "truth", _OPERATOR_COLUMNS)
    rows = np.flatnonzero(one_array(pc.is_valid(operators)).to_numpy(zero_copy_only=False))
    known = truth.take(rows)
    if not known.num_rows:
        raise InputError("truth: no account with an operator")
    accounts = unique_accounts(known, "truth")
    operator = codes_of(column_of(known, "truth", _OPERATOR_COLUMNS))
    if "style" not in known.column_names:
        return Truth(accounts, operator, None, (), truth.num_rows, rows)
    styles: Any = pc.fill_null(pc.cast(column_of(known, "truth", ("style",)), pa.string()), "")
    names = tuple(sorted(pc.unique(styles).to_pylist(), key=str.encode))
    return Truth(accounts, operator, codes_of(styles), names, truth.num_rows, rows)


def read_clustering(membership: pa.Table, reference: Truth) -> Clustering:
    """The clusters of the known accounts; an account without a cluster is alone in one of its own."""
    accounts = unique_accounts(membership, "membership")
    column = column_of(membership, "membership", ("cluster_id",))
    named = codes_of(column)
    position = positions_of(reference.accounts, accounts)
    is_missing = position < 0
    if is_missing.all():
        raise InputError("no account of the truth is in the membership; are accounts named the same in both?")
    given = np.append(named, -1)[np.where(is_missing, len(named), position)]
    alone = given < 0
    cluster = given.copy()
    cluster[alone] = named.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return Clustering(
        cluster=np.unique(cluster, return_inverse=True)[1].astype(np.int64),
        given=given,
        sizes=np.bincount(named[named >= 0]),
        names=pc.unique(pc.drop_null(one_array(pc.cast(column, pa.string())))),
        n_missing=int(is_missing.sum()),
        n_unknown=len(accounts) - int((~is_missing).sum()),
    )


def cluster_values(clustering: Clustering, clusters: pa.Table, column: str, missing: float) -> Floats:
    """A number of each named cluster by code."""
    names = clustering.names.take(pc.array_sort_indices(clustering.names))
    position = positions_of(column_of(clusters, "clusters", ("cluster_id",)), names)
    given = one_array(pc.cast(column_of(clusters, "clusters", (column,)), pa.float64()))
    values = np.asarray(given.fill_null(math.nan).to_numpy(zero_copy_only=False), dtype=float)
    made = np.full(len(clustering.sizes), missing)
    made[position[position >= 0]] = np.nan_to_num(values[position >= 0], nan=missing)
    return made
