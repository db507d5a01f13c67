"""Whether one organisation has the accounts of a cluster, openly or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENLY = "openly_one_organisation"
"""The hypothesis that accounts are openly one organisation's."""
ONE_ORGANISATION = ("p_same_operator", f"p_{OPENLY}")
"""Columns of `clusters`: the probabilities of the hypotheses by which one organisation has the accounts."""


def probability_of_one(cluster: Mapping[str, Any]) -> float | None:
    """The probability that one organisation has the accounts of a cluster; None when it is not known.

    Args:
        cluster: Its row of `clusters`.
    """
    stated = [cluster.get(name) for name in ONE_ORGANISATION]
    known = [float(p) for p in stated if p is not None]
    return min(1.0, sum(known)) if known else None


OWN_DOMAIN = "own_domain"
"""The mark of an account under a mail domain."""
ONE_PARENT = "one_billing_parent"
"""The mark of an account with one of `organisation_names`, such as a billing parent."""
