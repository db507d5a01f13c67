"""The evidence of a pair as steps of a waterfall: its bits, what counts of them, and why it counts less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.rules import SAME_FACET
from graphlink.core.wording.figures import counted, format_bits, format_probability
from graphlink.core.wording.vocabulary import behaviour_of_two
from graphlink.explanations.pair.chances import chances_of
from graphlink.explanations.stored import ENDS, first_holders, identifiers_known, probability_of
from graphlink.explanations.values import format_odds, format_time, listed, named
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable

_N_OTHERS = 5  # further holders named per identifier
_ROUNDING = 1e-5  # bits have nine decimals in a result, and are weighed with six
_HARDLY = 0.05


@dataclass(frozen=True, slots=True)
class Holding:
    """When an account was seen on an identifier, and how many times."""

    account_id: str
    first_seen: str | None
    last_seen: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A step of the waterfall: one shared identifier or one joint behaviour.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier; empty for a behaviour and for a kind in which the two differ.
        facet: Group of kinds that fail together.
        bits: Its standalone bits.
        contribution_bits: What of it counts with the rest.
        total_bits: Log2 odds of the pair with this step and all before it.
        probability: The same as a probability.
        counts: in_full, in_part, hardly (below 0.05 bits) or against.
        why_less: Why it does not count in full; empty when it does.
        n_windows: Windows in which both held it.
        window_degree: Accounts on it in the least crowded window where the two met.
        degree: Accounts that ever held it; None for a behaviour.
        chance: How likely two accounts share one of its kind that as few hold, when who holds what is
            shuffled: every identifier keeps how many hold it and either account how many it holds; times are
            not considered. Of a behaviour the most that chance gives with so many bits (two to the power of
            minus them). None when not known.
        p_exclusive: Probability that it is exclusive to one operator.
        is_hub: Whether it was too common to compare all its holders.
        label: Label from a reference list.
        label_type: Type from the reference list.
        lag_seconds: Least time between sightings of the two on it.
        first_joint: When both first held it.
        last_joint: When both last held it.
        holding: When each of the two was seen on it, the lesser account first; empty when not known.
        n_others: Further accounts that hold it.
        others: The first few of them.
        at_kind: Of a behaviour, kind of the identifier at which the two behaved so; empty where no one is.
        at_value: That identifier; empty in a result that was made before runs named it.
    """

    kind: str
    value: str
    facet: str
    bits: float
    contribution_bits: float
    total_bits: float
    probability: float
    counts: str
    why_less: str
    n_windows: int
    window_degree: int | None
    degree: int | None
    chance: float | None
    p_exclusive: float | None
    is_hub: bool
    label: str | None
    label_type: str | None
    lag_seconds: int | None
    first_joint: str | None
    last_joint: str | None
    holding: tuple[Holding, ...]
    n_others: int
    others: tuple[str, ...]
    at_kind: str
    at_value: str


def read_steps(result: Readable, pair: tuple[str, str], prior_bits: float) -> tuple[Evidence, ...]:
    """The steps of the waterfall from the prior to the bits of a pair, what counts most first."""
    rows = rows_of(
        result.table("evidence", where={end: [name] for end, name in zip(ENDS, pair, strict=True)})
    )
    rows.sort(key=lambda row: (-row["contribution_bits"], -row["bits"], row["kind"], row["value"]))
    identifiers = {(row["kind"], row["value"]) for row in rows if row["value"]}
    known = identifiers_known(result, identifiers)
    others = first_holders(
        result, [identifier for identifier in identifiers if known.get(identifier, {}).get("degree", 0) > 2]
    )
    seen = rows_of(result.table("observations", where={"account_id": pair}))
    held = holdings_of(seen, pair, identifiers)
    chances = chances_of(result, seen, pair, known)
    total, steps = prior_bits, []
    for row in rows:
        total += row["contribution_bits"]
        identifier = (row["kind"], row["value"])
        further = [name for name in others.get(identifier, ()) if name not in pair][:_N_OTHERS]
        chance = chances.get(identifier) if row["value"] else 2.0 ** -max(0.0, row["bits"])
        shared = _Shared(known.get(identifier, {}), held.get(identifier, ()), tuple(further), chance)
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
        contribution_bits=row["contribution_bits"],
        total_bits=total,
        probability=probability_of(total),
        counts=_how_it_counts(row),
        why_less=why_less,
        n_windows=row["n_windows"],
        window_degree=row["window_degree"],
        degree=degree,
        chance=shared.chance,
        p_exclusive=about.get("p_exclusive"),
        is_hub=bool(about.get("is_hub", False)),
        label=about.get("label"),
        label_type=about.get("label_type"),
        lag_seconds=row["lag_seconds"],
        first_joint=format_time(min(times, default=None)),
        last_joint=format_time(max(times, default=None)),
        holding=shared.holding,
        n_others=0 if degree is None else max(0, degree - 2),
        others=shared.others,
        at_kind=row.get("at_kind") or "",
        at_value=row.get("at_value") or "",
    )


def holdings_of(
    seen: list[dict[str, Any]], pair: tuple[str, str], identifiers: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Holding, ...]]:
    """When each of two accounts was seen on each of these identifiers, the lesser account first."""
    rows: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in seen:
        identifier = (row["kind"], row["value"])
        if identifier in identifiers:
            rows.setdefault(identifier, {}).setdefault(row["account_id"], []).append(row)
    return {
        identifier: tuple(_holding(name, by_account[name]) for name in pair if name in by_account)
        for identifier, by_account in rows.items()
    }


def _holding(account_id: str, rows: list[dict[str, Any]]) -> Holding:
    times = [row["seen_at"] for row in rows if row["seen_at"] is not None]
    first, last = min(times, default=None), max(times, default=None)
    return Holding(account_id, format_time(first), format_time(last), sum(row["n"] for row in rows))


def _how_it_counts(row: dict[str, Any]) -> str:
    if row["bits"] < 0:
        return "against"
    if row["contribution_bits"] >= row["bits"] - _ROUNDING:
        return "in_full"
    return "in_part" if row["contribution_bits"] >= _HARDLY else "hardly"


def _why_less(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Why an evidence item counts less than its standalone bits."""
    if _how_it_counts(row) in ("in_full", "against"):
        return ""
    same_kind = [other for other in rows if other["kind"] == row["kind"]]
    most = max(other["bits"] for other in same_kind)
    whole = sum(other["contribution_bits"] for other in same_kind)
    others = {
        other["kind"]: other["facet"]
        for other in sorted(rows, key=lambda other: -other["bits"])
        if other["kind"] != row["kind"] and other["contribution_bits"] > 0
    }
    why = []
    if len(same_kind) > 1:
        why.append(f"{len(same_kind):,} of its kind count as much as the strongest, shared out among them")
    if whole < most - _ROUNDING and others:
        facet = [kind for kind, of in others.items() if of == row["facet"]]
        if facet and abs(whole - SAME_FACET * most) < _ROUNDING:
            why.append(f"counts a quarter with {_kinds(facet)}, of the same facet")
        else:
            why.append(f"counts what it adds to {_kinds(list(others))}")
    return "; ".join(why)


def _kinds(kinds: list[str]) -> str:
    return listed([named(kind, "") for kind in kinds])


def step_sentence(step: Evidence) -> str:
    """A step in a sentence."""
    name = named(step.kind, step.value)
    if step.counts == "against":
        return f"They differ in {name}: {format_bits(step.contribution_bits)}."
    facts = [format_bits(step.contribution_bits)]
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
        facts.append(f"by chance {format_odds(step.chance)}")
    if step.p_exclusive is not None:
        facts.append(f"p(exclusive) = {format_probability(step.p_exclusive)}")
    if step.label:
        facts.append(f"listed as {shown(step.label)}")
    if step.why_less:
        facts.append(f"of {format_bits(step.bits)} alone, since {step.why_less}")
    at = f" ({named(step.at_kind, step.at_value)})" if step.at_value else ""
    head = f"They share {name}" if step.value else behaviour_of_two(step.kind) + at
    return f"{head}: {'; '.join(facts)}."
