"""The card of a model, and how two models differ."""

from __future__ import annotations

import dataclasses

from graphlink.core.parameters import Parameters, listed, replaced
from graphlink.core.settings import KindSettings, ModelSettings
from graphlink.model.card import Difference, differences, numbers_of, weights_of
from graphlink.model.learned import Cell, Learned
from graphlink.model.parameters import Model, Provenance

ROWS: dict[str, tuple[Cell, ...]] = {
    "kind": ("badge", "badge", "ip", "ip"),
    "degree_bin": (0, 1, 0, 1),
    "repeat_bin": (0, 0, 0, 0),
    "log_odds": (1.0, -1.0, 3.0, 0.0),
}
MODEL = Model(
    kind_settings={"badge": KindSettings(p_exclusive=0.3)},
    kinds=("badge", "ip"),
    learned={"match_weights": Learned(("badge", "ip"), {"match_weights": ROWS})},
    provenance=Provenance("0.2.0", {"log.csv": "ab" * 32}, 10, 5),
)


def test_the_weight_of_a_kind_is_that_of_its_rarest_values_beyond_the_prior() -> None:
    assert [tuple(one) for one in weights_of(MODEL)] == [("ip", 15.0), ("badge", 13.0)]
    assert weights_of(Model()) == ()


def test_every_number_is_listed_with_unit_range_and_source() -> None:
    numbers = {one.name: one for one in numbers_of(MODEL)}
    assert {f"parameters.{one.name}" for one in listed(Parameters())} < set(numbers)
    assert {f"model.{part.name}" for part in dataclasses.fields(ModelSettings)} < set(numbers)
    assert numbers["kinds.badge.p_exclusive"].value == 0.3
    for one in numbers.values():
        assert one.range is not None, one.name
        assert one.range.unit, one.name
        assert one.source, one.name
    assert numbers["parameters.timing.scales_s"].as_dict()["value"] == [10, 40, 160, 600]
    assert numbers["model.prior_bits"].source.startswith("elicited: ")


def test_equal_models_do_not_differ() -> None:
    assert differences(MODEL, dataclasses.replace(MODEL)) == ()


def test_what_two_models_do_not_share_is_listed() -> None:
    heavier = {"match_weights": Learned(("ip",), {"match_weights": {
        "kind": ("ip",), "degree_bin": (0,), "repeat_bin": (0,), "log_odds": (4.0,),
    }})}  # fmt: skip
    other = dataclasses.replace(
        MODEL,
        parameters=replaced(Parameters(), {"lockstep.prior": 0.2}),
        thresholds=ModelSettings(cluster_probability=0.8),
        kind_settings={},
        learned=heavier,
        provenance=dataclasses.replace(MODEL.provenance, n_accounts=6),
    )
    assert differences(MODEL, other) == (
        Difference("model.cluster_probability", 0.9, 0.8),
        Difference("kinds.badge.p_exclusive", 0.3, None),
        Difference("parameters.lockstep.prior", 0.1, 0.2),
        Difference("weight of ip", 15.0, 16.0),
        Difference("weight of badge", 13.0, None),
        Difference("learned from: n_accounts", 5, 6),
    )
