"""E-mail addresses, their domains, and phone numbers."""

from __future__ import annotations

import re
import unicodedata

from graphlink.kinds.card_numbers import NO_CARD_SQL
from graphlink.kinds.cleaning import LONGEST_VALUE, named, placeholder_or, refuse
from graphlink.kinds.kind import UncleanValue, Wider
from graphlink.kinds.placeholders import mailbox_sql, reason_of_domain, reason_of_email, reason_of_phone
from graphlink.kinds.spelling import LOST_DIGITS, has_lost_digits, spelled, without_zero_fraction

_LONGEST_EMAIL = 512  # with a display name; RFC 5321 takes 254 for the address
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
# The digests that e-mail addresses and phone numbers are sent as instead: MD5, SHA-1, SHA-256.
_FINGERPRINT = re.compile("[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8})?|[0-9a-fA-F]{64}")
FINGERPRINT_SQL = "regexp_full_match(value, '[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}')"
_MAILBOX_SQL = (
    "length(value) <= 254 AND "
    "regexp_full_match(value, '[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63}')"
    " AND NOT regexp_matches(value, '[.].*@gmail[.]com$|@googlemail[.]com$')"
    f" AND {NO_CARD_SQL} AND {mailbox_sql('value')}"
)
EMAIL_SQL = f"({FINGERPRINT_SQL} OR {_MAILBOX_SQL})"
_IN_PHONE = re.compile(r"[\s().\-/\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
DOMAIN = "email_domain"  # the kind of the domain of an e-mail address


def clean_email(value: str) -> str:
    """An e-mail address without plus tag, or the digest of one."""
    text = named(value)
    if _FINGERPRINT.fullmatch(text):
        return text.lower()
    # Beyond the longest a mail server takes there is only a burden: some characters compose to eighteen.
    text = unicodedata.normalize("NFKC", text).strip() if len(text) <= _LONGEST_EMAIL else ""
    if text.endswith(">") and "<" in text:  # Name <address>
        text = text[text.rindex("<") + 1 : -1]
    local, at, domain = text.removeprefix("mailto:").rpartition("@")
    # Plus tags are the holder's own at every large provider; dots count for nothing at Gmail only.
    local = unicodedata.normalize("NFKC", local.strip().lower())
    local = local[: local.find("+", 1)].strip() if "+" in local[1:] else local
    domain = ascii_domain(domain)
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    if not at or not local or not domain:
        raise UncleanValue("not_an_email", "expected an address such as name@mail.example, or its SHA-256")
    address = f"{local}@{domain}"
    refuse(reason_of_email(address))
    return address


def ascii_domain(text: str) -> str:
    """The ASCII form of a domain (IDNA), or nothing when it is none."""
    try:
        name = text.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    return name if len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) else ""


def clean_email_domain(value: str) -> str:
    """The ASCII form of the domain of an e-mail address."""
    text = named(value)
    text = unicodedata.normalize("NFKC", text).strip() if len(text) <= _LONGEST_EMAIL else ""
    domain = ascii_domain(text.removeprefix("@"))
    if not domain:
        raise UncleanValue("not_a_domain", "expected the part of an e-mail address behind the @")
    refuse(reason_of_domain(domain))
    return "gmail.com" if domain == "googlemail.com" else domain


def wider_of_email(value: str) -> Wider:
    """The domain of an address; nothing of a digest."""
    return (("email_domain", value.rpartition("@")[2]),) if "@" in value else ()


def clean_phone(value: str) -> str:
    """Digits, with a + where there is a country code; without one nothing is guessed."""
    value = without_zero_fraction(spelled(value)) if len(value) <= LONGEST_VALUE else value
    if _FINGERPRINT.fullmatch(value):
        return named(value).lower()
    if has_lost_digits(value):
        raise UncleanValue("lost_digits", LOST_DIGITS)
    text = unicodedata.normalize("NFKC", value.strip()) if len(value) <= LONGEST_VALUE else value
    text = _IN_PHONE.sub("", text.lower().removeprefix("tel:").replace("(0)", ""))
    plain = "+" + text[2:] if text.startswith("00") and len(text) > 9 else text
    digits = plain.removeprefix("+")
    # German numbers have 13 digits and start with 4, like old Visa cards; no phone number of 14 or 15 digits
    # starts like a card, and longer ones do not exist (E.164).
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 13):
        named(value)
        named(text)
    if not re.fullmatch(r"\+[1-9][0-9]*|[0-9]+", plain) or len(digits) > 15:
        placeholder_or(value, "not_a_phone", "expected digits, best as +4915112345678, or a SHA-256")
    if len(digits) < 7:
        placeholder_or(value, "too_short", "send the whole number with its country code")
    refuse(reason_of_phone(plain))
    return plain
