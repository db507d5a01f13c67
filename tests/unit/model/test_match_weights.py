"""How telling kinds are, and what an identifier says: worlds of a few accounts made by hand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.core.schema import ACCOUNTS, OBSERVATIONS
from graphlink.core.settings import Settings
from graphlink.core.tables.ingest import IDENTIFIER_LABELS
from graphlink.core.tables.model import OVERRIDDEN, PAIR_LABELS
from graphlink.engine.duck import DuckEngine
from graphlink.model.blocking import find_copresence
from graphlink.model.exclusivity import estimate_exclusivity
from graphlink.model.identifiers import describe_identifiers
from graphlink.model.match_weights import learn_match_weights
from graphlink.model.timing import find_joint_behaviour
from tests.numbered import number_observations
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAY = 86_400
BEGIN = 1_772_409_600
Seen = list[tuple[str, str, str]]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def learn(engine: DuckEngine, seen: Seen, labels: Sequence[tuple[str, str, str, str]] = ()) -> None:
    """Take the steps up to the bits of what pairs share; all in one day."""
    load(engine, OBSERVATIONS, rows=[
        (*row, (BEGIN + i % DAY) * 1_000_000, 1) for i, row in enumerate(seen)
    ])  # fmt: skip
    make(engine, ACCOUNTS, "SELECT DISTINCT account_id FROM observations")
    load(engine, IDENTIFIER_LABELS, "kind value label label_type", labels)
    number_observations(engine)
    for step in (describe_identifiers, find_copresence, find_joint_behaviour):
        step(engine, Settings())
    if not engine.has(PAIR_LABELS.name):
        load(engine, PAIR_LABELS)
    load(engine, OVERRIDDEN)
    learn_match_weights(engine, Settings())
    estimate_exclusivity(engine, Settings())


def p_exclusive(engine: DuckEngine, value: str) -> float:
    rows = engine.rows(
        "SELECT p_exclusive FROM exclusivity JOIN shared_identifiers USING (identifier_no) "
        f"WHERE value = '{value}'"
    )
    return float(str(rows[0][0]))


def bits(engine: DuckEngine, value: str, l_like: str, r_like: str) -> list[float]:
    """Bits that a value says of the pairs of accounts with these beginnings."""
    rows = engine.rows(
        "SELECT b.bits FROM exclusivity_bits b JOIN shared_identifiers USING (identifier_no) "
        "JOIN account_numbers x ON x.account_no = b.l JOIN account_numbers y ON y.account_no = b.r "
        f"WHERE value = '{value}' AND x.account_id LIKE '{l_like}%' AND y.account_id LIKE '{r_like}%'"
    )
    return [float(str(row[0])) for row in rows]


def usual_odds(engine: DuckEngine, kind: str) -> float:
    rows = engine.rows(
        "SELECT log_odds FROM match_weights JOIN kinds USING (kind_no) "
        f"WHERE kind = '{kind}' AND degree_bin = 0 AND repeat_bin = 0"
    )
    return float(str(rows[0][0]))


def ceiling(engine: DuckEngine, given: str, kind: str) -> float:
    rows = engine.rows(
        "SELECT c.bits FROM dependence_caps c JOIN kinds g ON g.kind_no = c.given_no "
        "JOIN kinds k ON k.kind_no = c.kind_no "
        f"WHERE g.kind = '{given}' AND k.kind = '{kind}'"
    )
    return float(str(rows[0][0]))


def offices_and_campuses() -> Seen:
    """Ten offices with three cards between them, and ten campuses as large, where each has an own card."""
    seen = []
    for place in range(10):
        for member in range(6 + 2 * place):
            office, student = f"office{place}-{member:02}", f"student{place}-{member:02}"
            seen += [(office, "ip", f"203.0.{place}.1"), (student, "ip", f"198.51.{place}.1")]
            seen += [
                (office, "payment", f"card{place}-{member % 3}"),
                (student, "payment", f"own{place}-{member}"),
            ]
    return seen


def people(n: int = 600) -> Seen:
    """People in pairs: each has a badge and a desk; mostly one car and one club; one of two large towns."""
    rng = random.Random(5)
    seen = []
    for pair in range(n // 2):
        town = "capital" if rng.random() < 0.5 else f"town{rng.randrange(4)}"
        for member in range(2):
            name = f"p{pair:04}-{member}"
            seen += [(name, "badge", f"b{pair}"), (name, "desk", f"d{pair}"), (name, "town", town)]
            for kind in ("car", "club"):
                seen += [(name, kind, f"{kind}{pair}" if rng.random() < 0.85 else f"{kind}-{name}")]
            # Numbers that strangers share: drawn by lot.
            seen += [(name, "lot", f"l{rng.randrange(n // 2)}")]
    return seen


def test_an_address_whose_accounts_share_cards_is_private_and_one_of_as_many_strangers_is_not(
    engine: DuckEngine,
) -> None:
    learn(engine, offices_and_campuses())
    office, campus = (
        sum(p_exclusive(engine, f"{network}.{place}.1") for place in range(10)) / 10
        for network in ("203.0", "198.51")
    )
    assert office > 3 * campus
    assert campus < 0.05
    assert min(bits(engine, "203.0.1.1", "office", "office")) > max(
        bits(engine, "198.51.1.1", "student", "student")
    )


def test_a_farm_behind_a_public_address_does_not_pull_in_its_neighbours(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    for member in range(8):
        seen += [(f"farm{member}", "ip", "198.51.1.1"), (f"farm{member}", "payment", f"farmcard{member % 2}")]
    learn(engine, seen)
    inside = bits(engine, "198.51.1.1", "farm", "farm")
    across = bits(engine, "198.51.1.1", "farm", "student")
    assert sum(inside) / len(inside) > sum(across) / len(across) + 1


def test_an_address_whose_accounts_hang_together_by_a_chain_of_cards_is_private(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    # Two to a card, and every second holds the next card as well: few pairs share one, all hang together.
    for member in range(8):
        seen += [(f"chain{member}", "ip", "203.9.9.1"), (f"alone{member}", "ip", "198.9.9.1")]
        seen += [
            (f"chain{member}", "payment", f"chaincard{card}") for card in (member // 2, (member + 1) // 2)
        ]
        seen += [(f"alone{member}", "payment", f"alonecard{member}-{i}") for i in range(2)]
    learn(engine, seen)
    assert p_exclusive(engine, "203.9.9.1") > 0.6
    assert p_exclusive(engine, "198.9.9.1") < 0.3
    # The ends of the chain share no card.
    assert min(bits(engine, "203.9.9.1", "chain0", "chain7")) > max(
        bits(engine, "198.9.9.1", "alone", "alone")
    )


def test_a_pair_tied_to_two_groups_is_told_less_than_one_tied_to_nobody(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    for place in range(6):
        for group in "xy":
            seen += [(f"{group}{place}-{i}", "payment", f"{group}card{place}") for i in range(4)]
            seen += [
                (f"{group}{place}-0", "ip", f"203.8.{place}.1"),
                (f"o{group}{place}", "ip", f"203.8.{place}.2"),
            ]
    learn(engine, seen)
    assert max(bits(engine, "203.8.1.1", "x1-0", "y1-0")) < min(bits(engine, "203.8.1.2", "ox1", "oy1")) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "sign"),
    [
        *(("vpn", -1), ("proxy", -1), ("residential_proxy", -1), ("tor", -1)),
        *(("carrier_nat", -1), ("router", -1), ("corporate", 1)),
    ],
)
def test_a_reference_list_moves_what_an_address_says(engine: DuckEngine, label: str, sign: int) -> None:
    learn(engine, offices_and_campuses())
    before = sum(bits(engine, "198.51.1.1", "student", "student"))
    learn(engine, offices_and_campuses(), [("ip", "198.51.1.1", "somebody", label)])
    after = sum(bits(engine, "198.51.1.1", "student", "student"))
    assert (after - before) * sign > 0


def test_what_all_have_in_common_makes_no_network_telling(engine: DuckEngine) -> None:
    seen = [(f"home{i}", "ip", f"198.51.7.{i}") for i in range(60)]
    seen += [(f"home{i}", "client", "app/1") for i in range(60)]
    for crew in "xy":
        seen += [(f"{crew}{i}", "payment", f"card-{crew}") for i in range(8)]
        seen += [(f"{crew}{i}", "ip", f"203.0.113.{ord(crew)}") for i in range(8)]
    learn(engine, seen)
    # Without agreement by chance all would have learned that homes of one network are one operator's.
    assert usual_odds(engine, "ip_prefix") < -4
    assert max(bits(engine, "198.51.7.0/24", "home", "home")) < 8


def test_an_open_kind_that_agrees_with_others_is_telling_and_one_drawn_by_lot_is_not(
    engine: DuckEngine,
) -> None:
    learn(engine, people())
    assert usual_odds(engine, "badge") > 2
    assert usual_odds(engine, "lot") < usual_odds(engine, "badge") - 4


def test_an_open_kind_alone_stays_at_its_prior(engine: DuckEngine) -> None:
    learn(engine, [(f"p{i:03}-{j}", "badge", f"b{i}") for i in range(60) for j in range(2)])
    assert usual_odds(engine, "badge") == pytest.approx(-2.0, abs=1.0)  # one in five, about


def test_kinds_that_imply_one_another_count_once(engine: DuckEngine) -> None:
    learn(engine, people())
    assert ceiling(engine, "badge", "desk") == 0
    assert ceiling(engine, "desk", "badge") == 0


def test_a_background_adds_nothing_beside_another(engine: DuckEngine) -> None:
    rng = random.Random(1)
    seen = people() + [
        (f"p{pair:04}-{member}", "tongue", ("x", "y", "z")[rng.randrange(3)])
        for pair in range(300)
        for member in range(2)
    ]
    learn(engine, seen)
    assert ceiling(engine, "town", "tongue") == 0
    assert ceiling(engine, "tongue", "town") == 0


def test_a_wider_identifier_says_nothing_beside_the_narrower(engine: DuckEngine) -> None:
    seen = [(f"a{i}", "ip", "203.0.113.5") for i in range(2)] + [
        (f"b{i}", "ip", f"198.51.100.{i}") for i in (1, 2)
    ]
    learn(engine, seen)
    assert bits(engine, "203.0.113.5", "a", "a")
    assert not bits(engine, "203.0.113.0/24", "a", "a")
    assert bits(engine, "198.51.100.0/24", "b", "b")


def test_the_more_hold_a_value_at_a_time_the_less_it_says(engine: DuckEngine) -> None:
    seen = [(f"d{n}-{i}", "ip", f"203.{n}.113.5") for n in (2, 4, 9, 20) for i in range(n)]
    learn(engine, seen)
    said = [max(bits(engine, f"203.{n}.113.5", f"d{n}-", f"d{n}-")) for n in (2, 4, 9, 20)]
    assert said == sorted(said, reverse=True)
    assert said[0] > said[-1] + 2


def test_a_second_kind_of_a_facet_counts_a_quarter() -> None:
    """A key and a mail address are both identities: the stronger counts in full."""
    shared = (("email", "crew@crew.example"), ("api_key", "key-of-the-crew"))
    rows = [(account, *identifier) for account in "ab" for identifier in shared]
    rows += [(f"s{i}", kind, f"{value}-{i}") for i in range(20) for kind, value in shared]
    columns = zip(*rows, strict=True)
    table = dict(zip(("account_id", "kind", "value"), map(list, columns), strict=True))
    seen_at = ["2026-03-02T10:00:00Z"] * len(rows)
    result = graphlink.run(pa.table({**table, "seen_at": seen_at}), limits=EngineSettings(threads=1))
    evidence = [(row["bits"], row["contribution_bits"]) for row in result.table("evidence").to_pylist()]
    (weaker, counted), (stronger, whole) = sorted(evidence)
    assert whole == stronger > weaker > 10
    assert counted == pytest.approx(0.25 * weaker, abs=1e-6)
