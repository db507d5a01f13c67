"""Small results in memory, made from who was seen with what."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.schema import (
    ACCOUNTS,
    CLUSTERS,
    CONSTRAINTS,
    EVIDENCE,
    IDENTIFIERS,
    LINKS,
    MEMBERSHIP,
    OBSERVATIONS,
)
from graphlink.kinds import KINDS
from tests.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

DAY_0 = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def day(number: float) -> dt.datetime:
    """A moment in days after the beginning."""
    return DAY_0 + dt.timedelta(days=number)


Seen = tuple[str, str, str, float]
"""Account, kind, value and day of a sighting."""


@dataclass
class SmallResult:
    """A result in memory.

    Attributes:
        seen: The sightings; accounts are opened at their first one, unless `opened` says another day.
        opened: Account to the day on which it was opened.
        labels: Value to the type from a reference list.
        exclusivity: Value to its exclusivity.
        clusters: Cluster to its accounts, all of which belong to it for sure.
        one: Cluster to the probability that one operator has it.
        links: Pairs of accounts with their probability.
        evidence: Account, account, kind, value and contributed bits.
        apart: Pairs of accounts that a label keeps apart.
        extra: Columns of a cluster that are not as usual.
    """

    seen: Sequence[Seen]
    opened: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    exclusivity: Mapping[str, float] = field(default_factory=dict)
    clusters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    one: Mapping[str, float] = field(default_factory=dict)
    links: Sequence[tuple[str, str, float]] = ()
    evidence: Sequence[tuple[str, str, str, str, float]] = ()
    apart: Sequence[tuple[str, str]] = ()
    extra: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table, as a result does."""
        table: pa.Table = getattr(self, f"_{name}")()
        for column, values in (where or {}).items():
            assert isinstance(values, list | set | tuple | frozenset)
            table = table.filter(pc.is_in(table[column], value_set=_texts(values)))
        return table.select(list(columns)) if columns is not None else table

    def _observations(self) -> pa.Table:
        rows = [(account, kind, value, day(at), 1) for account, kind, value, at in self.seen]
        return rows_of(OBSERVATIONS, "account_id kind value seen_at n", rows)

    def _accounts(self) -> pa.Table:
        times: dict[str, list[float]] = defaultdict(list)
        for account, _, _, at in self.seen:
            times[account].append(at)
        rows = [
            (name, day(self.opened[name]) if name in self.opened else None, day(min(at)), day(max(at)))
            for name, at in sorted(times.items())
        ]
        return rows_of(ACCOUNTS, "account_id created_at first_seen last_seen", rows)

    def _identifiers(self) -> pa.Table:
        held: dict[tuple[str, str], set[str]] = defaultdict(set)
        for account, kind, value, _ in self.seen:
            known = KINDS.get(kind)
            for one in ((kind, value), *(known.generalizations(value) if known else ())):
                held[one].add(account)
        rows = [
            (kind, value, len(accounts), self.exclusivity.get(value), self.labels.get(value))
            for (kind, value), accounts in sorted(held.items())
            if len(accounts) > 1 or value in self.labels
        ]
        return rows_of(IDENTIFIERS, "kind value degree p_exclusive label_type", rows)

    def _membership(self) -> pa.Table:
        of = {account: name for name, accounts in self.clusters.items() for account in accounts}
        rows = [
            (account, of.get(account), 1.0 if account in of else None, "core" if account in of else "none")
            for account in sorted({one[0] for one in self.seen})
        ]
        return rows_of(MEMBERSHIP, "account_id cluster_id probability role", rows)

    def _clusters(self) -> pa.Table:
        columns = ["cluster_id", "n_accounts", "p_same_operator", "p_shared_intermediary", "p_shared_network"]
        columns += sorted({name for row in self.extra.values() for name in row})
        rows = []
        for name, accounts in self.clusters.items():
            one = self.one.get(name, 0.99)
            extra = self.extra.get(name, {})
            values = [name, len(accounts), one, (1 - one) / 2, (1 - one) / 2]
            rows.append([*values, *(extra.get(column) for column in columns[5:])])
        return rows_of(CLUSTERS, " ".join(columns), rows)

    def _links(self) -> pa.Table:
        rows = [(*sorted(pair), p, p) for *pair, p in self.links]
        return rows_of(LINKS, "account_id_l account_id_r p_direct probability", rows)

    def _constraints(self) -> pa.Table:
        rows = [(*sorted(pair), "cannot_link", "agrees") for pair in self.apart]
        return rows_of(CONSTRAINTS, "account_id_l account_id_r constraint_type outcome", rows)

    def _evidence(self) -> pa.Table:
        rows = [(*sorted(pair), kind, value, bits, bits) for *pair, kind, value, bits in self.evidence]
        return rows_of(EVIDENCE, "account_id_l account_id_r kind value bits contribution_bits", rows)


def _texts(values: Collection[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(sorted(values), pa.string())
