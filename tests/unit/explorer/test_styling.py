"""What the accounts of a graph are coloured by, against the table of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graphlink.explorer import styling
from graphlink.explorer.query import Query, RequestError
from graphlink.explorer.styling import MOST_CLASSES, style_accounts

if TYPE_CHECKING:
    from graphlink.explorer.index import Index
    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def largest(index: Index) -> str:
    return str(index.clusters.names[int(np.argmax(np.diff(index.clusters.starts)))])


def ask(index: Index, cluster: str, by: str = "") -> dict[str, Any]:
    return style_accounts(index, Query({"cluster_id": cluster, "by": by}))


def test_columns_of_the_table_of_accounts_are_offered(index: Index, largest: str) -> None:
    answer = ask(index, largest)
    names = [one["name"] for one in answer["offered"]]
    assert answer["by"] is None
    assert {"state", "status", "first_seen", "n"} < set(names)
    assert [one for one in names if one.startswith("column:")] == [
        f"column:{name}" for name in index.attribute_names
    ]
    assert index.attribute_names, "the sample has further columns"


def test_every_account_has_the_class_of_its_value(index: Index, largest: str, sample_result: Result) -> None:
    rows = {row["account_id"]: row for row in sample_result.table("accounts").to_pylist()}
    for name in ("status", *index.attribute_names):
        answer = ask(index, largest, name if name == "status" else f"column:{name}")
        titles = {one["place"]: one["title"] for one in answer["classes"]}
        assert not answer["is_ordered"]
        for node, place in answer["of"].items():
            value = rows[node.partition(":")[2]][name]
            assert place < 0 or titles[place] == str(value)
        assert sum(one["n"] for one in answer["classes"]) == len(answer["of"])


def test_open_and_closed_are_as_the_queue_counts_them(index: Index, largest: str) -> None:
    number = index.clusters.names.number(largest)
    counts = {one["title"]: one["n"] for one in ask(index, largest, "state")["classes"]}
    assert counts.get("open", 0) == index.clusters.n_open[number]


def test_times_are_steps_from_the_earliest_up(index: Index, largest: str) -> None:
    answer = ask(index, largest, "first_seen")
    assert answer["is_ordered"]
    places = [one["place"] for one in answer["classes"]]
    assert places == list(range(len(places)))
    assert 1 < len(places) <= 5
    a = index.accounts
    at = {f"a:{a.names[i]}": int(a.first_seen[i]) for i in index.clusters.members_of(0)}
    number = index.clusters.names.number(largest)
    at = {f"a:{a.names[i]}": int(a.first_seen[i]) for i in index.clusters.members_of(number).tolist()}
    order = sorted(answer["of"], key=lambda node: at[node])
    steps = [answer["of"][node] for node in order]
    assert steps == sorted(steps), "who was seen earlier is in no later step"
    n = [one["n"] for one in answer["classes"]]
    assert max(n) <= len(steps) / len(n) * 2, "steps hold about equally many"


def test_further_values_are_one_class_and_none_is_one() -> None:
    values = [f"v{i}" for i in range(9) for _ in range(10 - i)] + [None]
    titles, place = styling._categories(values)
    assert [titles[i] for i in range(MOST_CLASSES)] == [f"v{i}" for i in range(MOST_CLASSES)]
    assert titles[-2] == "other (2 values)"
    assert titles[-1] == "not known"
    assert (place == -2).sum() == 3 + 2
    assert place[-1] == -1


def test_few_numbers_are_a_step_each_and_none_is_not_one() -> None:
    titles, place = styling._steps([3, None, 1, 3], is_time=False)
    assert titles == {0: "1", 1: "3", -1: "not known"}
    assert place.tolist() == [1, -1, 0, 1]


def test_a_group_has_the_class_of_more_than_half(
    index: Index, largest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(styling, "MOST_NODES", 1)
    answer = ask(index, largest, "state")
    group = index.subcommunities_of(index.clusters.names.number(largest)).group
    assert answer["of"]
    assert all(node.startswith(f"g:{largest}:") for node in answer["of"])
    titles = {one["place"]: one["title"] for one in answer["classes"]}
    members = index.clusters.members_of(index.clusters.names.number(largest))
    for node, place in answer["of"].items():
        mine = members[group == int(node.rpartition(":")[2])]
        is_open = index.accounts.closed_at[mine] == np.iinfo(np.int64).min
        assert (is_open.mean() > 0.5) == (titles[place] == "open")


def test_what_is_not_offered_is_refused(index: Index, largest: str) -> None:
    with pytest.raises(RequestError, match="by: expected one of state"):
        ask(index, largest, "column:none")
