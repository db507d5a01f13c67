"""Pasted lists in the explorer: whole answers from an index, within a budget, and no work unawaited."""

from __future__ import annotations

import ipaddress
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from graphlink.explorer import api, search
from graphlink.explorer.index.addresses import Addresses, network_of
from graphlink.explorer.index.columns import numbers_in
from graphlink.explorer.query import Query, RequestError
from graphlink.explorer.reading import IndexedResult
from graphlink.explorer.search import look_up, single_holders
from graphlink.explorer.work import GivenUpError, Work

if TYPE_CHECKING:
    from graphlink.explorer.index import Index

WAIT = 60.0


def looked_up(index: Index, ids: list[str], work: Work | None = None) -> dict[str, Any]:
    return look_up(index, Query({}, {"ids": ids}, work or Work()))


def scanned(index: Index, identifiers: list[int]) -> list[int]:
    """The holders of identifiers by a scan of everything."""
    o, e = index.observations, index.evidence
    rows = np.flatnonzero(np.isin(o.identifier, identifiers))
    tied = np.isin(e.identifier, identifiers)
    observed = np.searchsorted(o.starts, rows, side="right") - 1
    return sorted({*observed.tolist(), *e.left[tied].tolist(), *e.right[tied].tolist()})


def test_the_holders_of_an_identifier_are_those_of_a_scan(index: Index) -> None:
    for number in range(0, len(index.identifiers.names), 7):
        assert index.holders.of(number).tolist() == scanned(index, [number])


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "2001::/16", "26.0.0.0/7", "10.0.0.0/8"])
def test_a_network_stands_for_all_holders_of_its_addresses(index: Index, network: str) -> None:
    start, stop = index.identifiers.ranges["ip"]
    wanted = ipaddress.ip_network(network)
    texts = index.identifiers.names.texts(range(start, stop))
    inside = [start + i for i, text in enumerate(texts) if ipaddress.ip_address(text) in wanted]
    (row,) = looked_up(index, [network])["rows"]
    assert row["n_accounts"] == len(scanned(index, inside))


def test_networks_of_the_whole_result_leave_nobody_out(index: Index) -> None:
    start, stop = index.identifiers.ranges["ip"]
    rows = looked_up(index, [f"{i}.0.0.0/8" for i in range(1, 224)] + ["::/0"])["rows"]
    (whole,) = looked_up(index, ["0.0.0.0/0"])["rows"]
    assert sum(row["n_accounts"] for row in rows) >= len(scanned(index, list(range(start, stop))))
    assert max(row["n_accounts"] for row in rows) <= whole["n_accounts"]


v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6)
EDGES = ["0.0.0.0", "255.255.255.255", "10.0.0.0", "10.0.0.255", "10.0.1.0", "::", "ff::", "::ffff:10.0.0.1"]


@given(
    st.lists(v4 | v6, max_size=40), st.sampled_from([ipaddress.ip_address(one) for one in EDGES]) | v4 | v6,
    st.integers(0, 128),
)  # fmt: skip
def test_the_addresses_of_a_network_are_those_inside_it(told: list[Any], base: Any, length: int) -> None:
    texts = [*map(str, told), *EDGES, "", "no address", "10.0.0", "\x00", "::1%eth0"]
    network = network_of(f"{base}/{length % (base.max_prefixlen + 1)}")
    assert network is not None
    valid = [ipaddress.ip_address(text) for text in (*map(str, told), *EDGES)]
    inside = {5 + i for i, one in enumerate(valid) if one in network}
    assert set(Addresses(texts, start=5).inside(network).tolist()) == inside


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "/8", "10.0.0.0/33", "x/8", "10.0.0.0/-1", "10.0.0.0/", "\x00/8"]
)
def test_what_is_no_network_names_none(text: str) -> None:
    assert network_of(text) is None


def test_ids_that_one_account_holds_are_found_in_one_pass(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, values, _ = index.observations.singles.batches[0]
    known = sorted({str(one) for one in values.slice(0, 50).to_pylist()})
    unknown = [f"nobody-{i}" for i in range(1_000)]
    calls: list[int] = []

    def counted(*told: Any) -> Any:
        calls.append(1)
        return numbers_in(*told)

    monkeypatch.setattr(search, "numbers_in", counted)
    answer = looked_up(index, known + unknown)
    assert len(calls) == len(index.observations.singles.batches)
    assert answer["unknown"] == unknown
    for row in answer["rows"]:
        held = {index.accounts.names[account] for _, account in single_holders(index.observations, row["q"])}
        assert row["type"] == "identifier"
        assert row["n_accounts"] == len(held)
        assert set(row["accounts"]) <= held


def test_a_list_beyond_the_budget_is_refused_with_what_was_within(index: Index) -> None:
    (row,) = looked_up(index, ["0.0.0.0/0"])["rows"]
    most = index.holders.n_of(index.addresses.inside(ipaddress.ip_network("0.0.0.0/0")))
    assert most >= row["n_accounts"]
    ids = ["0.0.0.0/0", "nobody", "1.0.0.0/0", "2.0.0.0/0"]
    with pytest.raises(RequestError, match=r"2 of 4 were looked up .* narrower networks") as error:
        looked_up(index, ids, Work(most))
    assert (error.value.status, error.value.code) == (400, "too_much")
    assert looked_up(index, ids, Work(3 * most))["n_found"] == 3


def test_work_stops_when_its_answer_was_given_up(index: Index) -> None:
    work = Work()
    work.give_up()
    with pytest.raises(GivenUpError):
        looked_up(index, ["0.0.0.0/0"], work)
    with pytest.raises(GivenUpError):
        looked_up(index, ["nobody"], work)
    with pytest.raises(GivenUpError):
        IndexedResult(index, work).table("accounts", ["account_id"])


def test_a_thread_learns_that_its_answer_was_given_up(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, begun = threading.Event(), threading.Event()

    def work_on(_: Index, asked: Query) -> dict[str, Any]:
        begun.set()
        try:
            while True:
                asked.work.spend()
        except GivenUpError:
            ended.set()
            raise

    monkeypatch.setitem(api.POST, "/lookup", work_on)
    for seconds in (0.05, 0.5, 5.0, WAIT):  # on a busy machine the time may be over before a thread begins
        client = TestClient(Starlette(routes=api.Api(index, seconds=seconds).routes()))
        answer = client.post("/api/v1/lookup", json={"ids": ["a"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timeout")
        if begun.is_set():
            break
    assert begun.is_set()
    assert ended.wait(WAIT)
