"""What a reader sees of names and values: as they are, or through the redaction profile of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError
from graphlink.result.redaction import Redacted, redact
from graphlink.workspace.audit import FORGOTTEN, derived_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.result.profiles import Profile
    from graphlink.result.result import Result
    from graphlink.workspace.store import Store

ACCOUNT = "account"


class Glasses:
    """Names and values as a reader sees them.

    Args:
        redacted: The result as the reader sees it; None for readers who see it as it is.
        profile: The name of the profile; empty for none.
    """

    def __init__(self, redacted: Redacted | None = None, profile: str = "") -> None:
        self.redacted = redacted
        self.profile = profile

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown as it is."""
        return not self.profile

    def account(self, account_id: str) -> str:
        """An account's name."""
        if self.is_plain or account_id in ("", FORGOTTEN):
            return account_id
        return self.redacted.name_of_account(account_id) if self.redacted else FORGOTTEN

    def cluster(self, cluster_id: str | None) -> str | None:
        """A cluster's id."""
        if self.is_plain or cluster_id is None:
            return cluster_id
        return self.redacted.name_of_cluster(cluster_id) if self.redacted else None

    def value(self, kind: str, value: str) -> str:
        """An identifier's value."""
        if self.is_plain or not value:
            return value
        return self.redacted.name_of_value(kind, value) if self.redacted else ""

    def text(self, text: str) -> str:
        """What people wrote, or a sentence about data: it may name anybody, so it is plain or left out."""
        return text if self.is_plain else ""

    def texts(self, texts: Iterable[str]) -> list[str]:
        """Several such texts."""
        return list(texts) if self.is_plain else []


def redacted_for(result: Result, profile: Profile, store: Store) -> Result:
    """A result through a profile; names stay the same from run to run, by a key that is the workspace's.

    Raises:
        WorkspaceError: The database has no key.
    """
    with store.read() as rows:
        key = derived_key(rows, "redaction profile")
    return redact(result, profile, key)


def reveal(result: Result, redacted: Redacted, kind: str, name: str) -> str:
    """The account or value behind a replaced name.

    Args:
        result: The result as it is.
        redacted: The same through the profile.
        kind: `account`, or a kind of identifier.
        name: The name under which it is shown.

    Raises:
        NotFoundError: Nothing of the result is shown under that name.
    """
    is_account = kind == ACCOUNT
    table, column = ("accounts", "account_id") if is_account else ("observations", "value")
    names = result.table(table, [column], None if is_account else {"kind": [kind]})[column]
    for one in names.unique().to_pylist():
        if (redacted.name_of_account(one) if is_account else redacted.name_of_value(kind, one)) == name:
            return str(one)
    raise NotFoundError(f"the last accepted result has no {kind[:100]} that is shown under this name")
