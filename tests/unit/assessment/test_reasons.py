"""Reasons made in advance, from tables made by hand: order, prior, words, the rest, hostile names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.assessment.reasons import explain_all, explain_clusters
from graphlink.core.schema import EXPLAINED_TABLES, MEMBERSHIP
from graphlink.core.settings import ModelSettings, Settings
from graphlink.core.tables.clusters import CLUSTER_LINKS
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    EVIDENCE_KINDS,
    NUMBERED_BEHAVIOURS,
    OVERRIDDEN,
    PAIR_EVIDENCE,
    SCORED_PAIRS,
)
from graphlink.engine.duck import DuckEngine
from graphlink.storage.arrow_values import rows_of
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

EVIL = '{} {:,} \x1b[2J\u202e\'; DROP TABLE kinds; listed as \n"x"'
KINDS = ("ip", "payment", "tongue", "lockstep", "succession")  # the behaviours come last, as in a run
FACETS = ("network", "payment", "tongue", "behaviour", "behaviour")
IP, PAYMENT, TONGUE, LOCKSTEP, SUCCESSION = range(5)


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


class World:
    """Accounts 1 to n, identifiers (kind, value, degree, label), and evidence, as the steps before leave it.

    A piece of evidence is l, r, kind, number of the identifier (or None), bits alone and bits that count; the
    two are in one cluster unless a link is named in `outside`.
    """

    def __init__(
        self,
        names: list[str],
        identifiers: list[tuple[int, str, int, str | None]],
        evidence: list[tuple[int, int, int, int | None, float, float]],
        outside: tuple[tuple[int, int], ...] = (),
        prior_bits: float = -12.0,
    ) -> None:
        self.names, self.identifiers, self.evidence = names, identifiers, evidence
        self.outside, self.prior_bits = outside, prior_bits

    def explained(self, engine: DuckEngine) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The rows of both tables, in the order of their keys."""
        linked = sorted({piece[:2] for piece in self.evidence})
        inside = [pair for pair in linked if pair not in self.outside]
        clustered = {account for pair in inside for account in pair}
        load(engine, ACCOUNT_NUMBERS, rows=enumerate(self.names, 1))
        load(engine, MEMBERSHIP, "account_id cluster_id", [
            (name, "C-1" if i in clustered else None) for i, name in enumerate(self.names, 1)
        ])  # fmt: skip
        kinds = zip(range(len(KINDS)), KINDS, FACETS, strict=True)
        load(engine, EVIDENCE_KINDS, "kind_no kind facet", kinds)
        load(engine, SHARED_IDENTIFIERS, "identifier_no value degree label", [
            (i, *explanation[1:]) for i, explanation in enumerate(self.identifiers, 1)
        ])  # fmt: skip
        load(engine, OVERRIDDEN)
        load(engine, SCORED_PAIRS, "l r", linked)
        load(engine, CLUSTER_LINKS, "cluster_id l r", [("C-1", *pair) for pair in inside])
        load(engine, PAIR_EVIDENCE, "l r kind_no identifier_no bits contribution_bits", self.evidence)
        explanation = explain_all(engine, Settings(model=ModelSettings(prior_bits=self.prior_bits)))
        listed = []
        for spec in EXPLAINED_TABLES:
            spec.check_columns(engine)
            spec.check_rows(engine)
            keys = ", ".join(spec.key)
            columns = ", ".join(spec.column_names)
            listed.append(rows_of(engine.arrow(f"SELECT {columns} FROM {spec.name} ORDER BY {keys}")))
            assert explanation[spec.name] == len(listed[-1])
        assert not engine.has("member_pieces")
        return listed[0], listed[1]


def brief(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_a_link_goes_from_the_prior_by_what_counts_most_to_its_bits(engine: DuckEngine) -> None:
    world = World(
        ["a", "b"],
        [(IP, "192.0.2.1", 5, None), (IP, "192.0.2.2", 3, "a campus"), (PAYMENT, "card", 2, None)],
        [
            (1, 2, IP, 1, 9.06, 1.25),
            (1, 2, IP, 2, 4.0, 1.25),
            (1, 2, PAYMENT, 3, 14.5, 14.5),
            (1, 2, LOCKSTEP, None, 6.0, 6.0),
            (1, 2, TONGUE, None, -2.5, -2.5),
        ],
    )
    _, links = world.explained(engine)
    assert brief(links, "rank", "reason", "kind", "value", "bits", "running", "detail") == [
        (1, "prior", None, None, -12.0, -12.0, "before anything is known"),
        (2, "shared_identifier", "payment", "card", 14.5, 2.5, "they share it; nobody else holds it"),
        (3, "joint_behaviour", "lockstep", None, 6.0, 8.5, "a pair acting in lockstep"),
        (
            *(4, "shared_identifier", "ip", "192.0.2.1", 1.25, 9.75),
            "they share it; 3 others held it too; of +9.1 bits alone",
        ),
        (
            *(5, "shared_identifier", "ip", "192.0.2.2", 1.25, 11.0),
            "they share it; 1 other held it too; of +4.0 bits alone; listed as a campus",
        ),
        (6, "differing_values", "tongue", None, -2.5, 8.5, "they differ in it"),
    ]


def test_a_members_reasons_name_what_ties_it_to_whom_and_add_up(engine: DuckEngine) -> None:
    world = World(
        ["a", "b", "c", "d"],
        [(IP, "192.0.2.1", 1200, "a campus"), (PAYMENT, "card", 3, None)],
        [
            (1, 2, PAYMENT, 2, 14.5, 14.5),
            (1, 2, SUCCESSION, None, 3.0, 0.75),
            (1, 3, PAYMENT, 2, 14.6, 14.6),
            (1, 3, IP, 1, 4.0, 1.0),
            (1, 3, TONGUE, None, -2.5, -2.5),
            (3, 4, IP, 1, 20.0, 20.0),
        ],
        outside=((3, 4),),
    )
    members, links = world.explained(engine)
    columns = ("cluster_id", "rank", "reason", "kind", "value", "bits", "n_accounts", "strongest", "detail")
    assert brief([row for row in members if row["account_id"] == "a"], *columns) == [
        (
            *("C-1", 1, "shared_identifier", "payment", "card", 29.1, 2, "c"),
            "ties it to 2 other members; 3 use it in total",
        ),
        (
            *("C-1", 2, "shared_identifier", "ip", "192.0.2.1", 1.0, 1, "c"),
            "ties it to 1 other member; 1,200 use it in total; listed as a campus",
        ),
        (
            *("C-1", 3, "joint_behaviour", "succession", None, 0.75, 1, "b"),
            "in 1 pair of which one follows the other on one resource",
        ),
        (
            *("C-1", 4, "differing_values", None, None, -2.5, None, None),
            "kinds in which it differs from linked members",
        ),
        ("C-1", 5, "prior", None, None, -24.0, None, None, "2 links, each, starting at -12 bits"),
    ]
    assert sum(row["bits"] for row in members if row["account_id"] == "a") == pytest.approx(4.35)
    # A link out of the cluster is explained as a link, and ties no member.
    assert {row["account_id"] for row in members} == {"a", "b", "c"}
    assert brief(links, "account_id_l", "account_id_r", "rank")[-2:] == [("c", "d", 1), ("c", "d", 2)]
    (own,) = [row for row in members if row["account_id"] == "b" and row["reason"] == "prior"]
    assert own["detail"] == "1 link, starting at -12 bits"


def test_of_many_identifiers_the_first_ten_are_named_and_the_rest_is_one_reason(engine: DuckEngine) -> None:
    world = World(
        ["a", "b"],
        [(IP, f"192.0.2.{i:03}", 2, None) for i in range(14)],
        [(1, 2, IP, i + 1, 9.0, 0.0 if i == 13 else 3.0 if i == 7 else 0.5) for i in range(14)],
    )
    members, links = world.explained(engine)
    own = [row for row in members if row["account_id"] == "b"]
    assert brief(own, "rank", "value", "bits", "reason") == [
        (1, "192.0.2.007", 3.0, "shared_identifier"),
        (2, None, 1.5, "further_identifiers"),
        *(
            (rank, f"192.0.2.{i:03}", 0.5, "shared_identifier")
            for rank, i in enumerate((0, 1, 2, 3, 4, 5, 6, 8, 9), 3)
        ),
        (12, None, -12.0, "prior"),
    ]
    assert own[1]["detail"] == "4 further identifiers"
    assert len(links) == 15
    assert links[-1]["running"] == sum(row["bits"] for row in own) == -3.0


def test_sums_have_nine_decimals_whatever_the_numbers(engine: DuckEngine) -> None:
    world = World(
        ["a", "b", "c"],
        [(PAYMENT, "card", 3, None)],
        [(1, 2, PAYMENT, 1, 0.1, 0.1), (1, 3, PAYMENT, 1, 0.2, 0.2), (2, 3, PAYMENT, 1, 0.7, 0.7)],
        prior_bits=-0.123456789,
    )
    members, links = world.explained(engine)
    assert brief(members, "account_id", "bits", "strongest")[:2] == [
        ("a", 0.3, "c"),
        ("a", -0.246913578, None),
    ]
    assert [row["running"] for row in links if row["rank"] == 2] == [-0.023456789, 0.076543211, 0.576543211]


def test_hostile_names_stay_what_they_are_and_break_no_sentence(engine: DuckEngine) -> None:
    names = ["a", "b", EVIL]
    world = World(
        names,
        [(IP, EVIL, 4, EVIL)],
        [(1, 2, IP, 1, 5.0, 5.0), (1, 3, IP, 1, 6.0, 6.0), (2, 3, IP, 1, 5.0, 5.0)],
    )
    members, links = world.explained(engine)
    assert {row["account_id"] for row in members} == set(names)
    assert {row["strongest"] for row in members} == {"a", EVIL, None}
    shared = [row for row in (*members, *links) if row["reason"] == "shared_identifier"]
    assert {row["value"] for row in shared} == {EVIL}
    assert {row["detail"] for row in shared} == {
        f"ties it to 2 other members; 4 use it in total; listed as {EVIL}",
        f"they share it; 2 others held it too; listed as {EVIL}",
    }


def test_without_links_the_tables_are_empty(engine: DuckEngine) -> None:
    assert World(["a", "b"], [], []).explained(engine) == ([], [])


def test_a_behaviour_of_a_cluster_names_where_most_pairs_show_it(engine: DuckEngine) -> None:
    pairs = [(1, 2), (1, 3), (2, 3)]
    world = World(
        ["a", "b", "c"],
        [(IP, EVIL, 3, None), (IP, "192.0.2.2", 3, None)],
        [(*pair, SUCCESSION, None, 6.0, 6.0) for pair in pairs],
    )
    world.explained(engine)
    load(engine, SHARED_IDENTIFIERS, "identifier_no kind value degree", [
        (1, "ip", EVIL, 3), (2, "ip", "192.0.2.2", 3)
    ])  # fmt: skip
    named: list[tuple[str | None, str | None]] = []
    for places in ((1, 1, 2), (1, 2, None), (None, None, None)):
        at = ((*pair, SUCCESSION, place) for pair, place in zip(pairs, places, strict=True))
        load(engine, NUMBERED_BEHAVIOURS, "l r kind_no at_no", at)
        explain_clusters(engine, Settings())
        (reason,) = rows_of(engine.arrow("SELECT * FROM reasons WHERE reason = 'joint_behaviour'"))
        named.append((reason["at_kind"], reason["at_value"]))
    assert named == [("ip", EVIL), (None, None), (None, None)]
    assert reason["detail"] == "3 pairs of which one follows the other on one resource"
