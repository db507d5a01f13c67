"""Rhythm on planted worlds: whom it ties, and that it leaves strangers alone."""

from __future__ import annotations

import pytest

from graphlink.core.settings import Settings
from graphlink.engine.duck import DuckEngine
from graphlink.model.identifiers import describe_identifiers
from graphlink.model.timing import find_joint_behaviour
from graphlink.samples import Dials, FarmShares, draw_world
from tests.numbered import number_observations

SIZE = 2_500
ROUTED = FarmShares(servers=0, rotating=0, routed=1, relay=0, mixed=0, bought=0)
CREWS = FarmShares(servers=0, rotating=0, routed=0, relay=0, mixed=0, bought=0, crews=1)
RELAYS = FarmShares(servers=0, rotating=0, routed=0, relay=1, mixed=0, bought=0)


def judged(seed: int, dials: Dials) -> dict[str, list[tuple[bool, float]]]:
    """Per behaviour, whether one operator has both of each pair, and its bits; the share of farms reached."""
    world = draw_world(seed, SIZE, dials)
    with DuckEngine(threads=1) as engine:
        engine.load("observations", world.observations())
        engine.load("accounts", world.accounts)
        engine.load("truth", world.truth)
        engine.make("accounts", "SELECT *, NULL::BOOLEAN AS is_abuse FROM accounts ORDER BY account_id")
        number_observations(engine)
        describe_identifiers(engine, Settings())
        find_joint_behaviour(engine, Settings())
        engine.make(
            "pair_labels",
            "SELECT b.*, x.operator_id = y.operator_id AS is_same, x.account_id AS a, y.account_id AS z "
            "FROM behaviours b JOIN account_numbers i ON i.account_no = b.l "
            "JOIN account_numbers j ON j.account_no = b.r "
            "JOIN truth x ON x.account_id = i.account_id JOIN truth y ON y.account_id = j.account_id",
        )
        by_name: dict[str, list[tuple[bool, float]]] = {"reached": [(True, _reached(engine))]}
        for behaviour, is_same, bits in engine.rows("SELECT behaviour, is_same, bits FROM pair_labels"):
            by_name.setdefault(str(behaviour), []).append((bool(is_same), float(str(bits))))
        return by_name


def _reached(engine: DuckEngine) -> float:
    """Share of the accounts of farms that a true lockstep, balancing or succession ties to another."""
    tied = (
        "SELECT unnest([a, z]) AS account_id FROM pair_labels WHERE is_same AND behaviour <> 'signup_burst'"
    )
    share = engine.rows(
        f"SELECT avg((account_id IN ({tied}))::INTEGER)::DOUBLE FROM truth "
        "WHERE style IN ('routed', 'relay', 'crews')"
    )[0][0]
    return float(str(share)) if share is not None else 0.0


@pytest.mark.parametrize(
    "dials",
    [
        Dials(farm_share=0),
        Dials(farm_share=0, cron_share=0.3),
        Dials(farm_share=0, launch_jump=20.0, moments=25.0),
        Dials(farm_share=0, moments=40.0, cron_share=0.1),
    ],
    ids=["background", "many on schedules", "a great launch", "busy"],
)
def test_strangers_are_left_alone(dials: Dials) -> None:
    actual = judged(101, dials)
    # Where three in ten start by a clock of their own, seven pairs of eight samples do so together by chance.
    most = 1 if dials.cron_share > 0.2 else 0
    assert len([pair for pair in actual.get("lockstep", []) if not pair[0]]) <= most
    assert [pair for pair in actual.get("crew_beat", []) if not pair[0]] == []
    assert [pair for pair in actual.get("load_balancing", []) if not pair[0]] == []
    assert all(bits < 5.0 for is_same, bits in actual.get("succession", []) if not is_same)
    assert all(bits < 3.0 for is_same, bits in actual.get("signup_burst", []) if not is_same)


def test_accounts_behind_a_router_are_tied_by_lockstep_alone() -> None:
    actual = judged(102, Dials(farms=ROUTED, operator_size=120.0))
    lockstep = actual["lockstep"]
    assert sum(is_same for is_same, _ in lockstep) >= 0.97 * len(lockstep)
    assert actual["reached"][0][1] >= 0.75


def test_crews_are_tied_by_their_beat_where_pairs_meet_seldom() -> None:
    actual = judged(105, Dials(farms=CREWS, operator_size=60.0, moments=25.0, cron_share=0.1))
    beats = actual["crew_beat"]
    assert len(beats) >= 50
    assert [bits for is_same, bits in beats if not is_same] == []
    assert [bits for is_same, bits in actual["lockstep"] if not is_same and bits > 12.0] == []
    assert actual["reached"][0][1] >= 0.8


def test_relays_are_tied_by_turns_and_hand_overs() -> None:
    actual = judged(103, Dials(farms=RELAYS))
    turns = actual["load_balancing"]
    assert sum(is_same for is_same, _ in turns) >= 0.95 * len(turns)
    assert actual["reached"][0][1] >= 0.6


def test_bits_claim_no_more_than_is_there() -> None:
    actual = judged(104, Dials(farm_share=0.2))
    for behaviour in ("lockstep", "load_balancing"):
        pairs = actual[behaviour]
        claimed = sum(1 / (1 + 2 ** (12 - bits)) for _, bits in pairs)
        assert claimed <= sum(is_same for is_same, _ in pairs) + 1
