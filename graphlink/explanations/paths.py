"""Paths between two accounts or identifiers: the strongest and the shortest, with their weakest hop."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.errors import ResultError
from graphlink.explanations.stored import (
    ENDS,
    check_accounts,
    check_identifiers,
    holders_of,
    probability_of,
    reach,
)
from graphlink.explanations.values import Explanation, counted, named, told_bits, told_probability
from graphlink.folder import rows_of
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import networkx as nx

    from graphlink.result import Result

_MOST_PATHS = 10
_MOST_ACCOUNTS = 20_000  # looked at between the two ends; what lies further out is left out, and said
_TINY = 1e-9
_LIKELY = 0.5
_DETOUR = 1e3
# No link counts as surer when paths are compared: else the strongest is a tour of many sure links.
_SUREST = 0.99


@dataclass(frozen=True, slots=True)
class Node:
    """A station of a path: an account, or the identifier it starts or ends at."""

    account_id: str | None
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """A hop of a path.

    Attributes:
        start: Account that it starts at; None when it starts at an identifier.
        end: Account that it ends at; None when it ends at an identifier.
        kind: Kind of what ties the two most; of a hop to an identifier, the identifier's.
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
        nodes: Its stations.
        hops: The hops between them.
        probability: Product of the hops' probabilities: all of them hold, if they fail independently.
        weakest: The hop of least probability.
    """

    nodes: tuple[Node, ...]
    hops: tuple[Hop, ...]
    probability: float
    weakest: Hop


@dataclass(frozen=True, slots=True)
class Paths(Explanation):
    """Paths between two ends.

    Attributes:
        start: The one end.
        end: The other.
        strongest: The paths whose product of probabilities is highest, the strongest first.
        shortest: The paths with the fewest hops, of equals the strongest first.
        n_accounts: Accounts that were looked at.
        is_bounded: Whether accounts were left out because there were too many: there may be better paths.
    """

    start: Node
    end: Node
    strongest: tuple[Path, ...]
    shortest: tuple[Path, ...]
    n_accounts: int
    is_bounded: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        ends = f"{told_node(self.start)} and {told_node(self.end)}"
        if not self.strongest:
            return (f"No path of links connects {ends}.",)
        best, short = self.strongest[0], self.shortest[0]
        told = [
            (
                f"The strongest path between {ends} has {counted(len(best.hops), 'hop')} and probability "
                f"{told_probability(best.probability)}; its weakest hop is {_hop_words(best.weakest)}."
            ),
        ]
        if short.hops != best.hops:
            told.append(
                f"The shortest path has {counted(len(short.hops), 'hop')} and probability "
                f"{told_probability(short.probability)}; its weakest hop is {_hop_words(short.weakest)}."
            )
        if self.is_bounded:
            told.append(f"Only {self.n_accounts:,} accounts around the ends were looked at.")
        return tuple(told)


def told_node(node: Node) -> str:
    """A station as a sentence names it."""
    return named(node.kind or "", node.value or "") if node.account_id is None else shown(node.account_id)


def _hop_words(hop: Hop) -> str:
    ends = " to ".join(shown(name) for name in (hop.start, hop.end) if name is not None)
    tie = named(hop.kind, hop.value)
    if hop.bits is None:
        return f"{ends}, which holds {tie}"
    return f"{ends} by {tie} ({told_probability(hop.probability)}, {told_bits(hop.bits)})"


def find_paths(
    result: Result,
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

    Raises:
        ResultError: An end is not in the result, or both are the same.
    """
    if start == end:
        raise ResultError("give two different ends of a path")
    if not 1 <= k <= _MOST_PATHS:
        raise ResultError(f"give a number of paths from 1 to {_MOST_PATHS}, not {k}")
    for stop in (start, end):
        if isinstance(stop, str):
            check_accounts(result, [stop])
        else:
            check_identifiers(result, [stop])
    ends = [[stop] if isinstance(stop, str) else holders_of(result, *stop) for stop in (start, end)]
    graph, is_bounded = _graph_between(result, *ends)
    for stop, holders in zip((start, end), ends, strict=True):
        if not isinstance(stop, str):
            graph.add_edges_from(((stop, name) for name in holders), bits=None, probability=1.0, cost=_TINY)
    if skip_direct and graph.has_edge(start, end):
        graph.remove_edge(start, end)
    strongest = _routes(graph, start, end, k, lambda data: data["cost"])
    shortest = _routes(graph, start, end, k, lambda data: 1.0 + data["cost"] / 1e6)
    tie = _ties(result, [*strongest, *shortest])
    return Paths(
        _node(start),
        _node(end),
        tuple(_path(graph, route, tie) for route in strongest),
        tuple(_path(graph, route, tie) for route in shortest),
        sum(isinstance(node, str) for node in graph),
        is_bounded,
    )


_Stop = str | tuple[str, str]


def _graph_between(result: Result, starts: list[str], ends: list[str]) -> tuple[nx.Graph[_Stop], bool]:
    """The links around the ends, going out from both until they meet everything they reach."""
    links = result.table("links", [*ENDS, "bits", "n_evidence"])
    near, is_bounded = reach(result, links, {*starts, *ends}, _MOST_ACCOUNTS)
    columns = (links[name].to_pylist() for name in links.column_names)
    import networkx as nx

    graph: nx.Graph[_Stop] = nx.Graph()
    graph.add_nodes_from(sorted(near))
    for one, other, bits, n_evidence in zip(*columns, strict=True):
        if one in near and other in near:
            probability = probability_of(bits)
            cost = -math.log(min(probability, _SUREST))
            graph.add_edge(one, other, bits=bits, n_evidence=n_evidence, probability=probability, cost=cost)
    return graph, is_bounded


def _routes(
    graph: nx.Graph[_Stop], start: _Stop, end: _Stop, k: int, cost: Callable[[dict[str, float]], float]
) -> list[list[_Stop]]:
    import networkx as nx

    for _, __, data in graph.edges(data=True):
        # Links likelier not than likely are taken only where there is no other way.
        data["weight"] = cost(data) + (0.0 if data["probability"] >= _LIKELY else _DETOUR)
    if start not in graph or end not in graph or not nx.has_path(graph, start, end):
        return []
    return list(itertools.islice(nx.shortest_simple_paths(graph, start, end, weight="weight"), k))


def _ties(result: Result, routes: list[list[_Stop]]) -> dict[tuple[str, str], tuple[str, str]]:
    """What ties each two neighbours of the routes most: (kind, value)."""
    pairs = {
        (min(a, b), max(a, b))
        for route in routes
        for a, b in itertools.pairwise(route)
        if isinstance(a, str) and isinstance(b, str)
    }
    names = {name for pair in pairs for name in pair}
    columns = [*ENDS, "kind", "value", "counted_bits"]
    rows = rows_of(result.table("evidence", columns, dict.fromkeys(ENDS, names))) if pairs else []
    best: dict[tuple[str, str], tuple[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row["counted_bits"], row["kind"], row["value"])):
        best[row["account_id_l"], row["account_id_r"]] = (row["kind"], row["value"])
    return best


def _path(graph: nx.Graph[_Stop], route: list[_Stop], tie: dict[tuple[str, str], tuple[str, str]]) -> Path:
    hops = tuple(_hop(graph, a, b, tie) for a, b in itertools.pairwise(route))
    return Path(
        tuple(_node(stop) for stop in route),
        hops,
        math.prod(hop.probability for hop in hops),
        min(hops, key=lambda hop: hop.probability),
    )


def _hop(graph: nx.Graph[_Stop], a: _Stop, b: _Stop, tie: dict[tuple[str, str], tuple[str, str]]) -> Hop:
    data = graph.edges[a, b]
    if isinstance(a, str) and isinstance(b, str):
        kind, value = tie[min(a, b), max(a, b)]
        return Hop(a, b, kind, value, data["bits"], data["probability"], data["n_evidence"])
    identifier = a if isinstance(a, tuple) else b
    start, end = (stop if isinstance(stop, str) else None for stop in (a, b))
    return Hop(start, end, identifier[0], identifier[1], None, 1.0, 0)


def _node(stop: _Stop) -> Node:
    return Node(stop) if isinstance(stop, str) else Node(None, *stop)
