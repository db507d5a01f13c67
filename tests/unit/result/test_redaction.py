"""Redaction: what is read of a redacted result holds no raw value, and is the same result otherwise."""

from __future__ import annotations

import dataclasses
import datetime
import html
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from graphlink.cli import commands
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.schema import EXPLAINED_TABLES, LISTED_AS, TABLES
from graphlink.export.formats import subgraph_bytes
from graphlink.export.formats.tables import TABLE_NAMES
from graphlink.export.subgraph import cluster_subgraph
from graphlink.kinds import pseudonym
from graphlink.result.coarsening import (
    COUNT_BANDS,
    COUNTS,
    LAG,
    LAG_BANDS,
    band_count,
    band_counts,
    band_lags,
    cut_times,
)
from graphlink.result.profiles import PLAIN, SERVICES
from graphlink.result.redaction import (
    INVESTIGATOR,
    LEGAL,
    PARTNER,
    Profile,
    Redacted,
    read_profile,
    redact,
)
from graphlink.storage.arrow_values import rows_of
from tests.exported import text_of
from tests.redacted import shown_values

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.core.stages import TableSpec
    from graphlink.result.result import Result

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


def hidden_values(result: Result, profile: Profile) -> set[str]:
    return raw_values(result) - shown_values(result, profile)


def said(found: Redacted, detail: str) -> str:
    """A sentence as a profile says it: counts of holders rounded up, labels of public services only."""
    own, listed, label = detail.partition(LISTED_AS)
    pattern = "([0-9,]+)( use it in total| others? held it too)"
    own = re.sub(pattern, lambda n: f"{band_count(int(n[1].replace(',', ''))):,}{n[2]}", own)
    return own + listed + label if label in found._sentences.labels_of_services() else own


def texts_of(result: Result) -> set[str]:
    text: set[str] = {str(result.path)}
    for spec in TABLES:
        table = result.table(spec.name)
        for name in table.column_names:
            if pa.types.is_string(table[name].type):
                text |= {value for value in table[name].unique().to_pylist() if value}
    return text


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_no_table_and_no_manifest_holds_a_raw_value(sample_result: Result, profile: Profile) -> None:
    outcome = redacted(sample_result, profile)
    raw = hidden_values(sample_result, profile)
    assert len(raw) > 500
    assert not raw & texts_of(outcome)
    actual = json.dumps(outcome.manifest)
    words = set(sample_result.table("accounts")["status"].unique().to_pylist())  # signals are named by them
    assert not [value for value in raw - words if value in actual]
    assert not [word for word in words - {None} if f'"{word}"' in actual]
    assert "requests.csv" not in actual


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
@pytest.mark.parametrize("spec", EXPLAINED_TABLES, ids=lambda spec: spec.name)
def test_what_was_explained_in_advance_is_redacted_too(
    explained_sample: Result, profile: Profile, spec: TableSpec
) -> None:
    outcome = redacted(explained_sample, profile)
    raw, actual = explained_sample.table(spec.name), outcome.table(spec.name)
    texts = {
        text
        for column in actual.column_names
        if pa.types.is_string(actual[column].type)
        for text in actual[column].unique().to_pylist()
        if text
    }
    assert not hidden_values(explained_sample, profile) & texts
    assert any(LISTED_AS in text for text in raw["detail"].to_pylist())
    labels = {text.partition(LISTED_AS)[2] for text in texts if LISTED_AS in text}
    assert labels <= shown_values(explained_sample, profile)
    keys = list(zip(*(actual[column].to_pylist() for column in spec.key), strict=True))
    assert keys == sorted(keys)
    assert len(keys) == raw.num_rows
    # Row by row: the same numbers, and the names that stand for the raw ones.
    expected = {}
    for row in raw.to_pylist():
        new = dict(row, detail=said(outcome, row["detail"]))
        for column in ("account_id", "account_id_l", "account_id_r", "strongest"):
            if new.get(column) is not None:
                new[column] = outcome.name_of_account(new[column])
        if "cluster_id" in new:
            new["cluster_id"] = outcome.name_of_cluster(new["cluster_id"])
        else:
            ends = ("account_id_l", "account_id_r")
            new |= dict(zip(ends, sorted(new[end] for end in ends), strict=True))
        if new["value"] is not None:
            new["value"] = outcome.name_of_value(new["kind"], new["value"])
        expected[tuple(new[column] for column in spec.key)] = new
    assert [expected[key] for key in keys] == actual.to_pylist()


def test_redacted_reasons_answer_to_pseudonyms(explained_sample: Result) -> None:
    actual = redacted(explained_sample, LEGAL)
    everything = actual.table("member_reasons").to_pylist()
    account, strongest = everything[0]["account_id"], everything[0]["strongest"]
    for where in ({"account_id": [account]}, {"strongest": [strongest]}):
        ((column, (value,)),) = where.items()
        rows = actual.table("member_reasons", where=where).to_pylist()
        assert rows == [row for row in everything if row[column] == value]
    link = actual.table("link_reasons").to_pylist()[0]
    ends = {end: [link[end]] for end in ("account_id_l", "account_id_r")}
    assert actual.table("link_reasons", ["rank"], ends)["rank"].to_pylist()[0] == 1


def test_a_redacted_result_without_them_states_how_to_ask(sample_result: Result) -> None:
    with pytest.raises(ResultError, match="explain_all=True"):
        redacted(sample_result, LEGAL).table("member_reasons")


def test_sentences_name_no_label_that_is_not_shown(sample_result: Result) -> None:
    raw = [d for d in sample_result.table("reasons")["detail"].to_pylist() if d and "listed as" in d]
    assert raw
    for labels, is_named in (("type", False), ("none", False), ("public", True)):
        actual = redacted(sample_result, dataclasses.replace(LEGAL, labels=labels))
        rows = [d for d in actual.table("reasons")["detail"].to_pylist() if d and "listed as" in d]
        assert bool(rows) == is_named
        shown = shown_values(sample_result, LEGAL)
        assert {detail.partition(LISTED_AS)[2] for detail in rows} <= shown


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_every_reason_keeps_a_sentence(sample_result: Result, profile: Profile) -> None:
    actual = redacted(sample_result, profile)
    raw = {
        (actual.name_of_cluster(row["cluster_id"]), row["rank"]): row["detail"]
        for row in sample_result.table("reasons").to_pylist()
    }
    for row in actual.table("reasons").to_pylist():
        assert row["detail"] == said(actual, raw[row["cluster_id"], row["rank"]])


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_what_graphlink_states_in_its_own_words_stays(sample_result: Result, profile: Profile) -> None:
    actual = redacted(sample_result, profile)
    for name, columns in {
        "hypotheses": ["evidence", "detail"],
        "signals": ["signal", "detail"],
        "clusters": ["rival", "weakest_cut_kind"],
    }.items():
        for column in columns:
            raw = sample_result.table(name)[column].to_pylist()
            assert sorted(map(str, actual.table(name)[column].to_pylist())) == sorted(map(str, raw))


def test_categories_of_facts_are_shown_with_the_attributes_of_their_name(sample_result: Result) -> None:
    raw = sample_result.table("facts")
    named = set(raw["fact"].to_pylist()) - {""}
    assert named, "the sample has attributes"
    assert set(redacted(sample_result, PARTNER).table("facts")["category"].to_pylist()) == {""}
    one = min(named)
    shown = redacted(sample_result, dataclasses.replace(PARTNER, attributes=(one,))).table("facts")
    assert set(shown["fact"].to_pylist()) == {"", one}
    values = [value for value in shown["value"].to_pylist() if value]
    assert all(float(f"{value:.2g}") == value for value in values), "no figure is exact"


def test_the_identifier_of_the_weakest_cut_is_the_one_that_is_shown(sample_result: Result) -> None:
    actual = redacted(sample_result, LEGAL)
    cuts = {
        (actual.name_of_cluster(row["cluster_id"]), row["weakest_cut_kind"], row["weakest_cut_value"])
        for row in sample_result.table("clusters").to_pylist()
    }
    assert [value for _, _, value in cuts if value]
    assert {
        (row["cluster_id"], row["weakest_cut_kind"], row["weakest_cut_value"])
        for row in actual.table("clusters").to_pylist()
    } == {(cluster, kind, value and actual.name_of_value(kind, value)) for cluster, kind, value in cuts}


@pytest.mark.parametrize("name", ["evidence", "reasons"])
def test_where_a_behaviour_was_is_named_as_any_identifier(sample_result: Result, name: str) -> None:
    actual = redacted(sample_result, LEGAL)
    places = {(row["at_kind"], row["at_value"]) for row in sample_result.table(name).to_pylist()}
    assert len(places) > 1
    assert {(row["at_kind"], row["at_value"]) for row in actual.table(name).to_pylist()} == {
        (kind, value and actual.name_of_value(kind, value)) for kind, value in places
    }


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_the_numbers_are_bands_and_the_rows_come_in_the_order_of_the_pseudonyms(
    sample_result: Result, profile: Profile, spec: object
) -> None:
    name = next(one.name for one in TABLES if one is spec)
    raw, actual = sample_result.table(name), redacted(sample_result, profile).table(name)
    if name == "observations":  # those of one day are one
        assert actual.num_rows < raw.num_rows
        assert set(actual["n"].to_pylist()) <= {0, *COUNT_BANDS}
        return
    if name == "facts":  # categories, which no profile here shows, have no rows
        raw = raw.filter(pc.equal(raw["category"], ""))
    assert actual.num_rows == raw.num_rows
    for column in raw.column_names:
        if (
            pa.types.is_integer(raw[column].type)
            and column in actual.column_names
            and name != "rejected_rows"
        ):
            numbers = raw[column].drop_null().to_pylist()
            if column in COUNTS:
                numbers = [band_count(number) for number in numbers]
            if column == LAG:
                is_out = profile.times == "none"
                numbers = [] if is_out else band_lags(raw[column]).drop_null().to_pylist()
            assert sorted(actual[column].drop_null().to_pylist()) == sorted(numbers)
    key = next(one.key for one in TABLES if one.name == name)
    if key:
        rows = list(zip(*(actual[column].to_pylist() for column in key), strict=True))
        assert rows == sorted(rows)


def test_pairs_keep_their_order_and_answer_to_pseudonyms(sample_result: Result) -> None:
    actual = redacted(sample_result, LEGAL)
    links = sample_result.table("links").slice(0, 200).to_pylist()
    turned = 0
    for link in links:
        ends = sorted(actual.name_of_account(link[end]) for end in ("account_id_l", "account_id_r"))
        turned += ends[0] != actual.name_of_account(link["account_id_l"])
        (row,) = actual.table(
            "links", where={"account_id_l": [ends[0]], "account_id_r": [ends[1]]}
        ).to_pylist()
        assert row["bits"] == link["bits"]
    assert 0 < turned < len(links)


def test_one_end_is_found_on_the_side_where_its_pseudonym_is(sample_result: Result) -> None:
    actual = redacted(sample_result, LEGAL)
    everything = actual.table("links").to_pylist()
    account = everything[len(everything) // 2]["account_id_l"]
    rows = actual.table("links", where={"account_id_l": [account]}).to_pylist()
    assert rows == [row for row in everything if row["account_id_l"] == account]


def test_readers_work_on_pseudonyms(sample_result: Result) -> None:
    actual = redacted(sample_result, LEGAL)
    cluster = sample_result.clusters["cluster_id"][0]
    own = actual.name_of_cluster(cluster)
    assert set(actual.members(own)["account_id"]) == {
        actual.name_of_account(name) for name in sample_result.members(cluster)["account_id"]
    }
    assert actual.evidence(cluster=own)["contribution_bits"].sum() == pytest.approx(
        sample_result.evidence(cluster=cluster)["contribution_bits"].sum()
    )
    assert actual.graph(own).number_of_edges() == sample_result.graph(cluster).number_of_edges()
    with pytest.raises(ResultError, match="no cluster"):
        actual.check_cluster(cluster)


def test_addresses_are_cut_to_their_network_and_stay_apart(sample_result: Result) -> None:
    actual = redacted(sample_result, LEGAL)
    assert actual.name_of_value("ip", "203.0.113.7").startswith("203.0.113.0/24~")
    assert actual.name_of_value("ip", "203.0.113.7") != actual.name_of_value("ip", "203.0.113.8")
    assert actual.name_of_value("ip", "2001:db8:1:2::3").startswith("2001:db8:1::/48~")
    assert actual.name_of_value("ip_64", "2001:db8:1:2::/64").startswith("2001:db8:1::/48~")
    assert actual.name_of_value("ip", "no address") == pseudonym(KEY, "ip", "no address")[: LEGAL.length]
    assert actual.name_of_value("lockstep", "") == ""


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
    actual = redacted(sample_result, profile).table("accounts")
    assert set(actual["status"].unique().to_pylist()) == set(
        sample_result.table("accounts")["status"].unique().to_pylist()
    )
    extra = set(sample_result.table("accounts").column_names) - set(actual.column_names)
    assert extra
    with pytest.raises(ResultError, match="no column"):
        redacted(sample_result, LEGAL).table("accounts", [extra.pop()])


def rows_shown(result: Result, accounts: set[str]) -> list[tuple[object, ...]]:
    """What an export shows of accounts beside their names: how often, how many, from when to when."""
    table = result.table("accounts")
    columns = ("n", "n_identifiers", "first_seen", "last_seen", "created_at", "closed_at")
    rows = zip(table["account_id"].to_pylist(), *(table[name].to_pylist() for name in columns), strict=True)
    return [row[1:] for row in rows if row[0] in accounts]


def share_unique(rows: list[tuple[object, ...]]) -> float:
    counts = Counter(rows)
    return sum(count == 1 for count in counts.values()) / len(rows)


def test_fewer_accounts_are_the_only_ones_with_their_row(sample_result: Result) -> None:
    names = set(sample_result.table("accounts")["account_id"].to_pylist())
    raw = share_unique(rows_shown(sample_result, names))
    shares = {}
    for profile in (LEGAL, dataclasses.replace(LEGAL, times="month"), PARTNER):
        actual = redacted(sample_result, profile)
        shown = {actual.name_of_account(name) for name in names}
        shares[profile.times] = share_unique(rows_shown(actual, shown))
    assert raw > 0.95
    # 500 accounts over 28 days are few: days leave many alone, months some, bands without times hardly any.
    assert shares["none"] < 0.05 < shares["month"] < 0.5
    assert shares["month"] < shares["day"] < raw


@pytest.mark.parametrize("profile", [LEGAL, PARTNER], ids=lambda profile: profile.name)
def test_no_exact_number_or_time_passes_in_any_export(sample_result: Result, profile: Profile) -> None:
    actual = redacted(sample_result, profile)
    (cluster, *_) = actual.table("clusters")["cluster_id"].to_pylist()
    data = json.loads(subgraph_bytes(cluster_subgraph(actual, cluster), actual.manifest, "json"))
    rows = [row for name in TABLE_NAMES for row in data[name]]
    assert rows
    for row in rows:
        for name, value in row.items():
            if value is None:
                continue
            assert name not in COUNTS or value in {0, *COUNT_BANDS}
            assert name != LAG or value in LAG_BANDS
            if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", str(value)):
                assert str(value).endswith("T00:00:00+00:00")
                assert profile.times != "none"
    assert data["run"]["redacted"]["what"] == list(profile.sentences())


@pytest.mark.parametrize(
    "form", ["json", "graphml", "gexf", "stix", "misp", "csv", "xlsx", "neo4j", "parquet", "html"]
)
def test_every_format_states_what_was_made_coarse(sample_result: Result, tmp_path: Path, form: str) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 32, encoding="utf-8")
    key.chmod(0o600)
    cluster, out = str(sample_result.clusters["cluster_id"][0]), tmp_path / "out"
    command = ["export", sample_result.path, "--cluster", cluster, "--format", form, "--out", out]
    command += ["--profile", "legal", "--key-file", key]
    done = CliRunner().invoke(commands, list(map(str, command)))
    assert done.exit_code == 0, done.output
    text = text_of(form, (out / "export.json" if out.is_dir() else out).read_bytes())
    for sentence in LEGAL.sentences():
        assert sentence in text or html.escape(sentence) in text


@given(st.lists(st.integers(0, 10**15) | st.none(), max_size=50))
def test_bands_keep_order_and_never_make_smaller(counts: list[int | None]) -> None:
    banded = band_counts(pa.chunked_array([pa.array(counts, pa.int64())])).to_pylist()
    assert [one is None for one in banded] == [one is None for one in counts]
    known = [(raw, band) for raw, band in zip(counts, banded, strict=True) if raw is not None]
    assert all(raw <= band <= max(2.5 * raw, 1) and band == band_count(raw) for raw, band in known)
    assert [band for _, band in sorted(known)] == sorted(band for _, band in known)


def test_bands_of_lags_and_cuts_of_times() -> None:
    lags = pa.chunked_array([pa.array([0, 1, 60, 61, 86_400, 10**12, None], pa.int64())])
    assert band_lags(lags).to_pylist() == [60, 60, 60, 600, 86_400, LAG_BANDS[-1], None]
    when = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC)
    times = pa.chunked_array([pa.array([when, None], pa.timestamp("us", "UTC"))])
    assert rows_of(pa.table({"t": cut_times(times, "day")}))[0]["t"] == when.replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    assert rows_of(pa.table({"t": cut_times(times, "month")}))[0]["t"].day == 1
    assert cut_times(times, "month").null_count == 1


def test_public_words_stay_readable_and_what_few_hold_does_not(sample_result: Result) -> None:
    """Words that many hold, and services that a list names; never a card or an address."""
    actual = redacted(sample_result, dataclasses.replace(LEGAL, public_from=50))
    seen = set()
    for row in sample_result.table("identifiers").to_pylist():
        name = actual.name_of_value(row["kind"], row["value"])
        if row["kind"] in ("payment", "ip", "email", "phone"):
            assert name != row["value"]
        if row["kind"] in ("client", "email_domain", "router"):
            is_public = row["degree"] >= 50 or row["label_type"] in SERVICES
            assert (name == row["value"]) == is_public
            seen.add((row["kind"], is_public))
    assert {("client", True), ("client", False)} <= seen
    labels = set(actual.table("identifiers")["label"].drop_null().to_pylist())
    assert labels
    assert labels <= shown_values(sample_result, LEGAL)
    assert set(actual.table("accounts")["status"].unique().to_pylist()) == set(
        sample_result.table("accounts")["status"].unique().to_pylist()
    )


def test_what_hides_the_status_hides_whether_it_was_abuse(sample_result: Result) -> None:
    raw = sample_result.table("accounts")["is_abuse"]
    assert raw.null_count < len(raw)
    assert redacted(sample_result, PARTNER).table("accounts")["is_abuse"].null_count == len(raw)
    assert redacted(sample_result, LEGAL).table("accounts")["is_abuse"].null_count == raw.null_count


def test_edges_add_up_before_they_are_rounded(sample_result: Result) -> None:
    actual = redacted(sample_result, PARTNER)
    raw = sample_result.edges_of(sample_result.table("evidence").filter(pc.field("value") != ""))
    shown = actual.edges_of(actual.table("evidence").filter(pc.field("value") != ""))
    numbers = [None if n is None else band_count(n) for n in raw["n"].to_pylist()]
    assert sorted(map(str, shown["n"].to_pylist())) == sorted(map(str, numbers))
    assert shown["first_seen"].null_count == shown.num_rows


def test_times_are_cut_to_the_day(sample_result: Result) -> None:
    actual = redacted(sample_result, dataclasses.replace(LEGAL, times="day")).table("clusters")
    assert actual["first_seen"].null_count == 0
    assert {time.hour + time.minute + time.second for time in actual["first_seen"].to_pylist()} == {0}


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
