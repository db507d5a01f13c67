"""What if: the accounts around a cluster solved again without some of the evidence. Nothing is stored."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.errors import NotFoundError, QuestionError
from graphlink.explanations.stored import (
    ENDS,
    identifiers_known,
    log_odds,
    members_of,
    membership_of,
    settings_of,
)
from graphlink.explanations.values import Explanation, Part, listed, told_time
from graphlink.explanations.weighing import NEVER, Web, read_web
from graphlink.folder import rows_of
from graphlink.kinds import network_of, shown
from graphlink.wholeness import of_result
from graphlink.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, Unpack

    from numpy.typing import NDArray

    from graphlink.result import Result
    from graphlink.settings import Settings

_N_ACCOUNTS = 200
_MOST_AROUND = 50_000


@dataclass(frozen=True, slots=True)
class Group:
    """A group of accounts, before or after.

    Attributes:
        name: Of a group before, its cluster; of one after, after-1 and so on, the largest first.
        n_accounts: Accounts in it.
        accounts: The first of them, in order.
        sources: Of a group after, the groups before that its accounts were in, those with most first.
        n_own: Of its accounts, those of the cluster that was asked about.
    """

    name: str
    n_accounts: int
    accounts: tuple[str, ...]
    sources: tuple[str, ...]
    n_own: int


@dataclass(frozen=True, slots=True)
class WhatIf(Explanation):
    """What would become of a cluster, and of those around it, without some of the evidence.

    Attributes:
        cluster_id: The cluster.
        without: What was left out or moved, in words.
        n_around: Accounts that were solved again: the connected parts that the cluster is in.
        n_evidence: Rows of evidence between them that were left out.
        n_links: Links likelier than not that fell.
        is_reproduced: Whether solving with nothing left out gives the clusters of the result; when not, the
            groups after differ from those before for other reasons as well.
        before: Groups before that change, and the cluster itself.
        after: What they become.
        falls_out: Accounts of the cluster that are in no group after.
        is_changed: Whether the cluster is not the same group after.
    """

    cluster_id: str
    without: tuple[str, ...]
    n_around: int
    n_evidence: int
    n_links: int
    is_reproduced: bool
    before: tuple[Group, ...]
    after: tuple[Group, ...]
    falls_out: Part
    is_changed: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        left = f"Without {listed(self.without)}" if self.without else "With nothing changed"
        told = [
            (
                f"{left} {counted(self.n_evidence, 'row')} of evidence and {counted(self.n_links, 'link')} "
                f"likelier than not fall away among {counted(self.n_around, 'account')}."
            )
        ]
        own = [group for group in self.after if self.cluster_id in group.sources]
        if not self.is_changed:
            told.append(f"{self.cluster_id} stays as it is.")
        elif not own:
            told.append(f"{self.cluster_id} falls apart: none of its accounts is in a group.")
        elif len(own) > 1:
            sizes = listed([f"{group.n_accounts:,}" for group in own[:10]])
            told.append(f"{self.cluster_id} splits into {counted(len(own), 'group')} of {sizes} accounts.")
        if self.is_changed:
            told += [
                _stay_sentence(self, group)
                for group in own[:10]
                if len(own) == 1 or group.n_accounts > group.n_own
            ]
        if self.falls_out.n_accounts and own:
            n = self.falls_out.n_accounts
            told.append(f"{counted(n, 'account')} of it {'falls' if n == 1 else 'fall'} out.")
        told += [
            f"{listed(list(group.sources))} merge into a group of {group.n_accounts:,} accounts."
            for group in self.after
            if len(group.sources) > 1
        ]
        if not self.is_reproduced:
            told.append("Solved with nothing left out, the groups already differ from the result's.")
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What hangs together with a cluster: all that a change of it starts from.

    Attributes:
        web: Its links and evidence.
        single_values: The one value of each account in kinds that speak against some link.
        private: Of each piece of the web, how likely it is private to one operator; NaN where none knows.
        before: Cluster of each account that is in one.
        again: The groups when it is solved with nothing left out.
    """

    web: Web
    single_values: pa.Table
    private: NDArray[np.float64]
    before: dict[str, str]
    again: frozenset[frozenset[str]]


class Moved(TypedDict, total=False):
    """Bounds that `try_without` moves; one that is None stays.

    Attributes:
        since: Only evidence of accounts that were together at or after this time (ISO 8601, UTC), or at no
            known time.
        until: Only evidence of accounts that were together before this time.
        resolution_bits: The run's setting of this name.
        cluster_probability: The run's setting of this name.
    """

    since: str | datetime.datetime | None
    until: str | datetime.datetime | None
    resolution_bits: float | None
    cluster_probability: float | None


@of_result
def try_without(
    result: Result,
    cluster_id: str,
    identifiers: Collection[tuple[str, str]] = (),
    kinds: Collection[str] = (),
    *,
    surroundings: Surroundings | None = None,
    **moved: Unpack[Moved],
) -> WhatIf:
    """Solve the connected parts of a cluster again without some evidence, as a run would.

    Links are weighed again by `graphlink.explanations.weighing`, and communities found by the run's own
    `graphlink.communities`. What is near rather than exact: pairs that the run kept no link of stay without
    one, and the values that speak against joining groups are those of kinds in which some link here differs.

    Args:
        result: A finished run.
        cluster_id: The cluster.
        identifiers: (kind, value) to leave out.
        kinds: Kinds of identifier or behaviour to leave out.
        surroundings: What `read_surroundings` gave for this cluster, for those who ask more than once.
        **moved: Times and settings, see `Moved`.

    Raises:
        NotFoundError: There is no such cluster, or nothing here is of an identifier or kind named.
        QuestionError: Too many accounts hang together to solve again, or a time is none.
        SettingsError: A setting is out of its range.
        TypeError: Nothing of this name can be moved.
    """
    if unknown := sorted(moved.keys() - Moved.__annotations__.keys()):
        raise TypeError(f"try_without() moves no {unknown[0]!r}; it moves {', '.join(Moved.__annotations__)}")
    settings = settings_of(result)
    changed = _changed(settings, moved)
    known = surroundings or read_surroundings(result, cluster_id)
    web, before = known.web, known.before
    start, stop = _moment(moved.get("since")), _moment(moved.get("until"))
    is_gone = _gone(web, set(identifiers), set(kinds)) | _outside(web, start, stop)
    bits = web.bits_without(is_gone)
    after = _groups(_solve(web, bits, is_gone, changed, known.single_values, known.private))
    own = {name for name, cluster in before.items() if cluster == cluster_id}
    left = sorted(own - set().union(*after))
    told_before, told_after = _compared(cluster_id, before, after)
    return WhatIf(
        cluster_id=cluster_id,
        without=(
            *_words(identifiers, kinds, start, stop),
            *_moved(settings, changed),
        ),
        n_around=len(web.accounts),
        n_evidence=int(is_gone.sum()),
        n_links=int(((web.bits > 0) & (bits <= 0)).sum()),
        is_reproduced=known.again == _groups(before),
        before=told_before,
        after=told_after,
        falls_out=Part(len(left), tuple(left[:_N_ACCOUNTS])),
        is_changed=frozenset(own) not in after,
    )


@of_result
def read_surroundings(result: Result, cluster_id: str) -> Surroundings:
    """Read what hangs together with a cluster, and solve it with nothing left out.

    Raises:
        NotFoundError: There is no such cluster.
        QuestionError: Too many accounts hang together to solve them again.
    """
    settings = settings_of(result)
    around = _around(result, set(members_of(result, cluster_id)))
    web = read_web(result, around, settings.model.prior_bits)
    single_values = _single_values(result, web)
    private = _private(result, web)
    again = _solve(web, web.bits, np.zeros(len(web.link), dtype=bool), settings, single_values, private)
    rows = membership_of(result, web.accounts)
    before = {name: str(row["cluster_id"]) for name, row in rows.items() if row["cluster_id"] is not None}
    return Surroundings(web, single_values, private, before, frozenset(_groups(again)))


def _changed(settings: Settings, moved: Moved) -> Settings:
    model = settings.model
    resolution, probability = moved.get("resolution_bits"), moved.get("cluster_probability")
    model = dataclasses.replace(
        model,
        resolution_bits=model.resolution_bits if resolution is None else float(resolution),
        cluster_probability=model.cluster_probability if probability is None else float(probability),
    )
    return dataclasses.replace(settings, model=model)


def _around(result: Result, members: set[str]) -> set[str]:
    """The accounts that hang together with these over links likelier than not."""
    links, is_more = result.links_around(members, _MOST_AROUND, more_than=0.0)
    if is_more:
        raise QuestionError(
            f"more than {_MOST_AROUND:,} accounts hang together here; run again with other settings"
        )
    return members.union(*(links[end].to_pylist() for end in ENDS))


def _moment(told: str | datetime.datetime | None) -> datetime.datetime | None:
    if told is None or isinstance(told, datetime.datetime):
        moment = told
    else:
        try:
            moment = datetime.datetime.fromisoformat(told)
        except ValueError:
            raise QuestionError(
                f"{shown(told)!r} is no time; write 2026-03-01 or 2026-03-01T12:00:00Z"
            ) from None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=datetime.UTC)


def _gone(web: Web, identifiers: set[tuple[str, str]], kinds: set[str]) -> NDArray[np.bool_]:
    known = {(piece.kind, piece.value) for piece in web.pieces}
    for kind, value in sorted(identifiers - known):
        raise NotFoundError(f"no evidence around this cluster is of {shown(kind)} {shown(value)!r}")
    for kind in sorted(kinds - {piece.kind for piece in web.pieces}):
        raise NotFoundError(f"no evidence around this cluster is of the kind {shown(kind)!r}")
    chosen = [
        number
        for number, piece in enumerate(web.pieces)
        if (piece.kind, piece.value) in identifiers or piece.kind in kinds
    ]
    return np.asarray(np.isin(web.piece, chosen))


def _outside(web: Web, since: datetime.datetime | None, until: datetime.datetime | None) -> NDArray[np.bool_]:
    is_timed = web.first != NEVER
    outside = np.zeros(len(is_timed), dtype=bool)
    if since is not None:
        outside |= web.last < since.timestamp()
    if until is not None:
        outside |= web.first >= until.timestamp()
    return np.asarray(outside & is_timed)


def _single_values(result: Result, web: Web) -> pa.Table:
    """The one value of each account in the kinds that speak against some link here: account, kind, value."""
    kinds = {web.pieces[piece].kind for piece in np.unique(web.piece[web.alone < 0]).tolist()}
    seen = result.held(web.accounts if kinds else (), kinds)
    counted_values = seen.group_by(["account_id", "kind"], use_threads=False).aggregate(
        [("value", "count_distinct"), ("value", "min")]
    )
    single = counted_values.filter(pc.equal(counted_values["value_count_distinct"], 1))
    return pa.table(
        {"account_id": single["account_id"], "kind": single["kind"], "value": single["value_min"]}
    )


def _private(result: Result, web: Web) -> NDArray[np.float64]:
    known = identifiers_known(result, {(piece.kind, piece.value) for piece in web.pieces if piece.value})
    rows = (known.get((piece.kind, piece.value), {}) for piece in web.pieces)
    return np.array([row.get("private") for row in rows], dtype=float)


def _solve(
    web: Web,
    bits: NDArray[np.float64],
    is_gone: NDArray[np.bool_],
    settings: Settings,
    single: pa.Table,
    private: NDArray[np.float64],
) -> dict[str, int]:
    """Community of each account that has one, found by the run's own step."""
    is_kept = bits >= log_odds(settings.model.min_probability)
    if not is_kept.any():
        return {}
    # Imported here, because only this explanation needs the engine.
    from graphlink.communities import find_communities
    from graphlink.engine.duck import DuckEngine

    with DuckEngine(None, 1, None) as engine:
        for name, table in _tables(web, bits, is_kept, is_gone, single, private).items():
            engine.load(name, table)
        find_communities(engine, settings)
        found = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    numbers = zip(found["account_no"].to_pylist(), found["community_no"].to_pylist(), strict=True)
    return {web.accounts[account - 1]: community for account, community in numbers}


def _tables(
    web: Web,
    bits: NDArray[np.float64],
    is_kept: NDArray[np.bool_],
    is_gone: NDArray[np.bool_],
    single: pa.Table,
    private: NDArray[np.float64],
) -> dict[str, pa.Table]:
    """The tables that `find_communities` takes; accounts and pieces are numbered from 1, as in a run."""
    rows = np.flatnonzero(is_kept[web.link] & ~is_gone)
    kept, held = web.ends[is_kept] + 1, web.ends[web.link[rows]] + 1
    has_value = np.array([bool(piece.value) for piece in web.pieces])
    identifier = pa.array(web.piece[rows] + 1, pa.int32(), mask=~has_value[web.piece[rows]])
    facet = [web.facets[piece] for piece in web.piece[rows].tolist()]
    numbers = pa.array(range(1, len(web.accounts) + 1), pa.int32())
    return {
        "account_numbers": pa.table({"account_no": numbers, "account_id": list(web.accounts)}),
        "pair_links": pa.table({"l": _int32(kept[:, 0]), "r": _int32(kept[:, 1]), "bits": bits[is_kept]}),
        "pair_evidence": pa.table(
            {
                "l": _int32(held[:, 0]),
                "r": _int32(held[:, 1]),
                "kind_no": _int32(web.kind[rows]),
                "identifier_no": identifier,
                "facet": pa.array(facet, pa.string()),
                "counted_bits": web.counted[rows],
            }
        ),
        "privacy": pa.table(
            {
                "identifier_no": _int32(np.arange(1, len(private) + 1)),
                "private": pa.array(private, mask=np.isnan(private)),
            }
        ),
        "networks": _networks(web),
        "contrary": _contrary(web),
        "single_values": _numbered(web, single),
    }


def _networks(web: Web) -> pa.Table:
    """The network of each address, numbered behind the pieces where it is none of them."""
    numbers = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    found = {
        i: numbers.setdefault(network, len(numbers) + 1)
        for i, piece in enumerate(web.pieces, 1)
        if (network := network_of(piece.kind, piece.value)) != (piece.kind, piece.value)
    }
    return pa.table({"identifier_no": _int32(list(found)), "network_no": _int32(list(found.values()))})


def _contrary(web: Web) -> pa.Table:
    """The kinds that speak against some link here, with the most that they do."""
    against = np.flatnonzero(web.alone < 0)
    kinds, bits = web.kind[against], web.alone[against]
    told = {kind: bits[kinds == kind].min() for kind in sorted(set(kinds.tolist()))}
    most = pa.array(list(told.values()), pa.float64())
    return pa.table({"kind_no": _int32(list(told)), "group_no": _int32(list(told)), "bits": most})


def _numbered(web: Web, single: pa.Table) -> pa.Table:
    """Single values by number; one that is no piece here has none."""
    accounts = {name: i for i, name in enumerate(web.accounts, 1)}
    kinds = {name: i for i, name in enumerate(sorted({piece.kind for piece in web.pieces}))}
    values = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    rows = rows_of(single)
    return pa.table(
        {
            "account_no": _int32([accounts[row["account_id"]] for row in rows]),
            "kind_no": _int32([kinds[row["kind"]] for row in rows]),
            "identifier_no": _int32([values.get((row["kind"], row["value"])) for row in rows]),
        }
    )


def _int32(values: NDArray[np.int64] | list[Any]) -> pa.Array:
    return pa.array(values, pa.int32())


def _groups(community: dict[str, int] | dict[str, str]) -> set[frozenset[str]]:
    groups: dict[int | str, set[str]] = {}
    for name, group in community.items():
        groups.setdefault(group, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def _compared(
    cluster_id: str, before: dict[str, str], after: set[frozenset[str]]
) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups before that change, the cluster itself first, and what becomes of them."""
    groups: dict[str, set[str]] = {}
    for account, cluster in before.items():
        groups.setdefault(cluster, set()).add(account)
    moved = {name for name, group in groups.items() if frozenset(group) not in after} | {cluster_id}
    became = [
        group
        for group in after
        if {before.get(account) for account in group} & moved or group.isdisjoint(before)
    ]
    became.sort(key=lambda group: (-len(group), min(group)))
    first = sorted(moved, key=lambda name: (name != cluster_id, -len(groups[name]), name))
    own = groups[cluster_id]
    return (
        tuple(_group(name, groups[name], (), own) for name in first),
        tuple(_group(f"after-{i}", group, _sources(group, before), own) for i, group in enumerate(became, 1)),
    )


def _group(name: str, accounts: Collection[str], sources: tuple[str, ...], own: set[str]) -> Group:
    n_own = len(own.intersection(accounts))
    return Group(name, len(accounts), tuple(sorted(accounts)[:_N_ACCOUNTS]), sources, n_own)


def _stay_sentence(whatif: WhatIf, group: Group) -> str:
    """How many of the cluster's accounts a group after holds, and how many it has from elsewhere."""
    n_before = next(one.n_accounts for one in whatif.before if one.name == whatif.cluster_id)
    stay = f"{group.n_own:,} of its {counted(n_before, 'account')} {'stays' if group.n_own == 1 else 'stay'}"
    others = group.n_accounts - group.n_own
    more = f", joined by {counted(others, 'other account')}" if others else ""
    return f"{stay} together in a group of {group.n_accounts:,}{more}."


def _sources(group: frozenset[str], before: dict[str, str]) -> tuple[str, ...]:
    clusters = [before[account] for account in sorted(group) if account in before]
    return tuple(sorted(set(clusters), key=lambda name: (-clusters.count(name), name)))


def _words(
    identifiers: Collection[tuple[str, str]],
    kinds: Collection[str],
    since: datetime.datetime | None,
    until: datetime.datetime | None,
) -> tuple[str, ...]:
    told = [f"{shown(kind)} {shown(value)}" for kind, value in sorted(identifiers)]
    told += [f"the kind {shown(kind)}" for kind in sorted(kinds)]
    if since is not None:
        told.append(f"evidence before {told_time(since)}")
    if until is not None:
        told.append(f"evidence from {told_time(until)} on")
    return tuple(told)


def _moved(settings: Settings, changed: Settings) -> tuple[str, ...]:
    pairs = [
        (name.replace("_", " "), getattr(settings.model, name), getattr(changed.model, name))
        for name in ("resolution_bits", "cluster_probability")
    ]
    return tuple(f"{name} {old:g} (now {new:g})" for name, old, new in pairs if old != new)
