"""What databases refuse, in words of graphlink; no message has a password or a value of a row."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from graphlink.core.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSED = re.compile(r"graphlink: (rows of \w+ are never changed or deleted)")
_REASONS = (
    (
        re.compile(r"disk is full|No space left|disk I/O error", re.IGNORECASE),
        "no room left on its disk, or the disk refused; nothing was changed; free some and do it again",
    ),
    (
        re.compile(r"database is locked|lock timeout|deadlock", re.IGNORECASE),
        "others are writing; nothing was changed; do it again",
    ),
    (
        re.compile(r"not a database|malformed|file is encrypted", re.IGNORECASE),
        "it is not a workspace's database, or it is damaged; restore it from a backup",
    ),
)
_CONTRADICTION = "what is to be written contradicts what is there; nothing was changed; read it again"
_UNREACHABLE = "the database can't be reached or refused the user; see its address, PGPASSFILE and its log"


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what a database refuses inside the block into an error that names the workspace and a remedy.

    Args:
        name: How messages name the database.

    Raises:
        WorkspaceError: The database refused.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        # What the driver states quotes statements and rows, so none of it is chained.
        raise WorkspaceError(f"{name}: {_reason(error)}") from None


def _reason(error: exc.SQLAlchemyError) -> str:
    text = str(getattr(error, "orig", None) or error)
    if refused := _REFUSED.search(text):
        return f"{refused[1]}; append an event that corrects them"
    for pattern, reason in _REASONS:
        if pattern.search(text):
            return reason
    if isinstance(error, exc.IntegrityError):
        return _CONTRADICTION
    if isinstance(error, exc.OperationalError):
        return _UNREACHABLE
    return f"the database refused ({type(error).__name__}); nothing was changed"
