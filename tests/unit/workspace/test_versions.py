"""Versions: the last event about what is changed, compared in the transaction that writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import ConflictError
from graphlink.workspace import cases, versions
from graphlink.workspace.labels import Statement, Subject, make_label
from graphlink.workspace.policy import Policy
from graphlink.workspace.store import open_store
from tests.workspaces import ANA, BEN, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.workspace.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(fresh(tmp_path))
    stock(opened, n_lineages=2)
    yield opened
    opened.close()


def test_a_version_is_the_last_event_about_a_thing(store: Store) -> None:
    with store.write(ANA) as rows:
        number = cases.open_case(rows, "one", [1])
        seq = rows.last_seq
        cases.open_case(rows, "two", [2])
    with store.read() as rows:
        assert versions.version_of(rows, versions.of_case(number)(rows)) == seq
        assert versions.version_of(rows, versions.of_lineages([1])(rows)) == seq
        assert versions.version_of(rows, versions.of_lineages([1, 2])(rows)) > seq
        assert versions.version_of(rows, versions.of_lineages([])(rows)) == 0
        assert versions.versions_of(rows, ["case 1", "case 9"]) == {"case 1": seq, "case 9": 0}
        expected = versions.Expected(versions.of_case(number), seq)
        expected.check(rows)
    with store.write(BEN) as rows:
        cases.comment(rows, number, "hello")
        with pytest.raises(ConflictError, match=f"not {seq}"):
            expected.check(rows)
        assert [one.payload["text"] for one in expected.changes(rows)] == ["hello"]


def test_a_label_is_about_a_pair_in_either_order(store: Store) -> None:
    with store.write(ANA) as rows:
        make_label(rows, Statement(Subject("b", "a"), "no", "two people"), Policy())
    with store.read() as rows:
        assert versions.of_labels_about(Subject("a", "b"))(rows) == ["label 1"]
        assert versions.of_labels_about(Subject("a", "c"))(rows) == []
        assert versions.of_labels_about(Subject(kind="ip", value="a"))(rows) == []
