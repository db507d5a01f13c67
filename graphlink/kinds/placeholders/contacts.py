"""E-mail addresses, domains and phone numbers that are nobody's."""

from __future__ import annotations

import re

from graphlink.kinds.placeholders.reasons import PLACEHOLDER, TEST_VALUE

# RFC 2606: nobody has mail there. Of the reserved names only .example passes (see the module).
_RESERVED_DOMAIN = "(.*[.])?(example[.](com|net|org)|test|invalid|localhost)"
_NO_MAILBOX = (
    "(no-?_?reply|do-?_?not-?_?reply)@.*|(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email)@"
    "(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email|email)[.]com|a@a[.]com|(user|email|name)@"
    "(domain|email)[.]com"
)
_TEST_MAIL = re.compile(f"{_NO_MAILBOX}|.*@{_RESERVED_DOMAIN}")
_TEST_DOMAIN = re.compile(_RESERVED_DOMAIN)
_COUNTED_PHONE = re.compile("[+]?(0?123456789?0?|1234567)")


def reason_of_email(address: str) -> str | None:
    """Why a cleaned e-mail address is nobody's: reserved for tests, or one that nobody reads."""
    return TEST_VALUE if _TEST_MAIL.fullmatch(address) else None


def reason_of_domain(domain: str) -> str | None:
    """Why a cleaned domain has no mail: it is reserved for tests."""
    return TEST_VALUE if _TEST_DOMAIN.fullmatch(domain) else None


def reason_of_phone(number: str) -> str | None:
    """Why a cleaned phone number is nobody's: one digit, or all in order."""
    if len(set(number.removeprefix("+"))) == 1:
        return PLACEHOLDER
    return TEST_VALUE if _COUNTED_PHONE.fullmatch(number) else None


def mailbox_sql(column: str) -> str:
    """Condition that holds for no cleaned address that `reason_of_email` gives a reason of."""
    return f"NOT regexp_full_match({column}, '{_TEST_MAIL.pattern}')"
