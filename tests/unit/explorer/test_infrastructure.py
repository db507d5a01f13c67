"""What a cluster came through, and what decides about it, against the tables of the result."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graphlink.core.wording import brief as wording
from graphlink.core.wording.infrastructure import infrastructure_role, infrastructure_words
from graphlink.explanations.priority import prioritise
from graphlink.explorer.brief import _nobody_back, brief_cluster
from graphlink.explorer.index.columns import NEVER
from graphlink.explorer.index.observations import _accounts_of as accounts_of
from graphlink.explorer.infrastructure import list_infrastructure
from graphlink.explorer.joined import list_joined
from graphlink.explorer.query import Query

if TYPE_CHECKING:
    from graphlink.explorer.index import Index
    from graphlink.result.result import Result


def seen_by_members(result: Result, cluster: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Kind and value to who of a cluster was seen with it, how often, first and last."""
    rows = result.table("membership").to_pylist()
    members = {row["account_id"] for row in rows if row["cluster_id"] == cluster}
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for row in result.table("observations").to_pylist():
        if row["account_id"] in members:
            one = seen.setdefault((row["kind"], row["value"]), {"who": set(), "n": 0, "at": []})
            one["who"].add(row["account_id"])
            one["n"] += row["n"]
            one["at"].append(row["seen_at"])
    return seen


def test_infrastructure_is_what_members_were_seen_with(index: Index, sample_result: Result) -> None:
    n_checked = 0
    holders: dict[tuple[str, str], set[str]] = {}
    for row in sample_result.table("observations").to_pylist():
        holders.setdefault((row["kind"], row["value"]), set()).add(row["account_id"])
    for cluster in index.clusters.names.texts(range(3)):
        seen = seen_by_members(sample_result, cluster)
        page = list_infrastructure(index, Query({"cluster_id": cluster, "limit": "500"}))
        for row in page["rows"]:
            one = seen.get((row["kind"], row["value"]))
            if one is None:
                assert row["role"] == "network", "only a range is in no observation"
                continue
            n_checked += 1
            assert row["n"] == one["n"]
            assert row["n_members"] == len(one["who"])
            assert row["n_others"] == len(holders[row["kind"], row["value"]] - one["who"])
            assert row["first_seen"] == f"{min(one['at']):%Y-%m-%dT%H:%M:%SZ}"
            assert row["last_seen"] == f"{max(one['at']):%Y-%m-%dT%H:%M:%SZ}"
        several = {name for name, one in seen.items() if name[0] == "ip" and len(one["who"]) > 1}
        assert several <= {(row["kind"], row["value"]) for row in page["rows"]}
        single = [name for name, one in seen.items() if name[0] == "ip" and len(one["who"]) == 1]
        assert page["n_single"] == len(single)
    assert n_checked > 5


def test_a_role_filters_and_roles_are_counted(index: Index) -> None:
    for cluster in index.clusters.names.texts(range(5)):
        whole = list_infrastructure(index, Query({"cluster_id": cluster, "limit": "500"}))
        assert sum(one["n"] for one in whole["roles"]) == whole["total"]
        for one in whole["roles"]:
            page = list_infrastructure(
                index, Query({"cluster_id": cluster, "role": one["role"], "limit": "500"})
            )
            assert page["rows"] == [row for row in whole["rows"] if row["role"] == one["role"]]
            assert page["total"] == one["n"]


@pytest.mark.parametrize(
    ("kind", "label_type", "p_exclusive", "is_exit", "role"),
    [
        ("router", None, 0.9, False, "router"),
        ("ip", "router", 0.9, True, "exit"),
        ("ip", "hosting", 0.9, False, "relay"),
        ("ip", "hosting", 0.4, False, "place"),
        ("ip", "hosting", None, False, "place"),
        ("ip", None, 0.5, False, "own"),
        ("ip", None, 0.49, False, "shared"),
        ("ip", "other", None, False, "shared"),
        ("ip_prefix", None, 0.9, False, "network"),
    ],
)
def test_an_identifier_has_one_role(
    kind: str, label_type: str | None, p_exclusive: float | None, is_exit: bool, role: str
) -> None:
    assert infrastructure_role(kind, label_type, p_exclusive, is_exit=is_exit) == role


def test_roles_are_counted_in_words() -> None:
    assert infrastructure_words({"relay": 2, "router": 1, "network": 4}, 1) == (
        "1 router, 2 own relays, 1 further address, each used by a single member"
    )
    assert infrastructure_words({}, 0) == ""


def test_a_brief_agrees_with_the_tables(index: Index, sample_result: Result) -> None:
    priorities = list(prioritise(sample_result))
    rows = {row["cluster_id"]: row for row in sample_result.table("clusters").to_pylist()}
    for cluster in priorities[:5]:
        brief = brief_cluster(index, Query({"cluster_id": cluster}))
        row = rows[cluster]
        assert brief["order"]["place"] == priorities.index(cluster) + 1
        total = sum(one["points"] for one in brief["order"]["parts"]) * brief["order"]["confidence"]
        assert brief["order"]["total"] == pytest.approx(total, abs=0.01)
        assert all(0 <= one["points"] <= one["most"] for one in brief["order"]["parts"])
        assert brief["what"] == wording.what_sentence(row)
        assert f"{row['n_accounts']:,} accounts: " in brief["accounts"]
        back = list_joined(index, Query({"cluster_id": cluster, "which": "back", "limit": "500"}))
        assert back["total"] == brief["n_back"]
        assert all(one["is_soon_after"] for one in back["rows"])
        if brief["n_back"]:
            assert brief["back"].startswith(f"{brief['n_back']:,} account")
        else:
            assert brief["back"] == wording.NOBODY_BACK


def test_without_closings_in_the_data_nothing_is_claimed_of_a_return(index: Index) -> None:
    closings = index.accounts.closed_at
    unknown = dataclasses.replace(index.accounts, closed_at=np.full_like(closings, NEVER))
    assert _nobody_back(index.accounts) == wording.NOBODY_BACK
    assert _nobody_back(unknown) == wording.CLOSINGS_NOT_KNOWN


def test_since_is_when_two_core_accounts_first_share_an_identifier(
    index: Index, sample_result: Result
) -> None:
    for cluster in list(prioritise(sample_result))[:5]:
        core = {
            row["account_id"]
            for row in sample_result.table("membership").to_pylist()
            if row["cluster_id"] == cluster and row["role"] == "core"
        }
        first = [
            row["first_joint"]
            for row in sample_result.table("evidence").to_pylist()
            if {row["account_id_l"], row["account_id_r"]} <= core
            and row["value"]
            and row["contribution_bits"] > 0
        ]
        if first:
            since = brief_cluster(index, Query({"cluster_id": cluster}))["since"]
            assert f"since {min(first):%Y-%m-%d}" in since


def test_what_is_not_known_is_said() -> None:
    assert wording.since_sentence(None, None, "2026-03-02") == "No dated identifier ties its accounts."
    assert wording.since_sentence("2026-03-02", None, None, is_core=False).startswith("Accounts have used")
    assert wording.since_sentence("2026-03-02", "2026-03-02", "2026-03-01").endswith("2026-03-02.")
    assert "when the data begin" in wording.since_sentence("2026-03-02", None, "2026-03-02")
    assert wording.through_sentence("") == "No address or router of its accounts is known."
    assert wording.back_sentence(0, 1.0, 3, 0) == ""
    assert wording.back_sentence(1, None, 0, 0) == (
        "1 account was opened within 3 days after another was closed for abuse."
    )
    assert wording.back_sentence(2, None, 0, 0, is_dated=False, knows_reasons=False) == (
        "2 accounts were opened, or first seen where that is not known, within 3 days after another was "
        "closed (why is not known)."
    )
    assert wording.back_sentence(4, 0.5, 3, 0).endswith("; none of its 3 new accounts among them.")
    assert wording.back_sentence(4, 0.5, 3, 3).endswith("; all its 3 new accounts among them.")
    assert wording.back_sentence(4, 0.5, 3, 1).endswith("; 1 of its 3 new accounts among them.")
    bare = {"hypothesis": "same_operator", "p_same_operator": None}
    assert wording.sure_sentence(bare) == ""
    assert wording.otherwise_sentence(bare) == "No other explanation was weighed."
    rival = {"hypothesis": "same_operator", "rival": "shared_network", "rival_bits": 9.0}
    assert wording.otherwise_sentence(rival).startswith("No harmless reading is known. The closest rival is")
    openly = rival | {"hypothesis": "openly_one_organisation", "rival": "same_operator"}
    declared = "It is likeliest openly one organisation's; that it is one is no ground for action by itself."
    assert wording.otherwise_sentence(openly) == f"{declared} The closest rival is one operator."
    assert wording.otherwise_sentence(openly | {"rival": None}) == declared
    at_home = wording.otherwise_sentence(openly | {"also_explained_by": "place"})
    assert at_home.startswith(f"{declared} A harmless reading explains it too (")
    close = {"rival": "shared_network", "rival_bits": 3.2, "p_shared_network": 0.1}
    assert wording.otherwise_sentence(close).endswith("the evidence hardly distinguishes the two.")
    assert wording.is_doubtful(close)
    assert not wording.is_doubtful(close | {"rival_bits": 3.3})
    assert wording.is_doubtful({"also_explained_by": "place"})


def test_rows_of_a_part_know_their_accounts() -> None:
    starts = np.array([0, 0, 5, 5, 6, 9])
    whole = [1, 1, 1, 1, 1, 3, 4, 4, 4]
    for start in range(9):
        for stop in range(start + 1, 10):
            assert accounts_of(starts, start, stop).tolist() == whole[start:stop]


def test_activity_and_what_lies_before_it_are_all_observations_of_a_cluster(
    index: Index, sample_result: Result
) -> None:
    cluster_of = {
        row["account_id"]: row["cluster_id"] for row in sample_result.table("membership").to_pylist()
    }
    n: dict[str | None, int] = {}
    for row in sample_result.table("observations").to_pylist():
        cluster = cluster_of[row["account_id"]]
        n[cluster] = n.get(cluster, 0) + row["n"]
    o = index.observations
    for i, cluster in enumerate(index.clusters.names.texts(range(len(index.clusters.rows)))):
        assert int(o.activity[i].sum() + o.before[i]) == n[cluster]
    whole = sum(n.values())
    assert o.total_activity.sum() >= 0.98 * whole
