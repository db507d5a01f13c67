"""The result as explanations read it, served from the index where that holds the rows.

Members of a cluster lie all over a table that is sorted by account, so that reading them from Parquet is
reading all of it. What the index does not hold, or not yet, is read from the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.explorer.index.accounts import CONSTRAINED_BY, ROLES
from graphlink.explorer.index.arrow import arrow_floats, arrow_ints, arrow_texts
from graphlink.explorer.index.columns import NEVER, UNDATED
from graphlink.explorer.index.identifiers import kinds_of
from graphlink.explorer.index.runs import gathered, spread
from graphlink.explorer.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Flags, Ints, Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.index.names import Names

    Where = Mapping[str, Collection[str]]
    Column = Callable[[Longs], pa.Array]

_ENDS = ("account_id_l", "account_id_r")
_KEYS = {  # a column that is in each table
    "accounts": "account_id", "membership": "account_id", "identifiers": "kind", "evidence": "kind",
    "links": "account_id_l",
}  # fmt: skip
_TIME = pa.timestamp("us", "UTC")


class IndexedResult:
    """A result as explanations read it, whose rows come from an index where that holds them.

    Args:
        index: The index.
        work: Of the request that reads; each read stops once its answer was given up.
    """

    def __init__(self, index: Index, work: Work | None = None) -> None:
        self._index = index
        self._result = index.result
        self._work = work or Work()

    @property
    def path(self) -> Path:
        """What messages call the result."""
        return self._result.path

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The contents of `run.json`."""
        return self._result.manifest

    def check_whole(self) -> None:
        """Raise unless the result is one that a run may have written; see `Result.check_whole`."""
        self._result.check_whole()

    def table(self, name: str, columns: Sequence[str] | None = None, where: Where | None = None) -> pa.Table:
        """Read a table as Arrow; see `Result.table`."""
        self._work.spend()
        known = {
            "accounts": self._accounts_where,
            "membership": self._accounts_where,
            "identifiers": self._identifiers_where,
            "evidence": self._evidence_where,
            "links": self._links_where,
        }.get(name)
        indexed = known(where) if known is not None and columns is not None and where else None
        if indexed is None or columns is None:
            return self._result.table(name, columns, where)
        makers, rows = indexed
        if not set(columns) <= set(makers):
            return self._result.table(name, columns, where)
        made = pa.table([makers[column](rows) for column in columns], names=list(columns))
        # While the index is being read, one explanation may take a table now from the file and now from here.
        return made.cast(self._stored_schema(name, columns))

    def _stored_schema(self, name: str, columns: Sequence[str]) -> pa.Schema:
        known = self._index.schemas
        if name not in known:
            known[name] = self._index.result.table(name, where={_KEYS[name]: []}).schema
        return pa.schema([known[name].field(column) for column in columns])

    def check_cluster(self, cluster_id: str) -> None:
        """Raise unless there is such a cluster; see `Result.check_cluster`."""
        if self._index.clusters.names.number(cluster_id) < 0:
            self._result.check_cluster(cluster_id)

    def holders(self, identifiers: Collection[tuple[str, str]]) -> pa.Table:
        """Make the table of who was seen with some identifiers; see `Result.holders`."""
        self._work.spend()
        index = self._index
        if not index.has_observations or not index.has_identifiers:
            return self._result.holders(identifiers)
        numbers = np.array([index.identifiers.number(*identifier) for identifier in identifiers], np.int64)
        if (numbers < 0).any():
            return self._result.holders(identifiers)
        o = index.observations
        # One after another: all at once would take a copy of the column.
        rows_of_each = [np.flatnonzero(o.identifier == number) for number in numbers]
        rows = np.concatenate([np.empty(0, np.int64), *rows_of_each]).astype(np.int64)
        account = np.searchsorted(o.starts, rows, side="right") - 1
        return self._held_table(account, o.identifier[rows])

    def held(self, accounts: Collection[str], kinds: Collection[str]) -> pa.Table:
        """Make the table of what some accounts were seen with; see `Result.held`."""
        self._work.spend()
        index = self._index
        if not index.has_observations or not index.has_identifiers:
            return self._result.held(accounts, kinds)
        o, ids = index.observations, index.identifiers
        numbers = self._account_numbers(accounts)
        rows, place = o.rows_of(numbers)
        identifier = o.identifier[rows]
        wanted = np.array([name in kinds for name in o.kinds] or [False])
        is_kept = (identifier >= 0) & wanted[kinds_of(identifier, ids.kind)]
        shared = self._held_table(numbers[place[is_kept]], identifier[is_kept])
        table = pa.concat_tables([shared, *self._singles(numbers, wanted)])
        return table.group_by(table.column_names, use_threads=False).aggregate([])

    def links_around(
        self, accounts: Collection[str], most: int, more_than: float | None = None
    ) -> tuple[pa.Table, bool]:
        """Make the table of the links among all connected accounts; see `Result.links_around`."""
        self._work.spend()
        index = self._index
        if not index.has_links:
            return self._result.links_around(accounts, most, more_than)
        k = index.links
        is_kept = np.ones(len(k.left), np.bool_) if more_than is None else k.bits > more_than
        is_near = np.zeros(len(index.accounts.names), np.bool_)
        wave = self._account_numbers(accounts)
        is_near[wave] = True
        n_near = len(wave)
        is_more = False
        while len(wave) and not is_more:
            self._work.spend()
            new = np.zeros(len(is_near), np.bool_)
            for starts, order, other in ((k.starts, None, k.right), (k.right_starts, k.by_right, k.left)):
                places = gathered(starts, wave)[0]
                rows = places if order is None else order[places].astype(np.int64)
                new[other[rows[is_kept[rows]]]] = True
            wave = np.flatnonzero(new & ~is_near)
            is_more = n_near + len(wave) > most
            if not is_more:
                is_near[wave] = True
                n_near += len(wave)
        rows = self._rows_between(k, np.flatnonzero(is_near), is_near)
        rows = rows[is_kept[rows]]
        makers = self._link_columns()
        names = (*_ENDS, "bits", "n_evidence")
        return pa.table([makers[name](rows) for name in names], names=list(names)), is_more

    def dated_members(self, number: int) -> pa.Table:
        """Make the table of a cluster's accounts with their times, as `find_joined` takes it."""
        a, rows = self._index.accounts, self._index.clusters.members_of(number).astype(np.int64)
        times = {name: getattr(a, name)[rows] for name in ("created_at", "first_seen", "closed_at")}
        return pa.table(
            {
                "account_id": _texts(a.names, rows),
                "role": _named(ROLES, a.role[rows]),
                "probability": arrow_floats(a.probability[rows]),
                **{name: _moments(seconds) for name, seconds in times.items()},
                "is_abuse": arrow_ints(~a.is_harmless[rows]).cast(pa.bool_()),
            }
        )

    def evidence_at(self, rows: Longs, columns: Sequence[str]) -> pa.Table:
        """Make a table of some rows of the index's evidence."""
        makers = self._evidence_columns()
        return pa.table([makers[column](rows) for column in columns], names=list(columns))

    def _accounts_where(self, where: Where) -> tuple[dict[str, Column], Longs] | None:
        index = self._index
        a, c = index.accounts, index.clusters
        if set(where) == {"cluster_id"}:
            numbers = [c.names.number(name) for name in sorted(set(where["cluster_id"]))]
            members = [c.members_of(number) for number in numbers if number >= 0]
            rows = np.sort(np.concatenate([np.empty(0, np.int64), *members])).astype(np.int64)
        elif set(where) == {"account_id"}:
            rows = self._account_numbers(where["account_id"])
        else:
            return None
        return {
            "account_id": lambda rows: _texts(a.names, rows),
            "cluster_id": lambda rows: _texts(c.names, a.cluster[rows]),
            "probability": lambda rows: arrow_floats(a.probability[rows], a.cluster[rows] < 0),
            "role": lambda rows: _named(ROLES, a.role[rows]),
            "constrained_by": lambda rows: _named(CONSTRAINED_BY, a.constrained_by[rows]),
        }, rows

    def _identifiers_where(self, where: Where) -> tuple[dict[str, Column], Longs] | None:
        index = self._index
        if not index.has_identifiers:
            return None
        ids = index.identifiers
        if set(where) == {"kind"}:
            ranges = sorted(ids.ranges.get(kind, (0, 0)) for kind in set(where["kind"]))
            numbers = np.concatenate([np.empty(0, np.int64), *(np.arange(*one) for one in ranges)])
        elif set(where) == {"kind", "value"}:
            ranges = sorted(ids.ranges.get(kind, (0, 0)) for kind in set(where["kind"]))
            of_kinds = [ids.names.numbers(where["value"], *one) for one in ranges]
            numbers = np.concatenate([np.empty(0, np.int64), *of_kinds])
        else:
            return None
        return {
            "kind": lambda rows: _named(ids.kinds, ids.kind[rows]),
            "value": lambda rows: _texts(ids.names, rows),
            "degree": lambda rows: arrow_ints(ids.degree[rows]),
            "n_joint_pairs": lambda rows: arrow_ints(ids.n_joint_pairs[rows]),
            "is_hub": lambda rows: arrow_ints(ids.is_hub[rows]).cast(pa.bool_()),
            "p_exclusive": lambda rows: arrow_floats(ids.p_exclusive[rows], np.isnan(ids.p_exclusive[rows])),
            "label": lambda rows: _named(ids.labels, ids.label[rows]),
            "label_type": lambda rows: _named(ids.label_types, ids.label_type[rows]),
        }, numbers

    def _evidence_where(self, where: Where) -> tuple[dict[str, Column], Longs] | None:
        index = self._index
        if not index.has_evidence:
            return None
        rows = self._pair_rows(index.evidence, where)
        return None if rows is None else (self._evidence_columns(), rows)

    def _evidence_columns(self) -> dict[str, Column]:
        e = self._index.evidence
        return {
            **self._end_columns(e),
            "kind": lambda rows: _named(e.kinds, e.kind_of(rows)),
            "value": lambda rows: self._values(e.identifier[rows]),
            "facet": lambda rows: _named(e.facets, e.kind_of(rows)),
            "bits": lambda rows: arrow_floats(e.alone[rows]),
            "contribution_bits": lambda rows: arrow_floats(e.bits[rows]),
            "first_joint": lambda rows: self._times(e.first[rows]),
            "last_joint": lambda rows: self._times(e.last[rows]),
        }

    def _links_where(self, where: Where) -> tuple[dict[str, Column], Longs] | None:
        if not self._index.has_links:
            return None
        rows = self._pair_rows(self._index.links, where)
        return None if rows is None else (self._link_columns(), rows)

    def _link_columns(self) -> dict[str, Column]:
        k = self._index.links
        return {
            **self._end_columns(k),
            "bits": lambda rows: arrow_floats(k.bits[rows]),
            "n_evidence": lambda rows: arrow_ints(k.n_evidence[rows]),
        }

    def _end_columns(self, pairs: Any) -> dict[str, Column]:
        names = self._index.accounts.names
        return {
            "account_id_l": lambda rows: _texts(names, pairs.left[rows]),
            "account_id_r": lambda rows: _texts(names, pairs.right[rows]),
        }

    def _pair_rows(self, pairs: Any, where: Where) -> Longs | None:
        """The rows of pairs whose ends are among some accounts; None for other conditions."""
        if not where.keys() <= set(_ENDS):
            return None
        n = len(self._index.accounts.names)
        masks = {}
        for end in where:
            masks[end] = np.zeros(n, np.bool_)
            masks[end][self._account_numbers(where[end])] = True
        if _ENDS[0] not in masks:
            return np.flatnonzero(masks[_ENDS[1]][pairs.right])
        return self._rows_between(pairs, np.flatnonzero(masks[_ENDS[0]]), masks.get(_ENDS[1]))

    def _rows_between(self, pairs: Any, left: Longs, is_right: Flags | None) -> Longs:
        """The rows that go from some accounts to others; rows are sorted by their left account."""
        rows = gathered(pairs.starts, left)[0]
        return rows if is_right is None else rows[is_right[pairs.right[rows]]]

    def _account_numbers(self, accounts: Collection[str]) -> Longs:
        """The numbers of those that are known, in order."""
        return self._index.accounts.names.numbers(accounts)

    def _held_table(self, account: Longs, identifier: Ints) -> pa.Table:
        width = len(self._index.identifiers.kind) + 1
        keys = np.unique(account.astype(np.int64) * width + identifier)
        return self._triples(
            keys // width, self._index.identifiers.kind[keys % width], self._index.identifiers.kinds,
            _texts(self._index.identifiers.names, keys % width),
        )  # fmt: skip

    def _singles(self, accounts: Longs, wanted: Flags) -> list[pa.Table]:
        """What the accounts hold alone, of the wanted kinds."""
        o = self._index.observations
        tables = []
        for kinds, values, holder in o.singles.batches:
            wide = accounts.astype(np.int32)  # of another type `holder` is copied
            first = np.searchsorted(holder, wide)
            rows = spread(first, np.searchsorted(holder, wide, side="right") - first)
            rows = rows[wanted[kinds[rows]]]
            if len(rows):
                tables.append(
                    self._triples(holder[rows], kinds[rows], o.kinds, values.take(arrow_ints(rows)))
                )
        return tables

    def _triples(
        self, account: NDArray[Any], kind: NDArray[Any], kinds: Sequence[str], values: pa.Array
    ) -> pa.Table:
        names = _texts(self._index.accounts.names, account)
        return pa.table([names, _named(kinds, kind), values], names=["account_id", "kind", "value"])

    def _values(self, identifier: Ints) -> pa.Array:
        """The value of identifiers, empty for joint behaviours."""
        values = _texts(self._index.identifiers.names, identifier)
        return pc.coalesce(values, arrow_texts([""] * len(values))) if values.null_count else values

    def _times(self, at: Ints) -> pa.Array:
        start = self._index.accounts.span[0]
        return _moments(np.where(at == UNDATED, NEVER, at.astype(np.int64) + start))


def _moments(seconds: Longs) -> pa.Array:
    """Times from seconds since 1970; null for `NEVER`."""
    is_unknown = seconds == NEVER
    return arrow_ints(np.where(is_unknown, 0, seconds) * 1_000_000, is_unknown).cast(_TIME)


def _texts(names: Names, numbers: NDArray[Any]) -> pa.Array:
    """Texts by number; null for numbers below 0."""
    wanted = np.asarray(numbers, np.int64)
    return names.values.take(arrow_ints(wanted, wanted < 0))


def _named(names: Sequence[str | None], numbers: NDArray[Any]) -> pa.Array:
    """Texts by number, of few."""
    return arrow_texts(names).take(arrow_ints(numbers))
