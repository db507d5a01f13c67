"""Names as people give them: the start of a cluster's id, and the nearest names on a miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.errors import NotFoundError, QuestionError
from graphlink.result.lookup import find_cluster, has_account, unknown_account

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Names:
    """A result that has clusters and accounts of these names, and nothing else."""

    path = "result"

    def __init__(self, clusters: Sequence[str] = (), accounts: Sequence[str] = ()) -> None:
        self._names = {"clusters": ("cluster_id", clusters), "accounts": ("account_id", accounts)}

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        column, names = self._names[name]
        assert columns == [column]
        kept = [one for one in names if where is None or one in where[column]]
        return pa.table({column: pa.array(kept, pa.string())})


IDS = Names(clusters=["C-4edd8240f0", "C-4ed0000000", "C-8fb20db6f9"])


@pytest.mark.parametrize(
    ("text", "found"),
    [("C-8fb20db6f9", "C-8fb20db6f9"), ("C-8", "C-8fb20db6f9"), ("C-4edd", "C-4edd8240f0")],
)
def test_a_cluster_is_found_by_the_start_of_its_id(text: str, found: str) -> None:
    assert find_cluster(IDS, text) == found


def test_a_whole_id_is_meant_although_it_begins_another() -> None:
    assert find_cluster(Names(clusters=["C-1", "C-12"]), "C-1") == "C-1"


def test_a_start_of_several_names_them() -> None:
    with pytest.raises(
        QuestionError, match=r"begins the ids of 2 clusters .*C-4ed0000000, C-4edd8240f0; give more"
    ):
        find_cluster(IDS, "C-4ed")
    many = Names(clusters=[f"C-a{i}" for i in range(9)])
    with pytest.raises(QuestionError, match=r"C-a4 and 4 more; give more"):
        find_cluster(many, "C-a")


@pytest.mark.parametrize("text", ["", "C", "C-", "4edd", "C-9", "c-8fb20db6f9"])
def test_what_begins_no_id_or_says_too_little_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError, match="no cluster"):
        find_cluster(IDS, text)


def test_a_slip_in_an_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="nearest: 'C-8fb20db6f9'"):
        find_cluster(IDS, "C-8fb20db6f0")


ACCOUNTS = Names(accounts=["a17", "A18", "b02", "user-1001", "user-1002", "x\x1b[2J"])


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("A17", "'a17'"), ("a18", "'A18'"), (" b02 ", "'b02'"), ("user-1003", "'user-1001', 'user-1002'")],
)
def test_an_account_is_never_guessed_but_the_nearest_are_named(name: str, nearest: str) -> None:
    assert not has_account(ACCOUNTS, name)
    text = str(unknown_account(ACCOUNTS, name))
    assert "names must match exactly, case counts" in text
    for one in nearest.split(", "):
        assert one in text


@pytest.mark.parametrize("name", ["", " ", "zzzzzz", "\ud800"])
def test_what_is_like_nothing_has_no_nearest(name: str) -> None:
    assert "nearest" not in str(unknown_account(ACCOUNTS, name))
