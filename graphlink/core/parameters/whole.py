"""All parameters as one frozen value; listed, compared with the defaults, and replaced by name."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphlink.core.parameters.assessment import Hypotheses, NullModel
from graphlink.core.parameters.clustering import Communities
from graphlink.core.parameters.exclusivity import Exclusivity, Frequency
from graphlink.core.parameters.facts import Facts
from graphlink.core.parameters.households import Households
from graphlink.core.parameters.identifiers import Intermediaries, KindPriors, KindWindows, ListedBits
from graphlink.core.parameters.match_weights import Blocking, Dependence, Mixture
from graphlink.core.parameters.parameter import Parameter, Value, source_of
from graphlink.core.parameters.priority import Priority
from graphlink.core.parameters.timing import (
    CrewBeats,
    Lives,
    LoadBalancing,
    Lockstep,
    SignupBursts,
    Succession,
    Timing,
)
from graphlink.core.ranges import check_fields, range_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every number of the method that is elicited or chosen.

    Attributes:
        kind_priors: Prior probability of one operator per kind of identifier.
        kind_windows: Time within which two accounts have to hold a value, per kind.
        listed_bits: What the type that a reference list gives an address says of it.
        intermediaries: Whose an address is, of a listed type, when it is not one operator's.
        households: Sizes of households.
        exclusivity: Whether one operator alone holds an identifier.
        frequency: What the frequency of a value says at most.
        blocking: Which pairs of accounts are looked at.
        mixture: How the share of one-operator pairs of each kind is learned.
        dependence: How kinds depend on each other, and what differing says.
        timing: Starts of activity, and what several behaviours in time need.
        lives: When an account counts as begun and as ended.
        lockstep: Two accounts that start at the same moments.
        crews: Accounts that start at the moments at which a crew starts.
        succession: One account that ends and another that takes its place.
        load_balancing: Two accounts that take turns.
        signup_bursts: Accounts that were created within days of each other.
        communities: From links to communities.
        hypotheses: What a cluster may be.
        null_model: What something harmless explains as well.
        facts: How the calls of a cluster are compared with what is usual.
        priority: In which order clusters are looked at.
    """

    kind_priors: KindPriors = field(default_factory=KindPriors)
    kind_windows: KindWindows = field(default_factory=KindWindows)
    listed_bits: ListedBits = field(default_factory=ListedBits)
    intermediaries: Intermediaries = field(default_factory=Intermediaries)
    households: Households = field(default_factory=Households)
    exclusivity: Exclusivity = field(default_factory=Exclusivity)
    frequency: Frequency = field(default_factory=Frequency)
    blocking: Blocking = field(default_factory=Blocking)
    mixture: Mixture = field(default_factory=Mixture)
    dependence: Dependence = field(default_factory=Dependence)
    timing: Timing = field(default_factory=Timing)
    lives: Lives = field(default_factory=Lives)
    lockstep: Lockstep = field(default_factory=Lockstep)
    crews: CrewBeats = field(default_factory=CrewBeats)
    succession: Succession = field(default_factory=Succession)
    load_balancing: LoadBalancing = field(default_factory=LoadBalancing)
    signup_bursts: SignupBursts = field(default_factory=SignupBursts)
    communities: Communities = field(default_factory=Communities)
    hypotheses: Hypotheses = field(default_factory=Hypotheses)
    null_model: NullModel = field(default_factory=NullModel)
    facts: Facts = field(default_factory=Facts)
    priority: Priority = field(default_factory=Priority)

    def __post_init__(self) -> None:
        check_fields(self)


def listed(parameters: Parameters) -> tuple[Parameter, ...]:
    """List every parameter with its value, by group."""
    rows = []
    for group in dataclasses.fields(parameters):
        values = getattr(parameters, group.name)
        for one in dataclasses.fields(values):
            limits = range_of(one)
            if limits is None:
                raise TypeError(f"{group.name}.{one.name} is not made by `parameter`")
            value, default = getattr(values, one.name), cast("Value", one.default)
            rows.append(Parameter(f"{group.name}.{one.name}", value, default, limits, source_of(one)))
    return tuple(rows)


def changed(parameters: Parameters) -> dict[str, dict[str, Value]]:
    """Make the tables of the parameters whose values are not the defaults, as settings write them."""
    tables: dict[str, dict[str, Value]] = {}
    for one in listed(parameters):
        if one.is_changed:
            group, _, name = one.name.partition(".")
            tables.setdefault(group, {})[name] = one.value
    return tables


def replaced(parameters: Parameters, values: Mapping[str, Value]) -> Parameters:
    """Make the parameters with other values for some.

    Args:
        parameters: The parameters.
        values: Names as in `Parameter.name`, with values within their ranges.

    Raises:
        SettingsError: A value is outside its range.
        KeyError: There is no such parameter.
    """
    known = {one.name for one in listed(parameters)}
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name not in known:
            raise KeyError(name)
        group, _, one = name.partition(".")
        groups.setdefault(group, {})[one] = value
    made = {group: dataclasses.replace(getattr(parameters, group), **new) for group, new in groups.items()}
    return dataclasses.replace(parameters, **made)
