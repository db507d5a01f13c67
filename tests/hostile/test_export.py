"""Exports hold no raw value under a redaction profile, in any format, and nothing in them runs."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from typing import TYPE_CHECKING

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import stix2

from graphlink import run
from graphlink.core.settings import AccountSource, Settings, Source
from graphlink.export.formats import format_names, subgraph_bytes
from graphlink.export.page import review_page
from graphlink.export.page.appeal import appeal_page
from graphlink.export.subgraph import cluster_subgraph, neighbourhood_subgraph
from graphlink.result.redaction import LEGAL, PARTNER, Profile, Redacted, redact
from tests.exported import FILE_FORMATS, FOLDER_FORMATS, text_of, write_folder
from tests.redacted import shown_values

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

KEY = b"a key of the tests, 32 bytes long"
OWN = Profile("own", kinds={"ip": "prefix"}, labels="type", times="day", attributes=("status",), length=8)
# What many strangers share and nobody is told by.
COARSE = ("ip_prefix", "asn", "country")
HOSTILE = (
    "<script>window.__pwn=1</script>",
    "</script><script>window.__pwn=1</script>",
    '"><img src=x onerror=window.__pwn=1>',
    "href=javascript:window.__pwn=1",
    '=HYPERLINK("http://evil.example")',
    "a\u202egnp.exe",
    "b\u2028c",
    "{{ 7 * 7 }}",
)
PLAN = "=1+1<script>window.__pwn=2</script>\u202e"  # a category of a fact


@pytest.fixture(scope="module")
def hostile_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A cluster whose accounts and device are named by the people under investigation."""
    folder = tmp_path_factory.mktemp("hostile")
    with (folder / "seen.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["account_id", "kind", "value", "seen_at"])
        for account in HOSTILE:
            for kind, value in (("payment", "fp-83hxq2"), ("ip", "203.0.113.7"), ("device", HOSTILE[2])):
                writer.writerow([account, kind, value, "2026-03-01T09:30:00Z"])
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["account_id", "plan"], *([account, PLAN] for account in HOSTILE)])
    settings = Settings(
        sources=(Source(path=str(folder / "seen.csv")),),
        accounts=AccountSource(path=str(folder / "accounts.csv"), attributes=("plan",)),
    )
    return run(settings, out=folder / "result")


def raw_values(result: Result) -> set[str]:
    """Every text of the input that could tell who somebody is, at least five letters long."""
    observations = result.table("observations", ["kind", "value"])
    is_telling = pc.invert(pc.is_in(observations["kind"], value_set=pa.array(COARSE)))
    columns = [
        observations.filter(is_telling)["value"],
        result.table("accounts")["account_id"],
        result.table("identifiers")["label"],
        result.table("clusters")["cluster_id"],
    ]
    values = {value for column in columns for value in column.unique().to_pylist() if value}
    return {value for value in values if len(value) > 4}


def exports_of(result: Result, cluster: str, folder: Path) -> dict[str, bytes]:
    subgraph = cluster_subgraph(result, cluster)
    made = {form: subgraph_bytes(subgraph, result.manifest, form) for form in FILE_FORMATS}
    made["html"] = review_page(result, subgraph)
    made["xlsx"] = text_of("xlsx", made["xlsx"]).encode()
    for form in FOLDER_FORMATS:
        place = folder / form
        place.mkdir()
        write_folder(subgraph, result.manifest, form, place)
        made[form] = b"".join(path.read_bytes() for path in sorted(place.iterdir()))
        if form == "parquet":  # compressed: what can be read back counts
            tables = [pq.read_table(path) for path in sorted(place.glob("*.parquet"))]
            made[form] += "".join(str(table.to_pylist()) for table in tables).encode()
    return made


def telling_clusters(result: Result) -> dict[str, str]:
    """The strongest cluster, one that hangs on one identifier, and one with an identifier on a list."""
    clusters = result.clusters
    hanging = clusters[clusters["weakest_cut_value"].notna()]["cluster_id"].iloc[0]
    reasons = result.table("reasons").to_pylist()
    listed = next(row["cluster_id"] for row in reasons if "listed as" in row["detail"])
    return {"strongest": clusters["cluster_id"].iloc[0], "hanging": hanging, "listed": listed}


@pytest.mark.slow
@pytest.mark.parametrize("which", ["strongest", "hanging", "listed"])
@pytest.mark.parametrize("profile", [LEGAL, PARTNER, OWN], ids=lambda profile: profile.name)
def test_no_format_holds_a_raw_value(
    sample_result: Result, profile: Profile, which: str, tmp_path: Path
) -> None:
    raw = raw_values(sample_result) - shown_values(sample_result, profile)
    shown = redact(sample_result, profile, KEY)
    assert isinstance(shown, Redacted)
    cluster = shown.name_of_cluster(telling_clusters(sample_result)[which])
    made = exports_of(shown, cluster, tmp_path)
    account = shown.table("membership", ["account_id"], {"cluster_id": [cluster]})["account_id"][0].as_py()
    made["appeal"] = appeal_page(shown, neighbourhood_subgraph(shown, account))
    assert set(made) == set(format_names())
    for form, content in made.items():
        # The network of an address that ends in 0 reads like the address.
        text = re.sub(r"(\.0|::)\\?/(24|48)\\?~", "~", content.decode("utf-8", errors="replace"))
        assert not [value for value in raw if value in text], form


def test_the_plain_export_holds_them(sample_result: Result, tmp_path: Path) -> None:
    cluster = sample_result.clusters["cluster_id"][0]
    members = list(sample_result.members(cluster)["account_id"])
    for form, content in exports_of(sample_result, cluster, tmp_path).items():
        assert not [name for name in members if name not in content.decode("utf-8", errors="replace")], form


@pytest.mark.slow
def test_hostile_names_are_read_back_as_they_are(hostile_result: Result) -> None:
    subgraph = cluster_subgraph(hostile_result, hostile_result.clusters["cluster_id"][0])
    names = {row["account_id"] for row in subgraph.accounts}
    assert names == set(HOSTILE)
    data = json.loads(subgraph_bytes(subgraph, hostile_result.manifest, "json"))
    assert {row["account_id"] for row in data["accounts"]} == names
    bundle = stix2.parse(
        subgraph_bytes(subgraph, hostile_result.manifest, "stix").decode(), allow_custom=True
    )
    assert {one.user_id for one in bundle.objects if one.type == "user-account"} == names


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_hostile_names_leave_xml_whole(hostile_result: Result, form: str) -> None:
    subgraph = cluster_subgraph(hostile_result, hostile_result.clusters["cluster_id"][0])
    file = io.BytesIO(subgraph_bytes(subgraph, hostile_result.manifest, form))
    graph = nx.read_graphml(file) if form == "graphml" else nx.read_gexf(file)
    labels = {facts["label"] for _, facts in graph.nodes(data=True) if facts["node_type"] == "account"}
    assert len(labels) == len(HOSTILE)
    assert "a<U+202E>gnp.exe" in labels
    assert HOSTILE[1] in labels


def test_no_cell_is_a_formula(hostile_result: Result, tmp_path: Path) -> None:
    subgraph = cluster_subgraph(hostile_result, hostile_result.clusters["cluster_id"][0])
    write_folder(subgraph, hostile_result.manifest, "csv", tmp_path)
    with (tmp_path / "accounts.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["account_id"] for row in csv.DictReader(file)]
    assert "'" + HOSTILE[4] in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_page_holds_no_markup_of_the_data(hostile_result: Result) -> None:
    subgraph = cluster_subgraph(hostile_result, hostile_result.clusters["cluster_id"][0])
    text = review_page(hostile_result, subgraph).decode()
    for name in HOSTILE[:3]:
        assert name not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;window.__pwn=1&lt;/script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert "<bdi>accounts with plan =1+1&lt;script&gt;window.__pwn=2&lt;/script&gt;" in text
    assert review_page(hostile_result, subgraph).decode() == text


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_the_name_of_a_column_leaves_xml_whole(hostile_result: Result, form: str) -> None:
    (cluster,) = hostile_result.table("clusters")["cluster_id"].to_pylist()
    plain = cluster_subgraph(hostile_result, cluster)
    further = {"no\x1bte\x9b\ufffe": "a\x07b"}
    subgraph = dataclasses.replace(plain, accounts=[{**row, **further} for row in plain.accounts])
    file = io.BytesIO(subgraph_bytes(subgraph, hostile_result.manifest, form))
    graph = nx.read_graphml(file) if form == "graphml" else nx.read_gexf(file)
    listed = [facts for _, facts in graph.nodes(data=True) if facts["node_type"] == "account"]
    assert len(listed) == len(HOSTILE)
    assert {facts["no<U+001B>te<U+009B><U+FFFE>"] for facts in listed} == {"a<U+0007>b"}
