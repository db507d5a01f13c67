"""Paths between two accounts or identifiers: the strongest and the shortest, with their weakest hop."""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow.compute as pc

from graphlink.core.errors import QuestionError
from graphlink.core.wording.figures import counted, format_bits, format_probability
from graphlink.explanations.stored import (
    ENDS,
    check_accounts,
    check_identifiers,
    holders_of,
    probability_of,
)
from graphlink.explanations.values import Explanation, named
from graphlink.kinds import shown
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import index_in, numbers_of, rows_of

if TYPE_CHECKING:
    import igraph
    from numpy.typing import NDArray

    from graphlink.explanations.readable import Readable

_MOST_PATHS = 10
_MOST_ACCOUNTS = 20_000  # examined between the two ends; what lies further out is left out, and stated
_TINY = 1e-9
_DETOUR = 1e3
# No link counts as surer when paths are compared: else the strongest is a tour of many sure links.
_SUREST = 0.99


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a path: an account, or the identifier it starts or ends at."""

    account_id: str | None
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """A hop of a path.

    Attributes:
        start: Account that it starts at; None when it starts at an identifier.
        end: Account that it ends at; None when it ends at an identifier.
        kind: Kind of the strongest evidence of the two; of a hop to an identifier, the identifier's.
        value: The identifier; empty for a joint behaviour.
        bits: Log2 odds of the link; None when an account holds the identifier.
        probability: Probability of the link by its own evidence; 1 when an account holds the identifier.
        n_evidence: Rows of evidence of the link.
    """

    start: str | None
    end: str | None
    kind: str
    value: str
    bits: float | None
    probability: float
    n_evidence: int


@dataclass(frozen=True, slots=True)
class Path:
    """A path.

    Attributes:
        nodes: Its nodes.
        hops: The hops between them.
        probability: Product of the hops' probabilities: all of them hold, if they fail independently.
        weakest: The hop of least probability.
    """

    nodes: tuple[Node, ...]
    hops: tuple[Hop, ...]
    probability: float
    weakest: Hop


@dataclass(frozen=True, slots=True, repr=False)
class Paths(Explanation):
    """Paths between two ends.

    Attributes:
        start: The one end.
        end: The other.
        strongest: The paths whose product of probabilities is highest, the strongest first.
        shortest: The paths with the fewest hops, of equals the strongest first.
        n_accounts: Accounts that were examined.
        is_bounded: Whether accounts were left out because there were too many: there may be better paths.
    """

    main: ClassVar[str] = "strongest"
    start: Node
    end: Node
    strongest: tuple[Path, ...]
    shortest: tuple[Path, ...]
    n_accounts: int
    is_bounded: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        ends = f"{describe_node(self.start)} and {describe_node(self.end)}"
        if not self.strongest:
            return (f"No path of links connects {ends}.",)
        best, short = self.strongest[0], self.shortest[0]
        sentences = [
            (
                f"The strongest path between {ends} has {counted(len(best.hops), 'hop')} and probability "
                f"{format_probability(best.probability)}; its weakest hop is {_hop_words(best.weakest)}."
            ),
        ]
        if short.hops != best.hops:
            sentences.append(
                f"The shortest path has {counted(len(short.hops), 'hop')} and probability "
                f"{format_probability(short.probability)}; its weakest hop is {_hop_words(short.weakest)}."
            )
        if self.is_bounded:
            sentences.append(f"Only {self.n_accounts:,} accounts around the ends were examined.")
        return tuple(sentences)


def describe_node(node: Node) -> str:
    """A node in words."""
    return named(node.kind or "", node.value or "") if node.account_id is None else shown(node.account_id)


def _hop_words(hop: Hop) -> str:
    ends = " to ".join(shown(name) for name in (hop.start, hop.end) if name is not None)
    tie = named(hop.kind, hop.value)
    if hop.bits is None:
        return f"{ends}, which holds {tie}"
    return f"{ends} by {tie} ({format_probability(hop.probability)}, {format_bits(hop.bits)})"


@of_result
def find_paths(
    result: Readable,
    start: str | tuple[str, str],
    end: str | tuple[str, str],
    k: int = 3,
    *,
    skip_direct: bool = False,
) -> Paths:
    """Find the k strongest and the k shortest simple paths over links between two ends (Yen 1971).

    Links less likely than not are taken only where there is no other way, and none counts as surer than 0.99
    when paths are compared.

    Args:
        result: A finished run.
        start: An account, or (kind, value) of an identifier, from which the path goes to one of its holders.
        end: The same.
        k: How many of each, at most 10.
        skip_direct: Whether the link between the two ends themselves is left out.

    Returns:
        The strongest and the shortest paths, and whether accounts were left out.

    Raises:
        NotFoundError: An end is not in the result.
        QuestionError: Both are the same, or `k` is out of its range.
    """
    if start == end:
        raise QuestionError("give two different ends of a path")
    if not 1 <= k <= _MOST_PATHS:
        raise QuestionError(f"give a number of paths from 1 to {_MOST_PATHS}, not {k}")
    for stop in (start, end):
        if isinstance(stop, str):
            check_accounts(result, [stop])
        else:
            check_identifiers(result, [stop])
    ends = [[stop] if isinstance(stop, str) else holders_of(result, *stop) for stop in (start, end)]
    net, is_bounded = _net_between(result, (start, end), ends, skip_direct=skip_direct)
    strongest = net.routes(k, net.costs)
    shortest = net.routes(k, 1.0 + net.costs / 1e6)
    tie = _ties(result, [*strongest, *shortest])
    return Paths(
        _node(start),
        _node(end),
        tuple(_path(net, route, tie) for route in strongest),
        tuple(_path(net, route, tie) for route in shortest),
        sum(isinstance(stop, str) for stop in net.stops),
        is_bounded,
    )


_Stop = str | tuple[str, str]


@dataclass(frozen=True)
class _Net:
    """The links between two ends as a graph.

    Attributes:
        stops: Accounts, sorted; then the ends that are identifiers.
        ends: The numbers of the two ends among them.
        edges: Per edge the numbers of its two stops.
        bits: Per edge the log2 odds of its link; not a number where an account holds an identifier.
        n_evidence: Per edge the rows of evidence of its link.
        costs: Per edge -log of its probability.
    """

    stops: list[_Stop]
    ends: tuple[int, int]
    edges: NDArray[np.int64]
    bits: NDArray[np.float64]
    n_evidence: NDArray[np.int64]
    costs: NDArray[np.float64]

    @cached_property
    def numbers(self) -> dict[_Stop, int]:
        """The number of each stop."""
        return {stop: number for number, stop in enumerate(self.stops)}

    @cached_property
    def graph(self) -> igraph.Graph:
        """The graph, for the search."""
        import igraph

        return igraph.Graph(n=len(self.stops), edges=self.edges)

    def routes(self, k: int, costs: NDArray[np.float64]) -> list[list[_Stop]]:
        """The k cheapest simple paths between the ends, the cheapest first."""
        if self.ends[1] not in self.graph.subcomponent(self.ends[0]):
            return []
        # Links likelier not than likely are taken only where there is no other way.
        weights = costs + np.where(self.bits < 0, _DETOUR, 0.0)
        with warnings.catch_warnings():  # no path exists
            warnings.simplefilter("ignore", RuntimeWarning)
            paths = self.graph.get_k_shortest_paths(
                *self.ends, k=k, mode="all", weights=weights.tolist(), output="vpath"
            )
        return [[self.stops[number] for number in route] for route in paths]


def _net_between(
    result: Readable, named_ends: tuple[_Stop, _Stop], ends: list[list[str]], *, skip_direct: bool
) -> tuple[_Net, bool]:
    """The links around the ends, going out from both until they meet everything they reach."""
    links, is_bounded = result.links_around({*ends[0], *ends[1]}, _MOST_ACCOUNTS)
    linked = [pc.unique(links[key]).to_pylist() for key in ENDS]
    accounts = sorted({*ends[0], *ends[1], *linked[0], *linked[1]})
    stops: list[_Stop] = [*accounts, *(stop for stop in named_ends if not isinstance(stop, str))]
    places = [numbers_of(index_in(links[key], accounts), np.int32) for key in ENDS]
    edges, bits = np.stack(places, axis=1).astype(np.int64), numbers_of(links["bits"], np.float64)
    n_evidence = numbers_of(links["n_evidence"], np.int64)
    number = {stop: i for i, stop in enumerate(stops)}
    both = (number[named_ends[0]], number[named_ends[1]])
    if skip_direct:
        is_other = (np.sort(edges, axis=1) != sorted(both)).any(axis=1)
        edges, bits, n_evidence = edges[is_other], bits[is_other], n_evidence[is_other]
    held = [
        (number[stop], number[name])
        for stop, names in zip(named_ends, ends, strict=True)
        if not isinstance(stop, str)
        for name in names
    ]
    probability = 1.0 / (1.0 + np.exp2(-np.clip(bits, -60.0, 60.0)))
    return _Net(
        stops,
        both,
        np.concatenate([edges, np.array(held, np.int64).reshape(-1, 2)]),
        np.concatenate([bits, np.full(len(held), np.nan)]),
        np.concatenate([n_evidence, np.zeros(len(held), np.int64)]),
        np.concatenate([-np.log(np.minimum(probability, _SUREST)), np.full(len(held), _TINY)]),
    ), is_bounded


def _ties(result: Readable, routes: list[list[_Stop]]) -> dict[tuple[str, str], tuple[str, str]]:
    """The strongest evidence of each two neighbours of the routes: (kind, value)."""
    pairs = {
        (min(a, b), max(a, b))
        for route in routes
        for a, b in itertools.pairwise(route)
        if isinstance(a, str) and isinstance(b, str)
    }
    names = {name for pair in pairs for name in pair}
    columns = [*ENDS, "kind", "value", "contribution_bits"]
    rows = rows_of(result.table("evidence", columns, dict.fromkeys(ENDS, names))) if pairs else []
    best: dict[tuple[str, str], tuple[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row["contribution_bits"], row["kind"], row["value"])):
        best[row["account_id_l"], row["account_id_r"]] = (row["kind"], row["value"])
    return best


def _path(net: _Net, route: list[_Stop], tie: dict[tuple[str, str], tuple[str, str]]) -> Path:
    hops = tuple(_hop(net, a, b, tie) for a, b in itertools.pairwise(route))
    return Path(
        tuple(_node(stop) for stop in route),
        hops,
        math.prod(hop.probability for hop in hops),
        min(hops, key=lambda hop: hop.probability),
    )


def _hop(net: _Net, a: _Stop, b: _Stop, tie: dict[tuple[str, str], tuple[str, str]]) -> Hop:
    if isinstance(a, str) and isinstance(b, str):
        kind, value = tie[min(a, b), max(a, b)]
        edge = net.graph.get_eid(net.numbers[a], net.numbers[b])
        bits = float(net.bits[edge])
        return Hop(a, b, kind, value, bits, probability_of(bits), int(net.n_evidence[edge]))
    identifier = a if isinstance(a, tuple) else b
    start, end = (stop if isinstance(stop, str) else None for stop in (a, b))
    return Hop(start, end, identifier[0], identifier[1], None, 1.0, 0)


def _node(stop: _Stop) -> Node:
    return Node(stop) if isinstance(stop, str) else Node(None, *stop)
