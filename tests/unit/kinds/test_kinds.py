"""What each kind makes of a raw value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.settings import KindSettings, Settings
from graphlink.kinds import (
    KINDS,
    UncleanValue,
    clean_kind,
    identifiers_of,
    kind_of,
    pseudonym,
    read_key,
    shown,
)
from graphlink.kinds.card_numbers import is_card_number

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Settings()
FINGERPRINT = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
# Numbers that the card networks publish for tests: one of each network and length.
CARDS = (
    "4111111111111111",
    "4222222222222",
    "4000000000000000006",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "30569309025904",
    "36227206271667",
    "38520000023237",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
    "2200000000000004",
    "9792020000000001",
)


def _reason(kind: str, value: str) -> str:
    with pytest.raises(UncleanValue) as caught:
        kind_of(kind, PLAIN).clean(value)
    assert caught.value.remedy
    return caught.value.reason


@pytest.mark.parametrize(
    ("kind", "raw", "cleaned"),
    [
        ("ip", "1.2.3.4", "1.2.3.4"),
        ("ip", "\t1.2.3.4\r\n", "1.2.3.4"),
        ("ip", "1.2.3.4:443", "1.2.3.4"),
        ("ip", "1.2.3.4/32", "1.2.3.4"),
        ("ip", "::ffff:1.2.3.4", "1.2.3.4"),
        ("ip", "::FFFF:102:304", "1.2.3.4"),
        ("ip", "[::ffff:1.2.3.4]:8080", "1.2.3.4"),
        ("ip", "64:ff9b::1.2.3.4", "1.2.3.4"),
        ("ip", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("ip", "2001:0db8::0001", "2001:db8::1"),
        ("ip", "[2001:db8::1]", "2001:db8::1"),
        ("ip", "[2001:db8::1]:443", "2001:db8::1"),
        ("ip", "2001:db8::1%eth0", "2001:db8::1"),
        ("ip", "2001:db8::1/128", "2001:db8::1"),
        ("ip", "2002:102:304::1", "2002:102:304::1"),
        ("ip_64", "2001:db8:1:2:3::/64", "2001:db8:1:2::/64"),
        ("ip_prefix", "203.0.113.7/24", "203.0.113.0/24"),
        ("email", "Ann.Lee+news@GoogleMail.com", "annlee@gmail.com"),
        ("email", "Ann.Lee+news@Post.Example.", "ann.lee@post.example"),
        ("email", "+ann@post.example", "+ann@post.example"),
        ("email", "ａｎｎ@post.example", "ann@post.example"),
        ("email", "ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
        ("email", "mailto:ann@post.example", "ann@post.example"),
        ("email", "Ann Lee <ann@post.example>", "ann@post.example"),
        ("email_domain", "@GoogleMail.com", "gmail.com"),
        ("phone", "+49 (0)151 123-45678", "+4915112345678"),
        ("phone", "004915112345678", "+4915112345678"),
        ("phone", "tel:+1-415-555-0123", "+14155550123"),
        ("phone", "\u202a+1 415 555 0123\u202c", "+14155550123"),
        ("phone", "(415) 555-0123", "4155550123"),
        ("payment", "fp_1QxYz", "fp_1QxYz"),
        ("payment", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("payment", "fp_4242", "fp_4242"),
        ("payment", "1234567", "1234567"),
        ("payment", "tok_1N3T00LkdIwHu7", "tok_1N3T00LkdIwHu7"),
        ("email", "5D41402ABC4B2A76B9719D911017C592", "5d41402abc4b2a76b9719d911017c592"),
        ("phone", "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("phone", FINGERPRINT.upper(), FINGERPRINT),
        ("phone", "4155550100.0", "4155550100"),
        ("router", "OpenRouter.ai", "openrouter.ai"),
        ("router", "https://Relay.example/", "relay.example"),
        ("router", "https://key@relay.example:8443/v1?x=1#top", "relay.example"),
        ("router", "relay.example:443", "relay.example"),
        ("router", "relay.example.", "relay.example"),
        ("router", "relay.example/v1", "relay.example"),
        ("router", "http://RELÄY.example", "xn--rely-noa.example"),
        ("router", "http://[2001:DB8::1]:8080/", "2001:db8::1"),
        ("router", "http://203.0.113.7:3000", "203.0.113.7"),
        ("router", "http://relay:3000/v1", "relay"),
        ("router", "relay:3000", "relay"),
        ("router", "Relay One (EU)", "relay one (eu)"),
        ("router", "relay/blue", "relay/blue"),
        ("client", "e\u0301tage", "\u00e9tage"),
        ("api_key", "sk-ABC", "sk-ABC"),
        ("asn", "64500", "AS64500"),
        ("asn", "as64500 Example Net", "AS64500"),
        ("asn", "ASN 64500", "AS64500"),
        ("asn", "1.10", "AS65546"),
        ("asn", "64500.0", "AS64500"),
        ("asn", "64500.00", "AS64500"),
        ("asn", "AS1.0", "AS65536"),
        ("country", "de", "DE"),
        ("country", "NA", "NA"),
        ("badge", "007", "007"),
        ("badge", "12.0", "12.0"),
        ("badge", "1.10", "1.10"),
        ("badge", "1e10", "1e10"),
        ("badge", "2.5E-3", "2.5E-3"),
        ("badge", "yes", "yes"),
        ("badge", "nullable", "nullable"),
        ("badge", "\ufeffx\u200b", "x"),
        ("badge", "x\u200by", "x\u200by"),
        ("badge", "<b>=1+1\u202e", "<b>=1+1\u202e"),
    ],
)
def test_every_spelling_meets_in_one_value(kind: str, raw: str, cleaned: str) -> None:
    assert kind_of(kind, PLAIN).clean(raw) == cleaned


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("ip", "01.2.3.4", "not_an_address"),
        ("ip", "1.2.3", "not_an_address"),
        ("ip", "1.2.3.4, 5.6.7.8", "not_an_address"),
        ("ip", "1.2.3.0/24", "not_an_address"),
        ("ip", "post.example", "not_an_address"),
        ("ip", "3405803783", "not_an_address"),
        ("ip", "10.1.2.3", "not_public_address"),
        ("ip", "100.64.0.1", "not_public_address"),
        ("ip", "127.0.0.1", "not_public_address"),
        ("ip", "169.254.1.1", "not_public_address"),
        ("ip", "0.0.0.0", "not_public_address"),
        ("ip", "255.255.255.255", "not_public_address"),
        ("ip", "239.1.1.1", "not_public_address"),
        ("ip", "::ffff:192.168.0.1", "not_public_address"),
        ("ip", "::", "not_public_address"),
        ("ip", "::1", "not_public_address"),
        ("ip", "fe80::1%eth0", "not_public_address"),
        ("ip", "fd00::1", "not_public_address"),
        ("ip", "ff02::1", "not_public_address"),
        ("ip", "0", "placeholder"),
        ("ip", "unknown", "placeholder"),
        ("ip_64", "2001:db8::/48", "not_a_prefix"),
        ("ip_prefix", "10.0.0.0/24", "not_a_prefix"),
        ("ip_prefix", "203.0.113.7", "not_a_prefix"),
        ("email", "ann", "not_an_email"),
        ("email", "@post.example", "not_an_email"),
        ("email", "...@gmail.com", "not_an_email"),
        ("email", "ann@localhost", "not_an_email"),
        ("email", "ann@exa mple.org", "not_an_email"),
        ("email", "ann@" + "x" * 64 + ".org", "not_an_email"),
        ("email", "\ufdfa" * 600 + "@post.example", "not_an_email"),
        ("email_domain", "localhost", "not_a_domain"),
        ("phone", "12345", "too_short"),
        ("phone", "+01511234567", "not_a_phone"),
        ("phone", "1-800-FLOWERS", "not_a_phone"),
        ("phone", "+1234567890123456", "not_a_phone"),
        ("phone", "+1111111111", "placeholder"),
        ("phone", "1111111111", "placeholder"),
        ("phone", "+1234567890", "test_value"),
        ("phone", "4.15555E+09", "lost_digits"),
        ("asn", "6.45E+4", "lost_digits"),
        ("badge", "1.23457E+17", "lost_digits"),
        ("badge", "1,23457E+17", "lost_digits"),
        ("badge", "1e+20", "lost_digits"),
        ("badge", "9007199254740993.0", "lost_digits"),
        ("badge", "1.2345678901234567e+16", "lost_digits"),
        ("asn", "AS0", "not_an_asn"),
        ("asn", "AS23456", "not_an_asn"),
        ("asn", "4294967296", "not_an_asn"),
        ("asn", "1.99999", "not_an_asn"),
        ("country", "Germany", "not_a_country"),
        ("country", "XX", "placeholder"),
        ("client", "00000000-0000-0000-0000-000000000000", "placeholder"),
        ("payment", "N/A", "placeholder"),
        ("badge", "", "empty"),
        ("badge", " \t ", "empty"),
        ("badge", "a\x00b", "nul_byte"),
        ("badge", "\ud800", "broken_text"),
        ("badge", "x" * 4097, "too_long"),
        ("badge", "x" * 1_000_000, "too_long"),
    ],
)
def test_what_is_no_identifier_is_refused_with_its_reason(kind: str, raw: str, reason: str) -> None:
    assert _reason(kind, raw) == reason


@pytest.mark.parametrize("kind", [*(name for name in KINDS if name != "country"), "badge"])
@pytest.mark.parametrize(
    "raw",
    ["null", "NONE", " n/a ", "-", "unknown", "0", "undefined", "(not set)", "000", "\\N", "#REF!", "NaN"],
)
def test_placeholders_are_no_values_of_any_kind(kind: str, raw: str) -> None:
    assert _reason(kind, raw) == "placeholder"


@pytest.mark.parametrize("kind", [*KINDS, "badge"])
def test_no_kind_stores_a_card_number(kind: str) -> None:
    for card in CARDS:
        # Thirteen digits in a phone column are a phone number: see the test below.
        if (kind, len(card)) != ("phone", 13):
            assert _reason(kind, card) == "card_number", card


def test_a_german_phone_number_is_not_taken_for_an_old_visa_card() -> None:
    number = "4915112345678"
    assert is_card_number(number)
    assert KINDS["phone"].clean(number) == number


@pytest.mark.parametrize(
    "raw",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4-1-1-1 1111 1111 1111",
        "4111\u00a01111\u20111111\u20131111",
        "４１１１１１１１１１１１１１１１",
        "٤١١١١١١١١١١١١١١١",
        "4111\u200b1111\u200b1111\u200b1111",
        "card 4111 1111 1111 1111 12/27 123",
        "visa:4111111111111111",
        "4111111111111111|12|27|123",
        "%B4111111111111111^DOE/JANE^2712101",
        ";4111111111111111=27121010000",
        "3782 822463 10005",
        "x@4111111111111111",
    ],
)
@pytest.mark.parametrize("kind", ["payment", "client", "badge"])
def test_card_numbers_are_found_in_every_dress(kind: str, raw: str) -> None:
    assert _reason(kind, raw) == "card_number"


@pytest.mark.parametrize("card", CARDS)
def test_the_message_never_contains_the_digits(card: str) -> None:
    with pytest.raises(UncleanValue) as caught:
        KINDS["payment"].clean(card)
    assert not any(digit in str(caught.value) for digit in "0123456789")
    assert card[:6] not in shown(f"{card[:4]} {card[4:]}")
    assert shown(card) == "a card number"


@pytest.mark.parametrize(
    "raw",
    [
        "1735689600000",  # epoch ms
        "1735689600000000",  # epoch us
        "20260101123000",  # date and time
        "20260101123000123",
        "1300000000000000003",  # snowflake
        "100004123456789",  # account number of a social network
        "4111111111111112",  # fails Luhn
        "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
        "550e8400-e29b-41d4-a716-446655440000",
        "12345678-4111-4111-1111-111111111111",
        "GA1.2.1234567890.1612345678",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.6099.217",
    ],
)
@pytest.mark.parametrize("kind", ["client", "badge"])
def test_ordinary_ids_are_no_card_numbers(kind: str, raw: str) -> None:
    assert kind_of(kind, PLAIN).clean(raw) == raw


def test_payment_columns_are_held_to_a_wider_range_of_numbers() -> None:
    unissued = "2900000000000007"  # passes Luhn, no network issues it
    assert not is_card_number(unissued)
    assert is_card_number(unissued, is_payment=True)
    settings = Settings(kinds={"wallet": KindSettings(facet="payment")})
    with pytest.raises(UncleanValue, match="card_number"):
        kind_of("wallet", settings).clean(unissued)
    assert kind_of("wallet", PLAIN).clean(unissued) == unissued


def test_wider_identifiers_follow_from_a_value() -> None:
    assert KINDS["ip"].generalizations("203.0.113.7") == (("ip_prefix", "203.0.113.0/24"),)
    assert KINDS["ip"].generalizations("2001:db8:1:2:3:4:5:6") == (
        ("ip_64", "2001:db8:1:2::/64"),
        ("ip_prefix", "2001:db8:1::/48"),
    )
    assert KINDS["email"].generalizations("ann@post.example") == (("email_domain", "post.example"),)
    assert KINDS["client"].generalizations("x") == ()


def test_names_of_kinds_are_cleaned_and_aliases_resolved() -> None:
    assert clean_kind(" IP ") == "ip"
    assert kind_of("Device", PLAIN) is KINDS["client"]
    for name in ("", "a b", "x" * 65, "ıp", "a'b", "a\x00"):
        with pytest.raises(UncleanValue, match="bad_kind"):
            clean_kind(name)


def test_an_open_kind_is_its_own_facet() -> None:
    kind = kind_of("wallet_hash", PLAIN)
    assert (kind.name, kind.facet, kind.window_days) == ("wallet_hash", "wallet_hash", None)
    assert 0 < kind.p_exclusive < 1


def test_settings_overrule_a_kind() -> None:
    by_name = {"IP": KindSettings(window_days=0), "device": KindSettings(p_exclusive=0.6, facet="Payment")}
    settings = Settings(kinds=by_name)
    assert kind_of("ip", settings).window_days is None
    assert kind_of("client", settings).p_exclusive == 0.6
    assert kind_of("client", settings).facet == "payment"
    assert kind_of("email", settings) is KINDS["email"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"ip": KindSettings(facet="a b")}, "kinds.ip.facet: 'a b'"),
        ({"a b": KindSettings()}, "kinds.a b: 'a b'"),
    ],
)
def test_settings_that_make_no_sense_are_named(told: dict[str, KindSettings], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        kind_of("ip", Settings(kinds=told))


def test_every_built_in_kind_is_reported_to_users() -> None:
    assert all(kind.name == name and kind.about and 0 < kind.p_exclusive < 1 for name, kind in KINDS.items())
    followers = {name for kind in KINDS.values() for name, _ in kind.generalizations_sql}
    assert followers <= set(KINDS)
    order = ["payment", "ip", "ip_64", "ip_prefix", "asn", "country"]
    priors = [KINDS[name].p_exclusive for name in order]
    assert priors == sorted(priors, reverse=True)


def test_a_pseudonym_is_keyed_and_bound_to_its_kind() -> None:
    key = b"0123456789abcdef"
    actual = pseudonym(key, "ip", "1.2.3.4")
    # HMAC-SHA256(key, "ip" NUL "1.2.3.4") in base32, as `openssl dgst -sha256 -hmac` gives it.
    assert actual == "72qostqcynvp7zk367y4wnf3nh"
    assert actual == pseudonym(key, "ip", "1.2.3.4")
    assert len({actual, pseudonym(key, "client", "1.2.3.4"), pseudonym(b"x" * 16, "ip", "1.2.3.4")}) == 3


def test_wider_identifiers_of_a_hashed_value_are_made_first_and_hashed_too() -> None:
    key = b"0123456789abcdef"
    plain = identifiers_of(KINDS["ip"], " 1.2.3.4 ", None, ())
    assert plain == (("ip", "1.2.3.4"), ("ip_prefix", "1.2.3.0/24"))
    hashed = identifiers_of(KINDS["ip"], "1.2.3.4:80", key, ["ip"])
    assert hashed == tuple((kind, pseudonym(key, kind, value)) for kind, value in plain)
    only_wider = identifiers_of(KINDS["ip"], "1.2.3.4", key, ["ip_prefix"])
    assert only_wider == (plain[0], hashed[1])
    with pytest.raises(SettingsError, match="no key"):
        identifiers_of(KINDS["ip"], "1.2.3.4", None, ["ip"])


def _key_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_key_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert read_key(_key_file(tmp_path, b"0123456789abcdef\r\n")) == b"0123456789abcdef"


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"0123456789abcde\n", 0o600, "15 bytes, at least 16"),
        (b"", 0o600, "0 bytes"),
        (b"0123456789abcdef", 0o644, "every user can read it"),
        (b"x" * 5000, 0o600, "more than 4096 bytes"),
    ],
)
def test_a_key_that_protects_nothing_is_refused(
    tmp_path: Path, content: bytes, mode: int, message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        read_key(_key_file(tmp_path, content, mode))
    assert not content or content.decode().strip() not in str(caught.value)


def test_a_key_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_key(tmp_path / "none")
    with pytest.raises(SettingsError, match="it is a folder; expected a file"):
        read_key(tmp_path)


def test_a_shown_value_is_one_short_harmless_line() -> None:
    actual = shown("\x1b[31m\u202e\n<b>" + "x" * 10_000)
    assert actual.isprintable()
    assert len(actual) <= 60
    assert actual.startswith("\\x1b[31m\\u202e\\n<b>xxx")
    assert shown("plain") == "plain"
