"""Explanations need of a result what `Readable` says and nothing else; whatever they are given has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink import explanations
from graphlink.explanations.readable import Readable
from graphlink.explorer.index import Index
from graphlink.explorer.reading import IndexedResult
from graphlink.report.blocks import read_cluster_tables
from graphlink.result.redaction import LEGAL, redact
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pyarrow as pa

    from graphlink.result.result import Result


class Bare:
    """A result by the members of `Readable` alone."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self.path = "bare"
        self.manifest = result.manifest

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        return self._result.table(name, columns, where)

    def check_cluster(self, cluster_id: str) -> None:
        self._result.check_cluster(cluster_id)

    def holders(self, pieces: Collection[tuple[str, str]]) -> pa.Table:
        return self._result.holders(pieces)

    def held(self, accounts: Collection[str], kinds: Collection[str]) -> pa.Table:
        return self._result.held(accounts, kinds)

    def links_around(
        self, accounts: Collection[str], most: int, more_than: float | None = None
    ) -> tuple[pa.Table, bool]:
        return self._result.links_around(accounts, most, more_than)

    def check_whole(self) -> None:
        self._result.check_whole()


@pytest.fixture(scope="module")
def cluster(sample_result: Result) -> dict[str, Any]:
    clusters = rows_of(sample_result.table("clusters"))
    return min(clusters, key=lambda row: (row["n_accounts"] < 3, row["n_links"], row["cluster_id"]))


QUESTIONS: dict[str, Callable[[Readable, str, list[str]], explanations.Explanation]] = {
    "cluster": lambda result, cluster, _: explanations.explain_cluster(result, cluster),
    "member": lambda result, _, names: explanations.explain_member(result, names[0]),
    "pair": lambda result, _, names: explanations.explain_pair(result, names[0], names[1]),
    "breaks": lambda result, cluster, _: explanations.find_breaks(result, cluster),
    "paths": lambda result, _, names: explanations.find_paths(result, names[0], names[-1]),
    "collateral": lambda result, _, names: explanations.estimate_collateral(result, names),
    "what_if": lambda result, cluster, _: explanations.try_without(result, cluster, kinds=["ip"]),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_result_by_the_protocol_alone_is_explained_alike(
    sample_result: Result, cluster: dict[str, Any], question: str
) -> None:
    where = {"cluster_id": [cluster["cluster_id"]]}
    names = sample_result.table("membership", ["account_id"], where)["account_id"].to_pylist()
    ask = QUESTIONS[question]
    bare = ask(Bare(sample_result), cluster["cluster_id"], names)
    assert bare.as_dict() == ask(sample_result, cluster["cluster_id"], names).as_dict()


def test_the_bare_result_of_this_test_has_no_more_than_the_protocol(sample_result: Result) -> None:
    members = {name for name in dir(Bare(sample_result)) if not name.startswith("_")}
    assert members == {name for name in dir(Readable) if not name.startswith("_")}


def test_whatever_explanations_are_given_is_readable(sample_result: Result, cluster: dict[str, Any]) -> None:
    index = Index(sample_result)
    index.read()
    (part,) = read_cluster_tables(sample_result, [cluster])
    # The type of the list is the proof; mypy checks it.
    readers: list[Readable] = [
        sample_result,
        redact(sample_result, LEGAL, b"k" * 32),
        IndexedResult(index),
        part.view,
        Bare(sample_result),
    ]
    for one in readers:
        assert isinstance(one, Readable)
        assert one.table("clusters", ["cluster_id"]).num_rows >= 1


def test_what_lacks_a_part_is_not_readable(sample_result: Result) -> None:
    class Lacking:
        path = "lacking"
        manifest: Mapping[str, Any] = {}

    assert not isinstance(Lacking(), Readable)
    assert not isinstance(sample_result.manifest, Readable)
