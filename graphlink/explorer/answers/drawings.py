"""What is drawn: graphs, the map and the timeline."""

from __future__ import annotations

from typing import Literal

import msgspec

from graphlink.explorer.answers.base import Answer


class GraphNode(Answer):
    """A node of a drawing; what a type does not have is null."""

    id: str
    type: Literal["account", "identifier", "group", "cluster"]
    label: str
    kind: str
    facet: str | None
    degree: int | None
    n_edges: int
    p_exclusive: float | None
    tag: str | None
    tag_type: str | None
    is_hub: bool | None
    role: str | None
    probability: float | None
    status: str | None
    is_new: bool | None
    cluster_id: str | None
    n_accounts: int | None
    bits: float | None
    first_seen: str | None
    last_seen: str | None
    x: float
    y: float


class GraphEdge(Answer):
    """An edge of a drawing."""

    id: str
    source: str
    target: str
    kind: str
    facet: str | None
    bits: float
    n: int
    first_seen: str | None
    last_seen: str | None


class Graph(Answer):
    """The graph of a cluster."""

    cluster_id: str
    mode: str
    n_left_out: int
    n_accounts: int
    n_identifiers: int
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class StyleOffer(Answer):
    """Something that accounts may be coloured by."""

    name: str
    title: str


class StyleClass(Answer):
    """A class of accounts by what they are coloured by.

    Attributes:
        place: From 0; -1: not known; -2: further values.
        n: Accounts of the cluster in it.
    """

    place: int
    title: str
    n: int


class Style(Answer):
    """What the accounts of a drawn cluster are coloured by.

    Attributes:
        by: Its name; null where none was given.
        is_ordered: Whether the classes are steps from the least value up.
        of: Id of a node to its class. A group has the class of more than half of its accounts, and else none.
    """

    by: str | None
    title: str
    is_ordered: bool
    offered: list[StyleOffer]
    classes: list[StyleClass]
    of: dict[str, int]


class Expansion(Answer):
    """Neighbours of a node."""

    node: str
    offset: int
    limit: int
    total: int
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class Session(Answer):
    """Uninterrupted activity of an account with one identifier, in seconds from the start."""

    from_: float = msgspec.field(name="from")
    to: float
    identifier: int
    n: int


class Lane(Answer):
    """An account of the timeline."""

    id: str | None
    account_id: str | None
    role: str | None
    n: int
    born: float | None
    closed: float | None
    status: str | None
    sessions: list[Session]


class TimelineIdentifiers(Answer):
    """An identifier of the timeline."""

    id: str
    kind: str
    value: str
    n: int


class Timeline(Answer):
    """Activity of the accounts of a cluster in time.

    Attributes:
        n_before: Observations before the span that is shown; `n_after` those after it.
        first: When the first was, and `last` the last, of all.
    """

    cluster_id: str
    kind: str
    kinds: list[str]
    start: str
    end: str
    gap: float
    bin: float
    n_before: int
    n_after: int
    first: str | None
    last: str | None
    activity: list[float]
    n_left_out: int
    identifiers: list[TimelineIdentifiers]
    lanes: list[Lane]


class MapAnswerNodes(Answer):
    """A cluster on the map.

    Attributes:
        finding: Its hypothesis, or `undecided` where one operator is neither sure nor the only explanation.
    """

    id: str
    cluster_id: str
    n_accounts: int
    score: float
    hypothesis: str
    finding: str
    priority: float
    facet: str
    x: float
    y: float


class MapAnswerEdges(Answer):
    """Links between two clusters."""

    source: str
    target: str
    n_links: int
    bits: float


class MapAnswer(Answer):
    """The whole result as a map."""

    nodes: list[MapAnswerNodes]
    edges: list[MapAnswerEdges]
    n_left_out: int
