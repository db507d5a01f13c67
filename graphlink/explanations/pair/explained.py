"""Why these two accounts, or why not: the waterfall from the prior to the probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from graphlink.core import wording
from graphlink.core.errors import QuestionError
from graphlink.core.organisations import probability_of_one
from graphlink.core.wording.figures import counted, format_probability
from graphlink.core.wording.pairs import pair_in_cluster_sentence
from graphlink.explanations.pair.against import Against, reasons_against
from graphlink.explanations.pair.evidence import Evidence, read_steps, step_sentence
from graphlink.explanations.paths import Path, find_paths
from graphlink.explanations.stored import (
    ENDS,
    check_accounts,
    log_odds,
    membership_of,
    probability_of,
    settings_of,
)
from graphlink.explanations.values import Explanation, listed
from graphlink.kinds import shown
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable

_EVEN = 0.5
_SURE = 0.9
_EVEN_BITS = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class PairExplanation(Explanation):
    """Why two accounts are linked, or why not.

    The prior and the counted bits of the evidence add up to `bits`.

    Attributes:
        account_id_l: The lesser account.
        account_id_r: The greater account.
        prior_bits: Log2 odds that two accounts have one operator before anything is known of them.
        bits: Log2 odds of the link; None when it is below what a run keeps.
        p_direct: The same as a probability, by its own evidence.
        p_via_cluster: Probability by what else ties both to their cluster; 0 outside one.
        p_apart: Probability that the two belong to two clusters; 0 within one and outside.
        is_explained: Whether something harmless explains all that the two share as well.
        probability: That one organisation operates both: that not both of the first two are false and the two
            are not apart, with equal odds for what is harmless where `is_explained`.
        min_probability: What a run keeps: links at least as likely.
        expected_by_chance: Links at least as strong that chance alone gives; None when not known.
        fdr: Of it and all links at least as certain, the expected share of false ones; None when not known.
        evidence: The steps of the waterfall, what counts most first.
        against: The strongest reasons against, those that cost most first.
        missing_bits_even: Bits by which its own evidence is short of a probability of 0.5; 0 when reached.
        missing_bits_sure: The same to 0.9.
        missing_is_bound: Whether at least so many bits are missing: of a pair without a link no more is known
            than that its bits are below what a run keeps.
        cluster_id_l: Cluster of the lesser account.
        cluster_id_r: Cluster of the greater account.
        p_one_organisation: Probability that one organisation operates the cluster that both are in; None
            without one.
        also_explained_by: The harmless reading of that cluster; None without one.
        indirect_path: The strongest path that does not use the link itself; None when there is none.
    """

    main: ClassVar[str] = "evidence"
    account_id_l: str
    account_id_r: str
    prior_bits: float
    bits: float | None
    p_direct: float | None
    p_via_cluster: float | None
    p_apart: float
    is_explained: bool
    probability: float | None
    min_probability: float
    expected_by_chance: float | None
    fdr: float | None
    evidence: tuple[Evidence, ...]
    against: tuple[Against, ...]
    missing_bits_even: float
    missing_bits_sure: float
    missing_is_bound: bool
    cluster_id_l: str | None
    cluster_id_r: str | None
    p_one_organisation: float | None
    also_explained_by: str | None
    indirect_path: Path | None

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
        """The explanation for those who doubt it: the evidence against comes first."""
        reasons = [reason.sentence for reason in self.against if reason.reason != "counted_once"]
        return (
            self.headline,
            *([*_doubt_sentences(self), *reasons] or ["Nothing in the result is evidence against it."]),
            *(reason.sentence for reason in self.against if reason.reason == "counted_once"),
            *_missing_sentences(self),
            *(step_sentence(step) for step in self.evidence if step.counts != "against"),
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
            *(step_sentence(step) for step in self.evidence),
            *_doubt_sentences(self),
            *(reason.sentence for reason in self.against),
            *_missing_sentences(self),
            *_through_sentences(self),
        )


@of_result
def explain_pair(result: Readable, account: str, other: str) -> PairExplanation:
    """Explain why two accounts are linked, or why not.

    Of a pair that a run did not keep no bits are known; then the steps of the waterfall are empty and
    `against` has what the two share and why that was too little.

    Args:
        result: A finished run.
        account: One account.
        other: The other.

    Returns:
        Bits from the prior to the link in steps (log2 odds), what speaks for and against it, and
        probabilities.

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
    steps = read_steps(result, pair, model.prior_bits) if link else ()
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
        p_direct=None if bits is None else probability_of(bits),
        p_via_cluster=None if link is None else float(link.get("p_via_cluster") or 0.0),
        p_apart=0.0 if link is None else float(link.get("p_apart") or 0.0),
        is_explained=link is not None and bool(link.get("is_explained")),
        probability=None if link is None else float(link["probability"]),
        min_probability=model.min_probability,
        expected_by_chance=None if link is None else link.get("expected_by_chance"),
        fdr=None if link is None else link.get("fdr"),
        evidence=steps,
        against=reasons_against(result, pair, steps, is_linked=link is not None),
        missing_bits_even=max(0.0, _EVEN_BITS - most),
        missing_bits_sure=max(0.0, log_odds(_SURE) - most),
        missing_is_bound=bits is None,
        cluster_id_l=placed[0],
        cluster_id_r=placed[1],
        p_one_organisation=probability_of_one(cluster),
        also_explained_by=cluster.get("also_explained_by"),
        indirect_path=paths[0] if paths else None,
    )


def _cluster_of(result: Readable, cluster_id: str | None) -> dict[str, Any]:
    if cluster_id is None:
        return {}
    rows = rows_of(result.table("clusters", where={"cluster_id": [cluster_id]}))
    return rows[0] if rows else {}


def _doubt_sentences(pair: PairExplanation) -> tuple[str, ...]:
    """The doubt about the cluster that both are in, which the probability of a link leaves out."""
    if pair.bits is None or pair.cluster_id_l is None or pair.cluster_id_l != pair.cluster_id_r:
        return ()
    doubt = pair_in_cluster_sentence(
        shown(pair.cluster_id_l),
        pair.p_one_organisation,
        pair.also_explained_by,
        is_explained=pair.is_explained,
    )
    return (doubt,) if doubt else ()


def _head(pair: PairExplanation) -> str:
    names = f"{shown(pair.account_id_l)} and {shown(pair.account_id_r)}"
    if pair.bits is None or pair.probability is None or pair.p_direct is None:
        shared = [reason for reason in pair.against if reason.value]
        common = f"they share {counted(len(shared), 'identifier')}" if shared else "they share no identifier"
        return (
            f"No link of {names}: the probability of one operator is below "
            f"{format_probability(pair.min_probability)}, and {common}."
        )
    return f"{names}: " + wording.pair_sentence(
        pair.probability,
        pair.p_direct,
        pair.bits,
        p_via_cluster=pair.p_via_cluster or 0.0,
        p_apart=pair.p_apart,
        is_explained=pair.is_explained,
    )


def _missing_sentences(pair: PairExplanation) -> tuple[str, ...]:
    missing = ((pair.missing_bits_even, _EVEN), (pair.missing_bits_sure, _SURE))
    sentences = (
        wording.missing_sentence(bits, goal, pair.probability, is_bound=pair.missing_is_bound)
        for bits, goal in missing
    )
    return tuple(sentence for sentence in sentences if sentence)


def _through_sentences(pair: PairExplanation) -> tuple[str, ...]:
    path = pair.indirect_path
    if path is None:
        return ("No path of other links connects them.",)
    others = [node.account_id for node in path.nodes[1:-1] if node.account_id is not None]
    return (
        (
            f"Through others they are connected by {counted(len(path.hops), 'link')} over "
            f"{listed([shown(name) for name in others])}, the weakest with probability "
            f"{format_probability(path.weakest.probability)}."
        ),
    )
