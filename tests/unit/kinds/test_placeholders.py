"""The list of values that name nobody, and what the settings change in it."""

# ruff: noqa: E501  # values of one sort are a line

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.errors import SettingsError
from graphlink.core.settings import KindSettings, Placeholders, Settings, settings_from
from graphlink.engine.duck import DuckEngine
from graphlink.kinds import UncleanValue, kind_of
from graphlink.kinds.placeholders import (
    DIGESTS,
    REMEDIES,
    listed_sql,
    reason_of,
    reason_of_payment,
    reason_sql,
)
from graphlink.kinds.placeholders.texts import _EMPTY
from graphlink.kinds.spelling import plain_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

WALLETS = Settings(kinds={"wallet": KindSettings(facet="payment")})


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as made:
        yield made


def _reason(kind: str, value: str, settings: Settings = WALLETS) -> str:
    try:
        kind_of(kind, settings).clean(value)
    except UncleanValue as error:
        return error.reason if error.remedy == REMEDIES[error.reason] else "another remedy"
    return ""


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("placeholder", "None nan NULL <NA> NaT N/A \\N - -- --- ? ??? unknown anonymous Guest #N/A inf -Infinity"),
        ("placeholder", "0 00000000 0.0 -1 0x0000000000000000000000000000000000000000 true FALSE [] (null) undefined"),
        ("placeholder", "00000000-0000-0000-0000-000000000000 {00000000-0000-0000-0000-000000000000} 00:00:00:00:00:00"),
        ("placeholder", "ffffffff-ffff-ffff-ffff-ffffffffffff FFFFFFFFFFFFFFFF ff:ff:ff:ff:ff:ff 9774d56d682e549c"),
        ("test_value", "test Testing dummy placeholder"),
    ],
)  # fmt: skip
def test_values_that_name_nobody_are_rejected_in_every_kind(reason: str, values: str) -> None:
    for value in values.split():
        for kind in ("client", "badge", "payment", "wallet", "router", "api_key"):
            assert _reason(kind, f" {value}\u00a0") == reason, value
        assert reason_of(value) == reason


@pytest.mark.parametrize(
    "value",
    [
        *(
            "nullable",
            "none of these",
            "NA-7",
            "unknown7",
            "tester",
            "guest7",
            "x-null",
            "10",
            "100000",
            "0a0",
        ),
        *(
            "fffffff",
            "fffffffe",
            "00000000-0000-0000-0000-000000000001",
            "yes",
            "no",
            "1",
            "-10",
            "admin",
            "a-0",
        ),
    ],
)
def test_a_placeholder_is_matched_whole(value: str) -> None:
    assert reason_of(value) is None
    assert _reason("badge", value) == ""


@pytest.mark.parametrize("text", ["", "null", "None", "unknown", "\n", "0"])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_the_digest_of_no_text_is_rejected(text: str, algorithm: str) -> None:
    digest = hashlib.new(algorithm, text.encode())
    plain = base64.b64encode(digest.digest()).decode()
    safe = base64.urlsafe_b64encode(digest.digest()).decode()
    for spelling in (digest.hexdigest(), digest.hexdigest().upper(), plain, safe, safe.rstrip("=")):
        assert _reason("client", spelling) == "empty_digest"
    if len(digest.hexdigest()) <= 64:
        assert {_reason(kind, digest.hexdigest()) for kind in ("email", "phone")} == {"empty_digest"}
    assert hashlib.new(algorithm, b"ann@post.example").hexdigest() not in DIGESTS


@pytest.mark.parametrize("kind", ["payment", "wallet"])
@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("masked", ["4242", "0042", "42", "****1234", "XXXX-XXXX-XXXX-1234", "xxxx1234", "•••• 1234", "4111 11** **** 1111"]),
        ("masked", ["visa 4242", "Visa ending in 4242", "MasterCard-4242", "card_4242", "411111******1111", "DE89************3000"]),
        ("payment_method", ["visa", "credit_card", "Credit Card", "PayPal", "apple_pay", "APPLE-PAY", "sepa_debit", "wire", "p24"]),
        ("test_value", ["tok_visa", "tok_chargeDeclined", "pm_card_visa", "fake-valid-nonce"]),
    ],
)  # fmt: skip
def test_a_payment_is_an_instrument(kind: str, reason: str, values: list[str]) -> None:
    for value in values:
        assert _reason(kind, value) == reason, value
        assert _reason("badge", value) == "", "what only payments are held against is a value of other kinds"


@pytest.mark.parametrize(
    "value",
    [
        "12345",
        "fp_42",
        "visa_9f86d081",
        "pm_1N3T00Lk",
        "tok_1a",
        "paypal:QX7TLUWA",
        "4242aa",
        "card-1a2b",
        "card-7",
        "card0",
        "bc1qxy2",
    ],
)
def test_an_instrument_is_not_taken_for_less(value: str) -> None:
    assert reason_of_payment(value) is None


@pytest.mark.parametrize(
    "value",
    [
        *("test@example.com", "ann@mail.example.org", "x@host.test", "x@y.invalid", "a@b.localhost"),
        *(
            "noreply@post.example",
            "No-Reply@post.example",
            "do_not_reply@x.example",
            "test@test.com",
            "none@none.com",
        ),
    ],
)
def test_mail_that_nobody_reads_is_a_test_value(value: str) -> None:
    assert _reason("email", value) == "test_value"


def test_a_domain_for_tests_is_a_test_value() -> None:
    assert _reason("email_domain", "example.com") == "test_value"
    assert _reason("email_domain", "notexample.com") == ""
    assert _reason("email", "reply@contest.example") == ""


def test_the_settings_keep_and_reject_values_of_a_kind(engine: DuckEngine) -> None:
    by_name = {
        "keep": {"Badge": ["None", "0"], "device": ["guest"]},
        "reject": {"badge": ["Kiosk"], "ip": ["1.1.1.1"]},
    }
    settings = settings_from({"placeholders": by_name})
    for kind, kept in (("badge", "NONE"), ("badge", "0"), ("client", "Guest")):
        assert kind_of(kind, settings).clean(f" {kept} ") == kept
    assert _reason("badge", " kiosk", settings) == "placeholder"
    assert _reason("ip", "::ffff:1.1.1.1", settings) == "placeholder"
    assert _reason("client", "none", settings) == "placeholder"
    for kind, value in (("badge", "KIOSK"), ("ip", "1.1.1.1")):
        sql = kind_of(kind, settings).is_clean_sql
        assert engine.rows(f"SELECT {sql} FROM (SELECT '{value}' AS value)") == [(False,)]
    assert settings.fingerprint() != Settings().fingerprint()


def test_what_is_kept_is_still_no_card_number() -> None:
    settings = Settings(placeholders=Placeholders(keep={"badge": ("4111111111111111",)}))
    with pytest.raises(UncleanValue, match="card_number"):
        kind_of("badge", settings).clean("4111111111111111")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"keep": {"a b": ["x"]}}, "placeholders: keep.a b: expected the name of a kind"),
        ({"reject": {"badge": [" "]}}, "placeholders: reject.badge: expected values that are not empty"),
        ({"keep": {"badge": ["x"]}, "reject": {"badge": ["X "]}}, "badge: 'x' is both kept and rejected"),
        ({"keep": ["x"]}, "keep: expected a table"),
        ({"drop": {}}, "unknown setting 'drop'"),
    ],
)
def test_settings_that_make_no_sense_are_named(told: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings_from({"placeholders": told})


_PATTERNED = st.from_regex(_EMPTY, fullmatch=True).map(lambda text: text[:60])


@pytest.mark.slow
@given(
    texts=st.lists(
        st.text("aF0-x{}:.fu?#/_ ", max_size=12) | st.sampled_from(sorted(DIGESTS)) | _PATTERNED, max_size=40
    )
)
def test_sql_and_python_agree(engine: DuckEngine, texts: list[str]) -> None:
    engine.load("told", pa.table({"v": pa.array(texts, pa.string())}))
    for is_plain in ("false", plain_sql("v")):
        listed = listed_sql("v", is_plain)
        rows = engine.rows(f"SELECT v, CASE WHEN {listed} THEN {reason_sql('v')} END FROM told")
        assert rows == [(text, reason_of(text)) for text in texts]
