"""Sentences of a page: confidence, evidence against, dependencies, collateral of an action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core import wording
from graphlink.core.wording.figures import format_probability
from graphlink.core.wording.vocabulary import HYPOTHESIS_WORDS, PUBLIC_TYPES
from graphlink.explanations import estimate_collateral, find_breaks
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.explanations.returns import Returns
    from graphlink.report.blocks import ClusterTables
    from graphlink.report.model import Entry, Tie
    from graphlink.result.comparison import Change

_N_BLOCKED = 3
_N_DOUBTED = 8  # ties, the strongest first, that are examined for doubts


def confidence_sentences(cluster: Mapping[str, Any], entry: Entry) -> list[str]:
    """How sure the cluster and its members are."""
    wrong = (1.0 - cluster["score"]) * entry.n_accounts
    sentences = [
        (
            f"If one organisation operates it, a member belongs to it with a mean probability of "
            f"{format_probability(cluster['score'])}: of {entry.n_accounts:,} members "
            f"{wording.mean_words(wrong)} are expected not to."
        )
    ]
    if cluster.get("p_same_operator") is not None:
        names = [
            f"{known.name} {format_probability(cluster[f'p_{name}'])}"
            for name, known in HYPOTHESIS_WORDS.items()
        ]
        sentences.append(f"What it may be: {', '.join(names)}.")
    sentences.append(wording.constraint_sentence(cluster["n_constrained"], entry.n_accounts))
    cut = (cluster["weakest_cut"], cluster["weakest_cut_side"], cluster["weakest_cut_is_bound"])
    sentences += [
        wording.chance_sentence(entry.expected_by_chance),
        wording.fdr_sentence(entry.fdr, entry.also_explained_by),
        wording.cut_sentence(*cut),
    ]
    return [sentence for sentence in sentences if sentence]


def against_sentences(tables: ClusterTables, entry: Entry, ties: Sequence[Tie]) -> list[str]:
    """The evidence against one operator of the cluster."""
    sentences = []
    if open_sentence := wording.open_sentence(entry.hypothesis):
        sentences.append(open_sentence)
    if entry.also_explained_by:
        sentences.append(wording.harmless_sentence(entry.also_explained_by))
    if len(entry.facets) == 1:
        sentences.append(
            f"All evidence is of one facet ({entry.facets[0][0]}): one false assumption would invalidate it."
        )
    sentences += [sentence for tie in ties[:_N_DOUBTED] if (sentence := _doubt_of_tie(tie))]
    sentences += _rivals(tables)
    sentences += _differing(tables)
    if entry.n_fringe:
        fringe, them = ("account is", "it") if entry.n_fringe == 1 else ("accounts are", "them")
        sentences.append(f"{entry.n_fringe:,} {fringe} fringe: take no action on {them} on this ground.")
    return sentences or ["No evidence against it is in the data; there may be some that is not in the data."]


def _doubt_of_tie(tie: Tie) -> str:
    """Why a tie is weak evidence: it is public by a reference list, or mostly held outside; else empty."""
    if tie.label_type in PUBLIC_TYPES:
        name = f"{shown(tie.value)} ({shown(tie.label or tie.label_type)})"
        return f"{name} is on a reference list as {PUBLIC_TYPES[tie.label_type]}."
    if tie.n_outside and tie.n_members and tie.n_outside > tie.n_members:
        outside = wording.counted(tie.n_outside, "account outside holds", "accounts outside hold")
        return (
            f"{tie.kind.replace('_', ' ')} {shown(tie.value)} ties {tie.n_members:,} members, but "
            f"{outside} it too."
        )
    return ""


def _differing(tables: ClusterTables) -> list[str]:
    """What the kinds take from the links in which accounts differ."""
    rows = tables.ties.filter(pc.less(tables.ties["bits"], 0.0))
    return [
        f"Differing values of {kind.replace('_', ' ')} take {-bits:,.1f} bits from its links."
        for kind, bits in zip(rows["kind"].to_pylist(), rows["bits"].to_pylist(), strict=True)
    ]


def _rivals(tables: ClusterTables) -> list[str]:
    """The evidence that fits another explanation better, by a bit or more."""
    sentences = []
    for row in rows_of(tables.hypotheses):
        rivals = {name: row[f"bits_{name}"] for name in HYPOTHESIS_WORDS if name != "same_operator"}
        rival = max(rivals, key=lambda name: rivals[name])
        if rivals[rival] - row["bits_same_operator"] >= 1.0:
            name = (row["evidence"] or "one evidence item").replace("_", " ")
            about = f" ({row['detail']})" if row["detail"] else ""
            sentences.append(f"Fits {wording.hypothesis_name(rival)} better: {name}{about}.")
    return sentences


def dependency_sentences(
    tables: ClusterTables, ties: Sequence[Tie], entry: Entry, *, is_searched: bool
) -> list[str]:
    """What would split the cluster, and its strongest shared evidence."""
    positive = [tie for tie in ties if tie.bits > 0]
    if not positive:
        return []
    first = positive[0]
    name = f"{first.kind.replace('_', ' ')} {shown(first.value)}".strip()
    worth = wording.tie_words(first.n_members, entry.n_accounts, first.share)
    sentences = [f"Its strongest shared evidence is {name}: {worth}."]
    if entry.facets:
        facet, share = entry.facets[0]
        sentences.append(f"Of its evidence {wording.percent(share)} is of the facet {facet}.")
    if is_searched:
        return [*find_breaks(tables.view, entry.cluster_id).sentences, *sentences]
    return [wording.not_searched_sentence(entry.n_links), *sentences]


def collateral_sentences(
    tables: ClusterTables, ties: Sequence[Tie], members: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Who would be hit by closing its accounts or blocking its shared identifiers."""
    core = [row["account_id"] for row in members if row["role"] == "core"]
    everyone = [row["account_id"] for row in members]
    groups = [("core", core), ("core and fringe", everyone if len(everyone) > len(core) else [])]
    sentences = []
    for name, accounts in groups:
        if accounts:
            law = " ".join(estimate_collateral(tables.view, accounts).law)
            sentences.append(f"Closing all {len(accounts):,} {name} accounts: {law}")
    known = [tie for tie in ties if tie.value and tie.bits > 0 and tie.n_outside is not None]
    for tie in known[:_N_BLOCKED]:
        name = f"{tie.kind.replace('_', ' ')} {shown(tie.value)}"
        sentences.append(f"Accounts outside it that blocking {name} would hit: {tie.n_outside or 0:,}.")
    return sentences


def change_sentences(change: Change | None, returns: Returns) -> tuple[str, ...]:
    """What became of the cluster since the earlier result."""
    if change is None:
        return ()
    returned = wording.soon_after_sentence(
        returns.lag_s, returns.n_within, returns.within_by_chance, is_above_chance=returns.is_above_chance
    )
    return (change.sentence(), *filter(None, (returned,)))
