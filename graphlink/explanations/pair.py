"""Why these two accounts, or why not: the waterfall from the prior to the probability."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink import wording
from graphlink.errors import QuestionError
from graphlink.explanations.paths import Path, find_paths
from graphlink.explanations.stored import (
    ENDS,
    check_accounts,
    first_holders,
    identifiers_known,
    log_odds,
    membership_of,
    probability_of,
    settings_of,
)
from graphlink.explanations.values import Explanation, listed, named, told_odds, told_time
from graphlink.folder import numbers_of, rows_of
from graphlink.kinds import shown
from graphlink.wholeness import of_result
from graphlink.wording import counted, pair_in_cluster_sentence, told_bits, told_probability

if TYPE_CHECKING:
    from graphlink.result import Result

_N_OTHERS = 5  # further holders named per identifier
_EVEN, _SURE = 0.5, 0.9
_EVEN_BITS = 0.0
_QUARTER = 0.25
_ROUNDING = 1e-5  # bits are told with nine decimals, and weighed with six
_HARDLY = 0.05
_PUBLIC = 0.1  # an identifier at most this likely to be private is called public
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Evidence:
    """A step of the waterfall: one shared identifier or one joint behaviour.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier; empty for a behaviour and for a kind in which the two differ.
        facet: Group of kinds that fail together.
        bits: What it says alone.
        counted_bits: What of it counts beside the rest.
        total_bits: Log2 odds of the pair with this step and all before it.
        probability: The same as a probability.
        counts: in_full, in_part, hardly (below 0.05 bits) or against.
        why_less: Why it does not count in full; empty when it does.
        n_windows: Windows in which both held it.
        window_degree: Accounts on it in the least crowded window where the two met.
        degree: Accounts that ever held it; None for a behaviour.
        chance: How likely two accounts share one of its kind that as few hold, when who holds what is
            shuffled: every identifier keeps how many hold it and either account how many it holds; times are
            not looked at. Of a behaviour the most that chance gives with so many bits (two to the power of
            minus them). None when not known.
        private: Probability that it is private to one operator.
        is_hub: Whether it was too common to compare all its holders.
        label: Label from a reference list.
        label_type: Type from the reference list.
        lag_seconds: Least time between sightings of the two on it.
        first_joint: When both first held it.
        last_joint: When both last held it.
        holding: When each of the two was seen on it, the lesser account first; empty when not known.
        n_others: Further accounts that hold it.
        others: The first few of them.
    """

    kind: str
    value: str
    facet: str
    bits: float
    counted_bits: float
    total_bits: float
    probability: float
    counts: str
    why_less: str
    n_windows: int
    window_degree: int | None
    degree: int | None
    chance: float | None
    private: float | None
    is_hub: bool
    label: str | None
    label_type: str | None
    lag_seconds: int | None
    first_joint: str | None
    last_joint: str | None
    holding: tuple[Holding, ...]
    n_others: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """When an account was seen on an identifier, and how many times."""

    account_id: str
    first_seen: str | None
    last_seen: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Against:
    """A reason against: what speaks against one operator, or keeps evidence from counting.

    Attributes:
        reason: differing_values, public_identifier or counted_once; of a pair without a link hub,
            not_together or too_weak.
        kind: Kind it is about; empty when it is about none.
        value: Identifier it is about; empty when it is about none.
        bits: Bits that it takes away; None where that is not known.
        detail: A sentence.
    """

    reason: str
    kind: str
    value: str
    bits: float | None
    detail: str

    @property
    def sentence(self) -> str:
        """The reason in a sentence: evidence that another piece already counts is not evidence against."""
        label = "Counted in part" if self.reason == "counted_once" else "Against"
        return f"{label}: {self.detail}"


@dataclass(frozen=True, slots=True)
class PairExplanation(Explanation):
    """Why two accounts are linked, or why not.

    The prior and the counted bits of the evidence add up to `bits`.

    Attributes:
        account_id_l: The lesser account.
        account_id_r: The greater account.
        prior_bits: Log2 odds that two accounts have one operator before anything is known of them.
        bits: Log2 odds of the link; None when it is below what a run keeps.
        direct: The same as a probability: what its own evidence says.
        by_cluster: Probability by what else ties both to their cluster; 0 outside one.
        probability: That one organisation operates both: that not both of these are false.
        min_probability: What a run keeps: links at least as likely.
        chance: How likely such a link is by chance; None when the result does not tell.
        fdr: Of it and all links at least as certain, the expected share of false ones; None when not known.
        evidence: The steps of the waterfall, what counts most first.
        against: The strongest reasons against, those that cost most first.
        missing_bits_even: Bits by which its own evidence is short of a probability of 0.5; 0 when reached.
        missing_bits_sure: The same to 0.9.
        missing_is_bound: Whether at least so many bits are missing: of a pair without a link no more is known
            than that its bits are below what a run keeps.
        cluster_id_l: Cluster of the lesser account.
        cluster_id_r: Cluster of the greater account.
        p_same_operator: Probability that one organisation operates the cluster that both are in; None
            without one.
        also_explained_by: The harmless reading of that cluster; None without one.
        through_others: The strongest path that does not use the link itself; None when there is none.
    """

    account_id_l: str
    account_id_r: str
    prior_bits: float
    bits: float | None
    direct: float | None
    by_cluster: float | None
    probability: float | None
    min_probability: float
    chance: float | None
    fdr: float | None
    evidence: tuple[Evidence, ...]
    against: tuple[Against, ...]
    missing_bits_even: float
    missing_bits_sure: float
    missing_is_bound: bool
    cluster_id_l: str | None
    cluster_id_r: str | None
    p_same_operator: float | None
    also_explained_by: str | None
    through_others: Path | None

    @property
    def is_linked(self) -> bool:
        """Whether the run keeps a link of the two."""
        return self.bits is not None

    @property
    def headline(self) -> str:
        """Whether one organisation operates both, with what makes the number."""
        return _head(self)

    @property
    def sentences_against(self) -> tuple[str, ...]:
        """The explanation for those who doubt it: what speaks against comes first."""
        speaking = [reason.sentence for reason in self.against if reason.reason != "counted_once"]
        return (
            self.headline,
            *([*_doubt_sentences(self), *speaking] or ["Nothing in the result speaks against it."]),
            *(reason.sentence for reason in self.against if reason.reason == "counted_once"),
            *_missing_sentences(self),
            *(_step_sentence(step) for step in self.evidence if step.counts != "against"),
            *_through_sentences(self),
        )

    def as_dict(self) -> dict[str, Any]:
        """The values as JSON holds them, the headline and the sentences."""
        # Not super(): a dataclass with slots is another class than the one that `super` was compiled for.
        return {
            **Explanation.as_dict(self),
            "headline": self.headline,
            "missing": list(_missing_sentences(self)),
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        return (
            self.headline,
            *(_step_sentence(step) for step in self.evidence),
            *_doubt_sentences(self),
            *(reason.sentence for reason in self.against),
            *_missing_sentences(self),
            *_through_sentences(self),
        )


@of_result
def explain_pair(result: Result, account: str, other: str) -> PairExplanation:
    """Explain why two accounts are linked, or why not.

    Of a pair that a run did not keep no bits are known; then the steps of the waterfall are empty and
    `against` says what the two share and why that was too little.

    Raises:
        NotFoundError: An account is not in the result.
        QuestionError: The two are the same.
    """
    if account == other:
        raise QuestionError("give two different accounts")
    check_accounts(result, (account, other))
    pair = (min(account, other), max(account, other))
    model = settings_of(result).model
    links = rows_of(result.table("links", where={end: [name] for end, name in zip(ENDS, pair, strict=True)}))
    link = links[0] if links else None
    steps = _steps(result, pair, model.prior_bits) if link else ()
    membership = membership_of(result, pair)
    bits = None if link is None else float(link["bits"])
    most = log_odds(model.min_probability) if bits is None else bits
    placed = [membership[name]["cluster_id"] for name in pair]
    cluster = _cluster_of(result, placed[0]) if placed[0] == placed[1] else {}
    paths = find_paths(result, pair[0], pair[1], k=1, skip_direct=True).strongest
    return PairExplanation(
        *pair,
        prior_bits=model.prior_bits,
        bits=bits,
        direct=None if bits is None else probability_of(bits),
        by_cluster=None if link is None else float(link.get("through_others") or 0.0),
        probability=None if link is None else float(link["probability"]),
        min_probability=model.min_probability,
        chance=None if link is None else link.get("chance"),
        fdr=None if link is None else link.get("fdr"),
        evidence=steps,
        against=_against(result, pair, steps, is_linked=link is not None),
        missing_bits_even=max(0.0, _EVEN_BITS - most),
        missing_bits_sure=max(0.0, log_odds(_SURE) - most),
        missing_is_bound=bits is None,
        cluster_id_l=placed[0],
        cluster_id_r=placed[1],
        p_same_operator=cluster.get("p_same_operator"),
        also_explained_by=cluster.get("also_explained_by"),
        through_others=paths[0] if paths else None,
    )


def _cluster_of(result: Result, cluster_id: str | None) -> dict[str, Any]:
    if cluster_id is None:
        return {}
    rows = rows_of(result.table("clusters", where={"cluster_id": [cluster_id]}))
    return rows[0] if rows else {}


def _doubt_sentences(pair: PairExplanation) -> tuple[str, ...]:
    """The doubt about the cluster that both are in, which the probability of a link leaves out."""
    if pair.bits is None or pair.cluster_id_l is None or pair.cluster_id_l != pair.cluster_id_r:
        return ()
    doubt = pair_in_cluster_sentence(shown(pair.cluster_id_l), pair.p_same_operator, pair.also_explained_by)
    return (doubt,) if doubt else ()


def _steps(result: Result, pair: tuple[str, str], prior_bits: float) -> tuple[Evidence, ...]:
    rows = rows_of(
        result.table("evidence", where={end: [name] for end, name in zip(ENDS, pair, strict=True)})
    )
    rows.sort(key=lambda row: (-row["counted_bits"], -row["bits"], row["kind"], row["value"]))
    pieces = {(row["kind"], row["value"]) for row in rows if row["value"]}
    known = identifiers_known(result, pieces)
    others = first_holders(result, [piece for piece in pieces if known.get(piece, {}).get("degree", 0) > 2])
    seen = rows_of(result.table("observations", where={"account_id": pair}))
    held = _holdings(seen, pair, pieces)
    chances = _chances(result, seen, pair, known)
    total, steps = prior_bits, []
    for row in rows:
        total += row["counted_bits"]
        piece = (row["kind"], row["value"])
        further = [name for name in others.get(piece, ()) if name not in pair][:_N_OTHERS]
        chance = chances.get(piece) if row["value"] else 2.0 ** -max(0.0, row["bits"])
        shared = _Shared(known.get(piece, {}), held.get(piece, ()), tuple(further), chance)
        steps.append(_step(row, total, _why_less(row, rows), shared))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is known of what two accounts share: its row, when each held it, who else does, and by chance."""

    about: dict[str, Any]
    holding: tuple[Holding, ...]
    others: tuple[str, ...]
    chance: float | None


def _step(row: dict[str, Any], total: float, why_less: str, shared: _Shared) -> Evidence:
    about = shared.about
    degree = about.get("degree")
    times = [row[name] for name in ("first_joint", "last_joint") if row[name] is not None]
    return Evidence(
        kind=row["kind"],
        value=row["value"],
        facet=row["facet"],
        bits=row["bits"],
        counted_bits=row["counted_bits"],
        total_bits=total,
        probability=probability_of(total),
        counts=_how_it_counts(row),
        why_less=why_less,
        n_windows=row["n_windows"],
        window_degree=row["window_degree"],
        degree=degree,
        chance=shared.chance,
        private=about.get("private"),
        is_hub=bool(about.get("is_hub", False)),
        label=about.get("label"),
        label_type=about.get("label_type"),
        lag_seconds=row["lag_seconds"],
        first_joint=told_time(min(times, default=None)),
        last_joint=told_time(max(times, default=None)),
        holding=shared.holding,
        n_others=0 if degree is None else max(0, degree - 2),
        others=shared.others,
    )


def _chances(
    result: Result,
    seen: list[dict[str, Any]],
    pair: tuple[str, str],
    known: dict[tuple[str, str], dict[str, Any]],
) -> dict[tuple[str, str], float]:
    """How likely two accounts that hold as many identifiers share one held by as few (configuration model).

    An account holds an identifier in proportion to how many do; of accounts that hold n and m of a kind,
    n * m * sum(degree ** 2) / sum(degree) ** 2 are expected to be shared, the first sum over those held by as
    few (Newman, Strogatz and Watts 2001).
    """
    kinds = {kind for kind, _ in known}
    if not kinds:
        return {}
    held = {(row["account_id"], row["kind"], row["value"]) for row in seen if row["kind"] in kinds}
    is_shared = identifiers_known(result, {(kind, value) for _, kind, value in held})
    counts = Counter((account, kind) for account, kind, value in held if (kind, value) in is_shared)
    chances = {}
    for kind in sorted(kinds):
        column = result.table("identifiers", ["degree"], {"kind": [kind]})["degree"]
        degrees = numbers_of(column, np.int64).astype(np.float64)
        n = math.prod(counts[account, kind] for account in pair)
        for piece, about in known.items():
            if piece[0] == kind and n:
                rarer = degrees[degrees <= about["degree"]]
                expected = n * float((rarer**2).sum()) / float(degrees.sum()) ** 2
                chances[piece] = -math.expm1(-expected)
    return chances


def _holdings(
    seen: list[dict[str, Any]], pair: tuple[str, str], pieces: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Holding, ...]]:
    """When each of two accounts was seen on each of these identifiers, the lesser account first."""
    found: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in seen:
        piece = (row["kind"], row["value"])
        if piece in pieces:
            found.setdefault(piece, {}).setdefault(row["account_id"], []).append(row)
    return {
        piece: tuple(_holding(name, by_account[name]) for name in pair if name in by_account)
        for piece, by_account in found.items()
    }


def _holding(account_id: str, rows: list[dict[str, Any]]) -> Holding:
    times = [row["seen_at"] for row in rows if row["seen_at"] is not None]
    first, last = min(times, default=None), max(times, default=None)
    return Holding(account_id, told_time(first), told_time(last), sum(row["n"] for row in rows))


def _how_it_counts(row: dict[str, Any]) -> str:
    if row["bits"] < 0:
        return "against"
    if row["counted_bits"] >= row["bits"] - _ROUNDING:
        return "in_full"
    return "in_part" if row["counted_bits"] >= _HARDLY else "hardly"


def _why_less(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Why a piece of evidence counts less than it says alone."""
    if _how_it_counts(row) in ("in_full", "against"):
        return ""
    same_kind = [other for other in rows if other["kind"] == row["kind"]]
    most = max(other["bits"] for other in same_kind)
    whole = sum(other["counted_bits"] for other in same_kind)
    stronger = {
        other["kind"]: other["facet"]
        for other in sorted(rows, key=lambda other: -other["bits"])
        if other["kind"] != row["kind"] and other["bits"] >= most
    }
    why = []
    if len(same_kind) > 1:
        why.append(f"{len(same_kind):,} of its kind count as much as the strongest, shared out among them")
    if whole < most - _ROUNDING and stronger:
        facet = [kind for kind, of in stronger.items() if of == row["facet"]]
        if facet and abs(whole - _QUARTER * most) < _ROUNDING:
            why.append(f"counts a quarter beside {_kinds(facet)}, of the same facet")
        else:
            why.append(f"counts what it adds beside {_kinds(list(stronger))}")
    return "; ".join(why)


def _kinds(kinds: list[str]) -> str:
    return listed([named(kind, "") for kind in kinds])


def _against(
    result: Result, pair: tuple[str, str], steps: tuple[Evidence, ...], *, is_linked: bool
) -> tuple[Against, ...]:
    found = [reason for step in steps for reason in _against_step(step)]
    if not is_linked:
        found += _unlinked(result, pair)
    found.sort(key=lambda reason: (reason.bits is None, reason.bits or 0.0, reason.kind, reason.value))
    return tuple(found)


def _against_step(step: Evidence) -> list[Against]:
    name = named(step.kind, step.value)
    found = []
    if step.counts == "against":
        detail = f"the two differ in {name}: {told_bits(step.counted_bits)}."
        found.append(Against("differing_values", step.kind, step.value, step.counted_bits, detail))
    if step.private is not None and step.private < _PUBLIC and step.degree is not None:
        private = told_probability(step.private)
        detail = f"{name} is public rather than private: {_holders(step.degree)}, p(private) = {private}."
        found.append(Against("public_identifier", step.kind, step.value, None, detail))
    lost = step.counted_bits - step.bits
    if step.why_less and lost < -1.0:
        says = f"{told_bits(step.bits)}, of which {told_bits(step.counted_bits)} count"
        detail = f"{name} alone says {says}: {step.why_less}."
        found.append(Against("counted_once", step.kind, step.value, lost, detail))
    return found


def _unlinked(result: Result, pair: tuple[str, str]) -> list[Against]:
    """What two accounts without a link share, and why it was too little."""
    seen = rows_of(result.table("observations", where={"account_id": pair}))
    held: dict[str, set[tuple[str, str]]] = {name: set() for name in pair}
    for row in seen:
        held[row["account_id"]].add((row["kind"], row["value"]))
    shared = held[pair[0]] & held[pair[1]]
    known = identifiers_known(result, shared)
    times = _holdings(seen, pair, shared)
    found = []
    for piece in sorted(shared, key=lambda piece: (known.get(piece, {}).get("degree", 0), piece)):
        about = known.get(piece, {})
        degree = int(about.get("degree", 2))
        private = about.get("private")
        is_hub = bool(about.get("is_hub"))
        reason = "hub" if is_hub else "too_weak"
        why = "too common to compare all its accounts" if is_hub else "too little for a link"
        if not is_hub and not about.get("n_joint_pairs", 1):
            reason, why = "not_together", "no two accounts held it within its kind's window of time"
        said = "" if private is None else f", p(private) = {told_probability(private)}"
        gap = _gap(times.get(piece, ()))
        detail = f"both held {named(*piece)}{gap}; {_holders(degree)}{said}: {why}."
        found.append(Against(reason, *piece, None, detail))
    return found


def _holders(degree: int) -> str:
    return counted(degree, "account holds", "accounts hold") + " it"


def _gap(holding: tuple[Holding, ...]) -> str:
    """How long after one was last seen on an identifier the other came; empty when they overlap."""
    spans = sorted((h.first_seen, h.last_seen) for h in holding if h.first_seen and h.last_seen)
    if len(spans) < 2 or spans[1][0] <= spans[0][1]:
        return ""
    apart = datetime.datetime.fromisoformat(spans[1][0]) - datetime.datetime.fromisoformat(spans[0][1])
    days = int(apart.total_seconds() // _DAY)
    return f", {counted(days, 'day')} apart" if days else ", within a day of each other"


def _head(pair: PairExplanation) -> str:
    names = f"{shown(pair.account_id_l)} and {shown(pair.account_id_r)}"
    if pair.bits is None or pair.probability is None or pair.direct is None:
        shared = [reason for reason in pair.against if reason.value]
        common = f"they share {counted(len(shared), 'identifier')}" if shared else "they share no identifier"
        return (
            f"No link of {names}: the probability of one operator is below "
            f"{told_probability(pair.min_probability)}, and {common}."
        )
    return f"{names}: " + wording.pair_sentence(
        pair.probability, pair.direct, pair.bits, pair.by_cluster or 0.0
    )


def _step_sentence(step: Evidence) -> str:
    name = named(step.kind, step.value)
    if step.counts == "against":
        return f"They differ in {name}: {told_bits(step.counted_bits)}."
    facts = [told_bits(step.counted_bits)]
    if step.degree is not None:
        facts.append(
            "nobody else holds it" if not step.n_others else f"{counted(step.n_others, 'other')} held it too"
        )
    if step.window_degree is not None and step.n_others:
        facts.append(f"{counted(step.window_degree, 'account')} on it when they met")
    if step.first_joint and step.last_joint:
        days = dict.fromkeys((step.first_joint[:10], step.last_joint[:10]))
        facts.append(f"{'on' if len(days) == 1 else 'from'} {' to '.join(days)}")
    if step.chance is not None:
        facts.append(f"by chance {told_odds(step.chance)}")
    if step.private is not None:
        facts.append(f"p(private) = {told_probability(step.private)}")
    if step.label:
        facts.append(f"listed as {shown(step.label)}")
    if step.why_less:
        facts.append(f"of {told_bits(step.bits)} alone, since {step.why_less}")
    verb = "They share" if step.value else "They act together by"
    return f"{verb} {name}: {'; '.join(facts)}."


def _missing_sentences(pair: PairExplanation) -> tuple[str, ...]:
    missing = ((pair.missing_bits_even, _EVEN), (pair.missing_bits_sure, _SURE))
    said = (
        wording.missing_sentence(bits, goal, pair.probability, is_bound=pair.missing_is_bound)
        for bits, goal in missing
    )
    return tuple(sentence for sentence in said if sentence)


def _through_sentences(pair: PairExplanation) -> tuple[str, ...]:
    path = pair.through_others
    if path is None:
        return ("No path of other links connects them.",)
    others = [node.account_id for node in path.nodes[1:-1] if node.account_id is not None]
    return (
        (
            f"Through others they are connected by {counted(len(path.hops), 'link')} over "
            f"{listed([shown(name) for name in others])}, the weakest with probability "
            f"{told_probability(path.weakest.probability)}."
        ),
    )
