"""The claims that people quote, each defined and worded once.

Terminal, explorer, page of a review, report and notebooks take these sentences as they are; none has words
of its own for the same number. Names that come from the data are made safe by the caller, and every face
escapes a sentence at its door.
"""

from __future__ import annotations

from graphlink.wording.clusters import (
    ALSO_EXPLAINED,
    FDR,
    WEAKEST_CUT,
    chance_figure,
    chance_sentence,
    claim,
    cluster_words,
    cut_figure,
    cut_sentence,
    definitions,
    evidence_name,
    evidence_share,
    expected_words,
    fdr_definition,
    fdr_figure,
    fdr_sentence,
    is_notable,
    loss_sentence,
    not_searched_sentence,
    tie_words,
)
from graphlink.wording.collateral import (
    harmless_hit_sentence,
    honest_sentence,
    interval_sentence,
    whole_law_sentence,
)
from graphlink.wording.figures import (
    at_most_percent,
    counted,
    floor_percent,
    mean_words,
    percent,
    tenths_percent,
    told_bits,
    told_probability,
)
from graphlink.wording.pairs import missing_sentence, pair_in_cluster_sentence, pair_sentence, reach_sentence
from graphlink.wording.returns import (
    ABOVE_CHANCE,
    SOON_AFTER,
    lag_words,
    returned_phrase,
    soon_after_figure,
    soon_after_sentence,
    tied_by_words,
    within_words,
)
from graphlink.wording.vocabulary import HARMLESS_WORD, harmless_name, harmless_names, harmless_sentence

__all__ = [
    "ABOVE_CHANCE",
    "ALSO_EXPLAINED",
    "FDR",
    "HARMLESS_WORD",
    "SOON_AFTER",
    "WEAKEST_CUT",
    "at_most_percent",
    "chance_figure",
    "chance_sentence",
    "claim",
    "cluster_words",
    "counted",
    "cut_figure",
    "cut_sentence",
    "definitions",
    "evidence_name",
    "evidence_share",
    "expected_words",
    "fdr_definition",
    "fdr_figure",
    "fdr_sentence",
    "floor_percent",
    "harmless_hit_sentence",
    "harmless_name",
    "harmless_names",
    "harmless_sentence",
    "honest_sentence",
    "interval_sentence",
    "is_notable",
    "lag_words",
    "loss_sentence",
    "mean_words",
    "missing_sentence",
    "not_searched_sentence",
    "pair_in_cluster_sentence",
    "pair_sentence",
    "percent",
    "reach_sentence",
    "returned_phrase",
    "soon_after_figure",
    "soon_after_sentence",
    "tenths_percent",
    "tie_words",
    "tied_by_words",
    "told_bits",
    "told_probability",
    "whole_law_sentence",
    "within_words",
]
