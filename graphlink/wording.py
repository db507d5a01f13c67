"""The claims that people quote, each defined and worded once.

Terminal, explorer, page of a review, report and notebooks take these sentences as they are; none has words
of its own for the same number. Names that come from the data are made safe by the caller, and every face
escapes a sentence at its door.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HARMLESS_WORD = "harmless reading"
"""What stands in place of a false discovery rate that is a constant because a harmless reading exists."""

_NOT_KNOWN = "not known"
_LEAST_EXPECTED = 0.001  # expected numbers below are told as fewer than this
_LEAST_PERCENT = 0.001
_LIKELY_OPERATOR = 0.9  # from which one organisation is said to operate a cluster probably
_NOTABLE_TIMES = 2.0  # a signal this many times its usual value, or its inverse, is worth a look
_NOTABLE_POINTS = 0.05  # and, where both are shares, at least this far from it


def pair_in_cluster_sentence(
    cluster: str, p_same_operator: float | None, also_explained_by: str | None
) -> str:
    """What doubt there is about the cluster that both accounts of a pair are in; empty without one."""
    likely = p_same_operator is None or p_same_operator >= _LIKELY_OPERATOR
    if not also_explained_by and likely:
        return ""
    both = f"Both are in {cluster}"
    if p_same_operator is not None:
        both += f", which one organisation operates with probability {told_probability(p_same_operator)}"
    why = (
        f"; a harmless reading explains it too ({harmless_name(also_explained_by)})"
        if also_explained_by
        else ""
    )
    return f"{both}{why}. That doubt is not in the number of the pair."


def fdr_definition(item: str = "cluster") -> str:
    """What the false discovery rate of a `cluster` or a `link` is."""
    harmless = "a cluster" if item == "cluster" else "a link inside a cluster"
    return (
        f"False discovery rate: of this {item} and all that are at least as certain, the expected share of "
        f"false leads; {harmless} that a harmless reading also explains counts as false."
    )


FDR = fdr_definition()
ALSO_EXPLAINED = (
    "The harmless reading that explains at least half of its members too: one identifier, or a place."
)
WEAKEST_CUT = "Least evidence whose loss splits it, in bits; where the search is not exact, an upper bound."


@dataclass(frozen=True, slots=True)
class _Harmless:
    """A harmless reading: its name, and what is so about the members of a cluster that it explains."""

    name: str
    members: str


_HARMLESS: Mapping[str, _Harmless] = {
    "one_identifier": _Harmless(
        "one identifier",
        "at least half of its members are tied by nothing stronger than one shared identifier, places and "
        "clients, as in a household, or as customers of one reseller or router are",
    ),
    "place": _Harmless(
        "a place",
        "at least half of its members are tied by places and clients only, as people who live, work or "
        "travel at one place are",
    ),
}


def harmless_name(also_explained_by: str | None) -> str:
    """The harmless reading in two words; empty where there is none."""
    if not also_explained_by:
        return ""
    known = _HARMLESS.get(also_explained_by)
    return known.name if known else also_explained_by.replace("_", " ")


def harmless_sentence(also_explained_by: str | None) -> str:
    """What explains a cluster as well; empty where nothing harmless is known to."""
    if not also_explained_by:
        return ""
    known = _HARMLESS.get(also_explained_by)
    return f"A harmless reading explains it too ({harmless_name(also_explained_by)})" + (
        f": {known.members}." if known else "."
    )


def claim(hypothesis: str, p_same_operator: float | None, also_explained_by: str | None) -> str:
    """What is claimed of a cluster: no more than its probability, and what explains it too, allow."""
    if hypothesis == "same_operator":
        if also_explained_by or (p_same_operator is not None and p_same_operator < _LIKELY_OPERATOR):
            return "One organisation may operate these accounts; the evidence does not settle it."
        return "One organisation probably operates these accounts."
    return {
        "router_tenants": "These accounts are probably customers of one router rather than one operator's.",
        "shared_network": "These accounts share a network; that one organisation operates them is not shown.",
    }.get(hypothesis, "These accounts belong together.")


def fdr_figure(fdr: float | None, also_explained_by: str | None = None) -> str:
    """The false discovery rate in a cell: a share, or the word where a harmless reading fixes it."""
    if also_explained_by:
        return HARMLESS_WORD
    return _NOT_KNOWN if fdr is None else at_most_percent(fdr)


def fdr_sentence(fdr: float | None, also_explained_by: str | None = None) -> str:
    """What the false discovery rate says of a cluster; empty where it is not known."""
    if also_explained_by:
        return "In the false discovery rate it counts as a false lead, because of the harmless reading."
    if fdr is None:
        return ""
    return (
        f"Of this cluster and all that are at least as certain, at most {at_most_percent(fdr)} are expected "
        "to be false leads."
    )


def chance_figure(chance: float | None) -> str:
    """An expected number by chance in a cell."""
    if chance is None:
        return _NOT_KNOWN
    return f"<{_LEAST_EXPECTED:g}" if chance < _LEAST_EXPECTED else f"{chance:,.2g}"


def chance_sentence(chance: float | None) -> str:
    """What coincidence alone would give; empty where it is not known."""
    if chance is None:
        return ""
    number = expected_words(chance)
    return f"By chance alone, {number} clusters at least as large and as strong are expected."


def expected_words(number: float) -> str:
    """An expected number in a sentence; none is shown as zero."""
    return f"fewer than {_LEAST_EXPECTED:g}" if number < _LEAST_EXPECTED else f"{number:,.2g}"


def cut_figure(bits: float, is_bound: bool) -> str:
    """The weakest cut in a cell; of a large cluster it is an upper bound."""
    return f"{'at most ' if is_bound else ''}{bits:,.1f} bits"


def cut_sentence(bits: float, side: int, is_bound: bool) -> str:
    """How little evidence would have to be lost for a cluster to split."""
    parted = counted(side, "account")
    return f"Its weakest cut, which parts {parted} from the rest, is {cut_figure(bits, is_bound)}."


def loss_sentence(name: str, n_off: int, n_accounts: int, *, is_least: bool = False) -> str:
    """What the loss of one identifier everywhere splits off a cluster.

    Args:
        name: The identifier or behaviour, made safe.
        n_off: Accounts that fall off its largest part.
        n_accounts: Accounts of the cluster.
        is_least: Whether only the accounts beyond the weakest cut were counted, and more may fall off.
    """
    least = "at least " if is_least else ""
    return f"Losing {name} alone splits off {least}{counted(n_off, 'account')} of {n_accounts:,}."


def not_searched_sentence(n_links: int, command: str = "graphlink break") -> str:
    """Why it is not said here what would split a cluster."""
    return (
        f"Which losses would split its {n_links:,} links was not searched here, since that takes seconds per "
        f"cluster; {command} does."
    )


def pair_sentence(probability: float, direct: float, bits: float, through_others: float) -> str:
    """A link's probability with what makes it: its own evidence in bits, and ties through others."""
    ties = (
        f" and {told_probability(through_others)} from what else ties both to their cluster"
        if through_others
        else ""
    )
    return (
        f"p(one operator) {told_probability(probability)}: {told_probability(direct)} from what the two "
        f"share ({told_bits(bits)}){ties}."
    )


def missing_sentence(bits: float, goal: float, probability: float | None, *, is_bound: bool = False) -> str:
    """How far a pair's own evidence is from a probability; empty where it reaches it.

    Args:
        bits: Bits that are missing to it; none or fewer when it is reached.
        goal: The probability.
        probability: The link's, with its ties through others; None without a link.
        is_bound: Whether at least so many bits are missing.
    """
    if bits <= 0.0:
        return ""
    least = "at least " if is_bound else ""
    told = f"What the two share is by itself {least}{bits:.1f} bits short of a probability of {goal:g}"
    if probability is not None and probability >= goal:
        return f"{told}; with their ties through others it is {told_probability(probability)}."
    return f"{told}."


def reach_sentence(is_hub: bool, is_capped: bool, n_joint_pairs: int, n_pairs: int) -> str:
    """How far the pairs of an identifier's holders were compared; empty where all of them were."""
    if is_hub:
        return (
            "Too common to compare all its holders: it proposed no pairs, and only weighs on pairs that "
            f"something else brought together ({n_joint_pairs:,} scored of {n_pairs:,} possible)."
        )
    if is_capped:
        return (
            f"Too common to compare all its holders: {n_joint_pairs:,} of {n_pairs:,} possible pairs were "
            "scored, and the others left out."
        )
    return ""


def evidence_name(evidence: str) -> str:
    """A piece of evidence that separates hypotheses, as a sentence names it."""
    return "shared things of other kinds" if evidence == "other" else evidence.replace("_", " ")


def tie_words(n_members: int | None, n_accounts: int, share: float) -> str:
    """What an identifier or behaviour is worth to a cluster: whom it ties, and its share of the evidence."""
    evidence = f"{percent(share)} of the evidence"
    return evidence if n_members is None else f"ties {n_members:,} of {n_accounts:,} accounts; {evidence}"


def evidence_share(bits: float, bits_of_all: Sequence[float]) -> float:
    """The share of a reason in all that speaks for a cluster; what speaks against it has none."""
    total = math.fsum(one for one in bits_of_all if one > 0.0)
    return max(0.0, bits) / total if total else 0.0


def is_notable(value: float | None, usual: float | None, n_accounts: int | None) -> bool:
    """Whether a signal is far enough from what is usual to be pointed out.

    It is at least twice the usual value or at most half of it; and of two shares at least five points from
    it, and by one account or more.
    """
    if value is None or usual is None:
        return False
    low, high = sorted((value, usual))
    if low < 0.0 or high == 0.0 or (low > 0.0 and high / low < _NOTABLE_TIMES):
        return False
    if high > 1.0:
        return True
    return high - low >= _NOTABLE_POINTS and (n_accounts is None or (high - low) * n_accounts >= 1.0)


SOON_AFTER = (
    "New accounts that were opened within three days after another account of the cluster was closed for "
    "abuse (for any reason where no reason is known), and how many such accounts are expected by chance: at "
    "random moments of the data."
)
ABOVE_CHANCE = (
    "More new accounts were opened within six hours or three days after a closing than chance gives with a "
    "probability of 5%: the holders of closed accounts may have come back."
)


def soon_after_figure(n_soon_after: int, by_chance: float | None) -> str:
    """How many new accounts were opened soon after a closing, in a cell, beside what chance gives."""
    if not n_soon_after:
        return "0"
    chance = "chance not known" if by_chance is None else f"{mean_words(by_chance)} by chance"
    return f"{n_soon_after:,} ({chance})"


def within_words(lag_s: int) -> str:
    """A lag in words: `6 hours`, `3 days`."""
    return counted(lag_s // 86_400, "day") if lag_s >= 86_400 else counted(lag_s // 3_600, "hour")


def returned_phrase(lag_s: int, n_within: int, by_chance: float) -> str:
    """Accounts that may have come back, in short."""
    return (
        f"{counted(n_within, 'account')} opened within {within_words(lag_s)} after a closing "
        f"({mean_words(by_chance)} expected by chance)"
    )


def soon_after_sentence(lag_s: int, n_within: int, by_chance: float | None, *, is_above_chance: bool) -> str:
    """How many new accounts were opened soon after a closing, and what may be made of it; empty for none."""
    if not n_within:
        return ""
    told = (
        f"{counted(n_within, 'account')} {'was' if n_within == 1 else 'were'} opened within "
        f"{within_words(lag_s)} after another account of the cluster was closed for abuse (for any reason "
        "where no reason is known)"
    )
    if by_chance is None:
        return f"{told}; how many are expected by chance is not known."
    means = (
        "the holders of closed accounts may have come back"
        if is_above_chance
        else "that is no sign of a return"
    )
    return (
        f"{told}; {mean_words(by_chance)} {'is' if by_chance < 0.05 else 'are'} expected by chance: {means}."
    )


def tied_by_words(kind: str, value: str, n_members: int) -> str:
    """What ties an account that joined to members of its cluster; empty where nothing does."""
    tie = f"{kind.replace('_', ' ')} {value}".strip()
    return f"{tie} with {counted(n_members, 'member')}" if tie else ""


def lag_words(closed: dt.datetime, opened: dt.datetime) -> str:
    """How long after a closing an account was opened: `3 d 4 h`, `5 h 10 min`, `12 min`.

    Two times that are whole days say no more than how many days lie between them.
    """
    minutes = max(0, int((opened - closed).total_seconds())) // 60
    hours, days = minutes // 60, minutes // 1440
    if closed.time() == opened.time() == dt.time():
        return counted(days, "day") if days else "same day"
    if hours >= 48:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min" if minutes else "under a minute"


def definitions() -> dict[str, str]:
    """What the figures of a cluster mean, by the name of their column."""
    return {"fdr": FDR, "also_explained_by": ALSO_EXPLAINED, "weakest_cut": WEAKEST_CUT}


def harmless_names() -> dict[str, str]:
    """The harmless readings by what the column `also_explained_by` calls them; `none` is null there."""
    return {name: known.name for name, known in _HARMLESS.items()} | {"none": "nothing else"}


def cluster_words(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row of `clusters` is said to mean: figures for cells, and sentences; empty where not known.

    Args:
        row: A row of the table `clusters`.
    """
    harmless, fdr = row.get("also_explained_by"), row.get("fdr")
    cut, side = row.get("weakest_cut"), row.get("weakest_cut_side")
    is_bound = bool(row.get("weakest_cut_is_bound"))
    return {
        "fdr": fdr_figure(fdr, harmless),
        "fdr_sentence": fdr_sentence(fdr, harmless),
        "harmless": harmless_name(harmless),
        "harmless_sentence": harmless_sentence(harmless),
        "chance_sentence": chance_sentence(row.get("chance")),
        "weakest_cut": "" if cut is None else cut_figure(cut, is_bound),
        "weakest_cut_sentence": "" if cut is None or side is None else cut_sentence(cut, side, is_bound),
    }


# ------------------------------------------------------------------------------------------- collateral


def harmless_hit_sentence(cluster: str, n_hit: int, also_explained_by: str | None) -> str:
    """Why no estimate of the wrongly hit is given of a cluster that a harmless reading explains too."""
    whom = {1: "the one account", 2: "both accounts"}.get(n_hit, f"all {n_hit:,} accounts")
    if not also_explained_by:
        return f"Whether one organisation runs {cluster} is not known: {whom} hit may be wrongly hit."
    known = _HARMLESS.get(also_explained_by)
    why = f" ({known.members})" if known else ""
    return (
        f"A harmless reading explains {cluster} too: {harmless_name(also_explained_by)}{why}. If it holds, "
        f"{whom} hit there {'is' if n_hit == 1 else 'are'} wrongly hit; the data do not tell how likely that "
        "is, so no estimate is given."
    )


def whole_law_sentence(n_hit: int, most: int, p_most: float, p_all: float, expected: float) -> str:
    """The number of wrongly hit accounts of one cluster: likely few, else all of them at once.

    Args:
        n_hit: Accounts of the cluster that are hit.
        most: A number of them, fewer than all.
        p_most: Probability that at most so many are wrongly hit.
        p_all: Probability that no single organisation runs the cluster, so that all are.
        expected: Their expected number.
    """
    few = "that nobody is wrongly hit" if most == 0 else f"that at most {most:,} of {n_hit:,} are wrongly hit"
    every = {1: "the one account is", 2: "both are"}.get(n_hit, f"all {n_hit:,} are")
    return (
        f"{floor_percent(p_most)} likely {few}; {tenths_percent(p_all)} likely that {every}, because no "
        f"single organisation runs the cluster. On average {mean_words(expected)}."
    )


def interval_sentence(n_hit: int, least: int, most: int, level: float, expected: float) -> str:
    """The number of wrongly hit accounts as an interval, and its mean."""
    if n_hit == 1:
        return (
            f"The one account is wrongly hit with probability {tenths_percent(expected)}. This includes the "
            "probability that no single organisation runs its cluster."
        )
    between = f"{least:,}" if least == most else f"between {least:,} and {most:,}"
    return (
        f"Wrongly hit are {between} of {n_hit:,} accounts (interval of {level:.0%} probability), on average "
        f"{mean_words(expected)}. This includes the probability that no single organisation runs a cluster, "
        "so that all its accounts are wrongly hit at once."
    )


def honest_sentence(n_honest: int) -> str:
    """How many of those hit are more likely honest than not."""
    if not n_honest:
        return "None of them is more likely honest than not."
    return f"{n_honest:,} of them {'is' if n_honest == 1 else 'are'} more likely honest than not."


# ---------------------------------------------------------------------------------------------- figures


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 account`, `2 accounts`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def told_bits(bits: float) -> str:
    """Bits with their sign and noun."""
    return f"{round(bits, 1) + 0.0:+,.1f} bits"


def told_probability(probability: float) -> str:
    """A probability for people: none is shown as certain."""
    if probability > 0.9994:
        return ">0.999"
    if 0 < probability < 0.0006:
        return "<0.001"
    return f"{probability:.3f}"


def mean_words(mean: float) -> str:
    """An expected number of accounts, to tenths; none but nothing is shown as zero."""
    return "fewer than 0.1" if 0.0 < mean < 0.05 else f"{mean:,.1f}"


def percent(share: float) -> str:
    """A share in percent: whole percents from a tenth, tenths below; none but nothing is shown as zero."""
    if 0.0 < share < _LEAST_PERCENT:
        return f"<{_LEAST_PERCENT:.1%}"
    return f"{share:.1%}" if 0.0 < share < 0.1 else f"{share:.0%}"


def at_most_percent(share: float) -> str:
    """A share in percent, rounded up, so that `at most` stays true."""
    step = 1000 if share < 0.1 else 100
    up = math.ceil(round(share * step, 6)) / step
    up = max(up, _LEAST_PERCENT) if share > 0.0 else _LEAST_PERCENT
    return f"{up:.1%}" if up < 0.1 else f"{up:.0%}"


def tenths_percent(share: float) -> str:
    """A share in percent to tenths; none but nothing is shown as zero."""
    return f"<{_LEAST_PERCENT:.1%}" if 0.0 < share < _LEAST_PERCENT else f"{share:.1%}"


def floor_percent(share: float) -> str:
    """A share in percent, rounded down to tenths, so that shares of one whole add up to 100% at most."""
    return f"{math.floor(round(share * 1000, 6)) / 1000:.1%}"
