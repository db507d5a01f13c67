"""The index of a result: its sections, read one by one in a thread; requests wait for the one they need."""

from __future__ import annotations

import importlib
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from graphlink.core.errors import GraphlinkError, ResultError
from graphlink.core.schema import ACCOUNTS
from graphlink.explorer.index.accounts import read_accounts
from graphlink.explorer.index.addresses import read_addresses
from graphlink.explorer.index.batches import release_memory
from graphlink.explorer.index.clusters import read_clusters
from graphlink.explorer.index.evidence import read_evidence
from graphlink.explorer.index.holders import find_holders
from graphlink.explorer.index.identifiers import read_identifiers
from graphlink.explorer.index.links import read_links
from graphlink.explorer.index.observations import read_observations
from graphlink.explorer.index.ties import ties_between

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.addresses import Addresses
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.holders import Holders
    from graphlink.explorer.index.identifiers import Identifiers
    from graphlink.explorer.index.links import Links
    from graphlink.explorer.index.observations import Observations
    from graphlink.explorer.index.subcommunities import Subcommunities
    from graphlink.explorer.index.ties import Ties
    from graphlink.result.result import Result

T = TypeVar("T")

_MOST_RECALLED = 2
_LARGE = 1_000  # accounts of a cluster from which it may open as a map


class IndexNotReadyError(GraphlinkError):
    """A section of the index was not ready in time, or could not be read."""


class _Section(Generic[T]):
    """A section of the index: how it is made, and once it is, its value or what went wrong.

    Args:
        name: Its name in messages.
        make: Makes the value.
        tables: The tables that it is read from, or whose rows are shown once it is there.
    """

    value: T

    def __init__(self, name: str, make: Callable[[], T], tables: tuple[str, ...] = ()) -> None:
        self.name = name
        self.make = make
        self.tables = tables
        self.ready = threading.Event()
        self.fault = ""

    @property
    def is_there(self) -> bool:
        return self.ready.is_set() and not self.fault


class Index:
    """The sections of a result, each read once.

    Args:
        result: The finished run; nothing of it is changed.
        patience: Seconds to wait for a section.
        since: What counts as new: what joined since an earlier result or a moment; None takes the last week.
        formats: The formats that clusters can be exported in, as `/meta` lists them.
        lineages: Cluster to the name of its lineage, of a result that belongs to a workspace.
        is_of_workspace: Whether a workspace is served, with its own API beside this one.
    """

    def __init__(
        self,
        result: Result,
        patience: float = 30.0,
        since: Result | datetime.datetime | None = None,
        formats: Sequence[Mapping[str, object]] = (),
        *,
        lineages: Mapping[str, str] | None = None,
        is_of_workspace: bool = False,
    ) -> None:
        self.result = result
        self.lineages = lineages or {}
        self.is_of_workspace = is_of_workspace
        self.formats = formats
        self.since = since
        self.patience = patience
        self._accounts = _Section(
            "accounts", lambda: read_accounts(result, since), ("accounts", "membership")
        )
        self._clusters = _Section(
            "clusters",
            lambda: read_clusters(result, self.accounts),
            ("clusters", "hypotheses", "signals", "facts", "reasons", "rejected_rows"),
        )
        self._identifiers = _Section("identifiers", lambda: read_identifiers(result), ("identifiers",))
        self._evidence = _Section(
            "evidence",
            lambda: read_evidence(result, self.accounts, self.clusters, self.identifiers),
            ("evidence",),
        )
        self._links = _Section("links", lambda: read_links(result, self.accounts), ("links",))
        self._observations = _Section(
            "observations",
            lambda: read_observations(result, self.accounts, self.clusters, self.identifiers),
            ("observations", "member_reasons", "link_reasons"),
        )
        self._holders = _Section(
            "holders",
            lambda: find_holders(self.observations, self.evidence, len(self.identifiers.names)),
        )
        self._addresses = _Section("addresses", lambda: read_addresses(self.identifiers))
        self._sections: list[_Section[Any]] = [
            self._accounts,
            self._clusters,
            self._identifiers,
            self._evidence,
            self._links,
            self._observations,
            self._holders,
            self._addresses,
            _Section("modules", _load_modules),
            _Section("subcommunities", self._find_large),
        ]
        self.changed = ""  # the table that is not what the run wrote, when there is one
        self.schemas: dict[str, pa.Schema] = {}  # of tables as they are stored, once each is known
        self._recalled: dict[str, Any] = {}
        self._recalling = threading.Lock()
        self._kept: dict[tuple[str, int], Any] = {}

    def recall(self, key: str, make: Callable[[], Any]) -> Any:
        """What was made for a key, one of the last few; else it is made."""
        with self._recalling:
            value = self._recalled.pop(key, None)
        value = make() if value is None else value
        with self._recalling:
            self._recalled[key] = value
            if len(self._recalled) > _MOST_RECALLED:
                del self._recalled[next(iter(self._recalled))]
        return value

    def start(self) -> None:
        """Begin to read the sections in a thread of their own."""
        threading.Thread(target=self.read, name="graphlink-index", daemon=True).start()

    def read(self) -> None:
        """Read the sections one after another, each after its tables were compared with their digests.

        The digests take a fraction of the time that reading takes, and the queue does not wait for those of
        the largest tables. Once a table is not what the run wrote, no section is shown any more.
        """
        for section in self._sections:
            try:
                self._verify(section.tables)
                section.value = section.make()
            except Exception as error:  # noqa: BLE001  raised for whoever needs the section, and in `state`
                section.fault = str(error) if isinstance(error, GraphlinkError) else type(error).__name__
            section.ready.set()
            release_memory()

    def _verify(self, tables: tuple[str, ...]) -> None:
        try:
            self.result.verify(tables)
        except ResultError as error:
            self.changed = str(error)
            raise

    @property
    def done(self) -> float:
        """The share of sections that are read."""
        return sum(section.ready.is_set() for section in self._sections) / len(self._sections)

    @property
    def fault(self) -> str:
        """What went wrong; empty when nothing did."""
        return next((section.fault for section in self._sections if section.fault), "")

    @property
    def has_identifiers(self) -> bool:
        """Whether the identifiers are there."""
        return self._identifiers.is_there

    @property
    def has_evidence(self) -> bool:
        """Whether the evidence is there."""
        return self._evidence.is_there

    @property
    def has_links(self) -> bool:
        """Whether the links are there."""
        return self._links.is_there

    @property
    def has_observations(self) -> bool:
        """Whether the observations are there."""
        return self._observations.is_there

    def _need(self, section: _Section[T]) -> T:
        is_ready = section.ready.wait(self.patience)
        if self.changed:
            raise ResultError(self.changed)
        if not is_ready:
            raise IndexNotReadyError(f"the index of {section.name} is not ready yet; try again")
        if section.fault:
            raise IndexNotReadyError(f"the index of {section.name} could not be made")
        return section.value

    @property
    def accounts(self) -> Accounts:
        """The accounts; waits for them."""
        return self._need(self._accounts)

    @property
    def clusters(self) -> Clusters:
        """The clusters; waits for them."""
        return self._need(self._clusters)

    @property
    def identifiers(self) -> Identifiers:
        """The identifiers; waits for them."""
        return self._need(self._identifiers)

    @property
    def evidence(self) -> Evidence:
        """The evidence; waits for it."""
        return self._need(self._evidence)

    @property
    def links(self) -> Links:
        """The links; waits for them."""
        return self._need(self._links)

    @property
    def observations(self) -> Observations:
        """The observations; waits for them."""
        return self._need(self._observations)

    @property
    def holders(self) -> Holders:
        """Who holds each identifier; waits for it."""
        return self._need(self._holders)

    @property
    def addresses(self) -> Addresses:
        """The addresses that several accounts hold; waits for them."""
        return self._need(self._addresses)

    def of_cluster(self, what: str, number: int, make: Callable[[], T]) -> T:
        """What is computed of a cluster; of a large one once, since it takes long and is needed again.

        Args:
            what: What it is called.
            number: The cluster.
            make: Computes it.
        """
        if self.clusters.starts[number + 1] - self.clusters.starts[number] < _LARGE:
            return make()
        known: T | None = self._kept.get((what, number))
        if known is None:
            known = self._kept[what, number] = make()
        return known

    def subcommunities_of(self, number: int) -> Subcommunities:
        """The sub-communities of a cluster."""
        # Imported here, since it takes longer than all else before the queue is shown.
        from graphlink.explorer.index.subcommunities import find_subcommunities_of

        return self.of_cluster(
            "subcommunities",
            number,
            lambda: find_subcommunities_of(number, self.accounts, self.clusters, self.links),
        )

    def ties_of(self, number: int) -> Ties:
        """The edges that the evidence inside a cluster makes."""
        evidence = self.evidence
        return self.of_cluster(
            "ties", number, lambda: ties_between(evidence, evidence.rows_of_cluster(number))
        )

    def _find_large(self) -> None:
        """Compute what the clusters that open as a map of groups are drawn from, so that nobody waits."""
        sizes = np.diff(self.clusters.starts)
        for number in np.flatnonzero(sizes >= _LARGE).tolist():
            self.subcommunities_of(number)
            self.ties_of(number)

    @cached_property
    def attribute_names(self) -> list[str]:
        """The further columns of the table of accounts."""
        known = self.result.table("accounts", where={"account_id": []}).column_names
        return [name for name in known if name not in ACCOUNTS.column_names]


def _load_modules() -> None:
    """Load what the first graph and the first explanation would else wait for."""
    for module in ("graphlink.render.layout", "graphlink.explanations"):
        importlib.import_module(module)
