"""The one list of values that name nobody: placeholders, test values, masked cards, payment methods.

Accounts and values of every kind, open kinds too, are held against it. A value is matched whole, trimmed and
in lower case, never by a part of it: a wrong rejection loses evidence, a missed one ties strangers together.
What the list gets wrong for one's own data is put right in the settings (`[placeholders]`: keep, reject).

Left out on purpose: `yes` and `no` (Norway), `admin` and `root` (a shared account is somebody's), `1`,
`12345` and other small numbers (they are ids), domains under `.example` (as documentation addresses, they are
for worked examples and do not turn up by mistake).
"""

from __future__ import annotations

from graphlink.kinds.placeholders.contacts import (
    mailbox_sql,
    reason_of_domain,
    reason_of_email,
    reason_of_phone,
)
from graphlink.kinds.placeholders.digests import DIGESTS
from graphlink.kinds.placeholders.payments import instrument_sql, reason_of_payment
from graphlink.kinds.placeholders.reasons import (
    EMPTY_DIGEST,
    MASKED,
    PAYMENT_METHOD,
    PLACEHOLDER,
    REMEDIES,
    TEST_VALUE,
)
from graphlink.kinds.placeholders.texts import among_sql, listed_sql, lowered, reason_of, reason_sql

__all__ = [
    "DIGESTS",
    "EMPTY_DIGEST",
    "MASKED",
    "PAYMENT_METHOD",
    "PLACEHOLDER",
    "REMEDIES",
    "TEST_VALUE",
    "among_sql",
    "instrument_sql",
    "listed_sql",
    "lowered",
    "mailbox_sql",
    "reason_of",
    "reason_of_domain",
    "reason_of_email",
    "reason_of_payment",
    "reason_of_phone",
    "reason_sql",
]
