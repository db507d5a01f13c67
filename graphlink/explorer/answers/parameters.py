"""What the query of each route may carry: names, types, bounds, defaults and meanings."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphlink.core.wording.infrastructure import INFRASTRUCTURE_ROLES
from graphlink.explorer.case_evidence import TIE_SORTS
from graphlink.explorer.cases import MEMBER_SORTS
from graphlink.explorer.drawing import MOST_NODES
from graphlink.explorer.index.accounts import ROLES
from graphlink.explorer.query import FARTHEST, MOST_CSV_ROWS, MOST_ROWS
from graphlink.explorer.queue import QUEUE_SORTS


class Parameter(NamedTuple):
    """A parameter of a query.

    Attributes:
        name: As it stands in the query.
        schema: Its JSON Schema, with the default.
        about: What it means.
        required: Whether a request without it is refused.
    """

    name: str
    schema: dict[str, Any]
    about: str
    required: bool = False


def _text(name: str, about: str, *, required: bool = False) -> Parameter:
    return Parameter(name, {"type": "string"}, about, required)


def _time(name: str, about: str) -> Parameter:
    return Parameter(name, {"type": "string", "format": "date-time"}, about)


def _choice(name: str, choices: tuple[str, ...], about: str) -> Parameter:
    return Parameter(name, {"type": "string", "enum": list(choices), "default": choices[0]}, about)


def _count(name: str, bounds: tuple[int, int | None], about: str, default: int | None = None) -> Parameter:
    facts = {"minimum": bounds[0], "maximum": bounds[1], "default": default}
    schema = {"type": "integer"} | {key: value for key, value in facts.items() if value is not None}
    return Parameter(name, schema, about)


def _number(name: str, about: str) -> Parameter:
    return Parameter(name, {"type": "number"}, about)


_ORDER = _choice("order", ("desc", "asc"), "direction of the sort")
_OFFSET = _count("offset", (0, FARTHEST), "first row", 0)
_TABLE = (
    _OFFSET,
    _count("limit", (1, MOST_CSV_ROWS), f"rows: 50 unless given, at most {MOST_ROWS}; CSV at most 10,000"),
    _choice("format", ("json", "csv"), "the table as JSON or CSV"),
)
_QUEUE = (
    _choice("sort", QUEUE_SORTS, "column; unknown values come last"),
    _ORDER,
    _choice(
        "openly",
        ("", "0", "1"),
        "`0`: without clusters that are openly one organisation; `1`: only these; empty: all",
    ),
    _text("weigh", "points of parts of the order, such as `succession=5,volume=0` (0 to 100 each)"),
    _count("min_size", (0, None), "minimum number of accounts"),
    _count("max_size", (0, None), "maximum number of accounts"),
    _number("min_score", "minimum mean membership probability"),
    _number("max_score", "maximum mean membership probability"),
    _text("hypothesis", "one or several, joined by commas"),
    _text("facet", "clusters with evidence of this facet (several: of all of them), joined by commas"),
    _count(
        "min_new",
        (0, None),
        "new accounts: opened or first seen in the last seven days of the data, or since the date or earlier "
        "result of `explore --since`",
    ),
    _count(
        "min_soon_after",
        (0, None),
        "new accounts, opened within three days after another account of the cluster was closed for abuse",
    ),
    _count(
        "above_chance",
        (0, 1),
        "`1`: with more of them than expected by chance (`is_above_chance`, `n_soon_after_by_chance`)",
        0,
    ),
    _count("min_routers", (0, None), "third-party routers among its evidence"),
    _number("max_fdr", "maximum false discovery rate; clusters without this figure are left out"),
    _number(
        "max_chance",
        "maximum number of clusters as strong expected by chance; clusters without this figure are left out",
    ),
    _number("min_p_same_operator", "probability that one organisation operates its accounts"),
    _text(
        "also_explained_by",
        "`one_identifier`, `place`, `taste`, `times` (or another value of the column), `none`; by commas",
    ),
    _text("status", "`open` (no account closed), `partly_closed`, `closed` (all are); joined by commas"),
    _text("q", "text in the cluster id, an account, or an identifier among its reasons"),
    *_TABLE,
)
_MEMBERS = (
    _choice("sort", MEMBER_SORTS, "column"),
    _ORDER,
    _choice("role", ("", *ROLES), "only members of this role"),
    _text("q", "text in the account"),
    *_TABLE,
)
_EVIDENCE = (
    _choice("sort", TIE_SORTS, "column"),
    _ORDER,
    _text("kind", "only identifiers of this kind"),
    _text("facet", "only evidence of this facet"),
    _text("q", "text in the value or its label"),
    *_TABLE,
)
_GRAPH = (
    _count("max_nodes", (10, 2 * MOST_NODES), "nodes above which groups are drawn", MOST_NODES),
    _number("min_bits", "edges below it are left out"),
    _choice("groups", ("1", "0"), "`0`: the strongest nodes instead of groups"),
)
_TIMELINE = (
    _text("kind", "kind that colours the sessions: one of `kinds` of the answer, its first unless given"),
    _count("max_lanes", (1, 1_000), "accounts with a lane of their own", 200),
    _choice("span", ("bulk", "all"), "span without `from` and `to`: the bulk of the observations, or all"),
    _time("from", "start of the span"),
    _time("to", "end of the span"),
)
_EXPAND = (
    _text("node", "id of the node", required=True),
    _text("kind", "only neighbours of this kind"),
    _text("cluster", "count bits within this cluster"),
    _count("offset", (0, 1 << 30), "first neighbour", 0),
    _count("limit", (1, 200), "neighbours", 10),
)
_SEARCH = (
    _text("q", "what to search for, or its start"),
    _count("limit", (1, 50), "hits", 12),
    _text("kind", "`account`, `cluster` or a kind of identifier"),
)
_PATH = (
    _text("from", "id of a node: an account or an identifier", required=True),
    _text("to", "id of the other node", required=True),
    _count("k", (1, 10), "paths of each type", 3),
    _choice("skip_direct", ("0", "1"), "`1`: ignore the direct link"),
)
PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "/queue": _QUEUE,
    "/map": (_count("limit", (1, 5_000), "clusters, the largest first", 2_000),),
    "/search": _SEARCH,
    "/clusters/{cluster_id}/members": _MEMBERS,
    "/clusters/{cluster_id}/evidence": _EVIDENCE,
    "/clusters/{cluster_id}/infrastructure": (
        _choice("role", ("", *INFRASTRUCTURE_ROLES), "only what has this role"),
        *_TABLE,
    ),
    "/clusters/{cluster_id}/links": (_text("account", "only links of this account"), *_TABLE),
    "/clusters/{cluster_id}/joined": (
        _choice("which", ("new", "back"), "`back`: all that were opened soon after a closing"),
        *_TABLE,
    ),
    "/clusters/{cluster_id}/graph": _GRAPH,
    "/clusters/{cluster_id}/style": (
        _text(
            "by", "one of the names in `offered`, such as `state` or `column:plan`; empty lists these only"
        ),
    ),
    "/clusters/{cluster_id}/timeline": _TIMELINE,
    "/compare": (
        _text("left", "a cluster", required=True),
        _text("right", "the other; empty: the cluster that most links lead to"),
    ),
    "/expand": _EXPAND,
    "/account": (_text("id", "the account", required=True),),
    "/identifier": (_text("kind", "its kind", required=True), _text("value", "its value"), *_TABLE),
    "/pair": (
        _text("l", "an account", required=True),
        _text("r", "the other account", required=True),
    ),
    "/member": (_text("account", "the account", required=True),),
    "/break": (
        _text("cluster", "the cluster", required=True),
        _text("account", "what would remove this account, not what would split the cluster"),
    ),
    "/path": _PATH,
}
"""Path to the parameters of its query; routes that are missing take none."""
