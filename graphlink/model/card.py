"""A model for people: its numbers with sources, its weights by kind, and how two models differ."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.parameters import Source, listed, source_of
from graphlink.core.ranges import range_of
from graphlink.core.settings import ModelSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphlink.core.ranges import Range
    from graphlink.model.parameters import Model

# Where the weights of sharing a value stand, by kind; the first row of a kind is of the rarest values.
_WEIGHTS, _ODDS = "match_weights", "log_odds"
_STATED = "stated in the settings of the fit"


class Number(NamedTuple):
    """A number of a model.

    Attributes:
        name: Its table and name, as in settings.
        value: Its value.
        default: Its default; None where there is none.
        range: The values that it may have, with the unit.
        source: Whether it is elicited or chosen, and why.
    """

    name: str
    value: object
    default: object
    range: Range | None
    source: str

    def as_dict(self) -> dict[str, Any]:
        """The number as plain values."""
        limits = self.range
        return {
            "name": self.name,
            "value": _plain(self.value),
            "default": _plain(self.default),
            "unit": limits.unit if limits else "",
            "lowest": limits.lowest if limits else None,
            "highest": limits.highest if limits else None,
            "source": self.source,
        }


class Weight(NamedTuple):
    """What sharing a value of a kind says, of the rarest values that were met once.

    Attributes:
        kind: The kind.
        bits: Match weight: log2 odds of one operator beyond the prior of any two accounts.
    """

    kind: str
    bits: float


class Difference(NamedTuple):
    """A number that two models do not share; None where one does not have it.

    Attributes:
        name: Its name.
        before: Its value in the first model.
        after: Its value in the second.
    """

    name: str
    before: object
    after: object


def numbers_of(model: Model) -> tuple[Number, ...]:
    """List every number of a model that is elicited or chosen, thresholds first."""
    return (*_thresholds(model), *_kind_settings(model), *_parameters(model))


def weights_of(model: Model) -> tuple[Weight, ...]:
    """List what sharing a value of each kind says, the strongest first."""
    table = _table(model)
    first: dict[str, float] = {}
    for kind, odds in zip(table.get("kind", ()), table.get(_ODDS, ()), strict=True):
        first.setdefault(str(kind), float(odds) - model.thresholds.prior_bits)
    rows = [Weight(kind, round(bits, 4)) for kind, bits in first.items()]
    return tuple(sorted(rows, key=lambda row: (-row.bits, row.kind)))


def differences(before: Model, after: Model) -> tuple[Difference, ...]:
    """List what two models do not share: numbers, kinds, and the weights of kinds."""
    pairs = (
        ({one.name: one.value for one in numbers_of(model)} for model in (before, after)),
        ({f"weight of {one.kind}": one.bits for one in weights_of(model)} for model in (before, after)),
        (_provenance(model) for model in (before, after)),
    )
    return tuple(row for pair in pairs for row in _differing(*pair))


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Difference(name, before.get(name), after.get(name))


def _thresholds(model: Model) -> Iterator[Number]:
    for part in dataclasses.fields(ModelSettings):
        value = getattr(model.thresholds, part.name)
        yield Number(f"model.{part.name}", value, part.default, range_of(part), _worded(source_of(part)))


def _kind_settings(model: Model) -> Iterator[Number]:
    for kind, settings in model.kind_settings.items():
        for part in dataclasses.fields(settings):
            value = getattr(settings, part.name)
            if value not in (part.default, None):
                yield Number(f"kinds.{kind}.{part.name}", value, None, range_of(part), _STATED)


def _parameters(model: Model) -> Iterator[Number]:
    for one in listed(model.parameters):
        yield Number(f"parameters.{one.name}", one.value, one.default, one.range, _worded(one.source))


def _worded(source: Source) -> str:
    return f"{source.origin}: {source.reason}"


def _table(model: Model) -> Mapping[str, tuple[Any, ...]]:
    tables = [step.tables[_WEIGHTS] for step in model.learned.values() if _WEIGHTS in step.tables]
    return tables[0] if tables else {}


def _provenance(model: Model) -> dict[str, object]:
    facts = dataclasses.asdict(model.provenance)
    inputs = facts.pop("inputs")
    return {
        **{f"learned from: {name}": value for name, value in facts.items()},
        **{f"learned from: {name}": digest[:12] for name, digest in inputs.items()},
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
