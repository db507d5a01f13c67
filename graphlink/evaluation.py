"""Clusters, links and membership against a known truth, and estimates where only a sample is labelled.

Everything works on whole columns: accounts become integer codes once, and every measure of a clustering is
read off the cells of its contingency table (how many accounts cluster i and operator j share), so a million
accounts take seconds.

Definitions that hold throughout:

* An account of the truth that the membership lacks, or whose cluster is null, is in a cluster of its own.
* An account that the truth lacks, or whose operator is null, is left out of every measure and counted
  (`n_unknown`); found clusters shrink to their known accounts.
* A measure that has nothing to divide by (the precision of no claims) is NaN, and None in `to_dict`.
"""

from __future__ import annotations

import dataclasses
import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.arguments import checked
from graphlink.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import numpy.typing as npt

    Codes = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Cost = Callable[[Floats, Floats], Floats]

N_BINS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
REVIEWED = (100, 1_000, 10_000)
RATES = (0.01, 0.05, 0.1, 0.2)
_Z = 1.959963984540054  # two-sided 95 %
_OPERATOR_COLUMNS = ("operator_id", "operator")


@dataclass(frozen=True, slots=True, repr=False)
class _Told:
    """Representations shared by the measures: a mapping, a text table and an HTML table."""

    def to_dict(self) -> dict[str, Any]:
        """The measures as plain numbers, lists and mappings; NaN becomes None."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def __repr__(self) -> str:
        rows = [(name, _written(value)) for name, value in _flat(self)]
        width = max(len(name) for name, _ in rows)
        return "\n".join([type(self).__name__, *(f"  {name:<{width}}  {value}" for name, value in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(_written(value))}</td></tr>"
            for name, value in _flat(self)
        )
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"


@dataclass(frozen=True, slots=True, repr=False)
class Scores(_Told):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, repr=False)
class StyleMeasures(_Told):
    """How the accounts of one style fared.

    Attributes:
        style: The truth's word for the kind of account.
        n_accounts: Accounts of the style.
        bcubed_precision: Mean over them of the share of their cluster that is of their operator.
        bcubed_recall: Mean over them of the share of their operator that is in their cluster.
        share_clustered: Share that is in a cluster of at least two accounts.
        share_with_stranger: Share that shares a cluster with an account of another operator.
    """

    style: str
    n_accounts: int
    bcubed_precision: float
    bcubed_recall: float
    share_clustered: float
    share_with_stranger: float


@dataclass(frozen=True, slots=True, repr=False)
class ReviewPoint(_Told):
    """What a reviewer has found after some clusters, strongest first.

    Attributes:
        n_clusters: Clusters reviewed.
        n_reviewed: Known accounts in them.
        n_found: Accounts of the majority operator of their cluster, where it has at least two there.
        found_per_100: Accounts found per 100 reviewed.
    """

    n_clusters: int
    n_reviewed: int
    n_found: int
    found_per_100: float


@dataclass(frozen=True, slots=True, repr=False)
class Measures(_Told):
    """A clustering against the truth.

    Attributes:
        n_accounts: Accounts whose operator is known; all measures are over these.
        n_missing: Those of them that the membership lacks (each counts as in no cluster).
        n_unknown: Accounts of the membership that the truth does not know; left out.
        n_clusters: Clusters of at least two accounts, unknown accounts included.
        largest_cluster: Accounts in the largest, unknown accounts included.
        n_operators: Operators of at least two accounts.
        n_true_pairs: Pairs of accounts of one operator.
        n_claimed_pairs: Pairs of known accounts in one cluster.
        pairs: Over pairs of accounts.
        bcubed: Over accounts (Bagga and Baldwin 1998).
        bcubed_partnered: The same over accounts whose operator has another account.
        adjusted_rand: Adjusted Rand index (Hubert and Arabie 1985); 1 is the truth, 0 is chance.
        n_splits: Least number of splits, and
        n_merges: merges, that turn the clusters into the truth (generalized merge distance at unit cost).
        variation_of_information: Bits between the two (the same distance at entropy cost).
        n_honest: Honest accounts.
        n_accused: Honest accounts that share a cluster with an account of another operator.
        false_accusation_rate: Share of honest accounts so accused.
        review: Review effort, strongest cluster first.
        styles: One row per style, when the truth names styles.
    """

    n_accounts: int
    n_missing: int
    n_unknown: int
    n_clusters: int
    largest_cluster: int
    n_operators: int
    n_true_pairs: int
    n_claimed_pairs: int
    pairs: Scores
    bcubed: Scores
    bcubed_partnered: Scores
    adjusted_rand: float
    n_splits: int
    n_merges: int
    variation_of_information: float
    n_honest: int
    n_accused: int
    false_accusation_rate: float
    review: tuple[ReviewPoint, ...]
    styles: tuple[StyleMeasures, ...]


@dataclass(frozen=True, slots=True, repr=False)
class CalibrationBin(_Told):
    """Claims whose probability lies in [low, high), the last bin closed: what was said and what was true."""

    low: float
    high: float
    n: int
    mean_probability: float
    share_true: float


@dataclass(frozen=True, slots=True, repr=False)
class ThresholdPoint(_Told):
    """Claims of at least this probability: how many, how many of them true, and of all that is true."""

    threshold: float
    n: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, repr=False)
class Calibration(_Told):
    """Probabilities against the truth.

    Attributes:
        n: Claims (links, or members) that the truth can judge.
        n_unknown: Claims it can't; left out.
        n_true: Claims that are true.
        n_true_all: True pairs in the whole truth, linked or not; for members, the same as `n_true`.
        expected_error: Expected calibration error: mean over claims of |said - true| of their bin.
        expected_error_above_half: The same over claims above 0.5.
        brier: Mean squared difference of probability and truth.
        bins: The reliability table.
        thresholds: Precision and recall above thresholds.
    """

    n: int
    n_unknown: int
    n_true: int
    n_true_all: int
    expected_error: float
    expected_error_above_half: float
    brier: float
    bins: tuple[CalibrationBin, ...]
    thresholds: tuple[ThresholdPoint, ...]


@dataclass(frozen=True, slots=True, repr=False)
class DiscoveryPoint(_Told):
    """Clusters listed up to a false discovery rate: what was said of them and what is true.

    Attributes:
        rate: The clusters are those whose `fdr` is at most this.
        n_clusters: How many.
        n_accounts: Known accounts in them.
        share_false: Mean over them of the share of accounts that are not of their majority operator.
        share_with_stranger: Share of them that hold accounts of two operators.
        share_without_operator: Share of them in which no two accounts have one operator.
    """

    rate: float
    n_clusters: int
    n_accounts: int
    share_false: float
    share_with_stranger: float
    share_without_operator: float


@dataclass(frozen=True, slots=True, repr=False)
class Interval(_Told):
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, repr=False)
class Estimates(_Told):
    """Measures of the whole clustering, estimated from a labelled sample; None where the sample can't tell.

    Attributes:
        design: What was sampled: operators or clusters.
        n_units: Operators or clusters in the sample.
        n_accounts: Labelled accounts.
        pair_precision: Of pairs in one cluster, the share of one operator.
        pair_recall: Of pairs of one operator, the share in one cluster.
        pair_f1: Their harmonic mean.
        bcubed_precision: Mean over accounts of the share of their cluster that is of their operator.
        bcubed_recall: Mean over accounts of the share of their operator that is in their cluster.
    """

    design: str
    n_units: int
    n_accounts: int
    pair_precision: Interval
    pair_recall: Interval | None
    pair_f1: Interval | None
    bcubed_precision: Interval
    bcubed_recall: Interval | None


@checked
def evaluate_clusters(
    membership: pa.Table,
    truth: pa.Table,
    *,
    clusters: pa.Table | None = None,
    honest_styles: Collection[str] | None = None,
) -> Measures:
    """Score clusters against the truth.

    Args:
        membership: account_id, cluster_id (null: in no cluster); one row per account.
        truth: account_id, operator_id (or operator), optionally style; one row per account.
        clusters: cluster_id, score: the order of review; None reviews the largest cluster first.
        honest_styles: Styles whose accounts are honest; None takes the only accounts of their operator.

    Raises:
        InputError: A column is missing, an account is there twice, no account of the truth is in the
            membership, or honest styles are named and the truth has no styles.
    """
    told = _told(truth)
    found = _clustering(membership, told)
    cells = _Cells.made(found.cluster, told.operator)
    honest = _honest(told, cells, honest_styles)
    accused = honest & cells.is_mixed_cluster
    n_splits, n_merges = _edits(found.cluster, told.operator)
    return Measures(
        n_accounts=len(told.operator),
        n_missing=found.n_missing,
        n_unknown=found.n_unknown,
        n_clusters=int((found.sizes >= 2).sum()),
        largest_cluster=int(found.sizes[found.sizes >= 2].max(initial=0)),
        n_operators=int((cells.operator_sizes >= 2).sum()),
        n_true_pairs=_n_pairs(cells.operator_sizes),
        n_claimed_pairs=_n_pairs(cells.cluster_sizes),
        pairs=_pair_scores(cells),
        bcubed=_bcubed_scores(cells, np.ones(len(told.operator), bool)),
        bcubed_partnered=_bcubed_scores(cells, cells.has_partner),
        adjusted_rand=_adjusted_rand(cells),
        n_splits=n_splits,
        n_merges=n_merges,
        variation_of_information=_variation_of_information(found.cluster, told.operator),
        n_honest=int(honest.sum()),
        n_accused=int(accused.sum()),
        false_accusation_rate=_ratio(accused.sum(), honest.sum()),
        review=_review(cells, found, clusters),
        styles=_style_measures(told, cells, found),
    )


@checked
def evaluate_links(links: pa.Table, truth: pa.Table) -> Calibration:
    """Hold the probabilities of links against the truth.

    Args:
        links: account_id_l, account_id_r, probability; one row per pair.
        truth: account_id, operator_id (or operator); one row per account.

    Raises:
        InputError: A column is missing, a probability is not in [0, 1], or an account is twice in the truth.
    """
    told = _told(truth)
    left, right = (
        _positions(_column(links, "links", (name,)), told.accounts)
        for name in ("account_id_l", "account_id_r")
    )
    known = (left >= 0) & (right >= 0)
    is_true = told.operator[left[known]] == told.operator[right[known]]
    n_true_all = _n_pairs(np.bincount(told.operator))
    return _calibration(_probabilities(links, "links")[known], is_true, int((~known).sum()), n_true_all)


def evaluate_membership(membership: pa.Table, truth: pa.Table) -> Calibration:
    """Hold the probabilities of members against the truth.

    A member is right when its operator is its cluster's majority operator: the one with most known accounts
    there, at least two (of equals, the one that sorts first). A member alone among strangers, or among
    accounts the truth does not know, proves nothing of a cluster: clusters with one known account count as
    unknown, and in a cluster of strangers nobody is right.

    Args:
        membership: account_id, cluster_id (null: in no cluster, left out), probability.
        truth: account_id, operator_id (or operator); one row per account.

    Raises:
        InputError: As for `evaluate_clusters`, or a probability of a member is not in [0, 1].
    """
    told = _told(truth)
    members = membership.filter(pc.is_valid(_column(membership, "membership", ("cluster_id",))))
    position = _positions(_accounts(members, "membership"), told.accounts)
    cluster = _codes(_column(members, "membership", ("cluster_id",)))
    known = position >= 0
    known &= np.bincount(cluster[known], minlength=len(cluster))[cluster] >= 2
    cells = _Cells.made(cluster[known], told.operator[position[known]])
    probability = _probabilities(members, "membership")[known]
    n_true = int(cells.is_majority.sum())
    return _calibration(probability, cells.is_majority, int((~known).sum()), n_true)


def evaluate_discoveries(
    membership: pa.Table, clusters: pa.Table, truth: pa.Table, *, rates: Sequence[float] = RATES
) -> tuple[DiscoveryPoint, ...]:
    """Hold the false discovery rates of clusters against the truth.

    What is false of a cluster is the share of its accounts that are not of its majority operator (one with at
    least two known accounts there), so all of a cluster of strangers. Each cluster counts alike, whatever its
    size. Clusters with one known account, or without a rate, are left out.

    Args:
        membership: account_id, cluster_id (null: in no cluster).
        clusters: cluster_id, fdr.
        truth: account_id, operator_id (or operator); one row per account.
        rates: The rates to list clusters up to.

    Raises:
        InputError: As for `evaluate_clusters`.
    """
    told = _told(truth)
    found = _clustering(membership, told)
    cells = _Cells.made(found.cluster, told.operator)
    said = _of_clusters(found, clusters, "fdr", math.nan)
    known = (found.given >= 0) & (cells.own_cluster_size >= 2)
    code = found.given[known]

    def mean(values: Any) -> Floats:
        n = np.bincount(code, minlength=len(said))
        return np.bincount(code, weights=values[known], minlength=len(said)) / np.maximum(n, 1)

    n_known = np.bincount(code, minlength=len(said))
    false, mixed = mean(~cells.is_majority), mean(cells.is_mixed_cluster)
    points = []
    for rate in rates:
        listed = (said <= rate) & (n_known > 0)
        shares = (false[listed], mixed[listed], false[listed] == 1.0)
        points.append(
            DiscoveryPoint(rate, int(listed.sum()), int(n_known[listed].sum()), *(_mean(s) for s in shares))
        )
    return tuple(points)


def estimate_from_sample(
    membership: pa.Table, labels: pa.Table, *, design: Literal["operators", "clusters"] = "clusters"
) -> Estimates:
    """Estimate the measures of a whole clustering from a labelled sample of it.

    Each measure is a ratio of totals over operators (or clusters), estimated by the weighted ratio estimator
    over the sampled units, as in Binette, York, Hickerson, Baek, Madhavan and Jones (2022, "Estimating the
    performance of entity resolution algorithms"). The interval is Wilson's, at the effective sample size that
    the linearised variance of the ratio implies (Korn and Graubard 1998), never more than the number of
    sampled units that carry weight: a perfect sample of ten does not give an interval of no width.

    Args:
        membership: account_id, cluster_id (null: in no cluster) of every account.
        labels: account_id, operator_id (or operator), and optionally weight: one over the chance of the unit
            to be in the sample, the same for all its accounts; without it all units had the same chance.
        design: "clusters": found clusters were drawn and every account in them was labelled, which tells
            precision (B-cubed precision over clustered accounts). "operators": operators were drawn and
            every account of each is in the labels, which tells precision and recall.

    Raises:
        InputError: A column is missing, an account is labelled twice, a weight is not positive or differs
            within a unit, or (clusters) an account of a sampled cluster has no label.
    """
    told = _told(labels)
    found = _clustering(membership, told)
    cells = _Cells.made(found.cluster, told.operator)
    weight = _weights(labels, told)
    if design == "operators":
        return _from_operators(cells, found, weight)
    if design == "clusters":
        return _from_clusters(cells, found, weight)
    raise InputError(f"design {design!r}: operators or clusters")


def merge_distance(found: Codes, truth: Codes, split_cost: Cost, merge_cost: Cost) -> float:
    """Generalized merge distance from one partition to another, in linear time after a sort.

    The slice algorithm of Menestrina, Whang and Garcia-Molina (VLDB 2010), over whole columns: every true
    group gathers its slices one by one; a slice costs a split when its found cluster has accounts left, and a
    merge when the group already has some. It is the least cost over all paths of splits and then merges when
    the costs do not depend on the order of operations, as the three costs here do not.

    Args:
        found: Cluster of each account, as integers from 0.
        truth: True group of each account, as integers from 0.
        split_cost: Costs of splitting off x accounts from y others, for arrays of x and y.
        merge_cost: Costs of merging x accounts with y others.
    """
    cells = _Cells.made(truth, found)  # sorted by true group, then found cluster
    group, cluster, size = cells.cluster, cells.operator, cells.size
    left = cells.operator_sizes[cluster] - _running(cluster, size) - size
    held = _running(group, size)
    splits = split_cost(size[left > 0].astype(float), left[left > 0].astype(float))
    merges = merge_cost(size[held > 0].astype(float), held[held > 0].astype(float))
    return float(splits.sum() + merges.sum())


def unit_cost(x: Floats, y: Floats) -> Floats:  # noqa: ARG001  (a cost takes both sizes)
    """Each operation costs one: the distance is the number of splits and merges."""
    return np.ones(len(x))


def no_cost(x: Floats, y: Floats) -> Floats:  # noqa: ARG001  (as above)
    """Operations of this sort are free."""
    return np.zeros(len(x))


def pair_cost(x: Floats, y: Floats) -> Floats:
    """An operation costs the pairs it parts or joins: the distance is wrong pairs plus missed pairs."""
    return x * y


def entropy_cost(n: int) -> Cost:
    """Costs that make the distance the variation of information of n accounts, in bits."""

    def cost(x: Floats, y: Floats) -> Floats:
        return ((x + y) * np.log2(x + y) - x * np.log2(x) - y * np.log2(y)) / n

    return cost


# ---------------------------------------------------------------------------------- columns and codes


@dataclass(frozen=True, slots=True)
class _Truth:
    """Known accounts with the codes of their operator (in sorted order of its name) and style."""

    accounts: Any
    operator: Codes
    style: Codes | None
    style_names: tuple[str, ...]
    n_rows: int
    rows: Codes


@dataclass(frozen=True, slots=True)
class _Clustering:
    """The cluster of each known account; `given` is its code among named clusters, -1 for none."""

    cluster: Codes
    given: Codes
    sizes: Codes
    names: Any
    n_missing: int
    n_unknown: int

    @property
    def is_placed(self) -> Flags:
        """Whether each known account is in a cluster of at least two accounts, known or not."""
        sizes = np.append(self.sizes, 0)  # -1, no cluster, reads the last
        return np.asarray(sizes[self.given] >= 2)

    @property
    def full_size(self) -> Codes:
        """Accounts in the cluster of each known account, known or not; 1 for none."""
        return np.append(self.sizes, 1)[self.given]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The contingency table: an entry per cluster and operator that share accounts, in that order."""

    cluster: Codes
    operator: Codes
    size: Codes
    cell_of: Codes
    cluster_sizes: Codes
    operator_sizes: Codes

    @classmethod
    def made(cls, cluster: Codes, operator: Codes) -> _Cells:
        width = int(operator.max(initial=0)) + 1
        key, cell_of, size = np.unique(cluster * width + operator, return_inverse=True, return_counts=True)
        return cls(
            key // width, key % width, size, cell_of.ravel(), np.bincount(cluster), np.bincount(operator)
        )

    @property
    def own_cluster_size(self) -> Codes:
        """Known accounts in the cluster of each account."""
        return self.cluster_sizes[self.cluster[self.cell_of]]

    @property
    def own_operator_size(self) -> Codes:
        """Accounts of the operator of each account."""
        return self.operator_sizes[self.operator[self.cell_of]]

    @property
    def shared(self) -> Codes:
        """Accounts that have both the cluster and the operator of each account, itself among them."""
        return self.size[self.cell_of]

    @property
    def has_partner(self) -> Flags:
        return np.asarray(self.own_operator_size >= 2)

    @property
    def is_mixed_cluster(self) -> Flags:
        """Whether each account shares its cluster with an account of another operator."""
        return np.asarray(self.own_cluster_size > self.shared)

    @property
    def is_majority(self) -> Flags:
        """Whether each account is of its cluster's majority operator (at least two accounts)."""
        order = np.lexsort((self.operator, -self.size, self.cluster))
        first = np.ones(len(order), bool)
        first[1:] = self.cluster[order][1:] != self.cluster[order][:-1]
        is_top = np.zeros(len(order), bool)
        is_top[order[first]] = True
        return (is_top & (self.size >= 2))[self.cell_of]


def _column(table: pa.Table, what: str, names: Sequence[str]) -> Any:
    for name in names:
        if name in table.column_names:
            return table.column(name)
    raise InputError(f"{what}: no column {' or '.join(names)}; it has {', '.join(table.column_names)}")


def _accounts(table: pa.Table, what: str) -> Any:
    accounts = _one_array(pc.cast(_column(table, what, ("account_id",)), pa.string()))
    if accounts.null_count:
        raise InputError(f"{what}: account_id is null in {accounts.null_count} rows; remove them")
    counts = accounts.value_counts()
    times = np.asarray(counts.field("counts"))
    if times.max(initial=0) > 1:
        repeated = counts[int(times.argmax())]["values"].as_py()
        raise InputError(f"{what}: account {repeated!r} is there {times.max()} times; keep one row")
    return accounts


def _one_array(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _codes(column: Any) -> Codes:
    """Integer codes of a column in sorted order of its values as text, -1 for null."""
    encoded = _one_array(pc.cast(column, pa.string())).dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    rank = np.empty(len(encoded.dictionary) + 1, np.int64)
    rank[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(encoded.dictionary))
    rank[-1] = -1
    return np.asarray(rank[indices])


def _positions(accounts: Any, among: Any) -> Codes:
    """Where each account stands in `among`; -1 when it doesn't."""
    found = _one_array(pc.index_in(pc.cast(accounts, pa.string()), value_set=among))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _told(truth: pa.Table) -> _Truth:
    operators = _column(truth, "truth", _OPERATOR_COLUMNS)
    rows = np.flatnonzero(_one_array(pc.is_valid(operators)).to_numpy(zero_copy_only=False))
    known = truth.take(rows)
    if not known.num_rows:
        raise InputError("truth: no account with an operator")
    accounts = _accounts(known, "truth")
    operator = _codes(_column(known, "truth", _OPERATOR_COLUMNS))
    if "style" not in known.column_names:
        return _Truth(accounts, operator, None, (), truth.num_rows, rows)
    styles: Any = pc.fill_null(pc.cast(_column(known, "truth", ("style",)), pa.string()), "")
    names = tuple(sorted(pc.unique(styles).to_pylist(), key=str.encode))
    return _Truth(accounts, operator, _codes(styles), names, truth.num_rows, rows)


def _clustering(membership: pa.Table, told: _Truth) -> _Clustering:
    accounts = _accounts(membership, "membership")
    column = _column(membership, "membership", ("cluster_id",))
    named = _codes(column)
    position = _positions(told.accounts, accounts)
    is_missing = position < 0
    if is_missing.all():
        raise InputError("no account of the truth is in the membership; are accounts named the same in both?")
    given = np.append(named, -1)[np.where(is_missing, len(named), position)]
    alone = given < 0
    cluster = given.copy()
    cluster[alone] = named.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return _Clustering(
        cluster=np.unique(cluster, return_inverse=True)[1].astype(np.int64),
        given=given,
        sizes=np.bincount(named[named >= 0]),
        names=pc.unique(pc.drop_null(_one_array(pc.cast(column, pa.string())))),
        n_missing=int(is_missing.sum()),
        n_unknown=len(accounts) - int((~is_missing).sum()),
    )


def _honest(told: _Truth, cells: _Cells, honest_styles: Collection[str] | None) -> Flags:
    if honest_styles is None:
        return ~cells.has_partner
    if told.style is None:
        raise InputError("honest styles were named, but the truth has no column style")
    chosen = np.array([name in honest_styles for name in told.style_names])
    return np.asarray(chosen[told.style])


# ------------------------------------------------------------------------------------------- measures


def _n_pairs(sizes: Codes) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _ratio(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else math.nan


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else math.nan


def _pair_scores(cells: _Cells) -> Scores:
    right, claimed, true = (
        _n_pairs(sizes) for sizes in (cells.size, cells.cluster_sizes, cells.operator_sizes)
    )
    return Scores(_ratio(right, claimed), _ratio(right, true), _ratio(2 * right, claimed + true))


def _bcubed_scores(cells: _Cells, chosen: Flags) -> Scores:
    precision = _mean((cells.shared / cells.own_cluster_size)[chosen])
    recall = _mean((cells.shared / cells.own_operator_size)[chosen])
    return Scores(precision, recall, _ratio(2 * precision * recall, precision + recall))


def _adjusted_rand(cells: _Cells) -> float:
    right, claimed, true = (
        _n_pairs(sizes) for sizes in (cells.size, cells.cluster_sizes, cells.operator_sizes)
    )
    everything = _n_pairs(np.array([cells.size.sum()]))
    if claimed == true and claimed in (0, everything):
        return 1.0  # both leave every account alone, or both put all together: the same partition
    chance = claimed * true / everything
    return (right - chance) / ((claimed + true) / 2 - chance)


def _edits(found: Codes, truth: Codes) -> tuple[int, int]:
    return (
        round(merge_distance(found, truth, unit_cost, no_cost)),
        round(merge_distance(found, truth, no_cost, unit_cost)),
    )


def _variation_of_information(found: Codes, truth: Codes) -> float:
    cost = entropy_cost(len(found))
    return merge_distance(found, truth, cost, cost)


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


def _style_measures(told: _Truth, cells: _Cells, found: _Clustering) -> tuple[StyleMeasures, ...]:
    if told.style is None:
        return ()
    style = told.style
    counts = np.bincount(style)

    def mean(values: Any) -> Floats:
        return np.bincount(style, weights=values) / counts

    columns = zip(
        told.style_names,
        counts.tolist(),
        mean(cells.shared / cells.own_cluster_size).tolist(),
        mean(cells.shared / cells.own_operator_size).tolist(),
        mean(found.is_placed).tolist(),
        mean(cells.is_mixed_cluster).tolist(),
        strict=True,
    )
    return tuple(StyleMeasures(*row) for row in columns)


def _review(cells: _Cells, found: _Clustering, clusters: pa.Table | None) -> tuple[ReviewPoint, ...]:
    placed = found.is_placed
    code = found.given[placed]
    if not len(code):
        return ()
    n_reviewed = np.bincount(code, minlength=len(found.sizes))
    n_found = np.bincount(code, weights=cells.is_majority[placed], minlength=len(found.sizes))
    order = np.lexsort((np.arange(len(found.sizes)), -found.sizes, -_cluster_scores(found, clusters)))
    order = order[n_reviewed[order] > 0]
    reviewed, hits = np.cumsum(n_reviewed[order]), np.cumsum(n_found[order])
    stops = [min(int(np.searchsorted(reviewed, limit)), len(order) - 1) for limit in REVIEWED]
    points = sorted({*stops, len(order) - 1})
    return tuple(
        ReviewPoint(i + 1, int(reviewed[i]), int(hits[i]), 100 * _ratio(hits[i], reviewed[i])) for i in points
    )


def _cluster_scores(found: _Clustering, clusters: pa.Table | None) -> Floats:
    """Score of each named cluster by code; nought for all without a table of clusters."""
    if clusters is None:
        return np.zeros(len(found.sizes))
    return _of_clusters(found, clusters, "score", -math.inf)  # a cluster without a score comes last


def _of_clusters(found: _Clustering, clusters: pa.Table, column: str, missing: float) -> Floats:
    """A number of each named cluster by code."""
    names = found.names.take(pc.array_sort_indices(found.names))
    position = _positions(_column(clusters, "clusters", ("cluster_id",)), names)
    given = _one_array(pc.cast(_column(clusters, "clusters", (column,)), pa.float64()))
    values = np.asarray(given.fill_null(math.nan).to_numpy(zero_copy_only=False), dtype=float)
    made = np.full(len(found.sizes), missing)
    made[position[position >= 0]] = np.nan_to_num(values[position >= 0], nan=missing)
    return made


# ---------------------------------------------------------------------------------------- calibration


def _probabilities(table: pa.Table, what: str) -> Floats:
    column = _one_array(_column(table, what, ("probability",)))
    values = np.asarray(pc.cast(column, pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False))
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"{what}: a probability is null or not in [0, 1]")
    return values


def _calibration(probability: Floats, is_true: Flags, n_unknown: int, n_true_all: int) -> Calibration:
    bins = _bins(probability, is_true)
    high = probability > 0.5
    return Calibration(
        n=len(probability),
        n_unknown=n_unknown,
        n_true=int(is_true.sum()),
        n_true_all=n_true_all,
        expected_error=_expected_error(bins),
        expected_error_above_half=_expected_error(_bins(probability[high], is_true[high])),
        brier=_mean((probability - is_true) ** 2),
        bins=bins,
        thresholds=tuple(_threshold(limit, probability, is_true, n_true_all) for limit in THRESHOLDS),
    )


def _bins(probability: Floats, is_true: Flags) -> tuple[CalibrationBin, ...]:
    edges = np.arange(N_BINS + 1) / N_BINS
    code = np.minimum(np.searchsorted(edges, probability, side="right") - 1, N_BINS - 1)
    n = np.bincount(code, minlength=N_BINS)
    said = np.bincount(code, weights=probability, minlength=N_BINS)
    true = np.bincount(code, weights=is_true, minlength=N_BINS)
    return tuple(
        CalibrationBin(
            float(edges[i]), float(edges[i + 1]), int(n[i]), _ratio(said[i], n[i]), _ratio(true[i], n[i])
        )
        for i in range(N_BINS)
    )


def _expected_error(bins: Iterable[CalibrationBin]) -> float:
    filled = [one for one in bins if one.n]
    return _ratio(
        sum(one.n * abs(one.mean_probability - one.share_true) for one in filled), sum(b.n for b in filled)
    )


def _threshold(limit: float, probability: Floats, is_true: Flags, n_true_all: int) -> ThresholdPoint:
    chosen = probability >= limit
    right = is_true[chosen].sum()
    return ThresholdPoint(limit, int(chosen.sum()), _ratio(right, chosen.sum()), _ratio(right, n_true_all))


# -------------------------------------------------------------------------- estimates from a sample


def _weights(labels: pa.Table, told: _Truth) -> Floats:
    if "weight" not in labels.column_names:
        return np.ones(len(told.operator))
    weight = np.asarray(
        pc.cast(labels.column("weight"), pa.float64()).to_numpy()[told.rows], dtype=np.float64
    )
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise InputError("labels: a weight is null or not positive")
    return weight


def _unit_weights(unit: Codes, weight: Floats) -> Floats:
    n = np.bincount(unit)
    mean = np.bincount(unit, weights=weight) / n
    if not np.allclose(mean[unit], weight):
        raise InputError("labels: weights differ within one sampled operator or cluster")
    return mean


def _from_operators(cells: _Cells, found: _Clustering, weight: Floats) -> Estimates:
    """Each pair across operators is claimed by two of them: either counts half of it."""
    operator = cells.operator[cells.cell_of]
    weights = _unit_weights(operator, weight)

    def total(values: Any) -> Floats:
        return np.asarray(np.bincount(operator, weights=values), dtype=np.float64)

    right = total((cells.shared - 1) / 2)
    claimed = right + total((found.full_size - cells.shared) / 2)
    true = total((cells.own_operator_size - 1) / 2)
    n = total(np.ones(len(operator)))
    return Estimates(
        design="operators",
        n_units=len(weights),
        n_accounts=len(operator),
        pair_precision=_ratio_interval(right, claimed, weights),
        pair_recall=_ratio_interval(right, true, weights),
        pair_f1=_ratio_interval(2 * right, claimed + true, weights),
        bcubed_precision=_ratio_interval(total(cells.shared / found.full_size), n, weights),
        bcubed_recall=_ratio_interval(total(cells.shared / cells.own_operator_size), n, weights),
    )


def _from_clusters(cells: _Cells, found: _Clustering, weight: Floats) -> Estimates:
    placed = found.is_placed
    if not placed.any():
        raise InputError("labels: no labelled account is in a cluster")
    if (cells.own_cluster_size != found.full_size)[placed].any():
        raise InputError("labels: an account of a sampled cluster has no label; label whole clusters")
    unit = np.unique(found.given[placed], return_inverse=True)[1]
    weights = _unit_weights(unit, weight[placed])
    shared, size = cells.shared[placed], found.full_size[placed]

    def total(values: Any) -> Floats:
        return np.asarray(np.bincount(unit, weights=values), dtype=np.float64)

    return Estimates(
        design="clusters",
        n_units=len(weights),
        n_accounts=len(unit),
        pair_precision=_ratio_interval(total((shared - 1) / 2), total((size - 1) / 2), weights),
        pair_recall=None,
        pair_f1=None,
        bcubed_precision=_ratio_interval(total(shared / size), total(np.ones(len(unit))), weights),
        bcubed_recall=None,
    )


def _ratio_interval(part: Floats, whole: Floats, weight: Floats) -> Interval:
    """Ratio of weighted totals with its 95 % interval; NaN when the whole is nought."""
    chosen = whole > 0
    part, whole, weight = part[chosen], whole[chosen], weight[chosen]
    total = float((weight * whole).sum())
    if not total:
        return Interval(math.nan, math.nan, math.nan)
    ratio = min(1.0, float((weight * part).sum()) / total)
    n = _effective_units(ratio, part, whole, weight)
    centre = (ratio + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(ratio * (1 - ratio) / n + _Z**2 / (4 * n * n))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(ratio, min(low, ratio), max(high, ratio))  # rounding may put the bounds just inside


def _effective_units(ratio: float, part: Floats, whole: Floats, weight: Floats) -> float:
    """Independent yes-or-no trials that would give the ratio this variance; at most Kish's number."""
    carried = weight * whole
    kish = float(carried.sum() ** 2 / (carried**2).sum())
    n_units = len(part)
    spread = float(((weight * (part - ratio * whole)) ** 2).sum()) / float(carried.sum()) ** 2
    if n_units < 2 or spread <= 0:
        return kish
    variance = spread * n_units / (n_units - 1)
    return max(1.0, min(kish, ratio * (1 - ratio) / variance))


# ------------------------------------------------------------------------------------ representations


def _plain(value: Any) -> Any:
    if isinstance(value, _Told):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _flat(told: _Told) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for field in dataclasses.fields(told):
        value = getattr(told, field.name)
        if isinstance(value, tuple):
            rows.extend((field.name if not i else "", item) for i, item in enumerate(value))
        else:
            rows.append((field.name, value))
    return rows


def _written(value: Any) -> str:
    if isinstance(value, _Told):
        return "  ".join(
            f"{field.name} {_written(getattr(value, field.name))}" for field in dataclasses.fields(value)
        )
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int):
        return f"{value:,}"
    # Names come from data: what does not print is written as its escape.
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(value)
    )
