"""Placeholders and test values of any kind, and digests of empty texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.core.sql import one_of_sql
from graphlink.kinds.placeholders.digests import DIGESTS
from graphlink.kinds.placeholders.reasons import EMPTY_DIGEST, PLACEHOLDER, TEST_VALUE
from graphlink.kinds.spelling import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

_MISSING = frozenset(
    (
        # What programs write for nothing: Python, pandas, SQL, JavaScript, Go, Spring, exports of warehouses.
        *("null", "(null)", "<null>", "[null]", "none", "(none)", "<none>", "nil", "<nil>", "nul", "void"),
        *(
            "nan",
            "nat",
            "na",
            "<na>",
            "n/a",
            "n.a.",
            "n.a",
            "#n/a",
            "#na",
            "n\\a",
            "\\n",
            "\\\\n",
            "n/d",
            "n.d.",
        ),
        *(
            "undefined",
            "[object object]",
            "[object null]",
            "[object undefined]",
            "{}",
            "[]",
            "()",
            '""',
            "''",
        ),
        *("inf", "+inf", "-inf", "infinity", "-infinity", "+infinity", "true", "false", "-1"),
        # Errors of spreadsheets.
        *("#null!", "#value!", "#ref!", "#name?", "#num!", "#div/0!", "#error!"),
        # What people write.
        *("unknown", "<unknown>", "(unknown)", "[unknown]", "unknown user", "unknown_user", "unknownuser"),
        *(
            "unk",
            "unspecified",
            "unidentified",
            "unassigned",
            "missing",
            "empty",
            "(empty)",
            "<empty>",
            "blank",
        ),
        *("(blank)", "unset", "(unset)", "notset", "not_set", "not set", "(not set)", "not available"),
        *("not_available", "unavailable", "not provided", "not_provided", "(not provided)", "not specified"),
        *("not_specified", "not applicable", "not_applicable", "no value", "no_value", "no data", "no_data"),
        *(
            "redacted",
            "[redacted]",
            "<redacted>",
            "(redacted)",
            "removed",
            "[removed]",
            "deleted",
            "[deleted]",
        ),
        *("masked", "[masked]", "hidden", "[hidden]", "filtered", "[filtered]", "anonymized", "[anonymized]"),
        # Accounts that stand for whoever is not logged in.
        *("anonymous", "anonymous user", "anonymous_user", "anonymoususer", "(anonymous)", "anon", "guest"),
        *("nobody", "noone", "no one", "not logged in", "not_logged_in", "unauthenticated", "logged out"),
        # Device ids that whole series of devices share: Android's emulator, Android's hidden MAC address.
        *("9774d56d682e549c", "02:00:00:00:00:00"),
        *("—", "–", "…", "∅", "ø"),
    )
)
_TESTS = frozenset(
    (
        *("test", "testing", "testuser", "test_user", "test-user", "test user", "dummy", "sample", "example"),
        *("placeholder", "changeme", "change_me", "foo", "foobar", "asdf", "tbd", "todo", "lorem ipsum"),
    )
)
# Zeros and marks alone (0, 0000, 0.0, ---, ???, the zero UUID, the zero MAC and wallet address): an id
# counted from 1 is never all zeros, also not in a column of fixed width. Eight or more f are an unsigned
# -1.
_ZEROS = r"(0x|urn:uuid:)?[({]?[-0._:?*#/]+[)}]?"
_FS = r"(0x|urn:uuid:)?[({]?(f{8,}|f{8}(-f{4}){3}-f{12}|ff(:ff){5})[)}]?"
_EMPTY = re.compile(f"{_ZEROS}|{_FS}")
# Texts before and after those that begin as these patterns do, in the order of bytes.
_BEGIN = (("#", "1"), (":", "@"), ("F", "G"), ("U", "V"), ("_", "`"), ("f", "g"), ("u", "v"), ("{", "|"))


def reason_of(value: str) -> str | None:
    """Why a trimmed value of any kind, or an account, names nobody; None when it may name somebody."""
    lowered = value.lower()
    if lowered in _MISSING or _EMPTY.fullmatch(lowered):
        return PLACEHOLDER
    if lowered in DIGESTS:
        return EMPTY_DIGEST
    return TEST_VALUE if lowered in _TESTS else None


def listed_sql(column: str, is_plain: str = "false") -> str:
    """Condition that holds for each text that `reason_of` gives a reason of, and for no other.

    Args:
        column: The text.
        is_plain: SQL of `spelling.plain_sql` of it, where it is known: then it is none of the patterns.
    """
    is_listed = one_of_sql(f"lower({column})", _MISSING | _TESTS | DIGESTS, f"length({column})")
    # Few texts begin as the patterns do, and a pattern costs more than to compare texts. Only a CASE leaves
    # the rest undone.
    begins = " OR ".join(f"{column} BETWEEN '{first}' AND '{after}'" for first, after in _BEGIN)
    patterned = (
        f"CASE WHEN {is_plain} THEN false "
        f"WHEN {begins} THEN regexp_full_match(lower({column}), '{_EMPTY.pattern}') ELSE false END"
    )
    return f"({is_listed} OR {patterned})"


def reason_sql(column: str) -> str:
    """Expression of the reason of a text for which `listed_sql` holds."""
    return (
        f"CASE WHEN {one_of_sql(f'lower({column})', DIGESTS)} THEN '{EMPTY_DIGEST}' "
        f"WHEN {one_of_sql(f'lower({column})', _TESTS)} THEN '{TEST_VALUE}' ELSE '{PLACEHOLDER}' END"
    )


def lowered(texts: Iterable[str]) -> frozenset[str]:
    """Texts of the settings as values are compared with them."""
    return frozenset(spelled(text).lower() for text in texts)


def among_sql(column: str, texts: frozenset[str]) -> str:
    """Condition that a column is one of some texts, which are in lower case."""
    return one_of_sql(f"lower({column})", texts)
