"""Settings of facts: names, types, thresholds, releases, and which columns may be facts at all."""

from __future__ import annotations

from typing import Any

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.settings import FactSettings, Settings, Source, settings_from
from graphlink.core.settings.facts import type_of_fact

WIDE = {"path": "log.csv", "kinds": {"ip": "client_ip"}}


def refusal(values: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as refused:
        settings_from(values)
    return str(refused.value)


def test_facts_have_the_type_of_their_name_or_the_declared_one() -> None:
    facts = {"model": "model", "tokens": "out", "score": "s", "plan": "plan"}
    settings = settings_from({"sources": [WIDE | {"facts": facts}], "facts": {"plan": {"type": "category"}}})
    types = {name: type_of_fact(name, settings.facts) for name in facts}
    assert types == {"model": "category", "tokens": "amount", "score": "score", "plan": "category"}


def test_releases_are_moments_and_those_without_a_zone_are_in_utc() -> None:
    given = {"a": "2026-01-10T00:00:00Z", "b": "2026-01-10", "c": "2026-01-10T01:00:00+01:00"}
    assert set(FactSettings(releases=given).released_s.values()) == {1_768_003_200.0}


@pytest.mark.parametrize(
    ("source", "facts", "expected"),
    [
        ({"facts": {"plan": "plan"}}, {}, "facts.plan: expected a type"),
        ({"facts": {"Plan": "plan"}}, {}, "a name of 1 to 64"),
        ({"facts": {"model": ""}}, {}, "facts.model: expected a column"),
        ({"facts": {"country": "client_ip"}}, {}, "is mapped as kinds.ip too"),
        ({"facts": {"country": "account_id"}}, {}, "is mapped as account too"),
        ({}, {"model": {"type": "word"}}, "category, amount or score"),
        ({}, {"model": {"threshold": 0.5}}, "a fact of type score"),
        ({}, {"score": {"releases": {"x": "2026-01-10"}}}, "a fact of type category"),
        ({}, {"model": {"releases": {"x": "soon"}}}, "a time in ISO 8601"),
        ({"kinds": {}, "facts": {"model": "model"}}, {}, "one row per call"),
    ],
)
def test_what_cant_be_a_fact_is_named(source: dict[str, Any], facts: dict[str, Any], expected: str) -> None:
    assert expected in refusal({"sources": [WIDE | source], "facts": facts})


def test_the_fingerprint_is_that_of_before_where_nothing_is_a_fact() -> None:
    plain = Settings(sources=(Source(path="log.csv", kinds={"ip": "client_ip"}),))
    with_facts = Settings(sources=(Source(path="log.csv", kinds={"ip": "client_ip"}, facts={"model": "m"}),))
    assert plain.fingerprint() != with_facts.fingerprint()
    assert "facts" not in {*plain.stated(), *plain.stated()["sources"][0]}
    assert settings_from(with_facts.stated()) == with_facts
