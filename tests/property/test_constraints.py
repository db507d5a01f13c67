"""A label moves accounts of the clusters that hold one of its two accounts, and nothing else."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pytest

from graphlink.core.settings import Settings
from graphlink.core.tables.model import PAIR_LABELS
from graphlink.engine.duck import DuckEngine
from graphlink.pipeline import own_steps
from graphlink.samples import draw_world
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AFTER_LINKS = (
    "communities", "clusters", "harmless_readings", "posteriors", "hypotheses", "null_model",
)  # fmt: skip
_OF_THE_LIST = ["fdr"]  # of clusters: a mean over all clusters that are at least as certain
Label = tuple[str, str, bool]  # the lesser account, the greater, and whether the verdict is yes


class Judged(NamedTuple):
    """What a run says under some labels."""

    links: pd.DataFrame
    membership: pd.DataFrame
    clusters: pd.DataFrame
    constraints: pd.DataFrame

    def cluster_of(self, account: str) -> str | None:
        cluster = self.membership["cluster_id"].get(account)
        return cluster if isinstance(cluster, str) else None

    def members(self, cluster: str | None) -> set[str]:
        held: pd.Series[str] = self.membership["cluster_id"]
        return set(held[held == cluster].index)


@pytest.fixture(scope="module")
def linked() -> Iterator[DuckEngine]:
    """An engine with the tables of a run up to its links."""
    frame = draw_world(7, 700).observations().to_pandas()
    with DuckEngine(threads=1) as engine:
        for step in own_steps():
            if step.name in _AFTER_LINKS:
                break
            step(engine, Settings(), **({"frames": {"": frame}} if step.name == "observations" else {}))
        yield engine


def judge(engine: DuckEngine, labels: Sequence[Label]) -> Judged:
    """Take the steps after the links under these labels, which teach no weights."""
    names = [row[0] for row in engine.rows("SELECT account_id FROM account_numbers ORDER BY account_no")]
    pairs = [(*sorted((names.index(x) + 1, names.index(y) + 1)), is_same) for x, y, is_same in labels]
    load(engine, PAIR_LABELS, "l r is_same", pairs)
    steps = [step for step in own_steps() if step.name in _AFTER_LINKS]
    for step in steps:
        step(engine, Settings())
    tables = ("links", "membership", "clusters", "constraints")
    actual = Judged(*(engine.arrow(f"SELECT * FROM {name} ORDER BY 1, 2").to_pandas() for name in tables))
    engine.drop(*(spec.name for step in steps for spec in step.makes))
    return actual._replace(
        membership=actual.membership.set_index("account_id"), clusters=actual.clusters.set_index("cluster_id")
    )


@pytest.fixture(scope="module")
def unlabelled(linked: DuckEngine) -> Judged:
    return judge(linked, [])


def drawn(unlabelled: Judged, seed: int) -> Label:
    """A pair of accounts of two clusters, of one, of a cluster and none, or of none."""
    rng = random.Random(seed)
    held = unlabelled.membership["cluster_id"]
    alone, several = sorted(held[held.isna()].index), sorted(held.dropna().index)
    ours, others = rng.sample(sorted(set(held.dropna())), 2)
    choices: list[tuple[list[str], bool]] = [
        (rng.sample(sorted(unlabelled.members(ours)), 2), False),
        ([min(unlabelled.members(ours)), min(unlabelled.members(others))], True),
        ([rng.choice(several), rng.choice(alone)], True),
        (rng.sample(alone, 2), True),
    ]
    (x, y), is_same = choices[seed % len(choices)]
    return min(x, y), max(x, y), is_same


@pytest.mark.parametrize("seed", range(12))
def test_one_label_changes_no_link_and_only_clusters_that_hold_its_accounts(
    linked: DuckEngine, unlabelled: Judged, seed: int
) -> None:
    x, y, is_same = drawn(unlabelled, seed)
    actual = judge(linked, [(x, y, is_same)])
    assert (actual.cluster_of(x) is not None and actual.cluster_of(x) == actual.cluster_of(y)) == is_same
    pd.testing.assert_frame_equal(actual.links, unlabelled.links)
    touched = {
        account
        for one in (actual, unlabelled)
        for labelled in (x, y)
        for account in one.members(one.cluster_of(labelled)) | {labelled}
    }
    rest = [account for account in actual.membership.index if account not in touched]
    pd.testing.assert_frame_equal(actual.membership.loc[rest], unlabelled.membership.loc[rest])
    clusters = sorted({*actual.membership["cluster_id"].loc[rest].dropna()})
    columns = [column for column in actual.clusters.columns if column not in _OF_THE_LIST]
    pd.testing.assert_frame_equal(
        actual.clusters.loc[clusters, columns], unlabelled.clusters.loc[clusters, columns]
    )
    moved = actual.membership["constrained_by"].dropna()
    assert set(moved.index) <= touched
    assert set(moved) == {"must_link" if is_same else "cannot_link"}


@pytest.mark.parametrize("seed", range(4))
def test_another_label_elsewhere_changes_nothing_of_a_label_here(
    linked: DuckEngine, unlabelled: Judged, seed: int
) -> None:
    here, elsewhere = drawn(unlabelled, seed), drawn(unlabelled, seed + 101)
    alone, both = judge(linked, [here]), judge(linked, [here, elsewhere])
    here_touched = {a for name in here[:2] for a in alone.members(alone.cluster_of(name)) | {name}}
    if {elsewhere[0], elsewhere[1]} & here_touched:
        pytest.skip("both labels are of one cluster")
    accounts = sorted(here_touched)
    pd.testing.assert_frame_equal(both.membership.loc[accounts], alone.membership.loc[accounts])


def test_accounts_that_labels_alone_tie_have_no_evidence(linked: DuckEngine, unlabelled: Judged) -> None:
    x, y, _ = drawn(unlabelled, 3)
    actual = judge(linked, [(x, y, True)])
    row = actual.clusters.loc[actual.cluster_of(x)]
    assert (row["n_accounts"], row["n_links"], row["n_constrained"], row["score"]) == (2, 0, 2, 0.0)
    assert row["fdr"] == actual.clusters["fdr"].max()


def test_a_member_by_label_belongs_as_surely_as_whom_the_label_ties_it_to(
    linked: DuckEngine, unlabelled: Judged
) -> None:
    x, y, _ = drawn(unlabelled, 2)
    member, stranger = (x, y) if unlabelled.cluster_of(x) else (y, x)
    actual = judge(linked, [(x, y, True)]).membership
    assert actual["probability"][stranger] == actual["probability"][member]
    assert actual["probability"][member] == pytest.approx(
        unlabelled.membership["probability"][member], abs=0.2
    )
    assert actual["constrained_by"].dropna().to_dict() == {stranger: "must_link"}


def test_a_conflict_is_listed_and_the_pair_stays_together(linked: DuckEngine, unlabelled: Judged) -> None:
    x, y, _ = drawn(unlabelled, 3)
    member = min(unlabelled.members(unlabelled.clusters.index[0]))
    actual = judge(linked, [(x, member, True), (y, member, True), (x, y, False)])
    assert actual.cluster_of(x) == actual.cluster_of(y) == actual.cluster_of(member)
    outcomes = actual.constraints.set_index(["account_id_l", "account_id_r"])["outcome"]
    assert outcomes[(x, y)] == "conflict"
    assert sorted(outcomes) == ["applied", "applied", "conflict"]
