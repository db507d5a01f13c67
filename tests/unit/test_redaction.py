"""Redaction: what is read of a redacted result holds no raw value, and is the same result otherwise."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from graphlink.errors import ResultError, SettingsError
from graphlink.kinds import pseudonym
from graphlink.redaction import (
    INVESTIGATOR,
    LEGAL,
    PARTNER,
    PLAIN,
    Profile,
    Redacted,
    read_profile,
    redact,
)
from graphlink.schema import EXPLAINED_TABLES, LISTED_AS, TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result import Result
    from graphlink.schema import TableSpec

KEY = b"a key of the tests, 32 bytes long"
OTHER_KEY = b"another key, as long as the first"
# Values that nobody is told by: networks of many lines, their operators and countries.
COARSE = {"ip_prefix", "asn", "country"}


def redacted(result: Result, profile: Profile, key: bytes = KEY) -> Redacted:
    made = redact(result, profile, key)
    assert isinstance(made, Redacted)
    return made


def raw_values(result: Result) -> set[str]:
    """Every text of the input that could tell who somebody is."""
    observations = result.table("observations", ["kind", "value"])
    is_telling = pc.invert(pc.is_in(observations["kind"], value_set=pa.array(sorted(COARSE))))
    identifiers = result.table("identifiers")
    accounts = result.table("accounts")
    columns = [
        observations.filter(is_telling)["value"],
        accounts["account_id"],
        accounts["status"],
        identifiers["label"],
        result.table("clusters")["cluster_id"],
    ]
    return {value for column in columns for value in column.unique().to_pylist() if value}


def texts_of(result: Result) -> set[str]:
    found: set[str] = {str(result.path)}
    for spec in TABLES:
        table = result.table(spec.name)
        for name in table.column_names:
            if pa.types.is_string(table[name].type):
                found |= {value for value in table[name].unique().to_pylist() if value}
    return found


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_no_table_and_no_manifest_holds_a_raw_value(sample_result: Result, profile: Profile) -> None:
    found = redacted(sample_result, profile)
    raw = raw_values(sample_result)
    assert len(raw) > 500
    assert not raw & texts_of(found)
    told = json.dumps(found.manifest)
    words = set(sample_result.table("accounts")["status"].unique().to_pylist())  # signals are named by them
    assert not [value for value in raw - words if value in told]
    assert not [word for word in words - {None} if f'"{word}"' in told]
    assert "requests.csv" not in told


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
@pytest.mark.parametrize("spec", EXPLAINED_TABLES, ids=lambda spec: spec.name)
def test_what_was_explained_in_advance_is_redacted_too(
    explained_sample: Result, profile: Profile, spec: TableSpec
) -> None:
    found = redacted(explained_sample, profile)
    raw, told = explained_sample.table(spec.name), found.table(spec.name)
    texts = {
        text
        for column in told.column_names
        if pa.types.is_string(told[column].type)
        for text in told[column].unique().to_pylist()
        if text
    }
    assert not raw_values(explained_sample) & texts
    assert any(LISTED_AS in text for text in raw["detail"].to_pylist())
    assert not [text for text in texts if LISTED_AS in text]
    keys = list(zip(*(told[column].to_pylist() for column in spec.key), strict=True))
    assert keys == sorted(keys)
    assert len(keys) == raw.num_rows
    # Row by row: the same numbers, and the names that stand for the raw ones.
    expected = {}
    for row in raw.to_pylist():
        new = dict(row, detail=row["detail"].partition(LISTED_AS)[0])
        for column in ("account_id", "account_id_l", "account_id_r", "strongest"):
            if new.get(column) is not None:
                new[column] = found.name_of_account(new[column])
        if "cluster_id" in new:
            new["cluster_id"] = found.name_of_cluster(new["cluster_id"])
        else:
            ends = ("account_id_l", "account_id_r")
            new |= dict(zip(ends, sorted(new[end] for end in ends), strict=True))
        if new["value"] is not None:
            new["value"] = found.name_of_value(new["kind"], new["value"])
        expected[tuple(new[column] for column in spec.key)] = new
    assert [expected[key] for key in keys] == told.to_pylist()


def test_redacted_reasons_answer_to_pseudonyms(explained_sample: Result) -> None:
    found = redacted(explained_sample, LEGAL)
    everything = found.table("member_reasons").to_pylist()
    account, strongest = everything[0]["account_id"], everything[0]["strongest"]
    for where in ({"account_id": [account]}, {"strongest": [strongest]}):
        ((column, (value,)),) = where.items()
        told = found.table("member_reasons", where=where).to_pylist()
        assert told == [row for row in everything if row[column] == value]
    link = found.table("link_reasons").to_pylist()[0]
    ends = {end: [link[end]] for end in ("account_id_l", "account_id_r")}
    assert found.table("link_reasons", ["rank"], ends)["rank"].to_pylist()[0] == 1


def test_a_redacted_result_without_them_says_how_to_ask(sample_result: Result) -> None:
    with pytest.raises(ResultError, match="explain_all=True"):
        redacted(sample_result, LEGAL).table("member_reasons")


def test_sentences_name_no_label(sample_result: Result) -> None:
    told = [d for d in redacted(sample_result, LEGAL).table("reasons")["detail"].to_pylist() if d]
    assert told
    assert not [detail for detail in told if "listed as" in detail]
    assert [d for d in sample_result.table("reasons")["detail"].to_pylist() if "listed as" in d]


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_every_reason_keeps_a_sentence(sample_result: Result, profile: Profile) -> None:
    found = redacted(sample_result, profile)
    raw = {
        (found.name_of_cluster(row["cluster_id"]), row["rank"]): row["detail"]
        for row in sample_result.table("reasons").to_pylist()
    }
    for row in found.table("reasons").to_pylist():
        assert row["detail"] == raw[row["cluster_id"], row["rank"]].partition("; listed as")[0]


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_what_graphlink_says_in_its_own_words_stays(sample_result: Result, profile: Profile) -> None:
    found = redacted(sample_result, profile)
    for name, columns in {
        "hypotheses": ["evidence", "detail"],
        "signals": ["signal", "detail"],
        "clusters": ["rival", "weakest_cut_kind"],
    }.items():
        for column in columns:
            raw = sample_result.table(name)[column].to_pylist()
            assert sorted(map(str, found.table(name)[column].to_pylist())) == sorted(map(str, raw))


def test_the_identifier_of_the_weakest_cut_is_the_one_that_is_shown(sample_result: Result) -> None:
    found = redacted(sample_result, LEGAL)
    cuts = {
        (found.name_of_cluster(row["cluster_id"]), row["weakest_cut_kind"], row["weakest_cut_value"])
        for row in sample_result.table("clusters").to_pylist()
    }
    assert [value for _, _, value in cuts if value]
    assert {
        (row["cluster_id"], row["weakest_cut_kind"], row["weakest_cut_value"])
        for row in found.table("clusters").to_pylist()
    } == {(cluster, kind, value and found.name_of_value(kind, value)) for cluster, kind, value in cuts}


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_the_numbers_stay_and_the_rows_come_in_the_order_of_the_pseudonyms(
    sample_result: Result, profile: Profile, spec: object
) -> None:
    name = next(one.name for one in TABLES if one is spec)
    raw, found = sample_result.table(name), redacted(sample_result, profile).table(name)
    assert found.num_rows == raw.num_rows
    for column in raw.column_names:
        if pa.types.is_integer(raw[column].type) and column in found.column_names and name != "set_aside":
            assert sorted(found[column].drop_null().to_pylist()) == sorted(
                raw[column].drop_null().to_pylist()
            )
    key = next(one.key for one in TABLES if one.name == name)
    if key:
        rows = list(zip(*(found[column].to_pylist() for column in key), strict=True))
        assert rows == sorted(rows)


def test_pairs_keep_their_order_and_answer_to_pseudonyms(sample_result: Result) -> None:
    found = redacted(sample_result, LEGAL)
    links = sample_result.table("links").slice(0, 200).to_pylist()
    turned = 0
    for link in links:
        ends = sorted(found.name_of_account(link[end]) for end in ("account_id_l", "account_id_r"))
        turned += ends[0] != found.name_of_account(link["account_id_l"])
        (row,) = found.table(
            "links", where={"account_id_l": [ends[0]], "account_id_r": [ends[1]]}
        ).to_pylist()
        assert row["bits"] == link["bits"]
    assert 0 < turned < len(links)


def test_one_end_is_found_on_the_side_where_its_pseudonym_is(sample_result: Result) -> None:
    found = redacted(sample_result, LEGAL)
    everything = found.table("links").to_pylist()
    account = everything[len(everything) // 2]["account_id_l"]
    told = found.table("links", where={"account_id_l": [account]}).to_pylist()
    assert told == [row for row in everything if row["account_id_l"] == account]


def test_readers_work_on_pseudonyms(sample_result: Result) -> None:
    found = redacted(sample_result, LEGAL)
    cluster = sample_result.clusters["cluster_id"][0]
    own = found.name_of_cluster(cluster)
    assert set(found.members(own)["account_id"]) == {
        found.name_of_account(name) for name in sample_result.members(cluster)["account_id"]
    }
    assert found.evidence(cluster=own)["counted_bits"].sum() == pytest.approx(
        sample_result.evidence(cluster=cluster)["counted_bits"].sum()
    )
    assert found.graph(own).number_of_edges() == sample_result.graph(cluster).number_of_edges()
    with pytest.raises(ResultError, match="no cluster"):
        found.check_cluster(cluster)


def test_addresses_are_cut_to_their_network_and_stay_apart(sample_result: Result) -> None:
    found = redacted(sample_result, LEGAL)
    assert found.name_of_value("ip", "203.0.113.7").startswith("203.0.113.0/24~")
    assert found.name_of_value("ip", "203.0.113.7") != found.name_of_value("ip", "203.0.113.8")
    assert found.name_of_value("ip", "2001:db8:1:2::3").startswith("2001:db8:1::/48~")
    assert found.name_of_value("ip_64", "2001:db8:1:2::/64").startswith("2001:db8:1::/48~")
    assert found.name_of_value("ip", "no address") == pseudonym(KEY, "ip", "no address")[: LEGAL.length]
    assert found.name_of_value("lockstep", "") == ""


def test_partners_with_one_key_can_compare_and_others_can_not(sample_result: Result) -> None:
    one, same, other = (redacted(sample_result, PARTNER, key) for key in (KEY, KEY, OTHER_KEY))
    assert one.name_of_value("payment", "p1") == same.name_of_value("payment", "p1")
    assert one.name_of_value("payment", "p1") == pseudonym(KEY, "payment", "p1")
    assert one.name_of_value("payment", "p1") != other.name_of_value("payment", "p1")
    assert one.name_of_value("payment", "p1") != one.name_of_value("email", "p1")
    accounts = one.table("accounts")
    shown = {name for name in accounts.column_names if accounts[name].null_count < accounts.num_rows}
    assert shown == {"account_id", "n", "n_identifiers"}


def test_an_investigator_reads_the_result_itself(sample_result: Result) -> None:
    assert redact(sample_result, INVESTIGATOR) is sample_result


def test_a_profile_that_hashes_needs_a_key(sample_result: Result) -> None:
    with pytest.raises(SettingsError, match="--key-file"):
        redact(sample_result, LEGAL)


def test_attributes_are_shown_when_they_are_named(sample_result: Result) -> None:
    profile = dataclasses.replace(LEGAL, attributes=("status",))
    found = redacted(sample_result, profile).table("accounts")
    assert set(found["status"].unique().to_pylist()) == set(
        sample_result.table("accounts")["status"].unique().to_pylist()
    )
    extra = set(sample_result.table("accounts").column_names) - set(found.column_names)
    assert extra
    with pytest.raises(ResultError, match="no column"):
        redacted(sample_result, LEGAL).table("accounts", [extra.pop()])


def test_times_are_cut_to_the_day(sample_result: Result) -> None:
    found = redacted(sample_result, dataclasses.replace(LEGAL, times="day")).table("clusters")
    assert found["first_seen"].null_count == 0
    assert {time.hour + time.minute + time.second for time in found["first_seen"].to_pylist()} == {0}


def test_an_own_profile_redacts_what_it_does_not_name(tmp_path: Path) -> None:
    path = tmp_path / "auditor.toml"
    path.write_text('accounts = "plain"\nkinds = { ip = "prefix" }\nattributes = ["status"]\nlength = 10\n')
    profile = read_profile(str(path))
    assert (profile.name, profile.accounts, profile.others) == ("auditor", PLAIN, "pseudonym")
    assert (profile.attributes, profile.labels, profile.times, profile.length) == (
        ("status",),
        "none",
        "none",
        10,
    )
    assert any("pseudonym" in s or "fingerprint" in s for s in profile.sentences())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('acounts = "plain"', "unknown setting 'acounts'"),
        ('accounts = "prefix"', "accounts: expected plain, pseudonym"),
        ('kinds = { ip = "cut" }', "kinds.ip: expected"),
        ("length = 4", "length: expected 8 to 26"),
        ('length = "9"', "length: expected int"),
        ("accounts = [", "auditor.toml"),
    ],
)
def test_a_wrong_profile_is_named(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "auditor.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=fault):
        read_profile(str(path))


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match="investigator, legal, partner"):
        read_profile("lawyer")
