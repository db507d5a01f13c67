"""Why this cluster: its bits split by facet, by identifier and over time, its hypothesis and its rivals."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core import wording
from graphlink.core.errors import ResultError
from graphlink.core.wording.figures import counted, told_bits, told_probability
from graphlink.core.wording.vocabulary import HYPOTHESIS_WORDS
from graphlink.explanations.reweighing import NEVER, Web, read_web
from graphlink.explanations.stored import identifiers_known, members_of, settings_of
from graphlink.explanations.values import Explanation, listed, named
from graphlink.kinds import shown
from graphlink.result.integrity import of_result
from graphlink.storage.result_folder import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable

_N_IDENTIFIERS = 50
_N_SAID = 3
_LEAST_SAID = 0.5  # bits between two hypotheses from which a sentence names a piece
_WEEK = 7 * 86400
_MOST_WEEKS = 60
_MONDAY = 4 * 86400  # 1970-01-05, the first Monday, in seconds


@dataclass(frozen=True, slots=True)
class FacetShare:
    """What a facet adds to the links of a cluster, and how many of them it speaks for."""

    facet: str
    bits: float
    share: float
    n_links: int


@dataclass(frozen=True, slots=True)
class IdentifierShare:
    """What an identifier, or a joint behaviour (then `value` is empty), adds to the links of a cluster.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier.
        facet: Group of kinds that fail together.
        bits: Counted bits over all links.
        share: Of the bits of all that speak for the cluster.
        n_links: Links it speaks for.
        n_accounts: Members it ties.
        degree: Accounts that ever held it; None for a behaviour.
        private: Probability that it is private to one operator.
        label: Label from a reference list.
    """

    kind: str
    value: str
    facet: str
    bits: float
    share: float
    n_links: int
    n_accounts: int
    degree: int | None
    private: float | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Bits by when the accounts were together: each piece of evidence spread evenly over its joint time.

    Attributes:
        start: Start of the span, a Monday or the first of a month; None for evidence without a time.
        bits: Counted bits.
    """

    start: str | None
    bits: float


@dataclass(frozen=True, slots=True)
class Rival:
    """A hypothesis of what ties a cluster, and its probability (None when the result does not tell)."""

    hypothesis: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class HypothesisEvidence:
    """What a piece of evidence says between the hypotheses.

    Attributes:
        evidence: The piece, such as payment or time_at_shared_places.
        n_ties: Ties that show it; None when it is no count.
        n_possible: Ties that could show it.
        bits_same_operator: log2 of its likelihood under one operator.
        bits_router_tenants: The same under customers of one router.
        bits_shared_network: The same under people on one network.
        bits: What it says for the likeliest hypothesis against the next, in bits.
        detail: A sentence.
    """

    evidence: str
    n_ties: int | None
    n_possible: int | None
    bits_same_operator: float
    bits_router_tenants: float
    bits_shared_network: float
    bits: float
    detail: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the cluster beside its links: its value, what is usual, and a sentence.

    `is_notable` says whether the two are far enough apart to be pointed out, see `graphlink.core.wording`.
    """

    signal: str
    value: float | None
    usual: float | None
    n_accounts: int | None
    detail: str
    is_notable: bool


@dataclass(frozen=True, slots=True)
class ClusterExplanation(Explanation):
    """Why a cluster: all bits of its links are those of its prior, its facets and what speaks against.

    Attributes:
        cluster_id: The cluster.
        n_accounts: Accounts in it.
        n_core: Accounts that are core.
        score: Mean probability of its accounts to belong to it.
        n_links: Links inside it.
        bits: Sum of their log2 odds: the facets' bits and the prior's.
        prior_bits: What the prior takes away, over all links.
        against_bits: What differing values take away, over all links; part of the facets' bits.
        facets: Bits by facet, the strongest first.
        identifiers: Bits by identifier or behaviour, the strongest 50.
        n_identifiers: How many there are.
        rest_bits: Bits of those that are not listed; with the identifiers' the same as the facets' bits.
        weeks: Bits by week, or by month when there are more than 60 weeks.
        hypothesis: The likeliest of the rivals.
        rivals: All of them. Their probabilities are the shares of two to the power of their sums of bits,
            kept from both ends by the doubt that the run allows (0.005).
        hypothesis_evidence: What separates them, what says most first; empty when the result does not tell.
        also_explained_by: What harmless reading explains it too; None when none is known to.
        signals: Signals beside the links.
        chance: Clusters as large and as strong that coincidence would give; None when not known.
        fdr: Of it and all at least as certain, the expected share of false leads; None when not known.
        weakest_cut: Least sum of bits whose loss would split it.
        weakest_cut_side: Accounts on the lesser side of it.
        weakest_cut_is_bound: Whether that is an upper bound.
    """

    cluster_id: str
    n_accounts: int
    n_core: int
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
    chance: float | None
    fdr: float | None
    weakest_cut: float
    weakest_cut_side: int
    weakest_cut_is_bound: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        split = [f"{facet.facet} {wording.percent(facet.share)}" for facet in self.facets if facet.bits > 0]
        told = [
            (
                f"{self.cluster_id} has {counted(self.n_accounts, 'account')}, {self.n_core:,} of them core, "
                f"tied by {counted(self.n_links, 'link')}; its accounts belong to it with probability "
                f"{told_probability(self.score)} on average."
            ),
            f"Its evidence is {listed(split)}." if split else "Nothing speaks for it.",
            *(_identifier_sentence(one, self.n_accounts) for one in self.identifiers[:_N_SAID]),
            _hypothesis_sentence(self),
            wording.harmless_sentence(self.also_explained_by),
            *_separating_sentences(self),
            *(_signal_sentence(signal) for signal in self.signals),
            wording.cut_sentence(self.weakest_cut, self.weakest_cut_side, self.weakest_cut_is_bound),
        ]
        told += [
            wording.chance_sentence(self.chance),
            wording.fdr_sentence(self.fdr, self.also_explained_by),
        ]
        return tuple(sentence for sentence in told if sentence)


@of_result
def explain_cluster(result: Readable, cluster_id: str) -> ClusterExplanation:
    """Explain a cluster.

    Raises:
        NotFoundError: There is no such cluster.
    """
    names = members_of(result, cluster_id)
    (row,) = rows_of(result.table("clusters", where={"cluster_id": [cluster_id]}))
    web = read_web(result, names, settings_of(result).model.prior_bits)
    speaking = float(web.counted[web.counted > 0].sum())
    shares = _identifiers(web, speaking)
    known = identifiers_known(result, {(share["kind"], share["value"]) for share in shares[:_N_IDENTIFIERS]})
    return ClusterExplanation(
        cluster_id=cluster_id,
        n_accounts=row["n_accounts"],
        n_core=row["n_core"],
        score=row["score"],
        n_links=len(web.bits),
        bits=float(web.bits.sum()),
        prior_bits=web.prior_bits * len(web.bits),
        against_bits=float(web.counted[web.counted < 0].sum()),
        facets=_facets(web, speaking),
        identifiers=tuple(_share(share, known) for share in shares[:_N_IDENTIFIERS]),
        n_identifiers=len(shares),
        rest_bits=float(web.counted.sum()) - sum(share["bits"] for share in shares[:_N_IDENTIFIERS]),
        weeks=_spans(web),
        hypothesis=row["hypothesis"],
        rivals=tuple(Rival(name, row.get(f"p_{name}")) for name in HYPOTHESIS_WORDS),
        hypothesis_evidence=_hypothesis_evidence(result, row),
        also_explained_by=row.get("also_explained_by"),
        signals=_signals(result, cluster_id),
        chance=row.get("chance"),
        fdr=row.get("fdr"),
        weakest_cut=row["weakest_cut"],
        weakest_cut_side=row["weakest_cut_side"],
        weakest_cut_is_bound=row["weakest_cut_is_bound"],
    )


def _facets(web: Web, speaking: float) -> tuple[FacetShare, ...]:
    facets = sorted(set(web.facets))
    of_piece = np.array([facets.index(facet) for facet in web.facets], dtype=np.int64)
    of_row = of_piece[web.piece]
    bits = np.bincount(of_row, weights=web.counted, minlength=len(facets))
    found = []
    for number, facet in enumerate(facets):
        rows = (of_row == number) & (web.counted > 0)
        share = float(web.counted[rows].sum()) / speaking if speaking else 0.0
        found.append(FacetShare(facet, float(bits[number]), share, len(np.unique(web.link[rows]))))
    return tuple(sorted(found, key=lambda facet: (-facet.bits, facet.facet)))


def _identifiers(web: Web, speaking: float) -> list[dict[str, Any]]:
    bits = np.bincount(web.piece, weights=web.counted, minlength=web.n_pieces).tolist()
    order = sorted(range(web.n_pieces), key=lambda piece: (-bits[piece], piece))
    found = []
    for place, piece in enumerate(order):
        told = web.pieces[piece]
        share: dict[str, Any] = {"kind": told.kind, "value": told.value}
        if place < _N_IDENTIFIERS:
            links = web.link[web.rows_of_piece(piece)]
            share |= {
                "facet": web.facets[piece],
                "bits": bits[piece],
                "share": max(0.0, bits[piece]) / speaking if speaking else 0.0,
                "n_links": len(links),
                "n_accounts": len(np.unique(web.ends[links])),
            }
        found.append(share)
    return found


def _share(share: dict[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> IdentifierShare:
    about = known.get((share["kind"], share["value"]), {})
    return IdentifierShare(
        **share, degree=about.get("degree"), private=about.get("private"), label=about.get("label")
    )


def _spans(web: Web) -> tuple[Span, ...]:
    timed = web.first != NEVER
    spans: list[Span] = []
    if timed.any():
        first, last = web.first[timed], web.last[timed]
        weeks = int((last.max() - first.min()) // _WEEK) + 1
        starts = _weeks(first.min(), last.max()) if weeks <= _MOST_WEEKS else _months(first.min(), last.max())
        edges = np.array(starts, dtype=np.float64)
        # A moment counts as a second long, so that everything has some span to lie in.
        length = (last - first + 1).astype(np.float64)
        for start, stop in itertools.pairwise(edges):
            inside = np.clip(np.minimum(last + 1, stop) - np.maximum(first, start), 0.0, None)
            bits = float((web.counted[timed] * inside / length).sum())
            spans.append(Span(f"{datetime.datetime.fromtimestamp(start, datetime.UTC):%Y-%m-%d}", bits))
    if not timed.all():
        spans.append(Span(None, float(web.counted[~timed].sum())))
    return tuple(spans)


def _weeks(first: int, last: int) -> list[int]:
    start = (first - _MONDAY) // _WEEK * _WEEK + _MONDAY
    return list(range(start, last + _WEEK + 1, _WEEK))


def _months(first: int, last: int) -> list[int]:
    begin = datetime.datetime.fromtimestamp(first, datetime.UTC)
    year, month, starts = begin.year, begin.month, list[int]()
    while not starts or starts[-1] <= last:
        starts.append(int(datetime.datetime(year, month, 1, tzinfo=datetime.UTC).timestamp()))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return starts


def _hypothesis_evidence(result: Readable, cluster: dict[str, Any]) -> tuple[HypothesisEvidence, ...]:
    likeliest, rival = cluster["hypothesis"], cluster.get("rival")
    if rival is None:
        return ()
    rows = _rows_about(result, "hypotheses", cluster["cluster_id"])
    found = [
        HypothesisEvidence(
            row["evidence"],
            row["n_ties"],
            row["n_possible"],
            row["bits_same_operator"],
            row["bits_router_tenants"],
            row["bits_shared_network"],
            bits=row[f"bits_{likeliest}"] - row[f"bits_{rival}"],
            detail=row["detail"] or "",
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.bits), one.evidence)))


def _signals(result: Readable, cluster_id: str) -> tuple[Signal, ...]:
    return tuple(
        Signal(
            row["signal"],
            row["value"],
            row["usual"],
            row["n_accounts"],
            row["detail"] or "",
            wording.is_notable(row["value"], row["usual"], row["n_accounts"]),
        )
        for row in _rows_about(result, "signals", cluster_id)
    )


def _rows_about(result: Readable, name: str, cluster_id: str) -> list[dict[str, Any]]:
    """The rows of a table that are about a cluster; none of a run before there was such a table."""
    try:
        return rows_of(result.table(name, where={"cluster_id": [cluster_id]}))
    except ResultError:
        return []


def _identifier_sentence(one: IdentifierShare, n_accounts: int) -> str:
    facts = [wording.tie_words(one.n_accounts, n_accounts, one.share)]
    if one.degree is not None:
        facts.append(f"{counted(one.degree, 'account holds', 'accounts hold')} it in all")
    if one.private is not None:
        facts.append(f"p(private) = {told_probability(one.private)}")
    if one.label:
        facts.append(f"listed as {shown(one.label)}")
    return f"{named(one.kind, one.value)} {'; '.join(facts)}."


def _signal_sentence(signal: Signal) -> str:
    value = "" if signal.value is None else f" {_figure(signal.value)}"
    usual = "" if signal.usual is None else f", usual {_figure(signal.usual)}"
    about = f" ({shown(signal.detail, 120)})" if signal.detail else ""
    return f"{named(signal.signal, '')}:{value or ' not known'}{usual}{about}."


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _hypothesis_sentence(cluster: ClusterExplanation) -> str:
    told = [
        f"{wording.hypothesis_name(rival.hypothesis)} {told_probability(rival.probability)}"
        for rival in cluster.rivals
        if rival.probability is not None
    ]
    name = wording.hypothesis_name(cluster.hypothesis)
    return f"Likeliest: {name}{f' ({listed(told)})' if told else ''}."


def _separating_sentences(cluster: ClusterExplanation) -> tuple[str, ...]:
    """What says most for the likeliest hypothesis and most against it, beside the next."""
    told = []
    for sign, word in ((1.0, "For"), (-1.0, "Against")):
        pieces = [one for one in cluster.hypothesis_evidence if sign * one.bits >= _LEAST_SAID][:_N_SAID]
        if pieces:
            said = listed(
                [f"{wording.evidence_name(one.evidence)} ({told_bits(one.bits)})" for one in pieces]
            )
            told.append(f"{word} it rather than the next likeliest: {said}.")
    return tuple(told)
