"""Names of clusters: stable while the least account stays."""

from __future__ import annotations

import re

from graphlink.clustering.clusters import name_cluster
from graphlink.core.schema import CLUSTER_ID


def test_a_name_is_a_digest_of_the_least_account() -> None:
    assert name_cluster("acc-1") == name_cluster("acc-1") != name_cluster("acc-2")
    assert CLUSTER_ID.fullmatch(name_cluster("acc-1"))


def test_a_hostile_account_never_shows_in_the_name() -> None:
    assert re.fullmatch(r"C-[0-9a-f]+", name_cluster("<script>'; DROP TABLE x"))
