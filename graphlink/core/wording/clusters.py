"""What is said of a cluster: the claim, false discovery rate, chance, weakest cut and evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphlink.core.organisations import OPENLY
from graphlink.core.wording.figures import at_most_percent, counted, percent
from graphlink.core.wording.findings import finding_of
from graphlink.core.wording.vocabulary import (
    HARMLESS_WORD,
    harmless_name,
    harmless_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NOT_KNOWN = "not known"
_LEAST_EXPECTED = 0.001  # expected numbers below are shown as fewer than this
_NOTABLE_TIMES = 2.0  # a signal this many times its usual value, or its inverse, is worth a look
_NOTABLE_POINTS = 0.05  # and, where both are shares, at least this far from it


def fdr_definition(item: str = "cluster") -> str:
    """What the false discovery rate of a `cluster` or a `link` is."""
    harmless = "a cluster" if item == "cluster" else "a link inside a cluster"
    return (
        f"False discovery rate: of this {item} and all that are at least as certain, the expected share of "
        f"false leads; {harmless} that a harmless reading also explains counts as false."
    )


FDR = fdr_definition()
ALSO_EXPLAINED = (
    "The harmless reading that explains half of its members too: one identifier, a place, a taste or times."
)
WEAKEST_CUT = "Least evidence whose loss splits it, in bits; where the search is not exact, an upper bound."


def fdr_figure(fdr: float | None, also_explained_by: str | None = None) -> str:
    """The false discovery rate in a cell: a share, or the word where a harmless reading fixes it."""
    if also_explained_by:
        return HARMLESS_WORD
    return _NOT_KNOWN if fdr is None else at_most_percent(fdr)


def fdr_sentence(fdr: float | None, also_explained_by: str | None = None) -> str:
    """What the false discovery rate says of a cluster; empty where it is not known."""
    if also_explained_by:
        return "The false discovery rate counts it as a false lead, because of the harmless reading."
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


def open_sentence(hypothesis: str) -> str:
    """Why a cluster that is likeliest openly one organisation's is no news; empty for others."""
    if hypothesis != OPENLY:
        return ""
    return "It is likeliest openly one organisation's; that it is one is no ground for action by itself."


def harmless_words(hypothesis: str, also_explained_by: str | None) -> str:
    """What harmless explains a cluster: openly one organisation, a reading, or that none is known."""
    known = (open_sentence(hypothesis), harmless_sentence(also_explained_by))
    return " ".join(filter(None, known)) or "No harmless reading is known."


def constraint_sentence(n_constrained: int | None, n_accounts: int) -> str:
    """How many of its accounts labels put into a cluster; empty where none."""
    if not n_constrained:
        return ""
    verb = "stands" if n_constrained == 1 else "stand"
    return (
        f"{n_constrained:,} of its {counted(n_accounts, 'account')} {verb} in it because of labels of "
        "analysts (must-link or cannot-link) and not by evidence alone; links keep what the evidence shows."
    )


def moved_sentence(constrained_by: str | None, cluster: str | None) -> str:
    """What labels did to an account; empty where they did not move it.

    Args:
        constrained_by: `must_link`, `cannot_link` or None.
        cluster: Its cluster, made safe; None when it is in none.
    """
    if constrained_by == "must_link":
        return (
            f"Labels of analysts put it into {cluster} (must-link), where it belongs as surely as the "
            "accounts that they tie it to; its evidence alone would not put it there."
        )
    if constrained_by == "cannot_link":
        return (
            "Labels of analysts took it out of the cluster that its evidence alone puts it in (cannot-link)."
        )
    return ""


def cut_figure(bits: float, is_bound: bool) -> str:
    """The weakest cut in a cell; of a large cluster it is an upper bound."""
    return f"{'at most ' if is_bound else ''}{bits:,.1f} bits"


def cut_sentence(bits: float, side: int, is_bound: bool) -> str:
    """How little evidence would have to be lost for a cluster to split."""
    parted = counted(side, "account")
    return f"Its weakest cut, which separates {parted} from the rest, is {cut_figure(bits, is_bound)}."


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


def is_notable(value: float | None, baseline: float | None, n_accounts: int | None) -> bool:
    """Whether a signal is far enough from what is usual to be pointed out.

    It is at least twice the usual value or at most half of it; and of two shares at least five points from
    it, and by one account or more.
    """
    if value is None or baseline is None:
        return False
    low, high = sorted((value, baseline))
    if low < 0.0 or high == 0.0 or (low > 0.0 and high / low < _NOTABLE_TIMES):
        return False
    if high > 1.0:
        return True
    return high - low >= _NOTABLE_POINTS and (n_accounts is None or (high - low) * n_accounts >= 1.0)


def signal_figure(signal: str, value: float | None) -> str:
    """The value of a signal in a cell: a share in percent, another number in three digits."""
    if value is None:
        return ""
    if signal.startswith("share_") or signal == "opened_in_one_day":
        return percent(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def definitions() -> dict[str, str]:
    """What the figures of a cluster mean, by the name of their column."""
    return {"fdr": FDR, "also_explained_by": ALSO_EXPLAINED, "weakest_cut": WEAKEST_CUT}


def cluster_words(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row of `clusters` is said to mean: figures for cells, and sentences; empty where not known.

    Args:
        row: A row of the table `clusters`.
    """
    harmless, fdr = row.get("also_explained_by"), row.get("fdr")
    cut, side = row.get("weakest_cut"), row.get("weakest_cut_side")
    is_bound = bool(row.get("weakest_cut_is_bound"))
    found = finding_of(row)
    return {
        "finding": found.value,
        "finding_name": found.name,
        "fdr": fdr_figure(fdr, harmless),
        "fdr_sentence": fdr_sentence(fdr, harmless),
        "harmless": harmless_name(harmless),
        "harmless_sentence": harmless_sentence(harmless),
        "constraint_sentence": constraint_sentence(row.get("n_constrained"), row["n_accounts"]),
        "chance_sentence": chance_sentence(row.get("expected_by_chance")),
        "weakest_cut": "" if cut is None else cut_figure(cut, is_bound),
        "weakest_cut_sentence": "" if cut is None or side is None else cut_sentence(cut, side, is_bound),
    }


def reason_detail(row: Mapping[str, Any]) -> str:
    """The sentence of a row of the table `reasons`, with the identifier at which most pairs behaved so.

    Results of older versions do not name it.
    """
    detail, at_value = row["detail"] or "", row.get("at_value")
    return f"{detail}; mostly at {row['at_kind'].replace('_', ' ')} {at_value}" if at_value else detail


def named_reason(row: Mapping[str, Any]) -> str:
    """A row of the table `reasons` as one line: the identifier or behaviour, and what it ties."""
    named = " ".join(text for text in (row["kind"], row["value"]) if text)
    return ": ".join(text for text in (named, reason_detail(row)) if text)
