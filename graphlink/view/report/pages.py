"""The page of one cluster: its tables told as plain values and sentences."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink import wording
from graphlink.explanations import estimate_collateral, find_breaks
from graphlink.folder import rows_of
from graphlink.kinds import shown
from graphlink.view.report.joined import joined_of, returns_of
from graphlink.view.report.model import LOOK, STRONG, WEAK, Entry, Page, Picture, Reason, Tie
from graphlink.wording.figures import told_probability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.explanations import Joined
    from graphlink.explanations.returns import Returns
    from graphlink.view.report.blocks import Part
    from graphlink.view.report.changes import Change

_MOST_TIES = 60
_MOST_MOVES = 500
_N_DRAWN_ACCOUNTS, _N_DRAWN_TIES, _N_DRAWN_PAIRS = 36, 12, 40
_N_SPARKS = 30
_N_BLOCKED = 3
_EPOCH = datetime.date(1970, 1, 1)
_HIDDEN = ("n",)
_WORDS = {
    "lockstep": "acting in lockstep",
    "succession": "one following the other on one resource",
    "load_balancing": "taking turns",
    "signup_burst": "signing up in one burst",
}
_PUBLIC = {
    "router": "a third-party router, whose customers are mostly strangers to each other",
    "carrier_nat": "a mobile carrier's shared address",
    "vpn": "a VPN's exit, which anybody can rent",
    "proxy": "a public proxy, which anybody can use",
    "residential_proxy": "a home line rented out as a proxy, which anybody can rent",
    "tor": "a Tor exit, which anybody can use",
    "campus": "a campus, which many strangers share",
    "hosting": "a hosting provider",
    "corporate": "a company's exit: colleagues share it too",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for every page.

    Attributes:
        threshold: Least probability of a core member, as the run's settings say.
        first: First moment of the data.
        last: Last moment of the data.
        changes: Cluster to what became of it since the earlier result; empty without one.
        searched: Clusters that are searched for what would break them.
        since: The moment that `changes` counts from; None where they are of an earlier result.
        caveats: What makes an earlier result hard to compare with, in sentences.
    """

    threshold: float
    first: datetime.datetime | None
    last: datetime.datetime | None
    changes: Mapping[str, Change]
    searched: frozenset[str] = frozenset()
    since: datetime.datetime | None = None
    caveats: tuple[str, ...] = ()


def probability_of(cluster: Mapping[str, Any]) -> float:
    """The probability that one organisation operates a cluster, as far as its row tells."""
    told = cluster.get("p_same_operator")
    return float(cluster["score"] if told is None else told)


def make_page(part: Part, rank: int, context: Context) -> Page:
    """Make the page of a cluster."""
    change = context.changes.get(part.cluster["cluster_id"])
    speaking = part.ties["bits"].to_pylist()
    ties = tuple(_tie(row, speaking) for row in rows_of(part.ties.slice(0, _MOST_TIES)))
    reasons = tuple(_reason(row) for row in rows_of(part.reasons))
    days = _days(part)
    members = rows_of(part.members)
    moves = tuple(move.as_dict() for move in change.moves[:_MOST_MOVES]) if change else ()
    joined = joined_of(part, change)
    returns = returns_of(part, joined, (context.first, context.last))
    entry = _entry(part, rank, context, (reasons, days, joined, returns))
    return Page(
        entry,
        wording.claim(entry.hypothesis, part.cluster.get("p_same_operator"), entry.also_explained_by),
        tuple(_sure(part.cluster, entry)),
        tuple(_against(part, entry, ties)),
        tuple(_breaks(part, ties, entry, is_searched=entry.cluster_id in context.searched)),
        tuple(_collateral(part, ties, members)),
        _changed(change, returns),
        tuple(_member(row) for row in members if row["role"] == "core"),
        tuple(_member(row) for row in members if row["role"] != "core"),
        ties,
        max(0, part.ties.num_rows - _MOST_TIES),
        reasons,
        tuple(_signal(row) for row in rows_of(part.signals)),
        joined,
        moves,
        days,
        _picture(part, ties, members),
    )


def _changed(change: Change | None, returns: Returns) -> tuple[str, ...]:
    if change is None:
        return ()
    returned = wording.soon_after_sentence(
        returns.lag_s, returns.n_within, returns.within_by_chance, is_above_chance=returns.is_above_chance
    )
    return (change.sentence(), *filter(None, (returned,)))


def _entry(
    part: Part,
    rank: int,
    context: Context,
    told: tuple[Sequence[Reason], Sequence[tuple[datetime.date, int]], Sequence[Joined], Returns],
) -> Entry:
    reasons, days, joined, returns = told
    cluster = part.cluster
    change = context.changes.get(cluster["cluster_id"])
    return Entry(
        rank=rank,
        cluster_id=cluster["cluster_id"],
        lead=lead_of(cluster, context.threshold),
        status=change.status if change else "",
        probability=probability_of(cluster),
        n_accounts=cluster["n_accounts"],
        n_core=cluster["n_core"],
        n_fringe=cluster["n_accounts"] - cluster["n_core"],
        n_links=cluster["n_links"],
        n_joined=len(joined),
        n_news=sum(one.is_news for one in joined),
        n_soon_after=returns.n_soon_after,
        n_soon_after_by_chance=returns.by_chance,
        is_above_chance=returns.is_above_chance,
        returned=wording.returned_phrase(returns.lag_s, returns.n_within, returns.within_by_chance or 0.0)
        if returns.is_above_chance
        else "",
        n_left=change.n_left if change else 0,
        hypothesis=cluster["hypothesis"],
        also_explained_by=cluster.get("also_explained_by") or "",
        chance=cluster.get("chance"),
        fdr=cluster.get("fdr"),
        facets=_facets(part),
        headline=_headline(reasons),
        first_seen=cluster["first_seen"],
        last_seen=cluster["last_seen"],
        activity=_activity(days, context),
        row=cluster,
    )


def lead_of(cluster: Mapping[str, Any], threshold: float) -> str:
    """How much to make of a cluster, by the rules that `LEADS` tells."""
    if probability_of(cluster) < threshold or cluster["hypothesis"] != "same_operator":
        return WEAK
    is_doubtful = cluster.get("also_explained_by") or "," not in cluster["facets"]
    return LOOK if is_doubtful else STRONG


def _facets(part: Part) -> tuple[tuple[str, float], ...]:
    bits: dict[str, float] = {}
    facets, amounts = part.ties["facet"].to_pylist(), part.ties["bits"].to_pylist()
    for facet, amount in zip(facets, amounts, strict=True):
        if amount > 0:
            bits[facet] = bits.get(facet, 0.0) + amount
    total = math.fsum(bits.values()) or 1.0
    shares = [(facet, round(amount / total, 6)) for facet, amount in bits.items()]
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))


def _headline(reasons: Sequence[Reason]) -> str:
    told = [reason for reason in reasons if reason.kind and reason.bits > 0][:2]
    return "; ".join(_reason_words(reason) for reason in told)


def _reason_words(reason: Reason) -> str:
    if reason.value:
        return f"{reason.n_accounts or 0:,} share {reason.kind.replace('_', ' ')} {shown(reason.value)}"
    return reason.detail or _WORDS.get(reason.kind, reason.kind)


def _reason(row: Mapping[str, Any]) -> Reason:
    return Reason(
        row["rank"],
        row["reason"],
        row["kind"] or "",
        row["value"] or "",
        round(row["bits"], 6),
        row["n_accounts"],
        row["detail"] or "",
    )


def _tie(row: Mapping[str, Any], bits_of_all: Sequence[float]) -> Tie:
    degree, n_members = row["degree"], row["n_members"]
    outside = None if degree is None or n_members is None else max(0, degree - n_members)
    return Tie(
        row["kind"],
        row["value"],
        row["facet"],
        round(row["bits"], 6),
        round(wording.evidence_share(row["bits"], bits_of_all), 6),
        row["n_links"],
        n_members,
        degree,
        outside,
        row["private"],
        row["label"] or "",
        row["label_type"] or "",
        _rarity(row, outside),
        row["first_joint"],
        row["last_joint"],
    )


def _rarity(row: Mapping[str, Any], outside: int | None) -> str:
    if not row["value"]:
        return _WORDS.get(row["kind"], "acting together")
    if outside is None:
        return "how common it is was not counted"
    crowd = row["least_crowd"]
    told = "held by nobody else" if outside == 0 else f"held by {outside:,} more outside"
    if crowd and crowd < row["degree"]:
        told += f"; {crowd:,} at once where least crowded"
    return told + ("; pairs sampled, it is common" if row["is_hub"] or row["is_capped"] else "")


def _member(row: Mapping[str, Any]) -> dict[str, Any]:
    first = ("account_id", "probability", "role", "status")
    rest = [name for name in row if name not in first and name not in _HIDDEN]
    return {name: row[name] for name in (*first, *rest) if name in row}


def _signal(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {"signal": row["signal"], "value": row["value"], "usual": row["usual"]}
    return {**told, "accounts": row["n_accounts"], "in words": row["detail"]}


def _days(part: Part) -> tuple[tuple[datetime.date, int], ...]:
    return tuple(
        (_EPOCH + datetime.timedelta(days=day), n)
        for day, n in zip(part.days["day"].to_pylist(), part.days["n"].to_pylist(), strict=True)
    )


def _activity(days: Sequence[tuple[datetime.date, int]], context: Context) -> tuple[int, ...]:
    """Observations in equal parts of the time span of all data, so that clusters can be compared."""
    if not days or context.first is None or context.last is None:
        return ()
    first = context.first.date()
    n_days = (context.last.date() - first).days + 1
    counts = [0] * min(_N_SPARKS, n_days)
    for day, n in days:
        place = (day - first).days * len(counts) // n_days
        counts[min(max(place, 0), len(counts) - 1)] += n
    return tuple(counts)


def _sure(cluster: Mapping[str, Any], entry: Entry) -> list[str]:
    wrong = (1.0 - cluster["score"]) * entry.n_accounts
    said = [
        (
            f"If one organisation operates it, a member belongs to it with a mean probability of "
            f"{told_probability(cluster['score'])}: of {entry.n_accounts:,} members "
            f"{wording.mean_words(wrong)} do not."
        )
    ]
    if cluster.get("p_same_operator") is not None:
        said.append(
            f"One operator {told_probability(cluster['p_same_operator'])}, customers of a router or reseller "
            f"{told_probability(cluster['p_router_tenants'])}, people on one network or in one home "
            f"{told_probability(cluster['p_shared_network'])}."
        )
    cut = (cluster["weakest_cut"], cluster["weakest_cut_side"], cluster["weakest_cut_is_bound"])
    said += [
        wording.chance_sentence(entry.chance),
        wording.fdr_sentence(entry.fdr, entry.also_explained_by),
        wording.cut_sentence(*cut),
    ]
    return [sentence for sentence in said if sentence]


def _against(part: Part, entry: Entry, ties: Sequence[Tie]) -> list[str]:
    told = []
    if entry.also_explained_by:
        told.append(wording.harmless_sentence(entry.also_explained_by))
    if len(entry.facets) == 1:
        told.append(
            f"All evidence is of one facet ({entry.facets[0][0]}): one false assumption would invalidate it."
        )
    for tie in ties[:8]:
        if tie.label_type in _PUBLIC:
            name = f"{shown(tie.value)} ({shown(tie.label or tie.label_type)})"
            told.append(f"{name} is on a reference list as {_PUBLIC[tie.label_type]}.")
        elif tie.n_outside and tie.n_members and tie.n_outside > tie.n_members:
            told.append(
                f"{tie.kind.replace('_', ' ')} {shown(tie.value)} ties {tie.n_members:,} members, but "
                f"{wording.counted(tie.n_outside, 'account outside holds', 'accounts outside hold')} it too."
            )
    told += _rivals(part)
    differing = part.ties.filter(pc.less(part.ties["bits"], 0.0))
    for kind, bits in zip(differing["kind"].to_pylist(), differing["bits"].to_pylist(), strict=True):
        told.append(f"Differing values of {kind.replace('_', ' ')} take {-bits:,.1f} bits from its links.")
    if entry.n_fringe:
        fringe, them = ("account is", "it") if entry.n_fringe == 1 else ("accounts are", "them")
        told.append(f"{entry.n_fringe:,} {fringe} fringe: take no action on {them} on this ground.")
    if not told:
        told.append("Nothing in the data speaks against it; what is not in the data may.")
    return told


def _rivals(part: Part) -> list[str]:
    """The pieces of evidence that fit another explanation better, by a bit or more."""
    told = []
    for row in rows_of(part.hypotheses):
        tenants, network = row["bits_router_tenants"], row["bits_shared_network"]
        if max(tenants, network) - row["bits_same_operator"] >= 1.0:
            name = (row["evidence"] or "one piece of evidence").replace("_", " ")
            about = f" ({row['detail']})" if row["detail"] else ""
            rival = "customers of a router or reseller" if tenants >= network else "people on one network"
            told.append(f"Fits {rival} better: {name}{about}.")
    return told


def _breaks(part: Part, ties: Sequence[Tie], entry: Entry, *, is_searched: bool) -> list[str]:
    positive = [tie for tie in ties if tie.bits > 0]
    if not positive:
        return []
    first = positive[0]
    name = f"{first.kind.replace('_', ' ')} {shown(first.value)}".strip()
    worth = wording.tie_words(first.n_members, entry.n_accounts, first.share)
    said = [f"Its strongest single tie is {name}: {worth}."]
    if entry.facets:
        facet, share = entry.facets[0]
        said.append(f"Of its evidence {wording.percent(share)} is of the facet {facet}.")
    if is_searched:
        return [*find_breaks(part.view, entry.cluster_id).sentences, *said]
    return [wording.not_searched_sentence(entry.n_links), *said]


def _collateral(part: Part, ties: Sequence[Tie], members: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whom closing its accounts or blocking what ties it would hit."""
    core = [row["account_id"] for row in members if row["role"] == "core"]
    everyone = [row["account_id"] for row in members]
    asked = [("core", core), ("core and fringe", everyone if len(everyone) > len(core) else [])]
    told = []
    for name, accounts in asked:
        if accounts:
            law = " ".join(estimate_collateral(part.view, accounts).law)
            told.append(f"Closing all {len(accounts):,} {name} accounts: {law}")
    known = [tie for tie in ties if tie.value and tie.bits > 0 and tie.n_outside is not None]
    for tie in known[:_N_BLOCKED]:
        name = f"{tie.kind.replace('_', ' ')} {shown(tie.value)}"
        told.append(f"Accounts outside it that blocking {name} would hit: {tie.n_outside or 0:,}.")
    return told


def _picture(part: Part, ties: Sequence[Tie], members: Sequence[Mapping[str, Any]]) -> Picture:
    """The surest accounts and the strongest ties among them, as far as a small drawing can show."""
    drawn_ties = [i for i, tie in enumerate(ties) if tie.value and tie.bits > 0][:_N_DRAWN_TIES]
    places = {(ties[i].kind, ties[i].value): i for i in drawn_ties}
    roles = {row["account_id"]: row["role"] for row in members}
    strength: dict[str, float] = {}
    held = []
    columns = (part.holds[name].to_pylist() for name in ("kind", "value", "account_id", "bits"))
    for kind, value, account, bits in zip(*columns, strict=True):
        if (kind, value) in places and bits > 0:
            held.append((account, places[kind, value], bits))
            strength[account] = strength.get(account, 0.0) + bits
    rows = rows_of(part.joint.slice(0, 4 * _N_DRAWN_PAIRS))
    ends = [row[end] for row in rows for end in ("account_id_l", "account_id_r")]
    strength |= {end: 0.0 for end in ends if end not in strength}
    chosen = sorted(strength, key=lambda name: (roles.get(name) != "core", -round(strength[name], 6), name))
    numbers = {name: i for i, name in enumerate(chosen[:_N_DRAWN_ACCOUNTS])}
    pairs = [
        (
            numbers[row["account_id_l"]],
            numbers[row["account_id_r"]],
            row["kind"],
            round(row["counted_bits"], 6),
        )
        for row in rows
        if row["counted_bits"] > 0 and row["account_id_l"] in numbers and row["account_id_r"] in numbers
    ][:_N_DRAWN_PAIRS]
    n_more = len(members) - len(numbers)
    reached = {tie for account, tie, _ in held if account in numbers}
    drawn_ties = [tie for tie in drawn_ties if tie in reached]
    n_ties = part.ties.num_rows - len(drawn_ties)
    left_out = [f"{n:,} {what}" for n, what in ((n_more, "accounts"), (n_ties, "weaker ties")) if n > 0]
    return Picture(
        tuple((name, roles.get(name, "")) for name in numbers),
        tuple(drawn_ties),
        tuple((numbers[account], tie, round(bits, 6)) for account, tie, bits in held if account in numbers),
        tuple(pairs),
        f"Not drawn: {' and '.join(left_out)}." if left_out else "",
    )
