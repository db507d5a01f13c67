"""What a person means by a name: clusters by the start of their id, and the nearest names on a miss."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import NotFoundError, QuestionError
from graphlink.kinds import shown
from graphlink.storage.arrow_values import is_unicode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.storage.tables import NamedTables

_LEAST = 3  # characters of a prefix: "C-" begins every id
_LISTED = 5
_COMPARED = 2_000  # names that are compared letter by letter


def find_cluster(result: NamedTables, text: str) -> str:
    """The id of the cluster that a text names: all of its id, or the first characters of no other.

    Raises:
        NotFoundError: No cluster begins so; names the nearest ones.
        QuestionError: Several do.
    """
    ids: list[str] = sorted(result.table("clusters", ["cluster_id"])["cluster_id"].to_pylist())
    if text in ids:
        return text
    meant = [name for name in ids if name.startswith(text)] if len(text) >= _LEAST else []
    if len(meant) == 1:
        return meant[0]
    if meant:
        more = f" and {len(meant) - _LISTED:,} more" if len(meant) > _LISTED else ""
        raise QuestionError(
            f"{shown(text)!r} begins the ids of {len(meant):,} clusters of {result.path}: "
            f"{', '.join(meant[:_LISTED])}{more}; give more characters"
        )
    raise NotFoundError(
        f"no cluster {shown(text)!r} in {result.path}{_meant(difflib.get_close_matches(text, ids, 3))}; "
        "`clusters` lists them"
    )


def has_account(result: NamedTables, name: str) -> bool:
    """Whether the result knows an account of exactly this name."""
    return bool(result.table("accounts", ["account_id"], {"account_id": [name]}).num_rows)


def unknown_account(result: NamedTables, name: str) -> NotFoundError:
    """The error about an account that the result does not know, with the nearest names."""
    near = _nearest(result.table("accounts", ["account_id"])["account_id"], name)
    return NotFoundError(
        f"no account {shown(name)!r} in {result.path}; names must match exactly, case counts{_meant(near)}"
    )


def _meant(names: Sequence[str]) -> str:
    return f"; nearest: {', '.join(repr(shown(name)) for name in names)}" if names else ""


def _nearest(names: pa.ChunkedArray, name: str) -> list[str]:
    """The names most like this one, among those of equal letters, then those that begin or end like it."""
    if not name.strip() or not is_unicode(name):
        return []
    folded = pc.utf8_lower(names)
    plain = name.strip().casefold()
    half = max(1, len(plain) // 2)
    tests = (
        pc.equal(folded, plain),
        pc.starts_with(folded, plain),
        pc.starts_with(folded, plain[: len(plain) - half] or plain),
        pc.ends_with(folded, plain[-half:]),
    )
    likely = [names.filter(test).slice(0, _COMPARED).to_pylist() for test in tests]
    candidates = list(dict.fromkeys(one for group in likely for one in group))[:_COMPARED]
    by_folded = {candidate.casefold(): candidate for candidate in reversed(candidates)}
    return [by_folded[one] for one in difflib.get_close_matches(plain, list(by_folded), 3)]
