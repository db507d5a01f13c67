"""Explanations of a finished run: why, what it depends on, collateral, what if.

Each is a frozen value of plain Python values with `sentences`, `as_dict()` and a notebook's view, the same
for every face. The terms of an explanation add up to the number they explain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphlink.explanations.breaks import (
        MOST_LINKS,
        Breaks,
        Failure,
        find_breaks,
        find_loss,
        searched_clusters,
    )
    from graphlink.explanations.cluster.explained import ClusterExplanation, explain_cluster
    from graphlink.explanations.collateral import Collateral, estimate_collateral, parse_identifier
    from graphlink.explanations.joined import Joined, find_joined
    from graphlink.explanations.member import MemberExplanation, explain_member
    from graphlink.explanations.pair.evidence import Evidence
    from graphlink.explanations.pair.explained import PairExplanation, explain_pair
    from graphlink.explanations.paths import Paths, find_paths
    from graphlink.explanations.readable import Readable
    from graphlink.explanations.since import JointSpan, find_joint_span
    from graphlink.explanations.two_clusters import Bridge, TwoClusters, compare_clusters
    from graphlink.explanations.values import EvidenceItem, Explanation, Fragment
    from graphlink.explanations.what_if.changes import Moved
    from graphlink.explanations.what_if.explained import Solved, WhatIf, solve_without, try_without
    from graphlink.explanations.what_if.groups import Group, Move
    from graphlink.explanations.what_if.surroundings import Surroundings, read_surroundings
    from graphlink.explanations.wrong_hits import doubt_of

__all__ = [
    "MOST_LINKS",
    "Breaks",
    "Bridge",
    "ClusterExplanation",
    "Collateral",
    "Evidence",
    "EvidenceItem",
    "Explanation",
    "Failure",
    "Fragment",
    "Group",
    "Joined",
    "JointSpan",
    "MemberExplanation",
    "Move",
    "Moved",
    "PairExplanation",
    "Paths",
    "Readable",
    "Solved",
    "Surroundings",
    "TwoClusters",
    "WhatIf",
    "compare_clusters",
    "doubt_of",
    "estimate_collateral",
    "explain_cluster",
    "explain_member",
    "explain_pair",
    "find_breaks",
    "find_joined",
    "find_joint_span",
    "find_loss",
    "find_paths",
    "parse_identifier",
    "read_surroundings",
    "searched_clusters",
    "solve_without",
    "try_without",
]

_HOMES = {
    "Breaks": "breaks",
    "Bridge": "two_clusters",
    "ClusterExplanation": "cluster.explained",
    "Collateral": "collateral",
    "Evidence": "pair.evidence",
    "EvidenceItem": "values",
    "Explanation": "values",
    "Failure": "breaks",
    "Fragment": "values",
    "Group": "what_if.groups",
    "Joined": "joined",
    "JointSpan": "since",
    "MOST_LINKS": "breaks",
    "MemberExplanation": "member",
    "Move": "what_if.groups",
    "Moved": "what_if.changes",
    "PairExplanation": "pair.explained",
    "Paths": "paths",
    "Readable": "readable",
    "Solved": "what_if.explained",
    "Surroundings": "what_if.surroundings",
    "TwoClusters": "two_clusters",
    "WhatIf": "what_if.explained",
    "compare_clusters": "two_clusters",
    "doubt_of": "wrong_hits",
    "estimate_collateral": "collateral",
    "explain_cluster": "cluster.explained",
    "explain_member": "member",
    "explain_pair": "pair.explained",
    "find_breaks": "breaks",
    "find_joined": "joined",
    "find_joint_span": "since",
    "find_loss": "breaks",
    "find_paths": "paths",
    "parse_identifier": "collateral",
    "read_surroundings": "what_if.surroundings",
    "searched_clusters": "breaks",
    "solve_without": "what_if.explained",
    "try_without": "what_if.explained",
}


def __getattr__(name: str) -> Any:
    """Import the module of a name on first use: who lists clusters needs no solver."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
