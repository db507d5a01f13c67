"""Indicators in from CSV, MISP and STIX: what is taken, what is rejected and why, and how it is watched."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.core.errors import InputError
from graphlink.workspace import watch
from graphlink.workspace.holdings import Identifier
from graphlink.workspace.indicators import (
    Indicator,
    Indicators,
    indicators_of,
    read_indicators,
    watch_indicators,
)
from graphlink.workspace.parameters import HonestHolders, IndicatorRules
from graphlink.workspace.reports import csv_reports, misp_reports
from graphlink.workspace.stix_indicators import stix_reports
from tests.unit.workspace.small_results import SmallResult, day

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
CARD = "card-7f3a"


def read(folder: Path, text: str) -> Indicators:
    path = folder / "feed"
    path.write_text(text, encoding="utf-8")
    return read_indicators(path, at=NOW)


def rejected(actual: Indicators) -> dict[str, str]:
    return {one.where: one.reason for one in actual.rejected}


def test_a_csv_states_source_confidence_and_expiry(tmp_path: Path) -> None:
    text = (
        "kind,value,source,confidence,since,until,note\n"
        "ip,203.0.113.7,Partner,80,2026-03-01,2026-04-01T00:00:00Z,seen in a ring\n"
        f"payment,{CARD},,,,,\n"
    )
    card, address = sorted(read(tmp_path, text).accepted, key=lambda one: one.identifier, reverse=True)
    assert address == Indicator(
        Identifier("ip", "203.0.113.7"),
        "Partner",
        0.8,
        dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 4, 1, tzinfo=dt.UTC),
        "seen in a ring",
    )
    rules = IndicatorRules()
    assert (card.source, card.confidence) == ("feed", rules.confidence)
    assert card.until == NOW + dt.timedelta(days=rules.valid_days)


def test_rows_that_can_not_be_used_are_rejected_with_place_and_reason(tmp_path: Path) -> None:
    rows = (
        "ip,10.0.0.1,,",
        "asn,AS64500,,",
        "ip,203.0.113.7,120,",
        "ip,203.0.113.8,50,soon",
        "ip,203.0.113.9,50,2026-03-01",
        "ip,203.0.113.10",
        "payment,4111111111111111,,",
    )
    actual = read(tmp_path, "kind,value,confidence,until\n" + "\n".join(rows) + "\n")
    reasons = rejected(actual)
    assert actual.accepted == ()
    assert reasons["row 2"] == "values of the kind asn have many holders"
    assert reasons["row 3"] == "confidence: expected 0 to 100, found 120"
    assert reasons["row 4"].startswith("until: expected a time such as")
    assert reasons["row 5"] == "it expired on 2026-03-01"
    assert reasons["row 6"] == "expected 4 cells, found 2"
    assert len(reasons) == len(rows)
    assert "4111" not in reasons["row 7"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("value,source\n", "no column kind"),
        ("kind,value,value\n", "unknown or repeated column value"),
        ("kind,value,colour\n", "unknown or repeated column colour"),
        ("{", "no JSON"),
        ('{"type": "report"}', "no MISP event"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_file_that_is_none_of_the_three_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read(tmp_path, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(b"kind,value\nip,\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_indicators(tmp_path / "feed", at=NOW)
    with pytest.raises(InputError, match="no such file"):
        read_indicators(tmp_path / "none", at=NOW)


EVENT: dict[str, Any] = {
    "Event": {
        "Orgc": {"name": "CIRCLE"},
        "Tag": [{"name": 'misp:confidence-level="usually-confident"'}],
        "Attribute": [
            {
                "uuid": "u1",
                "type": "ip-src|port",
                "value": "203.0.113.7|443",
                "to_ids": True,
                "comment": "c2",
            },
            {"uuid": "u2", "type": "ip-dst", "value": "203.0.113.8", "to_ids": False},
            {"uuid": "u3", "type": "sha256", "value": "0" * 64, "to_ids": True},
        ],
        "Object": [
            {
                "Attribute": [
                    {
                        "uuid": "u4",
                        "type": "email-src",
                        "value": "jo@own.example",
                        "timestamp": "1772409600",
                        "Tag": [{"name": 'misp:confidence-level="rarely-confident"'}],
                    }
                ]
            }
        ],
    }
}


@pytest.mark.parametrize("document", [EVENT, [EVENT], {"response": [EVENT]}])
def test_misp_attributes_are_read_with_the_confidence_of_their_tags(tmp_path: Path, document: object) -> None:
    actual = read(tmp_path, json.dumps(document))
    mail, address = actual.accepted
    assert (mail.identifier, mail.source, mail.confidence) == (("email", "jo@own.example"), "CIRCLE", 0.25)
    assert mail.since == dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert (address.identifier, address.confidence, address.note) == (("ip", "203.0.113.7"), 0.75, "c2")
    assert rejected(actual) == {
        "attribute u2": "it is not meant for detection (to_ids is false)",
        "attribute u3": "no kind stands for the type sha256",
    }


def bundle(*patterns: str, **properties: object) -> str:
    identity = {"type": "identity", "id": "identity--1", "name": "ISAC"}
    indicators = [
        {
            "type": "indicator",
            "id": f"indicator--{number}",
            "created_by_ref": "identity--1",
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2026-03-01T00:00:00Z",
            "name": "ring",
            **properties,
        }
        for number, pattern in enumerate(patterns)
    ]
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": [identity, *indicators]})


def test_a_stix_pattern_may_name_several_values_of_which_any_will_do(tmp_path: Path) -> None:
    text = bundle(
        "[ipv4-addr:value = '203.0.113.7' OR email-addr:value IN ('a@own.example', 'b@own.example')]"
        " OR [domain-name:value = 'own.example']",
        f"[x-graphlink-identifier:kind = 'payment' AND x-graphlink-identifier:value = '{CARD}']",
        confidence=70,
        valid_until="2026-05-01T00:00:00Z",
    )
    actual = read(tmp_path, text)
    assert [tuple(one.identifier) for one in actual.accepted] == [
        ("email", "a@own.example"),
        ("email", "b@own.example"),
        ("email_domain", "own.example"),
        ("ip", "203.0.113.7"),
        ("payment", CARD),
    ]
    assert {(one.source, one.confidence, one.until.month, one.note) for one in actual.accepted} == {
        ("ISAC", 0.7, 5, "ring")
    }
    assert actual.rejected == ()


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[ipv4-addr:value = '203.0.113.7' AND email-addr:value = 'a@b.example']", "can't be read"),
        (
            "[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.8']",
            "more than single values",
        ),
        (
            "[ipv4-addr:value = '203.0.113.7'] AND [ipv4-addr:value = '203.0.113.8']",
            "more than single values",
        ),
        ("[ipv4-addr:value LIKE '203.%']", "more than single values"),
        ("[ipv4-addr:value != '203.0.113.7']", "no kind stands for"),
        ("[file:hashes.MD5 = 'aa']", "no kind stands for"),
        ("[ipv4-addr:value = ", "can't be read"),
        ("", "can't be read"),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "expected one IPv4 or IPv6 address"),
        ("[" + "(" * 30_000, "more than 20,000 characters"),
    ],
)
def test_a_pattern_that_is_more_than_a_list_of_values_is_rejected(
    tmp_path: Path, pattern: str, reason: str
) -> None:
    actual = read(tmp_path, bundle(pattern))
    assert actual.accepted == ()
    assert reason in rejected(actual)["object indicator--0"]


def test_revoked_and_foreign_patterns_are_rejected(tmp_path: Path) -> None:
    text = bundle("[ipv4-addr:value = '203.0.113.7']", revoked=True)
    assert list(rejected(read(tmp_path, text)).values()) == ["it is revoked"]
    text = bundle("alert tcp any", pattern_type="snort")
    assert list(rejected(read(tmp_path, text)).values()) == ["expected a pattern of type stix, found snort"]


def test_the_observables_of_an_exported_grouping_come_back(tmp_path: Path) -> None:
    objects = [
        {"type": "identity", "id": "identity--1", "name": "graphlink"},
        {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "203.0.113.7"},
        {"type": "x-graphlink-identifier", "id": "x--1", "kind": "payment", "value": CARD},
        {"type": "user-account", "id": "user-account--1", "user_id": "a1"},
        {
            "type": "grouping",
            "id": "grouping--1",
            "created_by_ref": "identity--1",
            "created": "2026-03-01T00:00:00Z",
            "name": "graphlink cluster C-1",
            "object_refs": ["ipv4-addr--1", "x--1", "user-account--1"],
        },
    ]
    actual = read(tmp_path, json.dumps({"type": "bundle", "objects": objects}))
    assert [tuple(one.identifier) for one in actual.accepted] == [("ip", "203.0.113.7"), ("payment", CARD)]
    assert {one.source for one in actual.accepted} == {"graphlink"}


def test_of_a_value_reported_twice_by_one_source_the_surest_counts() -> None:
    text = f"kind,value,confidence\npayment,{CARD},20\npayment,{CARD},90\npayment,{CARD},50\n"
    (one,) = indicators_of(csv_reports(text, "feed"), "feed", at=NOW, rules=IndicatorRules()).accepted
    assert one.confidence == 0.9


def test_an_indicator_weighs_at_most_its_confidence_and_ends() -> None:
    one = Indicator(Identifier("ip", "203.0.113.7"), "ISAC", 0.6, day(0), day(20), "")
    (entry,) = watch_indicators(SmallResult([("x", "ip", "198.51.100.1", 1.0)]), [one]).entries
    assert (entry.lineage_id, entry.weight(day(1)), entry.weight(day(20))) == ("ISAC", 0.6, 0.0)
    assert entry.honest == pytest.approx(HonestHolders().ip)


def test_an_indicator_that_many_hold_or_that_is_listed_is_not_watched() -> None:
    many = [(f"x{n}", "payment", CARD, 1.0) for n in range(5)]
    reports = [
        Indicator(Identifier(kind, value), "ISAC", 1.0, day(0), day(200), "")
        for kind, value in (("payment", CARD), ("ip", "203.0.113.7"))
    ]
    result = SmallResult([*many, ("y", "ip", "203.0.113.7", 1.0)], labels={"203.0.113.7": "vpn"})
    watched = watch_indicators(result, reports)
    assert watched.entries == ()
    assert watched.not_watched == {watch.CROWDED: 1, watch.LISTED: 1}


_NAMES = (
    *("type", "Event", "Attribute", "Object", "Tag", "name", "value", "response", "objects", "pattern"),
    *("object_refs", "created_by_ref", "confidence", "id", "timestamp", "Orgc", "valid_from", "kind"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner | st.sampled_from(["bundle", "indicator", "grouping", "ip-src", "ipv4-addr"]),
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_document_is_read_or_refused(document: object) -> None:
    for reader in (misp_reports, stix_reports):
        try:
            actual = indicators_of(reader(document, "feed"), "feed", at=NOW, rules=IndicatorRules())
        except InputError:
            continue
        assert all(0 <= one.confidence <= 1 for one in actual.accepted)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_csv_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):  # refused; any other error fails the test
        list(csv_reports("kind,value,confidence,until\n" + text, "feed"))


def test_a_source_that_is_named_like_a_decision_is_rejected(tmp_path: Path) -> None:
    found = read(tmp_path, "kind,value,source\npayment,card-1,D-1\npayment,card-2,D-x\n")
    assert [one.identifier.value for one in found.accepted] == ["card-2"]
    assert "must not be named like a decision" in found.rejected[0].reason
