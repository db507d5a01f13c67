"""Splink 5 in the best configuration found for records whose kinds nobody has described.

One record per account. A kind with one value per account becomes a text column (exact match with term
frequencies, then two Jaro-Winkler levels where values have the look of words); a kind with several becomes
two lists, of rare and of less rare values, compared by the size of their intersection. Values too common to
block on are left out of the blocking columns, and out of the lists, so that blocking stays within a budget.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

if TYPE_CHECKING:
    from splink.internals.blocking_rule_creator import BlockingRuleCreator

    from tests.bench.accuracy.trials import Codes, Sightings

BLOCKED_PAIRS = 1_000_000  # per kind
RARE, COMMON = 10, 100
THRESHOLD = 0.95  # as in its own examples
STRICT_THRESHOLD = 0.9999
N_TRAINING_RULES = 4


@dataclass(frozen=True)
class _Field:
    """A kind as Splink sees it: the columns to compare, those to block on and the pairs that makes.

    A text column blocks on itself and on its copy without common values: Splink must see the compared column
    in the rule, or it would train that comparison on pairs that all agree on it.
    """

    columns: tuple[str, ...]
    block: tuple[str, ...]
    is_list: bool
    is_text: bool
    n_pairs: int

    @property
    def rule(self) -> BlockingRuleCreator:
        return block_on(*self.block, arrays_to_explode=list(self.block) if self.is_list else None)

    @property
    def training_rule(self) -> BlockingRuleCreator:
        """Training can't explode lists, so it blocks on their first value."""
        return block_on(f"{self.block[0]}[1]") if self.is_list else self.rule


def fellegi_sunter(sightings: Sightings, threshold: float = THRESHOLD) -> Codes:
    """Fellegi-Sunter with unsupervised training; components of pairs of at least the threshold."""
    columns: dict[str, Any] = {"unique_id": np.arange(sightings.n_accounts)}
    fields = [_field(sightings, kind, columns) for kind in range(len(sightings.kinds))]
    fields = [field for field in fields if field.n_pairs]
    if not fields:
        return np.full(sightings.n_accounts, -1)
    clusters = _clustered(pa.table(columns), fields, threshold)
    actual = np.full(sightings.n_accounts, -1)
    actual[np.array(clusters["unique_id"], dtype=np.int64)] = np.array(clusters["cluster_id"], dtype=np.int64)
    size = np.bincount(actual[actual >= 0], minlength=1)
    return np.where((actual >= 0) & (size[actual] >= 2), actual, -1)


def strict_fellegi_sunter(sightings: Sightings) -> Codes:
    """The same at a threshold for kinds that repeat each other, whose bits Splink adds in full."""
    return fellegi_sunter(sightings, STRICT_THRESHOLD)


def _clustered(table: pa.Table, fields: list[_Field], threshold: float) -> dict[str, list[Any]]:
    rules = [field.rule for field in fields]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison for field in fields for comparison in _comparisons(field)],
        blocking_rules_to_generate_predictions=rules,
        max_iterations=20,
    )
    linker = Linker(DuckDBAPI().register(table), settings, log_level=None)
    plain = [field for field in fields if not field.is_list]
    certain = [block_on(*a.block, *b.block) for a, b in combinations(plain, 2)] or [fields[0].training_rule]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    # the most telling blocks first: training wants true pairs to be a fair share of a block's pairs
    for field in sorted(fields, key=lambda field: (field.n_pairs < 500, field.n_pairs))[:N_TRAINING_RULES]:
        linker.training.estimate_parameters_using_expectation_maximisation(
            field.training_rule, estimate_without_term_frequencies=True, max_pairs=1e6
        )
    pairs = linker.inference.predict(threshold_match_probability=threshold, warning_mode="never")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
    actual: dict[str, list[Any]] = clusters.as_dict()
    return actual


def _comparisons(field: _Field) -> list[Any]:
    if field.is_list:
        rare, common = field.columns
        return [cl.ArrayIntersectAtSizes(rare, [3, 2, 1]), cl.ArrayIntersectAtSizes(common, [3, 1])]
    column = field.columns[0]
    if field.is_text:
        return [cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True)]
    return [cl.ExactMatch(column).configure(term_frequency_adjustments=True)]


def _field(sightings: Sightings, kind: int, columns: dict[str, Any]) -> _Field:
    """Add the columns of one kind and say how to compare them."""
    chosen = sightings.kind_of[sightings.identifier] == kind
    key, code = np.unique(
        np.stack([sightings.account[chosen], sightings.identifier[chosen]]), axis=1, return_inverse=True
    )
    account, identifier = key
    times = np.bincount(code.ravel(), weights=sightings.n[chosen])
    degree = np.bincount(identifier, minlength=len(sightings.values))
    name = f"k{kind}"
    if np.bincount(account).max() > 1 and np.mean(np.bincount(account)[np.unique(account)] > 1) > 0.05:
        return _list_field(sightings, name, (account, identifier, degree), columns)
    order = np.lexsort((identifier, times, account))
    last = np.append(np.diff(account[order]) != 0, True)
    value: list[str | None] = [None] * sightings.n_accounts
    block: list[str | None] = [None] * sightings.n_accounts
    limit, n_pairs = _blocking_limit(degree)
    for i, j in zip(account[order][last].tolist(), identifier[order][last].tolist(), strict=True):
        value[i] = sightings.values[j]
        block[i] = sightings.values[j] if degree[j] <= limit else None
    columns[name], columns[f"{name}_block"] = pa.array(value), pa.array(block)
    words = [one for one in value if one is not None][:1000]
    is_text = sum(not any(sign.isdigit() for sign in word) for word in words) > 0.5 * len(words)
    return _Field((name,), (name, f"{name}_block"), False, is_text, n_pairs)


def _list_field(
    sightings: Sightings, name: str, held: tuple[Codes, Codes, Codes], columns: dict[str, Any]
) -> _Field:
    account, identifier, degree = held
    limit, n_pairs = _blocking_limit(np.where(degree <= RARE, degree, 0))
    most = min(limit, RARE)
    for suffix, low, high in (("_rare", 1, most), ("_common", most + 1, COMMON)):
        lists: dict[int, list[str]] = defaultdict(list)
        inside = (degree[identifier] >= low) & (degree[identifier] <= high)
        for i, j in zip(account[inside].tolist(), identifier[inside].tolist(), strict=True):
            lists[i].append(sightings.values[j])
        columns[name + suffix] = pa.array(
            [lists.get(i) for i in range(sightings.n_accounts)], pa.list_(pa.string())
        )
    return _Field((f"{name}_rare", f"{name}_common"), (f"{name}_rare",), True, False, n_pairs)


def _blocking_limit(degree: Codes) -> tuple[int, int]:
    """Most holders of a value that may be blocked on within the budget, and the pairs that makes."""
    shared = np.sort(degree[degree >= 2]).astype(np.int64)
    pairs = np.cumsum(shared * (shared - 1) // 2)
    n_kept = int(np.searchsorted(pairs, BLOCKED_PAIRS, side="right"))
    if not n_kept:
        return 1, 0
    limit = int(shared[n_kept - 1]) - (n_kept < len(shared) and shared[n_kept] == shared[n_kept - 1])
    return limit, int((shared[shared <= limit] * (shared[shared <= limit] - 1) // 2).sum())
