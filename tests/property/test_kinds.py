"""Rules that cleaning keeps for every value, and the SQL fast path against the slow one."""

from __future__ import annotations

import ipaddress
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.core.settings import KindSettings, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.kinds import KINDS, Kind, UncleanValue, kind_of, shown
from graphlink.kinds.card_numbers import is_card_number
from graphlink.kinds.placeholders import DIGESTS, listed_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN = kind_of("badge", Settings())
WALLET = kind_of("wallet", Settings(kinds={"wallet": KindSettings(facet="payment")}))
BARE = (
    "unknown",
    "Guest",
    "apple_pay",
    "Visa",
    "4242",
    "****1234",
    "pm_card_visa",
    "f" * 16,
    "0x00",
    "-1",
    "test",
)
DECLARED = [
    kind_of(name, Settings(kinds={name: KindSettings(facet=facet, clean=cleanings)}))
    for name, facet, cleanings in (
        ("vat", None, ("strip", "upper", "alphanumeric")),
        ("seat", None, ("no_leading_zeros", "digits")),  # in this order once is not enough
        ("gift_card", "payment", ("lower", "no_spaces")),
    )
]
ALL = [*KINDS.values(), OPEN, WALLET, *DECLARED]
BY_NAME = pytest.mark.parametrize("kind", ALL, ids=[kind.name for kind in ALL])

_NEAR_ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(lambda n: str(ipaddress.IPv4Address(n))),
    st.integers(0, 2**128 - 1).map(lambda n: str(ipaddress.IPv6Address(n))),
    # Global unicast, with noughts where compression starts.
    st.lists(st.sampled_from(["0", "1", "db8", "ffff", "10", "a0b"]), min_size=7, max_size=7).map(
        lambda groups: "2001:" + ":".join(groups)
    ),
    st.from_regex(r"\A[23]a0[0-9](:[1-9a-f][0a]?|:0){0,5}::([1-9a-f][0a]?(:[1-9a-f0]){0,4})?\Z"),
    st.from_regex(r"\A(\[)?[0-9a-f:.]{2,24}(\])?(:[0-9]{1,3})?(%eth0)?\Z"),
    st.from_regex(r"\A(10|100|127|169|172|192|198|224|8)(\.(0|1|16|31|18|19|64|127|168|254)){3}\Z"),
    st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3}){3}(/(24|32))?\Z"),
)
_NEAR_TEXTS = st.one_of(
    st.text(max_size=40),
    st.text("aB0.-_+@ ", max_size=20),
    st.sampled_from(
        ["null", "None", "-", "n/a", "0000", "0-0", "\\n", "A" * 4097, "a b", "'", '"', "é", "e\u0301"]
    ),
    st.from_regex(r"\A\+?[0-9 ()\-]{5,20}\Z"),
    st.from_regex(r"\AAS[0-9]{1,11}\Z"),
    st.from_regex(r"\A[A-Za-z]{1,3}\Z"),
    st.from_regex(r"\A[a-zA-Z.+0-9]{1,9}@(gmail|googlemail|x|xn--a|a-b)(\.(com|org|c0))+\Z"),
    st.from_regex(r"\A[DEFR]{2}[0-9]{2}[ ]?[0-9]{12,18}\Z"),
    st.from_regex(r"\A[a-f ]?[3456][0-9 \-]{12,22}[a-f]?\Z"),
    st.emails(),
    st.sampled_from(sorted(DIGESTS)),
    st.sampled_from([*BARE, *(f"{text}x" for text in BARE)]),
    st.from_regex(
        r"\A(visa |no-?reply|tok_|pm_card_|xx|\*\*)?(ending in )?[0-9]{0,6}(@(x\.)?example\.(com|example))?\Z"
    ),
    st.from_regex(r"\A[+-]?[0-9]{1,17}([.,][0-9]{1,9})?([eE][+-]?[0-9]{1,2})?\Z"),
    st.from_regex(r"\A(https?://)?(u@)?[Rr]elay(\.example|\.test)?\.?(:[0-9]{2,4})?(/(v1)?)?\Z"),
    st.from_regex(r"\A[0-9a]{8}(-[0-9a]{4}){3}-[0-9a]{12}\Z"),
)
VALUES = st.one_of(_NEAR_ADDRESSES, _NEAR_TEXTS)


def _cleaned(kind: Kind, value: str) -> str | None:
    try:
        return kind.clean(value)
    except UncleanValue:
        return None


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as made:
        yield made


@pytest.mark.slow
@BY_NAME
@settings(max_examples=80, deadline=None)
@given(value=VALUES)
def test_a_cleaned_value_is_its_own_cleaned_value(kind: Kind, value: str) -> None:
    cleaned = _cleaned(kind, value)
    if cleaned is not None:
        assert kind.clean(cleaned) == cleaned
        assert cleaned
        assert len(cleaned) <= 3 * len(value)
        for name, generalizations in kind.generalizations(cleaned):
            assert KINDS[name].clean(generalizations) == generalizations


@pytest.mark.slow
@BY_NAME
@settings(max_examples=20, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=60))
def test_what_the_fast_path_takes_is_clean(engine: DuckEngine, kind: Kind, values: list[str]) -> None:
    texts = [value for value in values if "\x00" not in value and value.isprintable()]
    # Cleaned values are the ones that the fast path is for.
    texts += [cleaned for value in texts if (cleaned := _cleaned(kind, value)) is not None]
    engine.load("told", pa.table({"value": pa.array(texts, pa.string())}))
    generalizations = "".join(f", {expression}" for _, expression in kind.generalizations_sql)
    for value, *followers in engine.rows(
        f"SELECT value{generalizations} FROM told WHERE {kind.is_clean_sql} AND NOT {listed_sql('value')}"
    ):
        assert isinstance(value, str)
        assert kind.clean(value) == value
        names = [name for name, _ in kind.generalizations_sql]
        text = tuple((n, str(f)) for n, f in zip(names, followers, strict=True) if f is not None)
        assert text == kind.generalizations(value)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "ip",
            [
                "203.0.113.7",
                "8.8.8.8",
                "172.32.0.1",
                "2a02:810d:abc0:1:2:3:4:5",
                "2001:db8:0:1:0:2:0:3",
                "2001:db8:1:2::5",
            ],
        ),
        ("email", ["ann@post.example", "a-b.c_d@mail.post.example", "annlee@gmail.com"]),
        ("phone", ["+4915112345678"]),
        ("payment", ["fp_1QxYz", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"]),
        ("client", ["550e8400-e29b-41d4-a716-446655440000", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0"]),
        ("badge", ["007", "12.0"]),
    ],
)
def test_the_fast_path_takes_what_is_usual(engine: DuckEngine, kind: str, values: list[str]) -> None:
    engine.load("told", pa.table({"value": values}))
    condition = kind_of(kind, Settings()).is_clean_sql
    assert engine.rows(f"SELECT count(*) FROM told WHERE {condition}") == [(len(values),)]


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 2**32 - 1))
def test_an_ipv4_address_has_one_value_in_all_its_spellings(number: int) -> None:
    plain = str(ipaddress.IPv4Address(number))
    mapped = ipaddress.IPv6Address(0xFFFF << 32 | number)
    spellings = [
        f"{plain}:80",
        f"::ffff:{plain}",
        str(mapped),
        mapped.exploded.upper(),
        f"[{mapped}]:1",
        f" {plain}\n",
    ]
    assert {_cleaned(KINDS["ip"], spelling) for spelling in spellings} == {_cleaned(KINDS["ip"], plain)}


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 2**125 - 1))
def test_an_ipv6_address_has_one_value_and_lies_in_its_prefixes(number: int) -> None:
    address = ipaddress.IPv6Address(1 << 125 | number)
    spellings = [address.exploded, address.compressed.upper(), f"[{address}]:443", f"{address}%en0"]
    assert {KINDS["ip"].clean(spelling) for spelling in spellings} == {str(address)}
    assert all(
        address in ipaddress.ip_network(prefix) for _, prefix in KINDS["ip"].generalizations(str(address))
    )


@settings(max_examples=300, deadline=None)
@given(value=st.text(), longest=st.integers(2, 80))
def test_a_shown_value_is_printable_and_short(value: str, longest: int) -> None:
    actual = shown(value, longest)
    assert actual.isprintable()
    assert len(actual) <= max(longest, len("a card number"))


def test_few_ordinary_numbers_are_taken_for_card_numbers() -> None:
    draw = random.Random(1)
    wrong = {
        (n, is_payment): sum(
            is_card_number(str(draw.randrange(10 ** (n - 1), 10**n)), is_payment=is_payment)
            for _ in range(4000)
        )
        / 4000
        for n in (13, 16, 18, 19)
        for is_payment in (False, True)
    }
    assert wrong[13, False] < 0.02
    assert wrong[16, False] < 0.05
    assert wrong[18, False] < 0.02
    assert wrong[19, False] < 0.03
    assert all(wrong[n, True] < 0.08 for n in (13, 16, 18, 19))
