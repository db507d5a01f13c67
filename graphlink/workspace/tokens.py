"""Tokens of scripts: shown once, kept as a hash, each with a person, a role and an end."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.roles import checked_role
from graphlink.workspace.store.transactions import time_text

if TYPE_CHECKING:
    from graphlink.workspace.store import Reading, Row, Writing

PREFIX = "glt_"
"""How every token starts, so that scanners for leaked secrets find it."""
LONGEST_DAYS = 3_650
_TOKEN = re.compile(r"glt_(\d{1,9})_[A-Za-z0-9_-]{43}")


class Token(NamedTuple):
    """A token, without its secret.

    Attributes:
        number: Its number.
        title: What it is for.
        person: Who acts by it: changes name this person, so that nobody approves his own by a script.
        role: Its role.
        made_by: Who made it.
        made_at: When, ISO 8601 in UTC.
        expires_at: When it ends.
        revoked_at: When it was revoked; empty while it was not.
    """

    number: int
    title: str
    person: str
    role: str
    made_by: str
    made_at: str
    expires_at: str
    revoked_at: str

    def is_valid(self, at: str) -> bool:
        """Whether it opens anything at a moment, ISO 8601 in UTC."""
        return not self.revoked_at and at < self.expires_at


def make_token(rows: Writing, title: str, person: str, role: str, days: int) -> str:
    """Make a token and return it; it is kept as a hash, so nobody can read it again.

    Args:
        rows: The transaction.
        title: What it is for.
        person: Who acts by it.
        role: Its role.
        days: Days until it ends.

    Raises:
        WorkspaceError: It has no title, person or role, or ends too late.
    """
    if not title.strip() or not person.strip():
        raise WorkspaceError("a token needs a title and a person (--for NAME)")
    checked_role(role)
    if not 1 <= days <= LONGEST_DAYS:
        raise WorkspaceError(f"days: expected 1 to {LONGEST_DAYS:,}, found {days}")
    number = rows.number("token")
    token = f"{PREFIX}{number}_{secrets.token_urlsafe(32)}"
    expires = time_text(rows.now + datetime.timedelta(days=days))
    payload = {"title": title, "person": person, "role": role, "expires_at": expires}
    seq = rows.append("token.made", _subject(number), payload)
    rows.insert(
        "tokens",
        {
            "token_no": number,
            "title": title.strip(),
            "person": person.strip(),
            "role": role,
            # 256 random bits: no dictionary finds them, so a slow hash would protect nothing.
            "token_sha256": _digest(token),
            "expires_at": expires,
            "seq": seq,
            "revoked_seq": None,
        },
    )
    return token


def revoke_token(rows: Writing, number: int) -> None:
    """Revoke a token; it opens nothing from now on.

    Raises:
        WorkspaceError: There is none, or it was revoked already.
    """
    row = rows.row("tokens", token_no=number)
    if row is None:
        raise WorkspaceError(f"no token {number}; `graphlink workspace token list` lists them")
    if row["revoked_seq"] is not None:
        raise WorkspaceError(f"token {number} was revoked already")
    seq = rows.append("token.revoked", _subject(number), {})
    rows.update("tokens", {"revoked_seq": seq}, token_no=number)


def read_tokens(rows: Reading) -> list[Token]:
    """Read all tokens, those that ended too, in order."""
    found = rows.rows("tokens")
    seqs = {seq for row in found for seq in (row["seq"], row["revoked_seq"]) if seq is not None}
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    return [_token(row, events) for row in found]


def token_of(rows: Reading, given: str) -> Token | None:
    """The token that a request holds; None for one that is unknown, ended or revoked."""
    match = _TOKEN.fullmatch(given)
    row = rows.row("tokens", token_no=int(match[1])) if match else None
    if row is None or not hmac.compare_digest(row["token_sha256"], _digest(given)):
        return None
    seqs = [seq for seq in (row["seq"], row["revoked_seq"]) if seq is not None]
    token = _token(row, {one["seq"]: one for one in rows.rows_of("events", "seq", seqs)})
    return token if token.is_valid(rows.at) else None


def _token(row: Row, events: dict[int, Row]) -> Token:
    made, revoked = events[row["seq"]], events.get(row["revoked_seq"], {})
    return Token(
        row["token_no"], row["title"], row["person"], row["role"], made["by"], made["at"],
        row["expires_at"], revoked.get("at", ""),
    )  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _subject(number: int) -> str:
    return f"token {number}"
