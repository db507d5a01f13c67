"""Questions about a result that its tables alone answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import NotFoundError
from graphlink.result.lookup import unknown_account
from graphlink.storage.arrow_values import text_array

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

_ENDS = ("account_id_l", "account_id_r")
_EDGE = ("account_id", "kind", "value")


class TableQueries(ABC):
    """What follows from the tables of a result, wherever they come from.

    Attributes:
        path: What messages call the result.
    """

    path: Path

    @abstractmethod
    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table as Arrow; see `Result.table`."""

    @checked
    def check_cluster(self, cluster_id: str) -> None:
        """Raise unless there is such a cluster.

        Args:
            cluster_id: The cluster, such as C-3ea850d780.

        Raises:
            NotFoundError: There is none.
        """
        if not self.table("clusters", ["cluster_id"], {"cluster_id": [cluster_id]}).num_rows:
            raise NotFoundError(f"no cluster {cluster_id!r} in {self.path}; `clusters` lists them")

    @checked
    def check_accounts(self, accounts: Collection[str]) -> None:
        """Raise unless there are such accounts.

        Args:
            accounts: Names of accounts.

        Raises:
            NotFoundError: There is one that is not there.
            QuestionError: It is no collection of names.
        """
        known = set(
            self.table("accounts", ["account_id"], {"account_id": accounts})["account_id"].to_pylist()
        )
        for account in accounts:
            if account not in known:
                raise unknown_account(self, account)

    @checked
    def holders(self, pieces: Collection[tuple[str, str]]) -> pa.Table:
        """Make the table of who was seen with each of these (kind, value): account_id, kind and value.

        Args:
            pieces: Identifiers as (kind, value).

        Returns:
            account_id, kind and value, a row each; none for a value that nobody holds.

        Raises:
            QuestionError: It is no collection of pairs.
        """
        where = {"kind": {kind for kind, _ in pieces}, "value": {value for _, value in pieces}}
        seen = _distinct(self.table("observations", _EDGE, where))
        wanted = {name: text_array([piece[i] for piece in pieces]) for i, name in enumerate(_EDGE[1:])}
        return seen.join(pa.table(wanted), list(wanted), join_type="left semi")

    @checked
    def held(self, accounts: Collection[str], kinds: Collection[str]) -> pa.Table:
        """Make the table of what these accounts were seen with of these kinds: account_id, kind and value.

        Args:
            accounts: Names of accounts.
            kinds: Names of kinds.

        Returns:
            account_id, kind and value, a row each; none for an account that does not exist.

        Raises:
            QuestionError: It is no collection of names.
        """
        return _distinct(self.table("observations", _EDGE, {"account_id": accounts, "kind": kinds}))

    @checked
    def links_around(
        self, accounts: Collection[str], most: int, more_than: float | None = None
    ) -> tuple[pa.Table, bool]:
        """Make the table of the links of the connected components of some accounts.

        Args:
            accounts: Where to start.
            most: Accounts to go to at most; the nearest come first.
            more_than: Only links of more bits count; None takes all.

        Returns:
            account_id_l, account_id_r, bits and n_evidence in the order of the table; and whether there were
            more accounts than `most`.

        Raises:
            QuestionError: It is no collection of names.
        """
        links = self.table("links", [*_ENDS, "bits", "n_evidence"])
        if more_than is not None:
            links = links.filter(pc.greater(links["bits"], more_than))
        # Names stay in Arrow: making an array of them would import pandas, which takes a second.
        near = wave = self.table("accounts", ["account_id"], {"account_id": accounts})["account_id"]
        is_more = False
        while len(wave) and not is_more:
            new = pc.unique(_other_ends(links, wave))
            wave = pa.chunked_array([new.filter(pc.invert(pc.is_in(new, value_set=near)))], pa.string())
            is_more = len(near) + len(wave) > most
            if not is_more:
                near = pa.chunked_array([*near.chunks, *wave.chunks], pa.string())
        is_near = pc.and_(*(pc.is_in(links[end], value_set=near) for end in _ENDS))
        return links.filter(is_near), is_more


def _other_ends(links: pa.Table, accounts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The accounts that links lead to from some."""
    chunks = [
        chunk
        for end, other in (_ENDS, _ENDS[::-1])
        for chunk in links.filter(pc.is_in(links[end], value_set=accounts))[other].chunks
    ]
    return pa.chunked_array(chunks, pa.string())


def _distinct(table: pa.Table) -> pa.Table:
    return table.group_by(table.column_names, use_threads=False).aggregate([])
