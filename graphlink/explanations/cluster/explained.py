"""Why this cluster: its bits split by facet, by identifier and over time, its hypothesis and its rivals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graphlink.core import wording
from graphlink.core.wording.figures import counted, format_probability
from graphlink.core.wording.vocabulary import HYPOTHESIS_WORDS
from graphlink.explanations.cluster.facts import Fact, fact_sentence, facts_of
from graphlink.explanations.cluster.hypotheses import (
    N_NAMED,
    HypothesisEvidence,
    Rival,
    hypothesis_evidence_of,
    hypothesis_sentence,
    separating_sentences,
)
from graphlink.explanations.cluster.shares import (
    N_IDENTIFIERS,
    FacetShare,
    IdentifierShare,
    identifier_sentence,
    identifier_share,
    places_of_behaviours,
    shares_of_facets,
    shares_of_identifiers,
)
from graphlink.explanations.cluster.signals import Signal, signal_sentence, signals_of
from graphlink.explanations.cluster.spans import Span, spans_of
from graphlink.explanations.reweighing import read_evidence_graph
from graphlink.explanations.stored import identifiers_known, members_of, settings_of
from graphlink.explanations.values import Explanation, listed
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable


@dataclass(frozen=True, slots=True, repr=False)
class ClusterExplanation(Explanation):
    """Why a cluster: all bits of its links are those of its prior, its facets and the evidence against.

    Attributes:
        cluster_id: The cluster.
        n_accounts: Accounts in it.
        n_core: Accounts that are core.
        n_constrained: Accounts that stand in it because of a label.
        score: Mean probability of its accounts to belong to it.
        n_links: Links inside it.
        bits: Sum of their log2 odds: the facets' bits and the prior's.
        prior_bits: What the prior takes away, over all links.
        against_bits: What differing values take away, over all links; included in the facets' bits.
        facets: Bits by facet, the strongest first.
        identifiers: Bits by identifier or behaviour, the strongest 50.
        n_identifiers: How many there are.
        rest_bits: Bits of those that are not listed; with the identifiers' the same as the facets' bits.
        weeks: Bits by week, or by month when there are more than 60 weeks.
        hypothesis: The likeliest of the rivals.
        rivals: All of them. Their probabilities are the shares of two to the power of their sums of bits,
            kept from both ends by the doubt that the run allows (0.005).
        hypothesis_evidence: What separates them, the strongest first; empty when the result does not have it.
        also_explained_by: What harmless reading explains it too; None when none is known to.
        signals: Signals that are not links.
        facts: How its accounts call, beside what is usual; the unusual first.
        expected_by_chance: Clusters as large and as strong that coincidence would give; None when not known.
        fdr: Of it and all at least as certain, the expected share of false leads; None when not known.
        weakest_cut: Minimum cut in bits.
        weakest_cut_side: Accounts on the lesser side of it.
        weakest_cut_is_bound: Whether that is an upper bound.
    """

    main: ClassVar[str] = "identifiers"
    cluster_id: str
    n_accounts: int
    n_core: int
    n_constrained: int
    score: float
    n_links: int
    bits: float
    prior_bits: float
    against_bits: float
    facets: tuple[FacetShare, ...]
    identifiers: tuple[IdentifierShare, ...]
    n_identifiers: int
    rest_bits: float
    weeks: tuple[Span, ...]
    hypothesis: str
    rivals: tuple[Rival, ...]
    hypothesis_evidence: tuple[HypothesisEvidence, ...]
    also_explained_by: str | None
    signals: tuple[Signal, ...]
    facts: tuple[Fact, ...]
    expected_by_chance: float | None
    fdr: float | None
    weakest_cut: float
    weakest_cut_side: int
    weakest_cut_is_bound: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        split = [f"{facet.facet} {wording.percent(facet.share)}" for facet in self.facets if facet.bits > 0]
        sentences = [
            (
                f"{self.cluster_id} has {counted(self.n_accounts, 'account')}, {self.n_core:,} of them core, "
                f"tied by {counted(self.n_links, 'link')}; its accounts belong to it with probability "
                f"{format_probability(self.score)} on average."
            ),
            wording.constraint_sentence(self.n_constrained, self.n_accounts),
            f"Its evidence is {listed(split)}." if split else "There is no evidence for it.",
            *(identifier_sentence(one, self.n_accounts) for one in self.identifiers[:N_NAMED]),
            hypothesis_sentence(self.hypothesis, self.rivals, self.also_explained_by),
            wording.open_sentence(self.hypothesis),
            wording.harmless_sentence(self.also_explained_by),
            *separating_sentences(self.hypothesis_evidence),
            *(signal_sentence(signal) for signal in self.signals if signal.is_notable),
            *(fact_sentence(fact) for fact in self.facts),
            wording.cut_sentence(self.weakest_cut, self.weakest_cut_side, self.weakest_cut_is_bound),
        ]
        sentences += [
            wording.chance_sentence(self.expected_by_chance),
            wording.fdr_sentence(self.fdr, self.also_explained_by),
        ]
        return tuple(sentence for sentence in sentences if sentence)


@of_result
def explain_cluster(result: Readable, cluster_id: str) -> ClusterExplanation:
    """Explain a cluster.

    Args:
        result: A finished run.
        cluster_id: The cluster.

    Returns:
        The bits of its links by facet and identifier, its rival hypotheses with probabilities, signals and
        facts.

    Raises:
        NotFoundError: There is no such cluster.
    """
    names = members_of(result, cluster_id)
    (row,) = rows_of(result.table("clusters", where={"cluster_id": [cluster_id]}))
    graph = read_evidence_graph(result, names, settings_of(result).model.prior_bits)
    positive = float(graph.counted[graph.counted > 0].sum())
    shares = shares_of_identifiers(graph, positive)
    places = places_of_behaviours(result, cluster_id)
    known = identifiers_known(result, {(share["kind"], share["value"]) for share in shares[:N_IDENTIFIERS]})
    return ClusterExplanation(
        cluster_id=cluster_id,
        n_accounts=row["n_accounts"],
        n_core=row["n_core"],
        n_constrained=row["n_constrained"],
        score=row["score"],
        n_links=len(graph.bits),
        bits=float(graph.bits.sum()),
        prior_bits=graph.prior_bits * len(graph.bits),
        against_bits=float(graph.counted[graph.counted < 0].sum()),
        facets=shares_of_facets(graph, positive),
        identifiers=tuple(identifier_share(share, known, places) for share in shares[:N_IDENTIFIERS]),
        n_identifiers=len(shares),
        rest_bits=float(graph.counted.sum()) - sum(share["bits"] for share in shares[:N_IDENTIFIERS]),
        weeks=spans_of(graph),
        hypothesis=row["hypothesis"],
        rivals=tuple(Rival(name, row.get(f"p_{name}")) for name in HYPOTHESIS_WORDS),
        hypothesis_evidence=hypothesis_evidence_of(result, row),
        also_explained_by=row.get("also_explained_by"),
        signals=signals_of(result, cluster_id),
        facts=facts_of(result, cluster_id),
        expected_by_chance=row.get("expected_by_chance"),
        fdr=row.get("fdr"),
        weakest_cut=row["weakest_cut"],
        weakest_cut_side=row["weakest_cut_side"],
        weakest_cut_is_bound=row["weakest_cut_is_bound"],
    )
