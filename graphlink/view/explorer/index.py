"""What the server keeps in memory: the result's tables as columns of numbers, so that every answer is quick.

Accounts, identifiers, clusters and kinds are numbered in the order of their tables. Text is kept once. The
parts are read one after another in a thread; who needs a part waits for it.

Memory is about 28 bytes per observation, 40 per row of evidence, 28 per link and 120 per account.
"""

from __future__ import annotations

import bisect
import contextlib
import ctypes
import datetime
import importlib
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphlink.errors import GraphlinkError, ResultError
from graphlink.explanations.returns import LAGS_S, covered_shares, judge_returns
from graphlink.folder import read_batches
from graphlink.schema import ACCOUNTS
from graphlink.view.explorer.addresses import Addresses
from graphlink.view.explorer.holders import Holders, find_holders
from graphlink.view.explorer.since import new_accounts, opened_after_closings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from graphlink.explanations.returns import Returns
    from graphlink.result import Result
    from graphlink.view.explorer.subcommunities import Subcommunities

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min
"""Stands for a time that is not known."""
ADDRESS_KIND = "ip"
"""The kind whose values are single addresses."""
N_BINS = 24
"""Bins of a cluster's activity."""
ROLES = ("none", "fringe", "core")
# The tables that a part is read from, or whose rows are shown once it is there.
_BEHIND = {
    "accounts": ("accounts", "membership"),
    "clusters": ("clusters", "hypotheses", "signals", "reasons", "set_aside"),
    "identifiers": ("identifiers",),
    "evidence": ("evidence",),
    "links": ("links",),
    "observations": ("observations", "member_reasons", "link_reasons"),
}
_N_ROWS = 1 << 19  # read at once of a large table; more is faster and takes more memory
_MOST_RECALLED = 2
_LARGE = 1_000  # accounts of a cluster from which it may open as a map
_UNLIKELY_WEIGHT = 0.2
_WEIGHTS = {"same_operator": 1.0}
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_SHORT_NEVER = np.iinfo(np.int32).min


class IndexNotReadyError(GraphlinkError):
    """A part of the index was not ready in time, or could not be read."""


class Names:
    """Distinct texts in the order of their UTF-8 bytes, numbered from 0."""

    def __init__(self, values: pa.Array) -> None:
        _, ends, content = values.buffers()
        first, last = values.offset, values.offset + len(values)
        self._ends = np.frombuffer(ends, np.int32)[first : last + 1] if len(values) else np.zeros(1, np.int32)
        # All of them as one, which is searched many times as fast as each; the texts lie in the same bytes.
        self._content = b"" if content is None else content.to_pybytes()
        buffers = [None, pa.py_buffer(self._ends), pa.py_buffer(self._content)]
        self.values = pa.Array.from_buffers(pa.string(), len(values), buffers)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: int) -> str:
        return str(self.values[number].as_py())

    def texts(self, numbers: Iterable[int] | NDArray[Any]) -> list[str]:
        """The texts of numbers."""
        found: list[str] = self.values.take(arrow_ints(np.asarray(numbers, np.int64))).to_pylist()
        return found

    def number(self, text: str, start: int = 0, stop: int | None = None) -> int:
        """The number of a text; -1 when it is not there."""
        place = self.place(text, start, stop)
        there = place < (len(self) if stop is None else stop) and self[place] == text
        return place if there else -1

    def place(self, text: str, start: int = 0, stop: int | None = None) -> int:
        """Where a text is, or would be."""
        # Code points sort as their UTF-8 bytes do.
        return bisect.bisect_left(self, text, start, len(self) if stop is None else stop)

    def prefixed(self, prefix: str, start: int = 0, stop: int | None = None) -> range:
        """The numbers of the texts that begin so."""
        end = len(self) if stop is None else stop
        least = self.place(prefix, start, end)
        beyond = bisect.bisect_left(
            self,
            True,
            least,
            end,
            key=lambda text: not text.startswith(prefix),
        )
        return range(least, beyond)

    def containing(self, text: str, start: int = 0, stop: int | None = None, most: int = 1_000) -> list[int]:
        """The numbers of the first texts that hold a text somewhere."""
        ends, content = self._ends, self._content
        wanted = text.encode("utf-8", "replace")
        at, beyond = int(ends[start]), int(ends[len(self) if stop is None else stop])
        found: list[int] = []
        while wanted and len(found) < most and (at := content.find(wanted, at, beyond)) >= 0:
            number = int(np.searchsorted(ends, at, side="right")) - 1
            # One that begins in a text and ends in the next is in neither.
            is_inside = at + len(wanted) <= ends[number + 1]
            if is_inside:
                found.append(number)
            at = int(ends[number + 1]) if is_inside else at + 1
        return found


@dataclass(frozen=True)
class Accounts:
    """The accounts: number to what is known; times in seconds since 1970, `NEVER` when not known.

    `is_harmless` says that the reason for which an account was closed is known and not abuse.
    """

    names: Names
    cluster: Ints
    probability: Floats
    role: NDArray[np.int8]
    created_at: Longs
    closed_at: Longs
    first_seen: Longs
    last_seen: Longs
    n: Longs
    n_identifiers: Longs
    status: Ints
    statuses: list[str | None]
    is_harmless: Flags
    is_new: Flags
    is_soon_after: Flags


@dataclass(frozen=True)
class Clusters:
    """The clusters: their table's rows, what follows from their members, and the members themselves."""

    names: Names
    rows: list[dict[str, Any]]
    hypothesis: list[str]
    n_open: Longs
    n_new: Longs
    n_soon_after: Longs
    returns: list[Returns]
    priority: Floats
    members: Ints
    starts: Longs

    def members_of(self, number: int) -> Ints:
        """The accounts of a cluster, in order."""
        return self.members[self.starts[number] : self.starts[number + 1]]


@dataclass(frozen=True)
class Identifiers:
    """The identifiers: number to what is known. Sorted by kind, and by value within a kind."""

    names: Names
    kind: NDArray[np.int16]
    kinds: list[str]
    facets: list[str]
    ranges: dict[str, tuple[int, int]]
    degree: Longs
    n_pairs: Longs
    n_joint_pairs: Longs
    is_hub: Flags
    is_capped: Flags
    private: Floats
    label: Ints
    label_type: Ints
    labels: list[str | None]
    label_types: list[str | None]
    first_seen: Longs
    last_seen: Longs

    @property
    def values(self) -> pa.Array:
        """The values as Arrow."""
        return self.names.values

    def number(self, kind: str, value: str) -> int:
        """The number of an identifier; -1 when it is not there."""
        start, stop = self.ranges.get(kind, (0, 0))
        return self.names.number(value, start, stop) if stop > start else -1


@dataclass(frozen=True)
class Evidence:
    """The rows of evidence in their table's order, and those inside clusters by cluster.

    `identifier` is below 0 for what has no identifier: -1 - number of the kind. `bits` are those that count,
    `alone` what it says alone; `first` and `last` are seconds from the start of the data. `starts` are the
    first rows of each left account.
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
    case_rows: Ints
    case_starts: Longs
    facet_bits: Floats
    n_routers: Longs

    def kind_of(self, rows: NDArray[Any]) -> Longs:
        """The number, among `kinds`, of the kind of each row."""
        return kinds_of(self.identifier[rows], self.identifier_kinds)

    def rows_of_cluster(self, number: int) -> Ints:
        """The rows of evidence inside a cluster."""
        return self.case_rows[self.case_starts[number] : self.case_starts[number + 1]]


@dataclass(frozen=True)
class Links:
    """The scored pairs in their table's order; `starts` are the first rows of each left account."""

    left: Ints
    right: Ints
    bits: Floats
    probability: NDArray[np.float32]
    n_evidence: NDArray[np.int16]
    n_facets: NDArray[np.int16]
    starts: Longs

    @cached_property
    def by_right(self) -> Ints:
        """The rows ordered by their right account."""
        return np.argsort(self.right, kind="stable").astype(np.int32)

    @cached_property
    def right_starts(self) -> Longs:
        """Of each account, where its rows begin in `by_right`."""
        counts = np.bincount(self.right, minlength=len(self.starts) - 1)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


@dataclass(frozen=True)
class Singles:
    """Identifiers that one account holds alone, in pieces: kind, value and account of each."""

    pieces: list[tuple[NDArray[np.int16], pa.Array, Ints]]


@dataclass(frozen=True)
class Observations:
    """The observations by account; `identifier` is below 0 for what nobody else holds.

    Then it is -1 - number of the kind. `at` is in seconds from the start of the data, `activity` the
    observations of each cluster per bin.
    """

    starts: Longs
    identifier: Ints
    at: Ints
    n: NDArray[Any]
    kinds: list[str]
    activity: Longs
    total_activity: Longs
    singles: Singles

    def rows_of(self, accounts: NDArray[Any]) -> tuple[Longs, Longs]:
        """The rows of accounts, and for each row the place of its account among them."""
        return gathered(self.starts, accounts)


@dataclass
class _Part:
    ready: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    fault: str = ""


class Index:
    """The parts of a result, each read once.

    Args:
        result: The finished run; nothing of it is changed.
        patience: Seconds to wait for a part.
        since: What counts as new: what joined since an earlier result or a moment; None takes the last week.
    """

    def __init__(
        self,
        result: Result,
        patience: float = 30.0,
        since: Result | datetime.datetime | None = None,
    ) -> None:
        self.result = result
        self.since = since
        self.patience = patience
        self._makers: dict[str, Callable[[], Any]] = {
            "accounts": self._read_accounts,
            "clusters": self._read_clusters,
            "identifiers": self._read_identifiers,
            "evidence": self._read_evidence,
            "links": self._read_links,
            "observations": self._read_observations,
            "holders": self._find_holders,
            "addresses": self._read_addresses,
            "modules": _load_modules,
            "subcommunities": self._find_large,
        }
        self._parts = {name: _Part() for name in self._makers}
        self.changed = ""  # the table that is not what the run wrote, when there is one
        self.schemas: dict[str, pa.Schema] = {}  # of tables as they are stored, once each is known
        self._recalled: dict[str, Any] = {}
        self._recalling = threading.Lock()
        self._subcommunities: dict[int, Subcommunities] = {}

    def recall(self, key: str, make: Callable[[], Any]) -> Any:
        """What was made for a key, one of the last few; else it is made."""
        with self._recalling:
            found = self._recalled.pop(key, None)
        found = make() if found is None else found
        with self._recalling:
            self._recalled[key] = found
            if len(self._recalled) > _MOST_RECALLED:
                del self._recalled[next(iter(self._recalled))]
        return found

    def start(self) -> None:
        """Begin to read the parts in a thread of their own."""
        threading.Thread(target=self.read, name="graphlink-index", daemon=True).start()

    def read(self) -> None:
        """Read the parts one after another, each after its tables were compared with their digests.

        The digests take a fraction of the time that reading takes, and the queue does not wait for those of
        the largest tables. Once a table is not what the run wrote, no part is shown any more.
        """
        for name, make in self._makers.items():
            part = self._parts[name]
            try:
                self._verify(name)
                part.value = make()
            except Exception as error:  # noqa: BLE001  told to whoever asks for the part, and by `state`
                part.fault = str(error) if isinstance(error, GraphlinkError) else type(error).__name__
            part.ready.set()
            _give_back()

    def _verify(self, name: str) -> None:
        try:
            self.result.verify(_BEHIND.get(name, ()))
        except ResultError as error:
            self.changed = str(error)
            raise

    @property
    def done(self) -> float:
        """The share of parts that are read."""
        return sum(part.ready.is_set() for part in self._parts.values()) / len(self._parts)

    @property
    def fault(self) -> str:
        """What went wrong; empty when nothing did."""
        return next((part.fault for part in self._parts.values() if part.fault), "")

    def has(self, name: str) -> bool:
        """Whether a part is there."""
        part = self._parts[name]
        return part.ready.is_set() and not part.fault

    def _need(self, name: str) -> Any:
        part = self._parts[name]
        is_ready = part.ready.wait(self.patience)
        if self.changed:
            raise ResultError(self.changed)
        if not is_ready:
            raise IndexNotReadyError(f"the index of {name} is not ready yet; try again")
        if part.fault:
            raise IndexNotReadyError(f"the index of {name} could not be made")
        return part.value

    @property
    def accounts(self) -> Accounts:
        """The accounts; waits for them."""
        found: Accounts = self._need("accounts")
        return found

    @property
    def clusters(self) -> Clusters:
        """The clusters; waits for them."""
        found: Clusters = self._need("clusters")
        return found

    @property
    def identifiers(self) -> Identifiers:
        """The identifiers; waits for them."""
        found: Identifiers = self._need("identifiers")
        return found

    @property
    def evidence(self) -> Evidence:
        """The evidence; waits for it."""
        found: Evidence = self._need("evidence")
        return found

    @property
    def links(self) -> Links:
        """The links; waits for them."""
        found: Links = self._need("links")
        return found

    @property
    def observations(self) -> Observations:
        """The observations; waits for them."""
        found: Observations = self._need("observations")
        return found

    @property
    def holders(self) -> Holders:
        """Who holds each identifier; waits for it."""
        found: Holders = self._need("holders")
        return found

    @property
    def addresses(self) -> Addresses:
        """The addresses that several accounts hold; waits for them."""
        found: Addresses = self._need("addresses")
        return found

    def _find_holders(self) -> Holders:
        return find_holders(self.observations, self.evidence, len(self.identifiers.names))

    def _read_addresses(self) -> Addresses:
        start, stop = self.identifiers.ranges.get(ADDRESS_KIND, (0, 0))
        names = self.identifiers.names
        parts = range(start, stop, _N_ROWS)
        texts = (text for at in parts for text in names.texts(np.arange(at, min(at + _N_ROWS, stop))))
        return Addresses(texts, start)

    def subcommunities_of(self, number: int) -> Subcommunities:
        """The sub-communities of a cluster, found once."""
        found = self._subcommunities.get(number)
        if found is None:
            # Imported here, since it takes longer than all else before the queue is shown.
            from graphlink.view.explorer.subcommunities import find_subcommunities

            k, members = self.links, self.clusters.members_of(number)
            rows, left = gathered(k.starts, members)
            inside = self.accounts.cluster[k.right[rows]] == number
            right = np.searchsorted(members, k.right[rows[inside]])
            found = find_subcommunities(len(members), left[inside], right, k.bits[rows[inside]])
            self._subcommunities[number] = found
        return found

    def _find_large(self) -> None:
        """Find the sub-communities of the clusters that open as a map of them, so that nobody waits."""
        sizes = np.diff(self.clusters.starts)
        for number in np.flatnonzero(sizes >= _LARGE).tolist():
            self.subcommunities_of(number)

    @cached_property
    def span(self) -> tuple[int, int]:
        """First and last moment of the data, in seconds since 1970."""
        a = self.accounts
        seen = a.first_seen[a.first_seen != NEVER]
        last = a.last_seen[a.last_seen != NEVER]
        return (int(seen.min()), int(last.max())) if len(seen) else (0, 0)

    @cached_property
    def attribute_names(self) -> list[str]:
        """The further columns of the table of accounts."""
        known = self.result.table("accounts", where={"account_id": []}).column_names
        return [name for name in known if name not in ACCOUNTS.column_names]

    def _read_accounts(self) -> Accounts:
        told = self.result.table("membership", ["account_id", "cluster_id", "probability", "role"])
        table = self.result.table("accounts", [name for name in _ACCOUNT_COLUMNS if name != "account_id"])
        if len(told) != len(table):
            raise ResultError("membership and accounts do not hold the same accounts; run it again")
        last_seen = seconds_of(table["last_seen"])
        first_seen, created_at = seconds_of(table["first_seen"]), seconds_of(table["created_at"])
        known = last_seen[last_seen != NEVER]
        last = int(known.max()) if len(known) else 0
        closed_at = seconds_of(table["closed_at"])
        is_harmless = pc.fill_null(pc.invert(table["is_abuse"]), fill_value=False).to_numpy()
        born = np.where(created_at == NEVER, first_seen, created_at)
        status, statuses = coded(table["status"])
        cluster_names = _text(self.result.table("clusters", ["cluster_id"])["cluster_id"])
        cluster = numbers_in(told["cluster_id"], cluster_names)
        is_new = new_accounts(self.result, self.since, born, last)
        abuse_at = np.where(is_harmless, NEVER, closed_at)
        return Accounts(
            names=Names(_text(told["account_id"])),
            cluster=cluster,
            probability=_numbers(told["probability"], np.float64),
            role=_mapped(told["role"], ROLES).astype(np.int8),
            created_at=created_at,
            closed_at=closed_at,
            first_seen=first_seen,
            last_seen=last_seen,
            n=_numbers(table["n"], np.int64),
            n_identifiers=_numbers(table["n_identifiers"], np.int64),
            status=status,
            statuses=statuses,
            is_harmless=is_harmless,
            is_new=is_new if len(known) else np.zeros(len(told), np.bool_),
            is_soon_after=opened_after_closings(cluster.astype(np.int64), born, abuse_at, NEVER),
        )

    def _read_clusters(self) -> Clusters:
        table = self.result.table("clusters")
        a = self.accounts
        rows = _plain_rows(table)
        n = len(rows)
        inside = np.flatnonzero(a.cluster >= 0)
        order = inside[np.argsort(a.cluster[inside], kind="stable")].astype(np.int32)
        cluster = a.cluster[order]
        is_open = (a.closed_at[order] == NEVER).astype(np.float64)
        is_new = a.is_new[order].astype(np.float64)
        is_back = a.is_new[order] & a.is_soon_after[order]
        expected = a.probability[order].astype(np.float64) * is_open
        n_soon_after = np.bincount(cluster, is_back, n).astype(np.int64)
        hypothesis = [str(row["hypothesis"]) for row in rows]
        weight = np.array([_WEIGHTS.get(name, _UNLIKELY_WEIGHT) for name in hypothesis], np.float64)
        return Clusters(
            names=Names(_text(table["cluster_id"])),
            rows=rows,
            hypothesis=hypothesis,
            n_open=np.bincount(cluster, is_open, n).astype(np.int64),
            n_new=np.bincount(cluster, is_new, n).astype(np.int64),
            n_soon_after=n_soon_after,
            returns=_read_returns(a, order, n, self.span),
            priority=np.bincount(cluster, expected * (1 + is_new), n) * weight,
            members=order,
            starts=np.searchsorted(cluster, np.arange(n + 1)).astype(np.int64),
        )

    def _read_identifiers(self) -> Identifiers:
        table = self.result.table("identifiers")
        kind, kinds = coded(table["kind"])
        facet, facets = coded(table["facet"])
        bounds = np.searchsorted(kind, np.arange(len(kinds) + 1))
        # A table sorted by kind numbers the kinds in order when they are met.
        if len(kind) and (np.diff(kind) < 0).any():
            raise ResultError("identifiers are not sorted by kind; run it again")
        label, labels = coded(table["label"])
        label_type, label_types = coded(table["label_type"])
        return Identifiers(
            names=Names(_text(table["value"])),
            kind=kind.astype(np.int16),
            kinds=[str(name) for name in kinds],
            facets=[str(facets[facet[bounds[i]]]) for i in range(len(kinds))],
            ranges={str(name): (int(bounds[i]), int(bounds[i + 1])) for i, name in enumerate(kinds)},
            degree=_numbers(table["degree"], np.int64),
            n_pairs=_numbers(table["n_pairs"], np.int64),
            n_joint_pairs=_numbers(table["n_joint_pairs"], np.int64),
            is_hub=_flags(table["is_hub"]),
            is_capped=_flags(table["is_capped"]),
            private=_numbers(table["private"], np.float64, np.nan),
            label=label,
            label_type=label_type,
            labels=labels,
            label_types=label_types,
            first_seen=seconds_of(table["first_seen"]),
            last_seen=seconds_of(table["last_seen"]),
        )

    def _read_evidence(self) -> Evidence:
        columns = (
            "account_id_l", "account_id_r", "kind", "value", "facet", "bits", "counted_bits",
            "first_joint", "last_joint",
        )  # fmt: skip
        size = int(self.result.manifest["tables"]["evidence"]["rows"])
        into = {
            name: np.empty(size, np.float64 if name in {"bits", "alone"} else np.int32)
            for name in ("left", "right", "identifier", "bits", "alone", "first", "last")
        }
        numbering = _Numbering(self.identifiers)
        kind_facets: dict[str, str] = {}
        at = 0
        for batch in _batches(self.result.path, "evidence", columns, _CODED_EVIDENCE, _N_ROWS):
            part = slice(at, at + len(batch))
            at += len(batch)
            for name, column in (("left", "account_id_l"), ("right", "account_id_r")):
                into[name][part] = numbers_in(batch[column], self.accounts.names.values)
            into["identifier"][part] = numbering.numbers(batch["kind"], batch["value"])
            into["bits"][part] = _numbers(batch["counted_bits"], np.float64)
            into["alone"][part] = _numbers(batch["bits"], np.float64)
            for name, column in (("first", "first_joint"), ("last", "last_joint")):
                into[name][part] = self._from_start(batch[column])
            kind_facets.update(_pairs_of(batch["kind"], batch["facet"]))
        return self._evidence(into, numbering.kinds, [kind_facets.get(k, "") for k in numbering.kinds])

    def _evidence(self, into: dict[str, Any], kinds: list[str], facets: list[str]) -> Evidence:
        cluster = self.accounts.cluster
        of_left = cluster[into["left"]]
        rows = np.flatnonzero((of_left >= 0) & (of_left == cluster[into["right"]]))
        rows = rows[np.argsort(of_left[rows], kind="stable")]
        n_clusters = len(self.clusters.rows)
        starts = np.searchsorted(of_left[rows], np.arange(n_clusters + 1)).astype(np.int64)
        names = sorted({*facets, *self.identifiers.facets})
        kind_no = kinds_of(into["identifier"][rows], self.identifiers.kind)
        facet_no = np.array([names.index(facet) for facet in facets] or [0])[kind_no]
        bits = np.maximum(into["bits"][rows], 0).astype(np.float64)
        shape = (n_clusters, max(len(names), 1))
        by_facet = summed(of_left[rows] * shape[1] + facet_no, bits, shape[0] * shape[1])
        is_router = np.array([kind == "router" for kind in kinds] or [False])[kind_no]
        routers = np.unique(
            np.stack([of_left[rows][is_router], into["identifier"][rows][is_router]], axis=1), axis=0
        )
        self.facet_names = names
        return Evidence(
            **into,
            starts=self._starts(into["left"]),
            identifier_kinds=self.identifiers.kind,
            kinds=kinds,
            facets=facets,
            case_rows=rows.astype(np.int32),
            case_starts=starts,
            facet_bits=by_facet.reshape(shape),
            n_routers=np.bincount(routers[:, 0], minlength=n_clusters),
        )

    def _starts(self, left: Ints) -> Longs:
        """The first rows of each account, of rows sorted by account; and how many rows there are."""
        accounts = np.arange(len(self.accounts.names) + 1, dtype=np.int32)  # of another type `left` is copied
        return np.searchsorted(left, accounts).astype(np.int64)

    def _read_links(self) -> Links:
        size = int(self.result.manifest["tables"]["links"]["rows"])
        types: dict[str, Any] = {
            "left": np.int32, "right": np.int32, "bits": np.float64, "probability": np.float32,
            "n_evidence": np.int16, "n_facets": np.int16,
        }  # fmt: skip
        into = {name: np.empty(size, dtype) for name, dtype in types.items()}
        columns = ("account_id_l", "account_id_r", "bits", "probability", "n_evidence", "n_facets")
        at = 0
        for batch in _batches(self.result.path, "links", columns, columns[:2], _N_ROWS):
            part = slice(at, at + len(batch))
            at += len(batch)
            for name, column in zip(types, columns, strict=True):
                is_account = column.startswith("account_id")
                into[name][part] = (
                    numbers_in(batch[column], self.accounts.names.values)
                    if is_account
                    else _numbers(batch[column], types[name])
                )
        return Links(**into, starts=self._starts(into["left"]))

    def _read_observations(self) -> Observations:
        size = int(self.result.manifest["tables"]["observations"]["rows"])
        into = {name: np.empty(size, np.int32) for name in ("identifier", "at", "n")}
        numbering = _Numbering(self.identifiers)
        n_rows = np.zeros(len(self.accounts.names) + 1, np.int64)
        activity = np.zeros((len(self.clusters.rows) + 1, N_BINS), np.int64)
        pieces = []
        start = 0
        columns = ("account_id", "kind", "value", "seen_at", "n")
        for batch in _batches(self.result.path, "observations", columns, columns[:2], _N_ROWS):
            part = slice(start, start + len(batch))
            start += len(batch)
            account = numbers_in(batch["account_id"], self.accounts.names.values)
            into["identifier"][part] = numbering.numbers(batch["kind"], batch["value"])
            into["at"][part] = self._from_start(batch["seen_at"])
            into["n"][part] = np.minimum(_numbers(batch["n"], np.int64), np.iinfo(np.int32).max)
            pieces.append(_singles(into["identifier"][part], batch["value"], account))
            activity += self._activity(account, into["at"][part], into["n"][part])
            n_rows[1:] += np.bincount(account, minlength=len(n_rows) - 1)
        return Observations(
            starts=np.cumsum(n_rows),
            identifier=into["identifier"],
            at=into["at"],
            n=into["n"].astype(np.min_scalar_type(into["n"].max(initial=0))),
            kinds=numbering.kinds,
            activity=activity[:-1],
            total_activity=activity.sum(axis=0),
            singles=Singles(pieces),
        )

    def _activity(self, account: Ints, at: Ints, n: Ints) -> Longs:
        """Observations per bin: of each cluster, and last of the accounts that are in none."""
        first, last = self.span
        width = max((last - first) / N_BINS, 1)
        shape = (len(self.clusters.rows) + 1, N_BINS)
        dated = at != _SHORT_NEVER
        bins = np.clip(at[dated] / width, 0, N_BINS - 1).astype(np.int64)
        cluster = self.accounts.cluster[account[dated]].astype(np.int64)
        cluster[cluster < 0] = shape[0] - 1
        sums = np.bincount(cluster * N_BINS + bins, n[dated], shape[0] * N_BINS)
        return sums.astype(np.int64).reshape(shape)

    def _from_start(self, times: pa.Array) -> Ints:
        seconds = seconds_of(times)
        told = np.clip(seconds - self.span[0], _SHORT_NEVER + 1, np.iinfo(np.int32).max)
        return np.where(seconds == NEVER, _SHORT_NEVER, told).astype(np.int32)


_ACCOUNT_COLUMNS = (
    "account_id", "created_at", "closed_at", "status", "is_abuse", "first_seen", "last_seen", "n",
    "n_identifiers",
)  # fmt: skip
_CODED_EVIDENCE = ("account_id_l", "account_id_r", "kind", "value", "facet")


class _Numbering:
    """Numbers identifiers by kind and value; kinds are numbered as they are met, the known ones first."""

    def __init__(self, identifiers: Identifiers) -> None:
        self.identifiers = identifiers
        self.kinds = list(identifiers.kinds)

    def numbers(self, kind: pa.Array, value: pa.Array) -> Ints:
        """The numbers of identifiers; -1 - number of the kind for those that are in no table."""
        told, names = coded(kind)
        self.kinds.extend(str(name) for name in names if name not in self.kinds)
        into = np.empty(len(kind), np.int32)
        for code, name in enumerate(names):
            mine = np.flatnonzero(told == code)
            start, stop = self.identifiers.ranges.get(str(name), (0, 0))
            places = np.full(len(mine), -1, np.int32)
            if stop > start:
                values = value.take(arrow_ints(mine))
                places = numbers_in(values, self.identifiers.values.slice(start, stop - start))
            into[mine] = np.where(places >= 0, places + start, -1 - self.kinds.index(str(name)))
        return into


def _singles(identifier: Ints, value: pa.Array, account: Ints) -> tuple[NDArray[np.int16], pa.Array, Ints]:
    """What nobody else holds, once per account: rows are sorted by account, kind and value."""
    rows = np.flatnonzero(identifier < 0)
    values = value.take(arrow_ints(rows))
    if len(rows) > 1:
        equal = pc.equal(values.slice(1), values.slice(0, len(rows) - 1))
        same = _raw(equal.cast(pa.uint8()), np.uint8) == 1
        same &= (account[rows][1:] == account[rows][:-1]) & (identifier[rows][1:] == identifier[rows][:-1])
        kept = np.flatnonzero(np.concatenate([[True], ~same]))
        rows, values = rows[kept], values.take(arrow_ints(kept))
    return (-1 - identifier[rows]).astype(np.int16), values, account[rows]


def _load_modules() -> None:
    """Load what the first graph and the first explanation would else wait for."""
    for module in ("graphlink.view.layout", "graphlink.explanations"):
        importlib.import_module(module)


def _batches(*told: Any) -> Iterator[pa.RecordBatch]:
    """The batches of a table, each given back before the next is read."""
    for batch in read_batches(*told):
        yield batch
        del batch
        _give_back()


def _give_back() -> None:
    """Give memory that is no longer used back to the system, as far as it takes it."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only the GNU library has it
        ctypes.CDLL(None).malloc_trim(0)


def summed(place: NDArray[Any], weights: NDArray[Any], n: int) -> Floats:
    """The sum of the weights at each place from 0 to n - 1."""
    return np.bincount(place, weights, n).astype(np.float64)


def gathered(starts: Longs, groups: NDArray[Any]) -> tuple[Longs, Longs]:
    """The rows of groups of rows that lie together, and for each row the place of its group among them."""
    first, sizes = starts[groups], starts[np.asarray(groups) + 1] - starts[groups]
    return spread(first, sizes), np.repeat(np.arange(len(groups)), sizes)


def spread(first: Longs, sizes: Longs) -> Longs:
    """The numbers of runs, one run after another: each begins at `first` and is so long."""
    numbers: Longs = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return numbers


def kinds_of(identifier: Ints, identifier_kinds: NDArray[np.int16]) -> Longs:
    """The number of the kind of each identifier, or of what has none."""
    told = identifier_kinds[np.maximum(identifier, 0)] if len(identifier_kinds) else 0
    found: Longs = np.where(identifier >= 0, told, -1 - identifier).astype(np.int64)
    return found


def arrow_ints(numbers: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Numbers as Arrow. Made from a buffer, because `pa.array` imports pandas, which takes a second."""
    return _arrow(np.ascontiguousarray(numbers, np.int64), pa.int64(), missing)


def arrow_floats(numbers: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Numbers as Arrow; see `arrow_ints`."""
    return _arrow(np.ascontiguousarray(numbers, np.float64), pa.float64(), missing)


def _arrow(whole: NDArray[Any], told: pa.DataType, missing: Flags | None) -> pa.Array:
    bits = None
    if missing is not None and missing.any():
        bits = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(told, len(whole), [bits, pa.py_buffer(whole)])


def arrow_texts(texts: Sequence[str | None]) -> pa.Array:
    """Texts as Arrow; see `arrow_ints`."""
    encoded = [b"" if text is None else text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    bits = pa.py_buffer(np.packbits([text is not None for text in texts], bitorder="little"))
    buffers = [bits, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def told_time(seconds: float) -> str | None:
    """A time in seconds since 1970 as text; None when it is not known."""
    if seconds == NEVER:
        return None
    try:
        moment = _EPOCH + datetime.timedelta(seconds=int(seconds))
    except OverflowError:
        return None
    return moment.isoformat().replace("+00:00", "Z")


def seconds_of(times: pa.Array | pa.ChunkedArray) -> Longs:
    """Times as seconds since 1970, `NEVER` for null."""
    whole = _plain(times).cast(pa.int64())
    return np.where(_is_null(whole), NEVER, _raw(whole, np.int64) // 1_000_000)


def _raw(column: pa.Array, dtype: Any) -> NDArray[Any]:
    """The numbers of a column, whatever stands where it is null.

    Read from the buffer: filling nulls takes a scalar, and making one imports pandas.
    """
    if not len(column):
        return np.empty(0, dtype)
    return np.frombuffer(column.buffers()[1], dtype)[column.offset : column.offset + len(column)]


def _is_null(column: pa.Array) -> Flags:
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    return _raw(column.is_null().cast(pa.uint8()), np.uint8).astype(np.bool_)


def coded(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, list[str | None]]:
    """Text as numbers of its distinct values, in the order they are met; null is one of them."""
    whole = _plain(column)
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    values: list[str | None] = whole.dictionary.to_pylist()
    indices = whole.indices.cast(pa.int32())
    codes = _raw(indices, np.int32)
    if indices.null_count:
        codes, values = np.where(_is_null(indices), np.int32(len(values)), codes), [*values, None]
    return codes.astype(np.int32), values


def numbers_in(column: pa.Array | pa.ChunkedArray, values: pa.Array) -> Ints:
    """The place of each text among distinct values; -1 for what is not there."""
    if isinstance(column, pa.ChunkedArray):
        parts = [numbers_in(chunk, values) for chunk in column.chunks]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)
    if not pa.types.is_dictionary(column.type):
        found = pc.index_in(column, options=pc.SetLookupOptions(value_set=values))
        return np.where(_is_null(found), -1, _raw(found, np.int32)).astype(np.int32)
    found = pc.index_in(column.dictionary.cast(pa.string()), options=pc.SetLookupOptions(value_set=values))
    places = np.append(np.where(_is_null(found), -1, _raw(found, np.int32)), -1)
    indices = column.indices.cast(pa.int32())
    told: Ints = places[np.where(_is_null(indices), -1, _raw(indices, np.int32))].astype(np.int32)
    return told


def _pairs_of(kind: pa.Array, facet: pa.Array) -> dict[str, str]:
    (kinds, kind_names), (facets, facet_names) = coded(kind), coded(facet)
    _, first = np.unique(kinds, return_index=True)
    return {str(kind_names[kinds[i]]): str(facet_names[facets[i]]) for i in first}


def _mapped(column: pa.ChunkedArray, values: Sequence[str]) -> Ints:
    codes, names = coded(column)
    places = [values.index(name) if name in values else 0 for name in names]
    return np.array(places or [0], np.int32)[codes]


def _numbers(column: pa.Array | pa.ChunkedArray, dtype: Any, missing: float = 0) -> NDArray[Any]:
    whole = _plain(column)
    raw = _raw(whole, np.float64 if pa.types.is_floating(whole.type) else np.int64)
    return np.where(_is_null(whole), missing, raw).astype(dtype)


def _flags(column: pa.ChunkedArray) -> Flags:
    whole = _plain(column)
    is_true: Flags = (_raw(whole.cast(pa.uint8()), np.uint8) == 1) & ~_is_null(whole)
    return is_true


def _text(column: pa.ChunkedArray) -> pa.Array:
    return _plain(column).cast(pa.string())


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON values: times as text, what is no number as null."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            columns[name] = [told_time(at) for at in seconds_of(column)]
        else:
            columns[name] = column.to_pylist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _read_returns(a: Accounts, order: Ints, n: int, span: tuple[int, int]) -> list[Returns]:
    """Of each of `n` clusters, how many new accounts were opened soon after a closing, and by chance.

    Args:
        a: The accounts.
        order: Those in a cluster, by cluster.
        n: Number of clusters.
        span: First and last moment of the data.
    """
    cluster, closed = a.cluster[order].astype(np.int64), a.closed_at[order]
    born = np.where(a.created_at[order] == NEVER, a.first_seen[order], a.created_at[order])
    is_new = a.is_new[order]
    abuse_at = np.where(a.is_harmless[order], NEVER, closed)
    is_closing = abuse_at != NEVER
    n_opened = np.bincount(cluster, is_new & (born >= span[0]), n).astype(np.int64).tolist()
    found, shares = [], []
    for lag_s in LAGS_S:
        is_after = opened_after_closings(cluster, born, abuse_at, NEVER, lag_s) & is_new
        found.append(np.bincount(cluster, is_after, n).astype(np.int64).tolist())
        shares.append(covered_shares(cluster[is_closing], closed[is_closing], n, span, lag_s).tolist())
    return [
        judge_returns(*one)
        for one in zip(zip(*found, strict=True), n_opened, zip(*shares, strict=True), strict=True)
    ]
