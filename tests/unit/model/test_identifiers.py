"""Identifiers that follow from what was observed."""

from __future__ import annotations

from graphlink.core.schema import OBSERVATIONS
from graphlink.core.settings import Settings
from graphlink.engine.duck import DuckEngine
from graphlink.kinds import NETWORK, network_of
from graphlink.model.identifiers import describe_identifiers
from tests.numbered import number_observations
from tests.tables import load


def test_the_network_of_an_address_is_the_one_that_explanations_name() -> None:
    values = {
        "ip": ["198.51.100.7", "198.51.100.8", "203.0.113.9", "2a00:1:2:3::5", "2a00:1:2:4::5"],
        "payment": ["card"],
    }
    seen = [(name, kind, value) for kind in values for value in values[kind] for name in ("a", "b")]
    with DuckEngine(threads=1) as engine:
        load(engine, OBSERVATIONS, "account_id kind value n", [(*row, 1) for row in seen])
        number_observations(engine)
        describe_identifiers(engine, Settings())
        rows = engine.rows(
            "SELECT x.kind, x.value, y.kind, y.value FROM networks n "
            "JOIN shared_identifiers x ON x.identifier_no = n.identifier_no "
            "JOIN shared_identifiers y ON y.identifier_no = n.network_no ORDER BY ALL"
        )
    assert len(rows) == 7, "five addresses, and the lines of two"
    assert {row[2] for row in rows} == {NETWORK}
    assert all(network_of(str(row[0]), str(row[1])) == row[2:] for row in rows)


def test_what_is_no_address_is_its_own_network() -> None:
    for piece in (("payment", "card"), (NETWORK, "198.51.100.0/24"), ("ip", "0f:hashed"), ("lockstep", "")):
        assert network_of(*piece) == piece
