"""The one list of values that name nobody: placeholders, test values, masked cards, payment methods.

Accounts and values of every kind, open kinds too, are held against it. A value is matched whole, trimmed and
in lower case, never by a part of it: a wrong rejection loses evidence, a missed one ties strangers together.
What the list gets wrong for one's own data is put right in the settings (`[placeholders]`: keep, reject).

Left out on purpose: `yes` and `no` (Norway), `admin` and `root` (a shared account is somebody's), `1`,
`12345` and other small numbers (they are ids), domains under `.example` (as documentation addresses, they are
for worked examples and do not turn up by mistake).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from graphlink.spelling import spelled
from graphlink.sql import one_of_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACEHOLDER = "placeholder"
EMPTY_DIGEST = "empty_digest"
TEST_VALUE = "test_value"
MASKED = "masked"
PAYMENT_METHOD = "payment_method"
MENDS = {
    PLACEHOLDER: "it stands for a missing one; leave it empty, or keep it by the setting placeholders.keep",
    EMPTY_DIGEST: "it is the digest of an empty or missing text; hash only what is there",
    TEST_VALUE: "it is a test value; leave it out, or keep it by the setting placeholders.keep",
    MASKED: "a masked or shortened number is that of many; send a fingerprint of the whole number",
    PAYMENT_METHOD: "it names how was paid, not with what; send a fingerprint or token of the instrument",
}

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

# A text that was hashed although there was none. Keyed digests can't be known.
_HASHED: tuple[str, ...] = (
    "",
    " ",
    "\n",
    "null",
    "NULL",
    "Null",
    "none",
    "None",
    "nan",
    "NaN",
    "n/a",
    "N/A",
    "NA",
    "-",
    "0",
)
_HASHED += (
    "undefined",
    "unknown",
    "Unknown",
    "UNKNOWN",
    "anonymous",
    "true",
    "false",
    "\\N",
    "[]",
    "{}",
    '""',
)
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def _digests() -> frozenset[str]:
    found = set()
    for text in _HASHED:
        for algorithm in _ALGORITHMS:
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
            plain = base64.b64encode(digest.digest()).decode().lower()
            spellings = (plain, plain.translate(_URL_SAFE))
            found |= {digest.hexdigest(), *spellings, *(one.rstrip("=") for one in spellings)}
    return frozenset(found)


_URL_SAFE = str.maketrans("+/", "-_")
DIGESTS = _digests()

# How one can pay, without spaces, - and _; and words around the last digits of a card.
_METHODS = frozenset(
    re.findall(
        "[a-z0-9]+",
        """
        card cards creditcard credit debit debitcard prepaid prepaidcard bankcard visa visaelectron
        visadebit mastercard mc masterdebit amex americanexpress discover diners dinersclub jcb unionpay
        chinaunionpay cup maestro elo mir rupay cartebancaire cartesbancaires cb verve troy hipercard
        interac eftpos paypal applepay apple googlepay google gpay samsungpay amazonpay amazon shoppay
        metapay link cashapp venmo zelle klarna afterpay clearpay affirm alipay alipayhk wechat wechatpay
        weixin stripe adyen braintree square checkout worldpay paddle razorpay payu mollie sepa sepadebit
        sepadirectdebit sepacredittransfer ach achdebit usbankaccount bank bankaccount banktransfer
        customerbalance wire wiretransfer transfer invoice cash cheque check ideal bancontact giropay
        sofort eps p24 przelewy24 blik boleto pix oxxo upi paytm phonepe netbanking crypto cryptocurrency
        bitcoin btc ethereum eth usdt usdc tether free trial freetrial giftcard voucher coupon promo
        credits prepaidcredits balance wallet manual other iban directdebit bacs bacsdebit becs
        aubecsdebit acssdebit twint swish vipps mobilepay konbini paysafecard payoneer revolut revolutpay
        wise skrill neteller mpesa momo gcash grabpay fpx paynow promptpay multibanco trustly kakaopay
        naverpay dana ovo mercadopago
        """,
    )
)
_AROUND_LAST_FOUR = _METHODS | {
    "ending",
    "ends",
    "in",
    "with",
    "last",
    "four",
    "no",
    "nr",
    "number",
    "digits",
}
_MASK = re.compile("[*•●·∙…]+|x{2,}|#{2,}|[.]{2,}")
_LAST = 4  # digits that many cards share; fewer where a table of numbers lost the leading zeros
_MOST_UNMASKED = 12  # of a masked card: an issuer's 8 and the last 4
# Tokens for tests hold words where true ones hold random letters and digits.
_TEST_TOKEN = re.compile("(tok|btok|pm|pm_card|src|card|ba)_[a-z_]*[a-z]|fake-[a-z-]*nonce|pm_card_[a-z0-9]+")

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


def reason_of(value: str) -> str | None:
    """Why a trimmed value of any kind, or an account, names nobody; None when it may name somebody."""
    lowered = value.lower()
    if lowered in _MISSING or _EMPTY.fullmatch(lowered):
        return PLACEHOLDER
    if lowered in DIGESTS:
        return EMPTY_DIGEST
    return TEST_VALUE if lowered in _TESTS else None


def reason_of_payment(value: str) -> str | None:
    """Why a trimmed value names no instrument: a method, the last digits of a card, a test token."""
    lowered = value.lower()
    if re.sub("[ _-]", "", lowered) in _METHODS:
        return PAYMENT_METHOD
    if _TEST_TOKEN.fullmatch(lowered):
        return TEST_VALUE
    return MASKED if _is_masked(lowered) else None


def _is_masked(lowered: str) -> bool:
    """Whether nothing is left of a card's number but its last digits, or its first and its last."""
    rest = _MASK.sub(" ", lowered)
    rest = re.sub("^[a-z]{2}(?=[0-9]{2} )", "", rest)  # the country of a masked IBAN
    words, digits = re.findall("[a-z]+", rest), re.sub("[^0-9]", "", rest)
    if re.search("[^a-z0-9 ()_:/#.,-]|[0-9][a-z]", rest) or not set(words) <= _AROUND_LAST_FOUR:
        return False
    if _MASK.search(lowered):
        return len(digits) <= _MOST_UNMASKED
    # A word with fewer digits, such as card-7, is a token of the provider's own and may name one card.
    return len(digits) == _LAST or (not words and len(digits) < _LAST)


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


# --- the same in SQL, of a column of text ------------------------------------------------------------------


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


def instrument_sql(column: str) -> str:
    """Condition that holds only of printable texts without a `reason_of_payment`; it may miss some."""
    return (
        f"regexp_matches({column}, '[0-9][a-zA-Z]|([0-9][^0-9]*){{5}}') "
        f"AND NOT regexp_matches(lower({column}), '[*]|xx|##|[.][.]|^pm_card_')"
    )


def mailbox_sql(column: str) -> str:
    """Condition that holds for no cleaned address that `reason_of_email` gives a reason of."""
    return f"NOT regexp_full_match({column}, '{_TEST_MAIL.pattern}')"


def lowered(texts: Iterable[str]) -> frozenset[str]:
    """Texts of the settings as values are compared with them."""
    return frozenset(spelled(text).lower() for text in texts)


def among_sql(column: str, texts: frozenset[str]) -> str:
    """Condition that a column is one of some texts, which are in lower case."""
    return one_of_sql(f"lower({column})", texts)
