"""What if: a cluster and its surroundings solved again without some of the evidence."""

from __future__ import annotations

from graphlink.explanations.what_if.changes import Moved
from graphlink.explanations.what_if.explained import WhatIf, try_without
from graphlink.explanations.what_if.groups import Group
from graphlink.explanations.what_if.surroundings import Surroundings, read_surroundings

__all__ = [
    "Group",
    "Moved",
    "Surroundings",
    "WhatIf",
    "read_surroundings",
    "try_without",
]
