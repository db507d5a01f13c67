"""Questions: what an answer would move, the best first, identifiers before accounts and pairs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.workspace.parameters import QuestionRules
from graphlink.workspace.policy import Policy
from graphlink.workspace.questions import (
    ACCOUNT,
    IDENTIFIER,
    Question,
    Standing,
    next_questions,
    standing_of,
)
from tests.unit.workspace.small_results import Seen, SmallResult

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphlink.workspace.holdings import Identifier

SERVER, CARD = "203.0.113.7", "card-1"
POLICY = Policy()
FARM, PAIRED = ("a1", "a2", "a3", "a4"), ("b1", "b2", "b3")


def seen(value: str, *names: str, kind: str = "ip") -> list[Seen]:
    return [(name, kind, value, 3) for name in names]


def pairs_on(kind: str, value: str, *names: str) -> list[tuple[str, str, str, str, float]]:
    return [(a, b, kind, value, 4.0) for i, a in enumerate(names) for b in names[i + 1 :]]


def no_loss(_cluster: str, _identifier: Identifier) -> int:
    return 0


def standing(
    result: SmallResult,
    settled: Collection[str] = (),
    asked: Collection[tuple[str, str]] = (),
) -> Standing:
    lineages = {name: f"K-{name[2:]}" for name in result.clusters}
    return standing_of(result, lineages, (settled, asked), POLICY)


def ask(
    result: SmallResult,
    loss: int = 0,
    settled: Collection[str] = (),
    asked: Collection[tuple[str, str]] = (),
) -> list[Question]:
    found = next_questions(result, standing(result, settled, asked), lambda *_: loss, POLICY, 10)
    return [one for one in found if one.about != ACCOUNT]


FARM_ON_SERVER = SmallResult(
    seen(SERVER, *FARM),
    exclusivity={SERVER: 0.6},
    clusters={"C-1": FARM},
    links=[(a, b, 0.95) for a, b, *_ in pairs_on("ip", SERVER, *FARM)],
    evidence=pairs_on("ip", SERVER, *FARM),
)


def test_no_takes_out_what_falls_off_without_the_identifier() -> None:
    (one,) = ask(FARM_ON_SERVER, loss=3)
    assert (one.about, one.subject, one.lineages) == (IDENTIFIER, ("ip", SERVER), ("K-1",))
    assert (one.n_in, one.n_out, one.is_bound) == (0, 3, False)
    assert one.value == pytest.approx(0.4 * 3)
    assert one.text == f"Is ip {SERVER} exclusive to one operator?"
    assert one.why == "Yes (probability 0.600) changes nothing, no takes out 3 accounts."


def test_beyond_the_best_the_loss_is_bounded_by_the_holders() -> None:
    found = next_questions(
        FARM_ON_SERVER,
        standing(FARM_ON_SERVER),
        no_loss,
        POLICY,
        10,
        QuestionRules(most_exact=1),
    )
    assert [one for one in found if one.about == IDENTIFIER] == []  # exact: nothing falls off
    two = SmallResult(
        [*seen(SERVER, *FARM), *seen(CARD, *FARM[:2], kind="payment")],
        exclusivity={SERVER: 0.6, CARD: 0.6},
        clusters={"C-1": FARM},
        links=FARM_ON_SERVER.links,
        evidence=[*FARM_ON_SERVER.evidence, *pairs_on("payment", CARD, *FARM[:2])],
    )
    found = next_questions(two, standing(two), no_loss, POLICY, 10, QuestionRules(most_exact=1))
    (bounded,) = (one for one in found if one.about == IDENTIFIER)
    assert (bounded.subject, bounded.n_out, bounded.is_bound) == (("payment", CARD), 2, True)
    assert "at most 2 accounts" in bounded.why


def test_accounts_that_are_settled_move_nothing() -> None:
    assert ask(FARM_ON_SERVER, loss=3, settled=FARM) == []
    (one,) = ask(FARM_ON_SERVER, loss=3, settled=FARM[:2])
    assert (one.n_out, one.is_bound) == (2, True)  # the three that fall off may be settled ones


def test_what_a_label_is_about_is_not_asked_again() -> None:
    assert ask(FARM_ON_SERVER, loss=3, asked=[("ip", SERVER)]) == []


@pytest.mark.parametrize("exclusivity", [0.01, 0.99])
def test_an_identifier_without_doubt_is_not_asked_about(exclusivity: float) -> None:
    sure = dataclasses.replace(FARM_ON_SERVER, exclusivity={SERVER: exclusivity})
    assert ask(sure, loss=3) == []


def below(**extra: object) -> SmallResult:
    return SmallResult(
        seen(SERVER, *PAIRED),
        exclusivity={SERVER: 0.5},
        clusters={"C-2": PAIRED},
        one={"C-2": 0.7},
        links=[(a, b, 0.97) for a, b, *_ in pairs_on("ip", SERVER, *PAIRED)],
        evidence=pairs_on("ip", SERVER, *PAIRED),
        extra={"C-2": extra} if extra else {},
    )


def with_bits(result: SmallResult, bits: float) -> SmallResult:
    """The result with links of so many bits."""

    class WithBits(SmallResult):
        def _links(self):  # type: ignore[no-untyped-def]  # as in SmallResult
            table = super()._links()
            place = table.schema.get_field_index("bits")
            return table.set_column(place, table.schema.field("bits"), pa.array([bits] * table.num_rows))

    return WithBits(**{field.name: getattr(result, field.name) for field in dataclasses.fields(result)})


def test_yes_brings_in_a_cluster_in_doubt_that_the_identifier_ties() -> None:
    (one,) = ask(with_bits(below(), 3.0))
    assert (one.n_in, one.n_out) == (3, 0)
    assert one.value == pytest.approx(1.5)
    assert ask(with_bits(below(), -3.0)) == [], "too weak even then"


def test_what_is_openly_one_organisation_or_may_be_chance_does_not_come_in() -> None:
    assert ask(with_bits(below(p_openly_one_organisation=0.9), 3.0)) == []
    assert ask(with_bits(below(fdr=0.6), 3.0)) == []


def test_identifiers_come_first_where_questions_are_worth_the_same() -> None:
    result = dataclasses.replace(FARM_ON_SERVER, exclusivity={SERVER: 0.5})
    found = next_questions(result, standing(result), lambda *_: 1, POLICY, 10)
    assert found[0].about == IDENTIFIER
    assert [one.about for one in found[1:]] == []  # all belong to it for sure


def test_names_are_safe_to_print() -> None:
    question = Question(ACCOUNT, ("a\x1b[2J", "K-1"), 0.5, 0, 1, False, ("K-1",))
    assert question.text == "Does a\\x1b[2J belong to K-1?"
