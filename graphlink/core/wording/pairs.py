"""What is said of a pair of accounts, and of how far the holders of an identifier were compared."""

from __future__ import annotations

from graphlink.core.wording.figures import format_bits, format_probability
from graphlink.core.wording.findings import LIKELY_OPERATOR
from graphlink.core.wording.vocabulary import harmless_name


def pair_in_cluster_sentence(
    cluster: str, p_one_organisation: float | None, also_explained_by: str | None, *, is_explained: bool
) -> str:
    """What doubt there is about the cluster that both accounts of a pair are in; empty without one.

    Args:
        cluster: Its name.
        p_one_organisation: Probability that one organisation operates it; None when not known.
        also_explained_by: Its harmless reading; None without one.
        is_explained: Whether that explains all that the two share, so that it is in their probability.
    """
    likely = p_one_organisation is None or p_one_organisation >= LIKELY_OPERATOR
    if not also_explained_by and likely:
        return ""
    both = f"Both are in {cluster}"
    if p_one_organisation is not None:
        both += f", which one organisation operates with probability {format_probability(p_one_organisation)}"
    why = (
        f"; a harmless reading explains it too ({harmless_name(also_explained_by)})"
        if also_explained_by
        else ""
    )
    if is_explained:
        return f"{both}{why}. The probability of the pair already includes this doubt."
    return f"{both}{why}. The probability of the pair does not include this doubt."


def pair_sentence(
    probability: float,
    p_direct: float,
    bits: float,
    *,
    p_via_cluster: float = 0.0,
    p_apart: float = 0.0,
    is_explained: bool = False,
) -> str:
    """A link's probability with what makes it.

    Args:
        probability: The link's.
        p_direct: By its own evidence.
        bits: The same as log2 odds.
        p_via_cluster: By ties through others of its cluster.
        p_apart: That the two belong to two clusters.
        is_explained: Whether something harmless explains all that the two share.
    """
    parts = [f"{format_probability(p_direct)} from what the two share ({format_bits(bits)})"]
    if p_via_cluster:
        parts.append(f" and {format_probability(p_via_cluster)} from what else ties both to their cluster")
    if p_apart:
        parts.append(f", less {format_probability(p_apart)} that they belong to two clusters")
    if is_explained:
        parts.append("; something harmless explains what they share just as well, and has the same odds")
    return f"p(one operator) {format_probability(probability)}: {''.join(parts)}."


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
    shortfall = f"What the two share is by itself {least}{bits:.1f} bits short of a probability of {goal:g}"
    if probability is not None and probability >= goal:
        return f"{shortfall}; with their ties through others it is {format_probability(probability)}."
    return f"{shortfall}."


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
