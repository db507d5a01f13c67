"""Clusters, links and membership against a known truth, or where only a sample is labelled, or nothing.

Everything works on whole columns: accounts become integer codes once, and every measure of a clustering is
read off the cells of its contingency table (how many accounts cluster i and operator j share), so a million
accounts take seconds.

Definitions that hold throughout:

* An account of the truth that the membership lacks, or whose cluster is null, is in a cluster of its own.
* An account that the truth lacks, or whose operator is null, is left out of every measure and counted
  (`n_unknown`); clusters shrink to their known accounts.
* A measure that has nothing to divide by (the precision of no claims) is NaN, and None in `to_dict`.
"""

from __future__ import annotations

from graphlink.evaluation.calibration import (
    N_BINS,
    THRESHOLDS,
    Calibration,
    CalibrationBin,
    ThresholdPoint,
    evaluate_links,
    evaluate_membership,
)
from graphlink.evaluation.clusters import (
    REVIEWED,
    Measures,
    ReviewPoint,
    Scores,
    StyleMeasures,
    evaluate_clusters,
)
from graphlink.evaluation.discoveries import RATES, DiscoveryPoint, evaluate_discoveries
from graphlink.evaluation.distance import entropy_cost, merge_distance, no_cost, pair_cost, unit_cost
from graphlink.evaluation.left_out import LeftOut, LeftOutBin, evaluate_left_out
from graphlink.evaluation.sampling import Estimates, Interval, estimate_from_sample
from graphlink.evaluation.whole import Evaluation, evaluate_tables, read_truth_file

__all__ = [
    "N_BINS",
    "RATES",
    "REVIEWED",
    "THRESHOLDS",
    "Calibration",
    "CalibrationBin",
    "DiscoveryPoint",
    "Estimates",
    "Evaluation",
    "Interval",
    "LeftOut",
    "LeftOutBin",
    "Measures",
    "ReviewPoint",
    "Scores",
    "StyleMeasures",
    "ThresholdPoint",
    "entropy_cost",
    "estimate_from_sample",
    "evaluate_clusters",
    "evaluate_discoveries",
    "evaluate_left_out",
    "evaluate_links",
    "evaluate_membership",
    "evaluate_tables",
    "merge_distance",
    "no_cost",
    "pair_cost",
    "read_truth_file",
    "unit_cost",
]
