"""What the sensitivity bench varies, and that taking steps again equals a run under the other number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink import pipeline
from graphlink.core.parameters import Parameter, Parameters, listed
from graphlink.core.settings import EngineSettings, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.evaluation import evaluate_clusters
from graphlink.samples import draw_world
from tests.bench.accuracy.sensitivity import (
    Laboratory,
    Outcome,
    Variation,
    elicited,
    measured,
    page,
    traced,
    variations,
    with_value,
)

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = elicited(listed(Parameters()))
CHOSEN = (
    Variation("households.further_person", 0.4, "doubled", 0.57),
    Variation("kind_windows.ip", 2.0, "halved", 1.0),
    Variation("model.prior_bits", -12.0, "halved", -6.0),
    Variation("lockstep.most_bits", 18.0, "halved", 0.5),
    Variation("hypotheses.doubt", 0.005, "doubled", 0.15),
)


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.name)
def test_every_elicited_number_moves_within_its_range(one: Parameter) -> None:
    default = one.default if isinstance(one.default, tuple) else (one.default,)
    made = variations(one)
    assert made or not any(default), one.name
    for variation in made:
        settings = with_value(Settings(), variation)  # which checks the range
        assert settings != Settings()
        assert settings.seed == 1


def test_probabilities_move_by_their_odds_and_counts_stay_whole() -> None:
    by_name = {one.name: one for one in NUMBERS}
    card = variations(by_name["kind_priors.payment"])
    assert [one.value for one in card] == pytest.approx([9 / 11, 18 / 19])
    assert [one.value for one in variations(by_name["households.largest"])] == [2, 10]
    assert [one.value for one in variations(by_name["model.prior_bits"])] == [-6.0, -24.0]


def test_what_is_read_of_parameters_is_noted() -> None:
    parameters, read = traced(Parameters())
    assert read == set()
    assert parameters.households.largest == Parameters().households.largest
    assert with_largest(parameters) == with_largest(Parameters())
    assert read == {"households"}


def with_largest(parameters: Parameters) -> int:
    return parameters.households.largest


@pytest.mark.slow
def test_steps_taken_again_give_what_a_run_gives(tmp_path: Path) -> None:
    world = draw_world(3, 300)
    with DuckEngine(threads=1) as engine:
        laboratory = Laboratory(world, tmp_path / "world", engine)
        outcomes = dict(laboratory.outcomes(CHOSEN))
        again = dict(laboratory.outcomes(CHOSEN[::-1]))
    assert outcomes == again, "what one variation leaves changes another"
    for variation, outcome in outcomes.items():
        settings = with_value(laboratory.settings, variation)
        result = pipeline.run(settings, limits=EngineSettings(threads=1))
        measures = evaluate_clusters(result.table("membership"), world.truth)
        clusters = result.table("clusters").to_pylist()
        assert outcome == Outcome(
            measures.pairs.precision, measures.pairs.recall, measures.wrongly_flagged_rate,
            sum(row["fdr"] <= 0.05 for row in clusters),
            sum(row["hypothesis"] == "same_operator" for row in clusters),
        ), variation  # fmt: skip
    assert len(set(outcomes.values()) - {laboratory.base}) > 0
    groups = {one.name.partition(".")[0] for one in NUMBERS}
    kept = {one.name.partition(".")[0] for one in measured(NUMBERS)}
    assert groups & laboratory.groups - {"facts", "priority"} == kept, "measured is what a step reads"


def test_the_page_lists_what_moves_first_and_what_failed() -> None:
    base = Outcome(0.9, 0.8, 0.01, 5, 6)
    large, small, still, broken = (
        Variation(f"g.{name}", 1.0, "halved", 0.5) for name in ("a", "b", "c", "d")
    )
    table: dict[Variation, dict[str, Outcome | str]] = {
        small: {"w": base._replace(recall=0.79)},
        large: {"w": base._replace(precision=0.5)},
        still: {"w": base},
        broken: {"w": "step links: no"},
    }
    text = page({"w": base}, table, "10 accounts, seed 1")
    assert "| w | 0.900 | 0.800 | 1.00% | 5 | 6 |" in text
    assert (
        text.index("`g.a`")
        < text.index("`g.b`")
        < text.index("## What moves nothing here")
        < text.index("`g.c`")
    )
    assert "| `g.a` | halved | 1 -> 0.5 | -0.400 | +0.000 | +0.00 | +0.0 | +0.0 |" in text
    assert "- `g.d` halved in w: step links: no" in text
    assert "sensitivity.md` on " not in text
    assert "docs/sensitivity.md` on 2026-12-01. Every" in page(
        {"w": base}, table, "10 accounts", "2026-12-01"
    )
