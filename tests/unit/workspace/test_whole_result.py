"""The rules on a whole result as a run writes it, plain and redacted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from graphlink.result.redaction import LEGAL, redact
from graphlink.workspace.holdings import data_end
from graphlink.workspace.knowledge import Knowledge, Organisation
from graphlink.workspace.organisations import link_organisation
from graphlink.workspace.returns import find_returns, return_rates
from graphlink.workspace.screening import KNOWN, Sighting, make_screen
from graphlink.workspace.watch import DecidedLineage, size_watch_list

if TYPE_CHECKING:
    from graphlink import Result
    from graphlink.storage.tables import Tables


@pytest.fixture(scope="module", params=["plain", "redacted"])
def whole(request: pytest.FixtureRequest, sample_result: Result) -> Tables:
    if request.param == "plain":
        return sample_result
    redacted: Tables = redact(sample_result, LEGAL, b"k" * 32)
    return redacted


@pytest.fixture(scope="module")
def decided(whole: Tables) -> DecidedLineage:
    """The largest cluster, decided a week before the end of the data."""
    clusters = whole.table("clusters", ["cluster_id", "n_accounts"]).to_pylist()
    name = max(clusters, key=lambda row: (row["n_accounts"], row["cluster_id"]))["cluster_id"]
    members = whole.table("membership", ["account_id"], {"cluster_id": [name]})["account_id"].to_pylist()
    end = data_end(whole)
    assert end is not None
    return DecidedLineage("K-1", frozenset(members), end - dt.timedelta(days=7))


def test_the_watch_list_and_returns_of_a_whole_result(whole: Tables, decided: DecidedLineage) -> None:
    watch_list = size_watch_list(whole, [decided])
    assert len(watch_list.entries) > 5
    assert all(entry.n_members >= entry.n_others for entry in watch_list.entries)
    assert all(
        watch_list.rules.least_weight <= entry.weight(watch_list.at) <= 1 for entry in watch_list.entries
    )
    returns = find_returns(whole, watch_list, [decided])
    assert not {one.account_id for one in returns} & decided.accounts
    rates = return_rates(whole, [decided], returns)
    assert [rate.is_over for rate in rates] == [True, False, False]
    assert all(rate.volume_before > 0 for rate in rates)


def test_an_organisation_is_linked_in_a_whole_result(whole: Tables, decided: DecidedLineage) -> None:
    known = sorted(decided.accounts)[: max(1, len(decided.accounts) // 10)]
    items = tuple(Knowledge("account", account, "seed list") for account in known)
    answer = link_organisation(whole, Organisation("Acme", items))
    first = [one.account_id for one in answer.unknown[: len(decided.accounts) - len(known)]]
    assert len(decided.accounts & set(first)) >= 0.8 * len(first)
    assert all(one.path for one in answer.unknown)
    assert answer.clusters[0].n_known == len(known)


def test_members_are_known_to_the_screen_of_a_whole_result(whole: Tables, decided: DecidedLineage) -> None:
    account = min(decided.accounts)
    screened = make_screen(whole, [decided]).screen([Sighting(account, "client", "go/1.2")])
    assert [(one.state, one.lineage_id) for one in screened.answers] == [(KNOWN, "K-1")]
