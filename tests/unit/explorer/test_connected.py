"""A what-if of a cluster too large to solve again: what its probable links still connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graphlink import explanations
from graphlink.core.errors import NotFoundError
from graphlink.explanations.what_if.changes import rows_without
from graphlink.explanations.what_if.connected import LinkedAccounts, find_connected
from graphlink.explorer import why
from graphlink.explorer.index.runs import distinct
from graphlink.explorer.query import Query, RequestError

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.result.result import Result


@pytest.fixture
def largest(index: Index, monkeypatch: pytest.MonkeyPatch) -> str:
    """The largest cluster, which counts as too large to solve again."""
    monkeypatch.setattr(why, "MOST_SOLVED", 0)
    return str(index.clusters.names[int(np.argmax(np.diff(index.clusters.starts)))])


def ask(index: Index, cluster: str, **body: Any) -> dict[str, Any]:
    return why.try_without(index, Query({}, {"cluster": cluster, **body}))


def test_links_weigh_what_the_exact_what_if_weighs(index: Index, largest: str, sample_result: Result) -> None:
    around = explanations.read_surroundings(sample_result, largest)
    kinds = sorted({item.kind for item in around.graph.items})
    own = {name for name, cluster in around.before.items() if cluster == largest}
    assert len(kinds) > 1
    for kind in kinds:
        exact = around.graph.bits_without(rows_without(around.graph, set(), {kind}))
        names = np.array(around.graph.accounts)[around.graph.ends]
        is_inside = np.isin(names, sorted(own)).all(axis=1)
        n_fell = int(((around.graph.bits > 0) & (exact <= 0) & is_inside).sum())
        if kind in {item["kind"] for item in _ties(index, largest)}:
            assert ask(index, largest, kinds=[kind])["n_links"] == n_fell


def _ties(index: Index, cluster: str) -> list[dict[str, Any]]:
    from graphlink.explorer.case_evidence import ties_of

    return ties_of(index, index.clusters.names.number(cluster))


def test_what_no_link_connects_falls_apart(index: Index, largest: str) -> None:
    kinds = sorted({tie["kind"] for tie in _ties(index, largest)})
    whole = ask(index, largest)
    assert whole["is_changed"] is False
    assert whole["sentences"][1] == "The probable links that remain connect all of its accounts."
    nothing = ask(index, largest, kinds=kinds)
    n = nothing["n_accounts"]
    assert (nothing["n_after"], nothing["falls_out"]["n_accounts"]) == (0, n)
    assert nothing["moves"] == [{"before": largest, "after": "", "n_accounts": n}]
    assert set(nothing["parts"].values()) == {-1}


def test_it_refuses_what_needs_communities_and_what_is_not_there(index: Index, largest: str) -> None:
    with pytest.raises(RequestError, match="run graphlink what-if"):
        ask(index, largest, resolution_bits=1.0)
    with pytest.raises(NotFoundError, match="no evidence in this cluster is of the kind 'fax'"):
        ask(index, largest, kinds=["fax"])


def test_evidence_outside_a_span_is_left_out(index: Index, largest: str) -> None:
    late = ask(index, largest, since="2100-01-01T00:00:00Z")
    early = ask(index, largest, until="2000-01-01T00:00:00Z")
    assert late["n_evidence"] == early["n_evidence"] > 0


def test_parts_are_the_largest_first() -> None:
    ends = np.array([[0, 1], [1, 2], [3, 4], [2, 3]])
    linked = LinkedAccounts(
        6, ends, np.array([5.0, 5.0, 5.0, 1.0]), -4.0, np.arange(4), np.zeros(4, np.int64),
        np.array([9.0, 9.0, 9.0, 5.0]), np.array([9.0, 9.0, 9.0, 5.0]),
    )  # fmt: skip
    is_gone = np.array([False, False, False, True])
    found = find_connected("C-1", linked, is_gone, ("ip x",), lambda places: [f"a{i}" for i in places])
    assert found.part.tolist() == [0, 0, 0, 1, 1, -1]
    assert [group.n_accounts for group in found.connected.after] == [3, 2]
    assert found.connected.sentences[1] == "It falls into 2 groups of 3 and 2 accounts."
    assert found.connected.sentences[2] == "1 account keeps no probable link."


@pytest.mark.parametrize("n", [4, 1000])
def test_distinct_numbers_are_those_of_numpy(n: int) -> None:
    values = np.array([3, 1, 1, 0, 3])
    expected = np.unique(values, return_inverse=True)
    for one, other in zip(distinct(values, n), expected, strict=True):
        assert one.tolist() == other.tolist()
