"""Determination: what an address may set itself adds little to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.parameters import Exclusivity
from graphlink.engine.duck import DuckEngine
from graphlink.model.exclusivity.determination import make_determination
from tests.held import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def determined(engine: DuckEngine, seen: Seen, n_strangers: int = 1_000) -> dict[tuple[str, str], float]:
    """Most bits that a client adds, per client and address."""
    hold(engine, seen, n_strangers)
    make_determination(engine, Exclusivity(), 5)
    rows = engine.rows(
        "SELECT i.value, b.value, most_bits FROM determined d "
        "JOIN shared_identifiers i ON i.identifier_no = d.identifier_no "
        "JOIN shared_identifiers b ON b.identifier_no = d.by_no"
    )
    return {(str(client), str(address)): float(str(bits)) for client, address, bits in rows}


def at(address: str, n: int, n_showing: int, client: str, kind: str = "client") -> Seen:
    """So many on an address, of whom so many show a client and the others their own."""
    seen: Seen = []
    for i in range(n):
        name = f"{address}-{i:02}"
        seen += [(name, "ip", address), (name, kind, client if i < n_showing else f"own-{name}")]
    return seen


def test_the_fingerprint_of_a_router_that_ends_tls_adds_little(engine: DuckEngine) -> None:
    """All of forty show it: one operator does so as well, but routers that set it always do."""
    assert determined(engine, at("203.0.113.1", 40, 40, "tls"))["tls", "203.0.113.1"] < 1.0


def test_a_client_that_most_and_not_all_run_is_an_operators(engine: DuckEngine) -> None:
    """Infrastructure that sets a client sets it for everybody; strangers do not agree on a rare one."""
    bits = determined(engine, at("203.0.113.1", 40, 28, "tool"))
    assert bits["tool", "203.0.113.1"] > 10.0


def test_a_coarse_client_adds_nothing(engine: DuckEngine) -> None:
    others: Seen = [(f"stranger{i:04}", "client", "browser") for i in range(600)]
    bits = determined(engine, at("203.0.113.1", 20, 12, "browser") + others)
    assert bits["browser", "203.0.113.1"] == 0.0


def test_what_fewer_than_half_show_is_left_out(engine: DuckEngine) -> None:
    assert determined(engine, at("203.0.113.1", 20, 9, "tool")) == {}


def test_a_kind_of_ones_own_is_determined_like_a_client(engine: DuckEngine) -> None:
    bits = determined(engine, at("203.0.113.1", 40, 40, "ja4-x", kind="ja4"))
    assert bits["ja4-x", "203.0.113.1"] < 1.0


def test_the_agent_of_a_machine_of_a_lab_adds_nothing_to_the_machine(engine: DuckEngine) -> None:
    """Nine students sat down at it, and seventy others run the same agent elsewhere."""
    machine: Seen = [
        (f"student{i}", *one) for i in range(9) for one in (("client", "pc"), ("agent", "firefox"))
    ]
    others: Seen = [(f"stranger{i:04}", "agent", "firefox") for i in range(70)]
    bits = determined(engine, machine + others)
    assert set(bits) == {("firefox", "pc")}, "the agent does not set the machine"
    assert bits["firefox", "pc"] < 1.0


def card_of(n: int) -> Seen:
    """So many who pay with one card and have its billing address."""
    return [(f"one{i}", *one) for i in range(n) for one in (("payment", "card"), ("billing", "1 Oak Rd"))]


def test_the_billing_address_of_a_home_adds_little_to_its_card(engine: DuckEngine) -> None:
    for n in (2, 5):
        assert determined(engine, card_of(n))["1 Oak Rd", "card"] < 5.0


def test_a_browser_that_others_have_too_does_not_come_with_the_card(engine: DuckEngine) -> None:
    others: Seen = [(f"stranger{i}", "billing", "1 Oak Rd") for i in range(9)]
    assert determined(engine, card_of(5) + others) == {}


def test_what_a_whole_farm_has_besides_its_card_is_not_determined(engine: DuckEngine) -> None:
    assert determined(engine, card_of(6)) == {}


def test_a_card_is_never_determined(engine: DuckEngine) -> None:
    assert determined(engine, at("203.0.113.1", 20, 20, "card", kind="payment")) == {}
