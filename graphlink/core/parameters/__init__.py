"""Every number of the method, each once: with its default, unit, range, origin and source.

A number is *elicited* when it is a belief about the world (how often families share a card), *chosen* when it
is a decision of the method (how rare a coincidence has to be to count). What is learned from data is neither:
it stands in the learned tables of a model (`graphlink.model.parameters`).

To add a parameter:

1. Put a field into the group of its step (`timing`, `communities`, `hypotheses`, ...), made by
   `parameter(default, lowest, highest, unit, elicited("why"))` or `chosen("why")`. A new group is a frozen
   dataclass in a file of this folder, and a field of `Parameters` in `whole.py`.
2. Read it in the step as `settings.parameters.GROUP.NAME`, and delete the constant.
3. Delete the module from `NOT_CONVERTED` in `tests/test_parameters.py` once it holds no other number, and
   write the table of the documentation by `python -m tests.test_parameters`.

Not here: numbers that only decide how a result is computed, not which (sizes of batches, digits of rounding,
iterations of a search that ends by itself).
"""

from __future__ import annotations

from graphlink.core.parameters.assessment import Hypotheses, NullModel
from graphlink.core.parameters.clustering import Communities
from graphlink.core.parameters.exclusivity import Exclusivity, Frequency
from graphlink.core.parameters.facts import Facts
from graphlink.core.parameters.households import Households
from graphlink.core.parameters.identifiers import Intermediaries, KindPriors, KindWindows, ListedBits
from graphlink.core.parameters.match_weights import Blocking, Dependence, Mixture
from graphlink.core.parameters.parameter import Parameter, Source, chosen, elicited, parameter, source_of
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
from graphlink.core.parameters.whole import Parameters, changed, listed, replaced

__all__ = [
    "Blocking",
    "Communities",
    "CrewBeats",
    "Dependence",
    "Exclusivity",
    "Facts",
    "Frequency",
    "Households",
    "Hypotheses",
    "Intermediaries",
    "KindPriors",
    "KindWindows",
    "ListedBits",
    "Lives",
    "LoadBalancing",
    "Lockstep",
    "Mixture",
    "NullModel",
    "Parameter",
    "Parameters",
    "Priority",
    "SignupBursts",
    "Source",
    "Succession",
    "Timing",
    "changed",
    "chosen",
    "elicited",
    "listed",
    "parameter",
    "replaced",
    "source_of",
]
