"""Generalized merge distance between two partitions, and costs of splits and merges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphlink.evaluation.columns import Codes, Floats
from graphlink.evaluation.contingency import Cells

Cost = Callable[[Floats, Floats], Floats]


def merge_distance(predicted: Codes, truth: Codes, split_cost: Cost, merge_cost: Cost) -> float:
    """Generalized merge distance from one partition to another, in linear time after a sort.

    The slice algorithm of Menestrina, Whang and Garcia-Molina (VLDB 2010), over whole columns: every true
    group gathers its slices one by one; a slice costs a split when its predicted cluster has accounts left,
    and a merge when the group already has some. It is the least cost over all paths of splits and then merges
    when the costs do not depend on the order of operations, as the three costs here do not.

    Args:
        predicted: Cluster of each account, as integers from 0.
        truth: True group of each account, as integers from 0.
        split_cost: Costs of splitting off x accounts from y others, for arrays of x and y.
        merge_cost: Costs of merging x accounts with y others.
    """
    cells = Cells.made(truth, predicted)  # sorted by true group, then predicted cluster
    group, cluster, size = cells.cluster, cells.operator, cells.size
    left = cells.operator_sizes[cluster] - _running(cluster, size) - size
    held = _running(group, size)
    splits = split_cost(size[left > 0].astype(float), left[left > 0].astype(float))
    merges = merge_cost(size[held > 0].astype(float), held[held > 0].astype(float))
    return float(splits.sum() + merges.sum())


def unit_cost(x: Floats, _: Floats) -> Floats:
    """Each operation costs one: the distance is the number of splits and merges."""
    return np.ones(len(x))


def no_cost(x: Floats, _: Floats) -> Floats:
    """Operations of this sort are free."""
    return np.zeros(len(x))


def pair_cost(x: Floats, y: Floats) -> Floats:
    """An operation costs the pairs it splits or joins: the distance is wrong pairs plus missed pairs."""
    return x * y


def entropy_cost(n: int) -> Cost:
    """Costs that make the distance the variation of information of n accounts, in bits."""

    def cost(x: Floats, y: Floats) -> Floats:
        return ((x + y) * np.log2(x + y) - x * np.log2(x) - y * np.log2(y)) / n

    return cost


def _running(group: Codes, size: Codes) -> Codes:
    """Sum of the sizes of earlier entries of the same group."""
    order = np.argsort(group, kind="stable")
    total = np.cumsum(size[order]) - size[order]
    first = np.ones(len(order), bool)
    first[1:] = group[order][1:] != group[order][:-1]
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    before = np.empty_like(total)
    before[order] = total - total[start]
    return before
