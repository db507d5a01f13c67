"""What a step learns: kept by the names of kinds, and put back among the kinds of another run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.tables.ingest import KINDS
from graphlink.core.tables.model import DEPENDENCE_CAPS, DISAGREEMENT_WEIGHTS, MATCH_WEIGHTS
from graphlink.engine.duck import DuckEngine
from graphlink.model.learned import Learned, as_arrow, check_table, names_of, read_learned, use_saved
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = (MATCH_WEIGHTS, DEPENDENCE_CAPS, DISAGREEMENT_WEIGHTS)


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def fill(engine: DuckEngine, kinds: list[str], odds: float, groups: dict[int, int] | None = None) -> None:
    """Load the kinds of a run, numbered in the order of names, and tables with the same odds throughout."""
    load(engine, KINDS, "kind_no kind", list(enumerate(kinds)))
    numbers = range(len(kinds))
    load(engine, MATCH_WEIGHTS, rows=[(k, d, 0, odds + k) for k in numbers for d in range(2)])
    load(
        engine, DEPENDENCE_CAPS, rows=[(g, k, odds + 10 * g + k, 1.0, 2.0) for g in numbers for k in numbers]
    )
    load(engine, DISAGREEMENT_WEIGHTS, rows=[(k, g, -odds) for k, g in (groups or {}).items()])


def rows(engine: DuckEngine, name: str) -> list[tuple[object, ...]]:
    return engine.rows(f"SELECT * FROM {name} ORDER BY ALL")


def test_the_same_kinds_get_back_the_same_tables(engine: DuckEngine) -> None:
    fill(engine, ["badge", "ip", "payment"], 5.0, {0: 0, 2: 0})
    expected = {spec.name: rows(engine, spec.name) for spec in SPECS}
    learned = read_learned(engine, SPECS, {"kinds": [{"kind": "ip"}], "warnings": ["w"]})
    fill(engine, ["badge", "ip", "payment"], 0.0)
    facts = use_saved(engine, SPECS, learned)
    assert {spec.name: rows(engine, spec.name) for spec in SPECS} == expected
    assert facts == {"kinds": [{"kind": "ip"}], "kinds_by_prior": [], "warnings": []}


def test_kinds_go_by_name_and_those_that_are_unknown_keep_their_priors(engine: DuckEngine) -> None:
    fill(engine, ["ip", "payment"], 5.0, {0: 0, 1: 0})
    learned = read_learned(engine, SPECS, {"kinds": [{"kind": "ip"}, {"kind": "payment"}]})
    assert learned.kinds == ("ip", "payment")
    fill(engine, ["badge", "payment"], 0.0)
    facts = use_saved(engine, SPECS, learned)
    # badge 0 and payment 1 here; ip 0 and payment 1 where it was learned
    assert rows(engine, "match_weights") == [(0, 0, 0, 0.0), (0, 1, 0, 0.0), (1, 0, 0, 6.0), (1, 1, 0, 6.0)]
    caps = {(g, k): bits for g, k, bits, *_ in rows(engine, "dependence_caps")}
    assert caps == {(0, 0): 0.0, (0, 1): 1.0, (1, 0): 10.0, (1, 1): 16.0}
    # The least of the kinds that count once is not here: another of them stands for it.
    assert rows(engine, "disagreement_weights") == [(1, 1, -5.0)]
    assert facts["kinds_by_prior"] == ["badge"]
    assert facts["kinds"] == [{"kind": "payment"}]
    assert facts["warnings"] == [
        "model: it does not know badge; their priors are used: fit again to learn them"
    ]


def test_a_learned_table_has_names_for_numbers_of_kinds(engine: DuckEngine) -> None:
    assert names_of(DEPENDENCE_CAPS) == ("given", "kind", "bits", "share", "rarity")
    fill(engine, ["ip"], 5.0)
    learned = read_learned(engine, SPECS, {})
    assert as_arrow(learned, "match_weights").to_pylist()[0] == {
        "kind": "ip", "degree_bin": 0, "repeat_bin": 0, "log_odds": 5.0,
    }  # fmt: skip


COLUMNS: dict[str, Any] = {"kind": ["ip"], "degree_bin": [0], "repeat_bin": [0], "log_odds": [1.5]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"log_odds": ["much"]}, "t: log_odds: row 1: expected DOUBLE, found str"),
        ({"log_odds": [float("inf")]}, "t: log_odds: row 1: expected DOUBLE, found float"),
        ({"degree_bin": [0.5]}, "t: degree_bin: row 1: expected INTEGER, found float"),
        ({"degree_bin": [True]}, "t: degree_bin: row 1: expected INTEGER, found bool"),
        ({"kind": [3]}, "t: kind: row 1: expected VARCHAR, found int"),
        ({"kind": "ip"}, "t: kind: expected a list"),
        ({"kind": ["ip", "email"]}, "t: its columns are of different lengths"),
        ({"more": []}, "t: column more is unknown; expected kind, degree_bin, repeat_bin, log_odds"),
    ],
)
def test_a_wrong_table_is_refused_by_column_and_row(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_table(MATCH_WEIGHTS, COLUMNS | changed, "t")
    assert str(caught.value) == said


def test_a_table_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(SettingsError, match="column log_odds is missing"):
        check_table(
            MATCH_WEIGHTS, {name: cells for name, cells in COLUMNS.items() if name != "log_odds"}, "t"
        )
    with pytest.raises(SettingsError, match="t: expected columns"):
        check_table(MATCH_WEIGHTS, [], "t")
    assert check_table(MATCH_WEIGHTS, COLUMNS, "t")["log_odds"] == (1.5,)


def test_nothing_learned_is_a_value() -> None:
    assert Learned() == Learned((), {}, {})
