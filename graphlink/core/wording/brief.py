"""The sentences that decide about a cluster, read before anything else.

What it likely is, since when, through which infrastructure, what came back, how sure that is, and what else
explains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.wording.clusters import (
    expected_words,
    fdr_sentence,
    harmless_words,
    open_sentence,
)
from graphlink.core.wording.figures import counted, format_probability, mean_words
from graphlink.core.wording.findings import finding_of
from graphlink.core.wording.vocabulary import hypothesis_name

if TYPE_CHECKING:
    from collections.abc import Mapping

NOBODY_BACK = "No account was opened within 3 days after another was closed for abuse."
CLOSINGS_NOT_KNOWN = "Not known: when accounts were closed is not in the data, or not shown."
_CLOSE_BITS = 3.3  # odds of less than ten to one


def what_sentence(cluster: Mapping[str, Any]) -> str:
    """What a cluster, a row of the table `clusters`, likely is."""
    return finding_of(cluster).claim


def accounts_sentence(n_accounts: int, n_core: int, n_open: int) -> str:
    """How many accounts a cluster has, how many of them are core, and how many are not closed."""
    core = "all core" if n_core == n_accounts else f"{n_core:,} core, {n_accounts - n_core:,} fringe"
    closed = f", {n_accounts - n_open:,} closed" if n_open < n_accounts else ""
    return f"{counted(n_accounts, 'account')}: {core}; {n_open:,} open{closed}."


def since_sentence(
    first: str | None, last: str | None, data_begin: str | None, *, is_core: bool = True
) -> str:
    """Since when accounts of a cluster use the same identifiers, in days.

    Args:
        first: The first day on which two of them did; None where no identifier with a time ties them.
        last: The last day.
        data_begin: The first day of the data.
        is_core: Whether the days are those of core accounts.
    """
    if first is None:
        return "No dated identifier ties its accounts."
    begin = ", when the data begin" if first == data_begin else ""
    until = f"; last on {last}" if last and last != first else ""
    who = "Core accounts" if is_core else "Accounts"
    return f"{who} have used the same identifiers since {first}{begin}{until}."


def through_sentence(words: str) -> str:
    """Through what infrastructure its accounts came.

    Args:
        words: How many of each role, see `infrastructure_words`.
    """
    return f"{words}." if words else "No address or router of its accounts is known."


def back_sentence(
    n_after: int,
    by_chance: float | None,
    n_new: int,
    n_new_after: int,
    *,
    is_dated: bool = True,
    knows_reasons: bool = True,
) -> str:
    """How many accounts were opened soon after a closing, of all and of the new ones; empty where none was.

    Args:
        n_after: Accounts opened within three days after another of the cluster was closed for abuse.
        by_chance: How many of these the overall sign-up rate gives; None where not known.
        n_new: New accounts of the cluster.
        n_new_after: How many of the new accounts are among `n_after`.
        is_dated: Whether it is known of all of `n_after` when they were opened; else first seen counts.
        knows_reasons: Whether the data state why accounts were closed.
    """
    if not n_after:
        return ""
    chance = "" if by_chance is None else f" ({mean_words(by_chance)} expected from the overall sign-up rate)"
    among = "none of" if not n_new_after else "all" if n_new_after == n_new else f"{n_new_after:,} of"
    new = f"; {among} its {counted(n_new, 'new account')} among them" if n_new else ""
    opened = f"{counted(n_after, 'account')} {'was' if n_after == 1 else 'were'} opened"
    opened += "" if is_dated else ", or first seen where that is not known,"
    closed = "closed for abuse" if knows_reasons else "closed (why is not known)"
    return f"{opened} within 3 days after another was {closed}{chance}{new}."


def sure_sentence(cluster: Mapping[str, Any]) -> str:
    """How sure the claim is: the probability of one concealed operator, false leads, and chance."""
    p = cluster.get("p_same_operator")
    chance = cluster.get("expected_by_chance")
    said = [
        "" if p is None else f"Probability of one concealed operator: {format_probability(p)}.",
        fdr_sentence(cluster.get("fdr"), cluster.get("also_explained_by")),
        "" if chance is None else f"By chance, {expected_words(chance)} such clusters are expected.",
    ]
    return " ".join(filter(None, said))


def is_doubtful(cluster: Mapping[str, Any]) -> bool:
    """Whether a harmless reading explains a cluster too, or the evidence hardly separates it from a rival."""
    bits = cluster.get("rival_bits")
    return bool(cluster.get("also_explained_by")) or (bits is not None and bits < _CLOSE_BITS)


def otherwise_sentence(cluster: Mapping[str, Any]) -> str:
    """What else explains a cluster: openly one organisation, a harmless reading, or the closest rival."""
    hypothesis, also_explained_by = cluster.get("hypothesis", ""), cluster.get("also_explained_by")
    known = harmless_words(hypothesis, also_explained_by)
    rival = cluster.get("rival")
    if also_explained_by:
        return known
    if rival is None:
        return open_sentence(hypothesis) or "No other explanation was weighed."
    p = cluster.get(f"p_{rival}")
    stated = "" if p is None else f" (probability {format_probability(p)})"
    close = "; the evidence hardly distinguishes the two" if is_doubtful(cluster) else ""
    return f"{known} The closest rival is {hypothesis_name(rival)}{stated}{close}."
