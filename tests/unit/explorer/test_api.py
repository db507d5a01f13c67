"""The explorer's API over the sample: its description, and that its numbers agree with the result."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from graphlink import explanations
from graphlink.core.errors import NotFoundError, QuestionError, ResultError, SettingsError
from graphlink.core.wording.findings import finding_of
from graphlink.explanations.priority import prioritise
from graphlink.explorer import api
from graphlink.explorer.drawing import draw_cluster
from graphlink.explorer.guard import Access
from graphlink.explorer.index import Index
from graphlink.explorer.index.names import Names
from graphlink.explorer.query import Query, RequestError
from graphlink.explorer.reading import IndexedResult
from graphlink.explorer.search import _places_of as places_of
from graphlink.explorer.server import make_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.errors import GraphlinkError
    from graphlink.explanations.readable import Readable
    from graphlink.result.result import Result

DOCS = Path(__file__).parents[3] / "docs" / "explorer-api.md"
PORT = 8123


@pytest.fixture(scope="module")
def client(index: Index, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return client_of(index, tmp_path_factory.mktemp("static"))


def client_of(index: Index, static: Path) -> TestClient:
    access = Access(PORT)
    headers = {"Authorization": f"Bearer {access.token}"}
    return TestClient(make_app(index, access, static), f"http://127.0.0.1:{PORT}", headers=headers)


@pytest.fixture(scope="module")
def names(index: Index) -> dict[str, str]:
    """A large cluster, two linked accounts of it and its chief identifier."""
    number = int(np.argmin(index.clusters.order_of(index.clusters.priorities)))
    rows = index.evidence.rows_of_cluster(number)
    row = int(rows[np.argmax(np.where(index.evidence.identifier[rows] >= 0, index.evidence.bits[rows], 0))])
    identifier = int(index.evidence.identifier[row])
    ids = index.identifiers
    return {
        "cluster": index.clusters.names[number],
        "account": index.accounts.names[int(index.evidence.left[row])],
        "other": index.accounts.names[int(index.evidence.right[row])],
        "kind": ids.kinds[ids.kind[identifier]],
        "value": ids.names[identifier],
    }


def get(client: TestClient, path: str, **told: Any) -> Any:
    answer = client.get(f"/api/v1{path}", params=told)
    assert answer.status_code == 200, answer.text
    return answer.json()


def asked(path: str, names: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A request to a documented route that finds something."""
    node = f"a:{names['account']}"
    identifier = {"kind": names["kind"], "value": names["value"]}
    parameters: dict[str, dict[str, Any]] = {
        "/clusters/{cluster_id}/style": {"by": "state"},
        "/search": {"q": names["value"]},
        "/compare": {"left": names["cluster"]},
        "/expand": {"node": node},
        "/account": {"id": names["account"]},
        "/identifier": identifier,
        "/pair": {"l": names["account"], "r": names["other"]},
        "/member": {"account": names["account"]},
        "/break": {"cluster": names["cluster"]},
        "/path": {"from": node, "to": f"a:{names['other']}"},
        "/lookup": {"ids": [names["account"], names["value"], "nobody"]},
        "/collateral": {"accounts": [names["account"]], "identifiers": [identifier]},
        "/what-if": {"cluster": names["cluster"], "identifiers": [identifier]},
    }
    return path.replace("{cluster_id}", names["cluster"]), parameters.get(path, {})


def described() -> dict[str, tuple[str, Any]]:
    """Path to method and example, as the documentation has them."""
    values = {}
    for method, path, text in re.findall(
        r"^### (GET|POST) /api/v1(\S+)\n(.*?)(?=^##|\Z)",
        DOCS.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    ):
        example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
        values[path] = (method, json.loads(example.group(1)) if example else None)
    return values


def same_keys(told: Any, example: Any, where: str) -> None:
    if isinstance(example, dict) and example:
        assert isinstance(told, dict), where
        assert set(example) <= set(told), f"{where}: {set(example) - set(told)} are described but not told"
        for name, inner in example.items():
            if told[name] is not None:
                same_keys(told[name], inner, f"{where}.{name}")
    elif isinstance(example, list) and example and told:
        same_keys(told[0], example[0], f"{where}[]")


@pytest.mark.parametrize("path", [*api.GET, *api.POST])
def test_a_route_answers_what_is_declared(client: TestClient, names: dict[str, str], path: str) -> None:
    msgspec = pytest.importorskip("msgspec", reason="graphlink[docs] is not installed")
    from graphlink.explorer.answers import routes

    url, parameters = asked(path, names)
    if path in routes.GET:
        msgspec.convert(get(client, url, **parameters), routes.GET[path])
        return
    body, answer = routes.POST[path]
    msgspec.convert(parameters, body)
    msgspec.convert(client.post(f"/api/v1{url}", json=parameters).json(), answer)


class Read(dict[str, str]):
    """Parameters of a query that keep the names that are read."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def _read(index: Index, path: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Names of the parameters that a route reads, the words it takes and the bounds of its numbers."""
    facts: dict[str, Any] = {}
    plain_choice, plain_integer = Query.choice, Query.integer

    def choice(self: Query, name: str, choices: Any) -> str:
        facts[name] = list(choices)
        return plain_choice(self, name, choices)

    def integer(self: Query, name: str, default: int, least: int, most: int) -> int:
        facts[name] = (default, least, most)
        return plain_integer(self, name, default, least, most)

    with monkeypatch.context() as patch:
        patch.setattr(Query, "choice", choice)
        patch.setattr(Query, "integer", integer)
        parameters = Read(given)
        api._content(api.GET[path], index, Query(parameters))
    return parameters.names - {"cluster_id"}, facts


@pytest.mark.parametrize("path", api.GET)
def test_a_route_reads_the_parameters_that_are_declared(
    index: Index, names: dict[str, str], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("msgspec", reason="graphlink[docs] is not installed")
    from graphlink.explorer.answers.parameters import PARAMETERS

    declared = {one.name: one for one in PARAMETERS.get(path, ())}
    needed = {"cluster_id": names["cluster"]} if "{cluster_id}" in path else {}
    needed |= {name: str(value) for name, value in asked(path, names)[1].items()}
    given = needed | ({"max_nodes": "10"} if "max_nodes" in declared else {})  # groups are drawn then
    read, facts = _read(index, path, given, monkeypatch)
    is_table = "format" in declared
    if not is_table:
        read -= {"format"}  # read for every route, so that one without rows can refuse it
    assert read == declared.keys()
    for name, one in declared.items():
        assert one.required == _is_refused_without(index, path, needed, name)
        if "enum" in one.schema:
            assert one.schema["enum"] == facts[name], name
        elif one.schema["type"] == "integer" and not (is_table and name == "limit"):
            default, least, most = facts[name]
            assert one.schema.get("default", default) == default, name
            assert (one.schema["minimum"], one.schema.get("maximum", most)) == (least, most), name


def _is_refused_without(index: Index, path: str, needed: dict[str, str], name: str) -> bool:
    try:
        api.GET[path](index, Query({key: value for key, value in needed.items() if key != name}))
    except RequestError as error:
        return str(error) == f"{name} is missing"
    return False


def test_every_route_is_described_and_every_described_route_is_there() -> None:
    routes = dict.fromkeys(api.GET, "GET") | dict.fromkeys(api.POST, "POST")
    assert {path: method for path, (method, _) in described().items()} == routes


@pytest.mark.parametrize("path", [*api.GET, *api.POST])
def test_a_route_answers_what_its_example_shows(client: TestClient, names: dict[str, str], path: str) -> None:
    method, example = described()[path]
    url, parameters = asked(path, names)
    if method == "GET":
        answer = client.get(f"/api/v1{url}", params=parameters)
    else:
        answer = client.post(f"/api/v1{url}", json=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    same_keys(answer.json(), example, path)


def test_rows_carry_the_finding_that_every_face_shows(client: TestClient, sample_result: Result) -> None:
    stored = {row["cluster_id"]: row for row in sample_result.table("clusters").to_pylist()}
    for row in get(client, "/queue", limit=500)["rows"]:
        found = finding_of(stored[row["cluster_id"]])
        assert (row["words"]["finding"], row["words"]["finding_name"]) == (found.value, found.name)
    on_map = {node["cluster_id"]: node["finding"] for node in get(client, "/map")["nodes"]}
    assert on_map == {name: finding_of(row).value for name, row in stored.items()}
    assert "undecided" in on_map.values()


def test_the_kinds_to_leave_out_are_those_of_all_the_evidence_and_its_shares_add_up(
    client: TestClient, names: dict[str, str]
) -> None:
    ties = get(client, f"/clusters/{names['cluster']}/evidence", limit=500)["rows"]
    assert get(client, f"/clusters/{names['cluster']}")["kinds"] == sorted({tie["kind"] for tie in ties})
    assert sum(tie["share"] for tie in ties) == pytest.approx(1)
    assert all(tie["share"] == 0 for tie in ties if tie["bits"] <= 0)


def test_the_queue_has_the_order_of_the_terminal(
    client: TestClient, index: Index, sample_result: Result
) -> None:
    rows = get(client, "/queue", limit=500)["rows"]
    assert [(row["cluster_id"], row["priority"]) for row in rows] == [
        (name, round(one.total, 3)) for name, one in prioritise(sample_result).items()
    ]
    for row in rows:
        members = index.clusters.members_of(index.clusters.names.number(row["cluster_id"]))
        assert len(members) == row["n_accounts"]
        assert sum(one["share"] for one in row["facets"]) == pytest.approx(1, abs=1e-3)
        assert row["words"]["priority_sentence"].startswith("Priority ")


def test_what_is_openly_one_organisation_is_a_list_apart(client: TestClient) -> None:
    everything = get(client, "/queue", limit=500)
    apart, others = (get(client, "/queue", limit=500, openly=which) for which in (1, 0))
    assert {row["hypothesis"] for row in apart["rows"]} == {"openly_one_organisation"}
    assert "openly_one_organisation" not in {row["hypothesis"] for row in others["rows"]}
    assert others["rows"] + apart["rows"] == everything["rows"]
    for answer in (everything, apart, others):
        assert (answer["n_openly"], answer["n_others"]) == (apart["total"], others["total"])


def test_the_order_is_weighed_by_the_query(client: TestClient) -> None:
    plain = get(client, "/queue", limit=500, openly=0)
    parts = [one["part"] for one in plain["order"]]
    only_size = ",".join(f"{part}={int(part == 'size')}" for part in parts)
    weighed = get(client, "/queue", limit=500, openly=0, weigh=only_size)
    assert {one["part"]: one["points"] for one in weighed["order"]} == {
        part: part == "size" for part in parts
    }
    assert [row["cluster_id"] for row in weighed["rows"]] != [row["cluster_id"] for row in plain["rows"]]
    none = get(client, "/queue", limit=500, weigh=",".join(f"{part}=0" for part in parts))
    assert {row["priority"] for row in none["rows"]} == {0}
    for wrong in ("size", "size=x", "mass=1", "size=-1", "size=nan"):
        answer = client.get("/api/v1/queue", params={"weigh": wrong})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_the_queue_filters_and_pages(client: TestClient) -> None:
    everything = get(client, "/queue", sort="n_accounts", limit=500)["rows"]
    size = everything[2]["n_accounts"]
    big = get(client, "/queue", sort="n_accounts", min_size=size, limit=500)
    assert [row["cluster_id"] for row in big["rows"]] == [
        row["cluster_id"] for row in everything if row["n_accounts"] >= size
    ]
    assert sum(one["n"] for one in big["counts"]["hypotheses"]) == big["total"]
    pages = [get(client, "/queue", sort="n_accounts", offset=i, limit=1)["rows"][0] for i in range(3)]
    assert pages == everything[:3]
    rising = get(client, "/queue", sort="last_seen", order="asc", limit=500)["rows"]
    assert [row["last_seen"] for row in rising] == sorted(row["last_seen"] for row in rising)


def test_the_queue_filters_by_false_discovery_rate_hypothesis_status_and_what_else_explains(
    client: TestClient, index: Index
) -> None:
    rows = get(client, "/queue", limit=500)["rows"]

    def ids(**told: Any) -> set[str]:
        return {row["cluster_id"] for row in get(client, "/queue", limit=500, **told)["rows"]}

    def those(is_kept: Callable[[dict[str, Any]], bool]) -> set[str]:
        values = {row["cluster_id"] for row in rows if is_kept(row)}
        assert 0 < len(values) < len(rows)
        return values

    middle, least = (
        (min(row[name] for row in rows) + max(row[name] for row in rows)) / 2
        for name in ("fdr", "p_same_operator")
    )
    assert ids(max_fdr=middle) == those(lambda row: row["fdr"] <= middle)
    chances = sorted({row["expected_by_chance"] for row in rows if row["expected_by_chance"] is not None})
    few = chances[len(chances) // 2 - 1]
    assert ids(max_chance=few) == those(lambda row: (row["expected_by_chance"] or 0.0) <= few) != set()
    assert ids(max_chance=few) != {row["cluster_id"] for row in rows}
    assert ids(min_p_same_operator=least) == those(lambda row: row["p_same_operator"] >= least)
    assert ids(also_explained_by="none") == those(lambda row: row["also_explained_by"] is None)
    explained = {row["also_explained_by"] for row in rows} - {None}
    assert ids(also_explained_by=",".join(explained)) == those(lambda row: row["also_explained_by"])
    closed = {row["cluster_id"]: row["n_open"] / row["n_accounts"] for row in rows}
    for row in rows:
        share = closed[row["cluster_id"]]
        assert row["status"] == ("open" if share == 1 else "partly_closed" if share else "closed")
    assert ids(status="open,closed") == those(lambda row: row["n_open"] in {0, row["n_accounts"]})
    counts = get(client, "/queue", status="open")["counts"]
    assert counts["statuses"] == [{"status": "open", "n": sum(share == 1 for share in closed.values())}]


@pytest.mark.parametrize(
    "sort", ["fdr", "expected_by_chance", "p_same_operator", "p_shared_intermediary", "density", "status"]
)
def test_the_queue_sorts_by_its_columns_and_what_is_not_known_comes_last(
    sample_result: Result, sort: str, tmp_path: Path
) -> None:
    made = Index(sample_result)
    made.read()
    if sort != "status":
        made.clusters.rows[1][sort] = None
    client = client_of(made, tmp_path)
    for order in ("asc", "desc"):
        listed = [row[sort] for row in get(client, "/queue", sort=sort, order=order, limit=500)["rows"]]
        if sort == "status":
            listed = [["open", "partly_closed", "closed"].index(status) for status in listed]
        else:
            assert listed.pop() is None
        assert listed == sorted(listed, reverse=order == "desc")


def test_the_queue_finds_clusters_by_account_and_identifier(
    client: TestClient, names: dict[str, str]
) -> None:
    for text in (names["cluster"], names["account"], names["value"]):
        listed = [row["cluster_id"] for row in get(client, "/queue", q=text)["rows"]]
        assert names["cluster"] in listed
    assert get(client, "/queue", q="nobody at all")["total"] == 0


def test_search_finds_what_is_there(client: TestClient, names: dict[str, str]) -> None:
    exact = get(client, "/search", q=names["account"])["hits"][0]
    assert (exact["id"], exact["is_exact"]) == (f"a:{names['account']}", True)
    begun = get(client, "/search", q=names["account"][:6], kind="account", limit=50)["hits"]
    assert all(names["account"][:6] in hit["account_id"] for hit in begun)
    assert get(client, "/search", q="")["hits"] == []
    held = get(client, "/search", q=names["value"])["hits"][0]
    assert held["value"] == names["value"]


def test_a_network_stands_for_its_addresses(client: TestClient, index: Index) -> None:
    start, stop = index.identifiers.ranges["ip"]
    addresses = [one for one in index.identifiers.names.texts(range(start, stop)) if "." in one]
    for length in (8, 20, 24, 28):
        network = f"{addresses[0]}/{length}"
        import ipaddress

        inside = [
            one for one in addresses if ipaddress.ip_address(one) in ipaddress.ip_network(network, False)
        ]
        (hit,) = [one for one in get(client, "/search", q=network)["hits"] if one["type"] == "network"]
        assert hit["n_accounts"] == len(inside)


def test_an_identifier_that_one_account_holds_is_found(
    client: TestClient, index: Index, sample_result: Result
) -> None:
    kinds, values, accounts = index.observations.singles.batches[0]
    account = index.accounts.names[int(accounts[0])]
    hits = get(client, "/search", q=values[0].as_py())["hits"]
    assert account in [hit["account_id"] for hit in hits]
    seen = sample_result.table(
        "observations",
        ["account_id"],
        {"value": [values[0].as_py()], "kind": [index.observations.kinds[kinds[0]]]},
    )
    assert set(seen["account_id"].to_pylist()) == {account}


@pytest.mark.parametrize("text", ["", "a", "ab", "ba", "b", "äb", "🦊", "abc", "nothing", "\x00"])
def test_a_text_is_found_among_texts_in_any_order(text: str) -> None:
    texts = ["b", "ab", "", "🦊", "abc", "ab", "äb", "a", "\x00", "ba"]
    values = pa.array(["ab", *texts, "abc"]).slice(1, len(texts))
    places = [i for i, actual in enumerate(texts) if actual == text]
    assert places_of(values, text.encode()).tolist() == places


@pytest.mark.parametrize("text", ["a", "ab", "ba", "aba", "ä", "\U0001f98a", "zz", "b\x00", "bab", ""])
@pytest.mark.parametrize("bounds", [(0, None), (2, 5), (3, 3)])
def test_texts_that_hold_a_text_are_found(text: str, bounds: tuple[int, int | None]) -> None:
    texts = ["ab", "aba", "", "bab", "b\x00", "xäx", "\U0001f98a\U0001f98aa", "abab"]
    names = Names(pa.array(["zz", *texts, "zz"]).slice(1, len(texts)))
    start, stop = bounds
    inside = range(len(texts))[start:stop]
    assert names.containing(text, *bounds) == [i for i in inside if text and text in texts[i]]
    assert names.containing("a", most=2) == [0, 1]
    assert Names(pa.array([], pa.string())).containing(text) == []


def test_a_graph_adds_up_to_the_evidence_of_its_cluster(
    client: TestClient, names: dict[str, str], sample_result: Result
) -> None:
    graph = get(client, f"/clusters/{names['cluster']}/graph")
    evidence = sample_result.evidence(cluster=names["cluster"])
    named = evidence[evidence["value"] != ""]
    ties = [edge for edge in graph["edges"] if edge["target"].startswith("i:")]
    assert sum(edge["bits"] for edge in ties) == pytest.approx(named["contribution_bits"].sum(), rel=1e-3)
    nodes = {node["id"] for node in graph["nodes"]}
    assert {end for edge in graph["edges"] for end in (edge["source"], edge["target"])} <= nodes
    assert len({(node["x"], node["y"]) for node in graph["nodes"]}) == len(nodes)


def test_a_graph_is_the_same_every_time(client: TestClient, index: Index, names: dict[str, str]) -> None:
    from graphlink.explorer.query import Query

    by_name = {"cluster_id": names["cluster"]}
    assert draw_cluster(index, Query(by_name)) == draw_cluster(index, Query(by_name))


def test_a_large_cluster_opens_as_groups_that_hold_all_its_accounts(
    client: TestClient, names: dict[str, str]
) -> None:
    graph = get(client, f"/clusters/{names['cluster']}/graph", max_nodes=10)
    assert graph["mode"] == "groups"
    groups = [node for node in graph["nodes"] if node["type"] == "group"]
    assert sum(node["n_accounts"] for node in groups) == graph["n_accounts"]
    opened = [
        node["id"]
        for group in groups
        for node in get(client, "/expand", node=group["id"])["nodes"]
        if node["type"] == "account"
    ]
    assert len(opened) == len(set(opened)) == graph["n_accounts"]
    assert graph["resolution_bits"] > 0
    ends = {end for edge in graph["edges"] for end in (edge["source"], edge["target"])}
    assert ends <= {node["id"] for node in graph["nodes"]}
    whole = get(client, "/expand", node=f"c:{names['cluster']}")
    assert whole["total"] == len(whole["nodes"])
    assert {node["id"] for node in whole["nodes"] if node["type"] == "account"} == set(opened)
    part = get(client, f"/clusters/{names['cluster']}/graph", max_nodes=10, groups=0)
    assert len(part["nodes"]) == 10
    assert part["n_left_out"] > 0


def test_the_evidence_of_a_cluster_is_that_of_the_result(
    client: TestClient, names: dict[str, str], sample_result: Result
) -> None:
    actual = get(client, f"/clusters/{names['cluster']}/evidence", limit=500)["rows"]
    evidence = sample_result.evidence(cluster=names["cluster"])
    bits = evidence.groupby(["kind", "value"])["contribution_bits"].sum()
    assert {(row["kind"], row["value"]): row["bits"] for row in actual} == pytest.approx(
        bits.to_dict(), abs=0.02
    )
    assert [row["bits"] for row in actual] == sorted((row["bits"] for row in actual), reverse=True)


def test_members_and_links_are_those_of_the_result(
    client: TestClient, names: dict[str, str], sample_result: Result
) -> None:
    members = get(client, f"/clusters/{names['cluster']}/members", limit=500)["rows"]
    assert [row["account_id"] for row in members] == sample_result.members(names["cluster"])[
        "account_id"
    ].tolist()
    links = get(client, f"/clusters/{names['cluster']}/links", limit=500)
    assert links["total"] == sample_result.igraph(names["cluster"]).ecount()
    assert sum(row["degree"] for row in members) == 2 * links["total"]


def test_lanes_hold_all_sightings(client: TestClient, names: dict[str, str], sample_result: Result) -> None:
    actual = get(client, f"/clusters/{names['cluster']}/timeline", max_lanes=1000, kind="ip", span="all")
    accounts = [lane["account_id"] for lane in actual["lanes"]]
    seen = sample_result.table("observations", ["n"], {"account_id": accounts, "kind": ["ip"]})
    sessions = [session for lane in actual["lanes"] for session in lane["sessions"]]
    assert sum(session["n"] for session in sessions) == sum(seen["n"].to_pylist())
    assert all(session["from"] <= session["to"] for session in sessions)
    everything = sample_result.table("observations", ["n"], {"account_id": accounts})
    assert sum(actual["activity"]) == sum(everything["n"].to_pylist())
    bulk = get(client, f"/clusters/{names['cluster']}/timeline", max_lanes=1000, kind="ip")
    assert sum(bulk["activity"]) + bulk["n_before"] + bulk["n_after"] == sum(actual["activity"])
    assert bulk["n_before"] + bulk["n_after"] <= 0.02 * sum(actual["activity"]) + 1
    assert (actual["n_before"], actual["n_after"]) == (0, 0)


@pytest.mark.parametrize("moment", ["0001-01-01", "1970-01-01", "2100-01-01", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_span_far_from_the_data_holds_all_or_nothing(
    client: TestClient, names: dict[str, str], moment: str, end: str
) -> None:
    whole = get(client, f"/clusters/{names['cluster']}/timeline")
    actual = get(client, f"/clusters/{names['cluster']}/timeline", **{end: moment})
    n, n_all = (sum(len(lane["sessions"]) for lane in one["lanes"]) for one in (actual, whole))
    is_all = (end == "from") == (moment < "2000")
    assert n_all > 1
    assert n == n_all if is_all else n <= 1


def test_expanding_leads_on_and_states_how_much_there_is(client: TestClient, names: dict[str, str]) -> None:
    first = get(client, "/expand", node=f"a:{names['account']}", limit=2)
    assert len(first["nodes"]) == min(2, first["total"])
    rest = get(client, "/expand", node=f"a:{names['account']}", offset=2, limit=200)
    assert len(rest["nodes"]) == first["total"] - len(first["nodes"])
    bits = [node["bits"] for node in first["nodes"] + rest["nodes"]]
    assert bits == sorted(bits, reverse=True)
    held = get(client, "/expand", node=f"i:{names['kind']}:{names['value']}", limit=200)
    assert {f"a:{names['account']}", f"a:{names['other']}"} <= {node["id"] for node in held["nodes"]}


def test_lookup_shows_what_is_unknown(client: TestClient, names: dict[str, str]) -> None:
    answer = client.post(
        "/api/v1/lookup", json={"ids": [names["account"], "nobody", names["cluster"], names["account"]]}
    ).json()
    assert answer["unknown"] == ["nobody"]
    assert [row["type"] for row in answer["rows"]] == ["account", "cluster"]
    assert answer["clusters"][0]["cluster_id"] == names["cluster"]


def test_tables_come_as_csv_too(client: TestClient, names: dict[str, str]) -> None:
    url = f"/api/v1/clusters/{names['cluster']}/members"
    answer = client.get(url, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["account_id"] for row in rows] == [
        row["account_id"] for row in client.get(url, params={"limit": 500}).json()["rows"]
    ]
    assert client.get("/api/v1/status", params={"format": "csv"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/clusters/C-0000000000", 404),
        ("/clusters/..%2f..%2fetc", 404),
        ("/account", 400),
        ("/account?id=nobody", 404),
        ("/queue?limit=many", 400),
        ("/queue?sort=size", 400),
        ("/queue?min_score=nan", 400),
        ("/expand?node=x", 400),
        ("/expand?node=c:C-1", 404),
        ("/pair?l=a&r=b", 404),
        ("/identifier?kind=ip&value=nothing", 404),
        ("/nothing", 404),
        ("/queue/", 404),
    ],
)
def test_what_is_not_there_is_reported(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.fixture(scope="module")
def reader(index: Index) -> IndexedResult:
    return IndexedResult(index)


def test_explanations_from_the_index_are_those_from_the_tables(
    reader: IndexedResult, sample_result: Result, names: dict[str, str]
) -> None:
    cluster, account, other = (names[name] for name in ("cluster", "account", "other"))
    piece = (names["kind"], names["value"])
    outside = sample_result.table("membership", ["account_id", "role"]).to_pylist()
    lone = next(row["account_id"] for row in outside if row["role"] == "none")
    questions: list[Callable[[Readable], Any]] = [
        lambda result: explanations.explain_pair(result, account, other),
        lambda result: explanations.explain_pair(result, account, lone),
        lambda result: explanations.explain_member(result, account),
        lambda result: explanations.explain_member(result, lone),
        lambda result: explanations.explain_cluster(result, cluster),
        lambda result: explanations.find_breaks(result, cluster),
        lambda result: explanations.find_breaks(result, cluster, account),
        lambda result: explanations.find_paths(result, account, other, skip_direct=True),
        lambda result: explanations.find_paths(result, other, piece),
        lambda result: explanations.estimate_collateral(result, [lone], [piece]),
        lambda result: explanations.try_without(result, cluster, [piece]),
    ]
    for ask in questions:
        assert ask(reader).as_dict() == ask(sample_result).as_dict()


def test_rows_from_the_index_are_those_of_the_tables(
    reader: IndexedResult, sample_result: Result, names: dict[str, str]
) -> None:
    kinds = ["card", "client", "ip", "nothing"]
    accounts = sample_result.table("accounts", ["account_id"])["account_id"].to_pylist()[::7]
    shared = sample_result.table("identifiers", ["kind", "value"]).slice(0, 40).to_pylist()
    pieces = [(row["kind"], row["value"]) for row in shared]
    start = [names["account"]]
    questions: list[Callable[[Readable], pa.Table]] = [
        lambda result: result.held(accounts, kinds),
        lambda result: result.holders(pieces),
        lambda result: result.links_around(start, 50_000)[0],
        lambda result: result.links_around(start, 50_000, 0.0)[0],
    ]
    for ask in questions:
        actual, expected = (sorted(ask(one).to_pylist(), key=repr) for one in (reader, sample_result))
        assert actual == expected
        assert actual
    near = [result.links_around(start, 2) for result in (reader, sample_result)]
    assert near[0][1] is near[1][1] is True
    assert near[0][0].to_pylist() == near[1][0].to_pylist()


def test_an_explanation_may_read_a_table_in_part_from_the_file(
    reader: IndexedResult, sample_result: Result, names: dict[str, str]
) -> None:
    # In the first seconds one read may find the index not ready, and the next one of the same table may.
    account, evidence = (
        [names["account"]],
        ["account_id_l", "kind", "value", "contribution_bits", "n_windows"],
    )
    listed: list[tuple[str, list[str], dict[str, list[str]]]] = [
        ("links", ["account_id_l", "account_id_r", "bits"], {"account_id_l": account}),
        ("evidence", evidence, {"account_id_l": account}),
        ("accounts", ["account_id", "created_at"], {"account_id": account}),
        ("membership", ["account_id", "cluster_id", "role"], {"account_id": account}),
        ("identifiers", ["kind", "value"], {"kind": [names["kind"]], "value": [names["value"]]}),
    ]
    for table, columns, where in listed:
        parts = [result.table(table, columns, where) for result in (reader, sample_result)]
        assert parts[0].schema.equals(parts[1].schema), table
        assert pa.concat_tables(parts).num_rows == 2 * parts[0].num_rows


def test_what_if_reads_what_is_around_once(
    client: TestClient, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = {"cluster": names["cluster"]}
    first = client.post("/api/v1/what-if", json=asked_for)
    monkeypatch.setattr(explanations, "read_surroundings", None)
    assert client.post("/api/v1/what-if", json=asked_for).json() == first.json()
    assert first.json()["is_changed"] is False
    assert set(first.json()["parts"].values()) == {0}


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFoundError, 404), (QuestionError, 400), (SettingsError, 400), (ResultError, 500)],
)
def test_an_error_has_the_status_of_its_kind(
    client: TestClient,
    names: dict[str, str],
    error: type[GraphlinkError],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error("it is said why")

    monkeypatch.setattr(explanations, "solve_without", fail)
    answer = client.post("/api/v1/what-if", json={"cluster": names["cluster"]})
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == "it is said why"


def test_a_cluster_has_its_lineage_in_a_workspace(sample_result: Result, tmp_path: Path) -> None:
    first, second = sample_result.table("clusters")["cluster_id"].to_pylist()[:2]
    made = Index(sample_result, lineages={first: "K-4"})
    made.read()
    client = client_of(made, tmp_path)
    lineages = [
        client.get(f"/api/v1/clusters/{name}").json()["cluster"]["lineage"] for name in (first, second)
    ]
    assert lineages == ["K-4", None]
    assert "K-4" in {row["lineage"] for row in client.get("/api/v1/queue?limit=500").json()["rows"]}


def test_without_the_front_end_the_page_states_what_to_do(client: TestClient, names: dict[str, str]) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "pip install" in page.text
    assert names["cluster"] in page.text


def test_the_front_end_is_served_by_name(index: Index, tmp_path: Path) -> None:
    for name in ("index.html", "explorer.js", "secret.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    access = Access(PORT)
    headers = {"Authorization": f"Bearer {access.token}"}
    client = TestClient(make_app(index, access, tmp_path), f"http://127.0.0.1:{PORT}", headers=headers)
    assert client.get("/").text == "index.html"
    assert client.get("/static/explorer.js").headers["content-type"].startswith("text/javascript")
    for name in ("secret.txt", "index.html", "..%2findex.html", "%2fetc%2fpasswd", "explorer.css"):
        assert client.get(f"/static/{name}").status_code == 404
