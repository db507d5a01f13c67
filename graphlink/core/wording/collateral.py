"""What is said of accounts that an action may wrongly hit."""

from __future__ import annotations

from graphlink.core.wording.figures import floor_percent, mean_words, tenths_percent
from graphlink.core.wording.vocabulary import HARMLESS, harmless_name


def harmless_hit_sentence(cluster: str, n_hit: int, also_explained_by: str | None) -> str:
    """Why no estimate of the wrongly hit is given of a cluster that a harmless reading explains too."""
    whom = {1: "the one account", 2: "both accounts"}.get(n_hit, f"all {n_hit:,} accounts")
    if not also_explained_by:
        return f"Whether one organisation runs {cluster} is not known: {whom} hit may be wrongly hit."
    known = HARMLESS.get(also_explained_by)
    why = f" ({known.members})" if known else ""
    return (
        f"A harmless reading explains {cluster} too: {harmless_name(also_explained_by)}{why}. If it holds, "
        f"{whom} hit there {'is' if n_hit == 1 else 'are'} wrongly hit; how likely that is cannot be "
        "estimated from the data."
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
