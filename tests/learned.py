"""Worlds of a few accounts made by hand, and what a run learns of them: match weights and exclusivity."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from graphlink.core.schema import ACCOUNTS, OBSERVATIONS
from graphlink.core.settings import Settings
from graphlink.core.tables.ingest import IDENTIFIER_LABELS
from graphlink.core.tables.model import OVERRIDDEN, PAIR_LABELS
from graphlink.model.blocking import find_copresence
from graphlink.model.exclusivity import estimate_exclusivity
from graphlink.model.identifiers import describe_identifiers
from graphlink.model.match_weights import learn_match_weights
from graphlink.model.timing import find_joint_behaviour
from tests.numbered import number_observations
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine.duck import DuckEngine

DAY = 86_400
BEGIN = 1_772_409_600
Seen = list[tuple[str, str, str]]


def observe(engine: DuckEngine, seen: Seen, labels: Sequence[tuple[str, str, str, str]] = ()) -> None:
    """Load observations, all in one day, and labels of identifiers, numbered as a run has them."""
    load(engine, OBSERVATIONS, rows=[
        (*row, (BEGIN + i % DAY) * 1_000_000, 1) for i, row in enumerate(seen)
    ])  # fmt: skip
    make(engine, ACCOUNTS, "SELECT DISTINCT account_id FROM observations")
    load(engine, IDENTIFIER_LABELS, "kind value label label_type", labels)
    number_observations(engine)


def learn(engine: DuckEngine, seen: Seen, labels: Sequence[tuple[str, str, str, str]] = ()) -> None:
    """Take the steps up to the bits of what pairs share."""
    observe(engine, seen, labels)
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
