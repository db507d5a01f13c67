"""What a decision on a cluster rests on, for a reader who knows nothing of it, and where to read more."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core import wording
from graphlink.core.wording.brief import CLOSINGS_NOT_KNOWN, NOBODY_BACK, back_sentence, through_sentence
from graphlink.core.wording.figures import counted
from graphlink.core.wording.infrastructure import (
    INFRASTRUCTURE_ROLES,
    infrastructure_role,
    infrastructure_words,
)
from graphlink.kinds import shown
from graphlink.kinds.listed_types import EXITS
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

_NETWORK = "network"
_NAMED = ("router", "relay", "own", "exit")
_MOST_NAMED = 4
_MOST_TIES = 2  # named per account: the table of identifiers has all
QUESTIONS = (
    ("What is claimed, and about which accounts?", "claim"),
    ("How sure is it, and what else was weighed?", "sure"),
    ("Is there a harmless explanation?", "harmless"),
    ("What is the evidence?", "reasons"),
    ("Which accounts are concerned, and on what grounds is each?", "members"),
    ("Since when?", "since"),
    ("Did anybody come back after a closing for abuse?", "back"),
    ("Through which routers and addresses?", "through"),
    ("What would have to be false for this to fall apart?", "breaks"),
    ("Whom would an action hit wrongly?", "collateral"),
    ("Which data were used, and which were not?", "appendix"),
    ("Who decides, and what does the holder of an account learn?", "signature"),
)
"""What a reviewer asks of the page of a cluster, and the id of the part of it that answers."""


class Ground(NamedTuple):
    """What a decision rests on, in a sentence.

    Attributes:
        id: Of the sentence on the page.
        name: What it is about.
        sentence: The sentence.
        target: The id of the section that says more.
    """

    id: str
    name: str
    sentence: str
    target: str


def through_words(subgraph: Subgraph) -> str:
    """Through what infrastructure the accounts came, of what is evidence for them, and its leading names."""
    rows = [row for row in subgraph.identifiers if row.get("facet") == _NETWORK]
    roles = [_role(row) for row in rows]
    counts = infrastructure_words(Counter(roles), 0)
    if not counts:
        return through_sentence("")
    named = [
        f"{shown(row['value'])} ({INFRASTRUCTURE_ROLES[role].one})"
        for wanted in _NAMED
        for row, role in zip(rows, roles, strict=True)
        if role == wanted
    ]
    strongest = f" The strongest: {', '.join(named[:_MOST_NAMED])}." if named else ""
    return f"Among the shared evidence: {through_sentence(counts)}{strongest}"


def _role(row: dict[str, Any]) -> str:
    """What an identifier is to the accounts; own only where most of its holders are among them."""
    is_mostly_here = 2 * row["n_members"] > (row.get("degree") or 0)
    return infrastructure_role(
        row["kind"],
        row.get("label_type"),
        row.get("p_exclusive") if is_mostly_here else None,
        is_exit=row.get("label_type") in EXITS,
    )


def back_words(result: Result, cluster_id: str) -> str:
    """How many accounts were opened soon after another was closed."""
    where = {"cluster_id": [cluster_id], "signal": ["successors_3d"]}
    rows = rows_of(result.table("signals", where=where))
    if not rows or rows[0]["value"] is None:
        return CLOSINGS_NOT_KNOWN
    reasons = result.table("accounts", ["is_abuse"])["is_abuse"]
    knows_reasons = reasons.null_count < len(reasons)
    n_after = round(rows[0]["value"])
    return back_sentence(n_after, rows[0]["baseline"], 0, 0, knows_reasons=knows_reasons) or NOBODY_BACK


def tied_by(subgraph: Subgraph) -> dict[str, str]:
    """What ties each account to the others, in words: its strongest identifiers, else joint behaviour."""
    n_members = {(row["kind"], row["value"]): row["n_members"] for row in subgraph.identifiers}
    held: defaultdict[str, list[tuple[float, str, str]]] = defaultdict(list)
    for row in rows_of(subgraph.edges):
        held[row["account_id"]].append((-(row["bits"] or 0.0), row["kind"], row["value"]))
    behaviours: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows_of(subgraph.ties):
        for side in "lr":
            behaviours[row[f"account_id_{side}"]].add(wording.behaviour_name(row["kind"]))
    texts = {}
    for account, ties in held.items():
        named = [
            f"{kind.replace('_', ' ')} {value} with {counted(n_members[kind, value] - 1, 'other')}"
            for _, kind, value in sorted(ties)
            if n_members.get((kind, value), 0) > 1
        ]
        further = len(named) - _MOST_TIES
        texts[account] = "; ".join(named[:_MOST_TIES]) + (f"; {further:,} more" if further > 0 else "")
    for account, names in behaviours.items():
        texts[account] = texts.get(account) or ", ".join(sorted(names))
    return texts
