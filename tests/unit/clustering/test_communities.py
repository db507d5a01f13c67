"""Communities, clusters and what is told of them, from links made by hand."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from graphlink.assessment.harmless_readings import find_harmless_readings
from graphlink.assessment.hypotheses import weigh_hypotheses
from graphlink.assessment.reasons import explain_clusters
from graphlink.clustering.clusters import name_cluster, score_clusters
from graphlink.clustering.communities import find_communities
from graphlink.core.schema import ACCOUNTS, CLUSTER_SCORES, HYPOTHESES, MEMBERSHIP, REASONS
from graphlink.core.settings import Settings
from graphlink.core.tables.clusters import CLUSTER_HYPOTHESES
from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    ACCOUNT_NUMBERS,
    INCIDENCE,
    NETWORKS,
    OBSERVED_VALUES,
    SHARED_IDENTIFIERS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.model import (
    DISAGREEMENT_WEIGHTS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    MARKED_ACCOUNTS,
    NUMBERED_BEHAVIOURS,
    OVERRIDDEN,
    PAIR_EVIDENCE,
    PAIR_LABELS,
    SCORED_PAIRS,
    SINGLE_VALUES,
)
from graphlink.engine.duck import DuckEngine
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Link = tuple[str, str, str, float]  # lesser account, greater account, kind:value, bits beyond the prior
KINDS = {
    "card": "payment",
    "mail_domain": "identity",
    "ip": "network",
    "router": "network",
    "lockstep": "behaviour",
    "name": "name",
}


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def group(
    engine: DuckEngine,
    links: Sequence[Link],
    strangers: Sequence[str] = (),
    names: Sequence[str] = (),
    labels: Sequence[tuple[str, str, bool]] = (),
) -> list[set[str]]:
    """Take the steps from links to reasons; gives the clusters, the largest first.

    Args:
        engine: Where the tables are made.
        links: The links; the bits of one pair add up.
        strangers: Accounts without a link.
        names: Accounts that have a name of their own; differing names speak against two groups.
        labels: Lesser and greater account, and whether they are labelled yes.
    """
    accounts = sorted({account for link in links for account in link[:2]} | set(strangers))
    values = sorted({link[2] for link in links})
    load(engine, ACCOUNT_NUMBERS, "account_no account_id", list(enumerate(accounts, 1)))
    make(engine, ACCOUNTS, "SELECT account_id FROM account_numbers")
    kinds = list(KINDS)
    load(engine, EVIDENCE_KINDS, "kind_no kind facet", [(i, k, KINDS[k]) for i, k in enumerate(kinds)])
    load(engine, SHARED_IDENTIFIERS, "identifier_no value degree", [
        (i, value, 2) for i, value in enumerate(values, 1)
    ])  # fmt: skip
    load(engine, OVERRIDDEN)
    p_exclusive = {"card": 0.94, "mail_domain": 0.02, "ip": 0.1, "router": 0.05, "ip:own": 0.6}
    load(engine, EXCLUSIVITY, "identifier_no baseline p_exclusive", [
        (i, *(p_exclusive.get(value.split(".")[0], p_exclusive.get(value.split(":")[0], 0.5)),) * 2)
        for i, value in enumerate(values, 1)
    ])  # fmt: skip
    # The network of ip:mill.7 is mill.
    networks = sorted({value.rpartition(".")[0] for value in values if "." in value})
    load(engine, NETWORKS, "identifier_no network_no", [
        (i, len(values) + networks.index(value.rpartition(".")[0]))
        for i, value in enumerate(values, 1) if "." in value
    ])  # fmt: skip
    pairs = "SELECT account_no, kind_no FROM account_numbers CROSS JOIN evidence_kinds"
    make(engine, ACCOUNT_KINDS, pairs)
    load(engine, WINDOW_INCIDENCE)
    load(engine, INCIDENCE)
    load(engine, OBSERVED_VALUES)
    load(engine, PAIR_EVIDENCE, "l r kind_no identifier_no facet bits contribution_bits", [
        (
            accounts.index(x) + 1,
            accounts.index(y) + 1,
            kinds.index(value.split(":")[0]),
            None if value.startswith("lockstep") else values.index(value) + 1,
            KINDS[value.split(":")[0]],
            bits,
            bits,
        )
        for x, y, value, bits in links
    ])  # fmt: skip
    added = "SELECT l, r, sum(contribution_bits) - 12.0 AS bits FROM pair_evidence GROUP BY l, r"
    make(engine, SCORED_PAIRS, added)
    load(engine, SINGLE_VALUES, "account_no kind_no identifier_no", [
        (accounts.index(name) + 1, kinds.index("name"), -accounts.index(name) - 1) for name in names
    ])  # fmt: skip
    load(engine, DISAGREEMENT_WEIGHTS, "kind_no group_no bits", [(kinds.index("name"), 0, -4.0)])
    load(engine, PAIR_LABELS, "l r is_same", [
        (accounts.index(x) + 1, accounts.index(y) + 1, is_same) for x, y, is_same in labels
    ])  # fmt: skip
    load(engine, MARKED_ACCOUNTS)
    load(engine, NUMBERED_BEHAVIOURS)
    steps = (find_communities, score_clusters, find_harmless_readings, weigh_hypotheses, explain_clusters)
    for step in steps:
        step(engine, Settings())
    for spec in (MEMBERSHIP, CLUSTER_SCORES, CLUSTER_HYPOTHESES, HYPOTHESES, REASONS):
        spec.check_columns(engine)
        spec.check_rows(engine)
    rows = engine.rows("SELECT cluster_id, account_id FROM membership WHERE cluster_id IS NOT NULL")
    by_name: dict[str, set[str]] = {}
    for cluster, account in rows:
        by_name.setdefault(str(cluster), set()).add(str(account))
    assert all(name == name_cluster(min(held)) for name, held in by_name.items())
    return sorted(by_name.values(), key=lambda held: (-len(held), min(held)))


def ring(letter: str, n: int = 12, bits: float = 20.0) -> list[Link]:
    """A group in which every two accounts share a card of their own."""
    names = [f"{letter}{i}" for i in range(n)]
    return [(x, y, f"card:{x}{y}", bits) for x, y in combinations(names, 2)]


def test_two_groups_that_one_coincidence_bridges_stay_apart(engine: DuckEngine) -> None:
    actual = group(engine, [*ring("a"), *ring("b"), ("a0", "b0", "ip:shared", 15.0)])
    assert [len(held) for held in actual] == [12, 12]


def test_cards_join_two_groups(engine: DuckEngine) -> None:
    bridges: list[Link] = [
        ("a0", "b0", "card:one", 16.0),
        ("a1", "b1", "card:two", 16.0),
        ("a2", "b2", "card:three", 16.0),
    ]
    assert [len(held) for held in group(engine, [*ring("a"), *ring("b"), *bridges])] == [24]


def test_places_alone_join_no_two_groups(engine: DuckEngine) -> None:
    bridges: list[Link] = [(f"a{i}", f"b{i}", f"ip:exit{i}", 16.0) for i in range(3)]
    assert [len(held) for held in group(engine, [*ring("a"), *ring("b"), *bridges])] == [12, 12]


@pytest.mark.parametrize(("p", "n_clusters"), [(0.85, 2), (0.95, 1)])
def test_a_place_that_ties_every_pair_is_one_observation_between_two_groups(
    engine: DuckEngine, p: float, n_clusters: int
) -> None:
    """By pairs the groups would be merged in both cases: every two accounts are likelier linked than not."""
    bits = 12.0 + math.log2(p / (1.0 - p))
    met: list[Link] = [(f"a{i}", f"b{j}", "ip:own.1", bits) for i in range(6) for j in range(6)]
    links = [*ring("a", 6), *ring("b", 6), *met]
    assert len(group(engine, links)) == n_clusters
    # Another place, in another network, is one more observation.
    more: list[Link] = [(f"a{i}", f"b{i}", "ip:mine.1", bits) for i in range(6)]
    kept = [link for link in met if link[0][1:] != link[1][1:]]
    assert len(group(engine, [*ring("a", 6), *ring("b", 6), *kept, *more])) == 1


def test_an_account_between_two_groups_goes_to_the_nearer(engine: DuckEngine) -> None:
    met: list[Link] = [(f"a{i}", f"b{j}", "ip:own.1", 14.0) for i in range(6) for j in range(6)]
    near: list[Link] = [("z", f"a{i}", "ip:a.1", 17.0) for i in range(6)]
    far: list[Link] = [("z", f"b{i}", "ip:own.1", 14.0) for i in range(6)]
    actual = group(engine, [*ring("a", 6), *ring("b", 6), *met, *near, *far])
    assert actual == [{*(f"a{i}" for i in range(6)), "z"}, {f"b{i}" for i in range(6)}]


def test_what_ties_each_to_his_half_says_nothing_of_the_other_half(engine: DuckEngine) -> None:
    """The two halves hold together by one place alone: its links are as likely as the place says."""
    met: list[Link] = [(f"a{i}", f"b{j}", "ip:own.1", 15.5) for i in range(6) for j in range(6)]
    through = "SELECT DISTINCT probability FROM cluster_paths t JOIN account_numbers a ON a.account_no = t.l "
    across = through + "JOIN account_numbers b ON b.account_no = t.r WHERE a.account_id[1] <> b.account_id[1]"
    assert len(group(engine, [*ring("a", 6), *ring("b", 6), *met])) == 1
    assert engine.rows(across) == []
    group(engine, [*ring("a", 6), *ring("b", 6), *met[:-1], ("a5", "b5", "card:x", 20.0)])
    assert all(float(str(p)) > 0.99 for (p,) in engine.rows(across))
    assert engine.rows(across)


@pytest.mark.parametrize(("kind", "n_clusters"), [("card", 1), ("mail_domain", 2)])
def test_places_count_next_to_what_belongs_to_somebody_and_not_next_to_a_mail_provider(
    engine: DuckEngine, kind: str, n_clusters: int
) -> None:
    places: list[Link] = [(f"a{i}", f"b{i}", f"ip:exit{i}", 16.0) for i in range(3)]
    links = [*ring("a"), *ring("b"), *places, ("a5", "b5", f"{kind}:held", 12.0)]
    assert len(group(engine, links)) == n_clusters


def test_one_card_that_ties_many_pairs_is_one_observation(engine: DuckEngine) -> None:
    bridges: list[Link] = [(f"a{i}", f"b{i}", "card:same", 15.0) for i in range(4)]
    assert [len(held) for held in group(engine, [*ring("a"), *ring("b"), *bridges])] == [12, 12]


def test_differing_names_keep_two_groups_apart(engine: DuckEngine) -> None:
    bridges: list[Link] = [(f"a{i}", f"b{i}", f"card:{i}", 16.0) for i in range(3)]
    links = [*ring("a"), *ring("b"), *bridges]
    names = [f"{letter}{i}" for letter in "ab" for i in range(12)]
    assert len(group(engine, links)) == 1
    assert len(group(engine, links, names=names)) == 2


def test_an_account_that_hangs_by_a_thread_is_taken_out(engine: DuckEngine) -> None:
    actual = group(engine, [*ring("a"), ("a0", "z", "ip:thin", 13.5)])
    assert actual == [{f"a{i}" for i in range(12)}]
    actual = group(engine, [*ring("a"), ("a0", "z", "card:thick", 19.0), ("a1", "z", "card:other", 19.0)])
    assert actual == [{*(f"a{i}" for i in range(12)), "z"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "kind", "doubt", "is_kept"),
    [
        (12, "card", 0.29, True),
        (12, "card", 0.31, False),
        (12, "ip", 0.29, False),
        (12, "ip", 0.09, True),
        (5, "card", 0.29, True),
        (4, "card", 0.29, False),
        (4, "card", 0.09, True),
    ],
)
def test_beyond_a_household_who_shares_a_card_may_be_in_three_times_the_doubt(
    engine: DuckEngine, n: int, kind: str, doubt: float, is_kept: bool
) -> None:
    """A cluster probability of 0.9 allows a doubt of 0.1, and of 0.3 in a community of more than five."""
    bits = 12.0 + math.log2((1.0 - doubt) / doubt)
    actual = group(engine, [*ring("a", n), ("a0", "z", f"{kind}:one", bits)])
    assert actual == [{*(f"a{i}" for i in range(n)), *({"z"} if is_kept else set())}]


@pytest.mark.parametrize(
    ("exits", "n"), [(("mill.1", "mill.2"), 12), (("mill.1", "dune.2"), 13), (("own.1", "own.2"), 12)]
)
def test_two_exits_of_one_network_are_one_observation(
    engine: DuckEngine, exits: tuple[str, str], n: int
) -> None:
    places: list[Link] = [(f"a{i}", "z", f"ip:{exit_}", 14.0) for i, exit_ in enumerate(exits)]
    assert [len(held) for held in group(engine, [*ring("a"), *places])] == [n]


def test_a_stranger_is_in_no_cluster(engine: DuckEngine) -> None:
    group(engine, ring("a", 3), strangers=["s"])
    assert engine.rows(
        "SELECT cluster_id, component_id, probability, role FROM membership WHERE account_id = 's'"
    ) == [(None, None, None, "none")]


def test_who_is_tied_by_many_belongs_more_surely_than_who_is_tied_by_one(engine: DuckEngine) -> None:
    group(engine, [*ring("a"), ("a0", "z", "card:one", 16.5)])
    rows = {str(name): p for name, p in engine.rows("SELECT account_id, probability FROM membership")}
    assert float(str(rows["a1"])) > 0.99
    assert 0.5 < float(str(rows["z"])) < float(str(rows["a1"]))


@pytest.mark.parametrize(
    ("value", "hypothesis"),
    [("card:{}", "same_operator"), ("router:r", "shared_intermediary"), ("ip:{}", "shared_network")],
)
def test_what_speaks_for_a_cluster_states_what_it_may_be(
    engine: DuckEngine, value: str, hypothesis: str
) -> None:
    links = [(x, y, value.format(x + y), bits) for x, y, _, bits in ring("a", 4)]
    group(engine, links)
    assert engine.rows("SELECT hypothesis FROM cluster_hypotheses") == [(hypothesis,)]


def test_the_evidence_of_the_hypotheses_adds_up_to_their_odds(engine: DuckEngine) -> None:
    group(engine, [("a0", "a1", "card:one", 20.0)])
    rows = engine.rows(
        "SELECT any_value(rival_bits), sum(bits_same_operator) - sum(CASE rival WHEN 'shared_intermediary' "
        "THEN bits_shared_intermediary ELSE bits_shared_network END) "
        "FROM cluster_hypotheses JOIN hypotheses USING (cluster_id)"
    )
    bits, summed = (float(str(value)) for value in rows[0])
    assert bits == pytest.approx(summed, abs=0.3), "but for the doubt that is left to each"
    assert bits > 0


def test_a_cluster_that_hangs_on_one_link_or_one_identifier_states_so(engine: DuckEngine) -> None:
    cut = "weakest_cut_links, weakest_cut_identifiers, weakest_cut_kind, weakest_cut_value"
    group(engine, [*ring("a", 3), ("a0", "z", "card:one", 30.0)])
    assert engine.rows(f"SELECT {cut} FROM cluster_scores") == [(2, 2, None, None)]
    group(engine, [*ring("a", 3), ("a0", "z", "card:one", 18.5)])
    assert engine.rows(f"SELECT {cut} FROM cluster_scores") == [(1, 1, "card", "card:one")]
    group(engine, [(x, y, "card:same", 20.0) for x, y, _, _ in ring("a", 3)])
    assert engine.rows(f"SELECT {cut} FROM cluster_scores") == [(2, 1, "card", "card:same")]


def test_the_reasons_name_what_is_shared_and_add_up(engine: DuckEngine) -> None:
    links: list[Link] = [
        ("a", "b", "card:x", 20.0),
        ("b", "c", "card:x", 18.0),
        ("a", "b", "lockstep", 5.0),
        ("a", "c", "card:y", 17.0),
    ]
    group(engine, links)
    rows = engine.rows("SELECT reason, kind, value, bits, n_accounts FROM reasons ORDER BY rank")
    assert rows == [
        ("shared_identifier", "card", "card:x", 38.0, 3),
        ("shared_identifier", "card", "card:y", 17.0, 2),
        ("joint_behaviour", "lockstep", None, 5.0, None),
        ("prior", None, None, -36.0, None),
    ]
    assert engine.rows("SELECT sum(bits) FROM scored_pairs") == [(24.0,)]


def test_no_links_are_no_clusters(engine: DuckEngine) -> None:
    group(engine, ring("a", 2, bits=3.0), strangers=["s"])
    assert engine.rows("SELECT count(*) FROM cluster_scores") == [(0,)]


def test_a_no_on_the_only_pair_of_a_cluster_leaves_two_accounts_in_none(engine: DuckEngine) -> None:
    assert group(engine, [("a", "b", "card:x", 20.0)], labels=[("a", "b", False)]) == []
