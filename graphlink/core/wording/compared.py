"""Two clusters compared: whether one operator runs both, by what, and what speaks against it."""

from __future__ import annotations

from graphlink.core.wording.figures import counted, format_bits, format_probability


def one_operator_sentence(left: str, right: str, probability: float | None, goal: float) -> str:
    """How likely one operator runs both clusters.

    Args:
        left: One cluster.
        right: The other.
        probability: The probability, if each of them is one operator's; None where no link was kept.
        goal: The probability from which a run joins two groups.
    """
    if probability is None:
        return f"Nothing that the run kept links an account of {left} to one of {right}."
    least = "reaches" if probability >= goal else "is below"
    return (
        f"If one operator runs each of the two clusters, it is the same operator with probability "
        f"{format_probability(probability)}, which {least} the {goal:g} from which a run joins two groups."
    )


def links_between_sentence(n_links: int, n_likely: int, n_pairs: int, n_counted: int) -> str:
    """How many links there are between two clusters, and how many of them count; empty without any."""
    if not n_links:
        return ""
    likely = (
        f"{n_likely:,} of them more likely than not; " if n_likely else "none of them more likely than not; "
    )
    return (
        f"{counted(n_links, 'link')} between the two, of {n_pairs:,} possible: {likely}"
        f"{n_counted:,} {'counts' if n_counted == 1 else 'count'}, since each account and each identifier "
        "counts once."
    )


def against_sentence(bits: float) -> str:
    """What differing values add to the weighing; empty where they add nothing."""
    if bits >= 0.0:
        return ""
    return (
        f"Against it: most accounts of the two have different values in the same kind ({format_bits(bits)})."
    )


def same_cause_sentence(doubt: float, *, is_decisive: bool) -> str:
    """The chance that all links between two clusters are false; empty where something else decides."""
    if not is_decisive:
        return ""
    return (
        "Links that rest on the same identifier are true or false together: the probability that all links "
        f"between the two are false is {format_probability(doubt)}, which sets the limit here."
    )


def labelled_apart_sentence(n_labels: int) -> str:
    """How many labels keep two clusters apart; empty without any."""
    if not n_labels:
        return ""
    verb = "keeps" if n_labels == 1 else "keep"
    return f"{counted(n_labels, 'label')} of analysts {verb} accounts of the two apart, whatever links them."


def kept_apart_sentence(probability: float | None, goal: float, n_labels: int) -> str:
    """Why two clusters that reach the goal are two all the same; empty where they do not reach it."""
    if probability is None or probability < goal or n_labels:
        return ""
    return (
        "The run did not join them: it weighs smaller groups first, and accounts that it took out of a "
        "cluster afterwards do not join it again. Compare the evidence before you treat them as two."
    )
