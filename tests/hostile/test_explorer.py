"""The explorer against those who should not reach it, and against requests that make no sense.

The fuzz sends the same requests on every machine, slow or fast, and further ones while GRAPHLINK_FUZZ_SECONDS
last. An hour is `GRAPHLINK_FUZZ_SECONDS=3600 pytest tests/hostile/test_explorer.py -k fuzz -s`, which prints
how many requests it sent. GRAPHLINK_CROWD_SECONDS says the same of the clients that come at once.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import os
import socket
import stat
import threading
import time
import webbrowser
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from graphlink import run
from graphlink.cli.exploring import explore
from graphlink.core.errors import ResultError
from graphlink.explorer import api, connections
from graphlink.explorer.guard import Access, is_loopback
from graphlink.explorer.index import Index
from graphlink.explorer.server import hosts_of, make_app, opened_in_browser, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.result.result import Result

PORT = 8124
BASE = f"http://127.0.0.1:{PORT}"
FUZZ_SECONDS = float(os.environ.get("GRAPHLINK_FUZZ_SECONDS", "0"))
CROWD_SECONDS = float(os.environ.get("GRAPHLINK_CROWD_SECONDS", "0"))
N_ROUNDS, N_OF_A_ROUND = 6, 100  # each round has a seed of its own
PATIENCE = 60.0  # seconds; a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def index(sample_result: Result) -> Index:
    made = Index(sample_result)
    made.read()
    return made


@pytest.fixture
def access() -> Access:
    return Access(PORT)


@pytest.fixture
def client(index: Index, access: Access, tmp_path: Path) -> TestClient:
    """A browser that holds nothing yet."""
    return TestClient(make_app(index, access, tmp_path), base_url=BASE, follow_redirects=False)


def bearer(access: Access) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}


@pytest.mark.parametrize("path", ["/api/v1/queue", "/api/v1/status", "/static/explorer.js", "/", "/nothing"])
def test_nothing_is_reported_without_a_secret(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert "C-" not in answer.text


@pytest.mark.parametrize(
    "told", ["Bearer x", "Bearer ", "Basic {token}", "{token}", "Bearer {code}", "Bearer é"]
)
def test_a_wrong_token_opens_nothing(client: TestClient, access: Access, told: str) -> None:
    header = told.format(token=access.token, code=access.code).encode()
    assert client.get("/api/v1/queue", headers=[(b"authorization", header)]).status_code == 401


def test_the_link_works_once_and_leaves_a_cookie_that_is_a_hash(client: TestClient, access: Access) -> None:
    opened = client.get(access.link().removeprefix(BASE) + "&cluster=C-1%22%3E%3Cscript%3E")
    assert opened.status_code == 200
    cookie = opened.headers["set-cookie"]
    assert cookie.startswith(f"graphlink-{PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert access.token not in cookie
    assert access.code not in cookie
    # On to the clean address, which keeps the view and can hold no markup.
    assert 'url=/?cluster=C-1%22%3E%3Cscript%3E"' in opened.text
    assert access.code not in opened.text
    assert client.get("/api/v1/queue").status_code == 200
    client.cookies.clear()
    assert client.get(access.link().removeprefix(BASE)).status_code == 401


def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_only() -> None:
    access = Access(PORT, ("127.0.0.1", "box.example:443", "plain.example:8080"))
    assert access.is_encrypted("box.example")
    assert access.is_encrypted("box.example:443")
    assert not access.is_encrypted(f"127.0.0.1:{PORT}")
    assert not access.is_encrypted("plain.example:8080")


def test_the_cookie_of_another_port_opens_nothing(client: TestClient, access: Access) -> None:
    other = Access(PORT + 1)
    client.cookies.set(other.cookie_name, other.cookie_value)
    client.cookies.set(access.cookie_name, other.cookie_value)
    assert client.get("/api/v1/queue").status_code == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1.evil.example:{PORT}",
        "",
    ],
)
def test_another_name_for_this_machine_is_refused(client: TestClient, access: Access, host: str) -> None:
    assert client.get("/api/v1/queue", headers={**bearer(access), "Host": host}).status_code == 421


def test_two_names_at_once_are_refused(client: TestClient, access: Access) -> None:
    listed = [("host", f"127.0.0.1:{PORT}"), ("host", "evil.example"), *bearer(access).items()]
    assert client.get("/api/v1/queue", headers=listed).status_code == 421


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}"])
def test_the_names_of_this_machine_are_known(client: TestClient, access: Access, host: str) -> None:
    assert client.get("/api/v1/status", headers={**bearer(access), "Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": BASE}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": f"http://127.0.0.1:{PORT + 1}"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
def test_only_the_own_page_posts_with_a_cookie(
    client: TestClient, access: Access, headers: dict[str, str], status: int
) -> None:
    client.cookies.set(access.cookie_name, access.cookie_value)
    assert client.post("/api/v1/lookup", json={"ids": ["x"]}, headers=headers).status_code == status


@pytest.mark.parametrize("told", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}])
def test_another_site_reads_nothing(client: TestClient, access: Access, told: dict[str, str]) -> None:
    client.cookies.set(access.cookie_name, access.cookie_value)
    answer = client.get("/api/v1/queue", headers=told)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    response = client.options("/api/v1/queue", headers={**told, "Access-Control-Request-Method": "GET"})
    assert response.status_code == 405
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_a_script_posts_with_the_token_alone(client: TestClient, access: Access) -> None:
    answer = client.post("/api/v1/lookup", json={"ids": ["x"]}, headers=bearer(access))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/status", "/api/v1/nothing", "/static/nothing", "/api/v1/queue"]
)
def test_every_answer_forbids_what_it_can(client: TestClient, access: Access, path: str) -> None:
    for row in (bearer(access), {}):
        headers = client.get(path, headers=row).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
def test_nothing_can_be_changed(client: TestClient, access: Access, method: str) -> None:
    assert client.request(method, "/api/v1/queue", headers=bearer(access)).status_code == 405


def test_bodies_are_limited(client: TestClient, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(content: bytes, kind: str = "application/json") -> int:
        headers = {**bearer(access), "Content-Type": kind}
        return int(client.post("/api/v1/lookup", content=content, headers=headers).status_code)

    assert send(b"x" * (api.LARGEST_BODY + 1)) == 413
    assert send(b'{"ids": ["x"]}', "text/plain") == 415
    assert send(b"{") == 400
    assert send(b"[" * 100_000) == 400
    assert send(b"[]") == 400
    assert send(b"\xff") == 400
    assert send(b'{"ids": ["\\ud800"]}') == 400
    assert send(json.dumps({"ids": ["x"] * 10_001}).encode()) == 400
    assert client.get("/api/v1/search?q=" + "x" * 9_000, headers=bearer(access)).status_code == 414
    assert client.get("/api/v1/search?q=" + "x" * 3_000, headers=bearer(access)).status_code == 400


def test_a_body_that_never_ends_is_given_up(
    index: Index, access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_SECONDS_TO_SEND", 0.05)
    app = make_app(index, access, tmp_path)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def keep(message: Any) -> None:
        sent.append(message)

    headers = {"host": f"127.0.0.1:{PORT}", "content-type": "application/json", **bearer(access)}
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/lookup", "raw_path": b"/api/v1/lookup",
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def ask() -> None:
        await app(scope, never, keep)

    asyncio.run(ask())
    assert sent[0]["status"] == 408


def test_an_answer_that_takes_too_long_is_given_up(
    index: Index, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.applications import Starlette

    done = threading.Event()
    monkeypatch.setitem(api.GET, "/status", lambda *_: {"waited": done.wait(PATIENCE)})
    client = TestClient(Starlette(routes=api.Api(index, seconds=0.05).routes()))
    answer = client.get("/api/v1/status")
    done.set()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timeout")


def test_a_websocket_is_refused(client: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/queue"):
        pass


def test_the_result_is_left_as_it_was(index: Index, client: TestClient, access: Access) -> None:
    folder = index.result.path
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()}
    cluster = index.clusters.names[0]
    account = index.accounts.names[int(index.clusters.members_of(0)[0])]
    body = {"ids": [account], "accounts": [account], "cluster": cluster}
    by_name = {"node": f"c:{cluster}", "account": account, "id": account, "cluster": cluster, "q": account}
    by_name |= {"left": cluster}
    codes = Counter[int]()
    for path in api.GET:
        url = "/api/v1" + path.replace("{cluster_id}", cluster)
        codes[client.get(url, params=by_name, headers=bearer(access)).status_code] += 1
    for path in api.POST:
        codes[client.post("/api/v1" + path, json=body, headers=bearer(access)).status_code] += 1
    assert codes[200] >= len(api.GET)
    assert {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()} == before


def test_a_fault_of_the_result_shows_no_path(
    index: Index, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.applications import Starlette

    def fail(*_: Any) -> dict[str, Any]:
        raise ResultError(f"{index.result.path}/evidence.parquet can't be read")

    monkeypatch.setitem(api.GET, "/status", fail)
    answer = TestClient(Starlette(routes=api.Api(index).routes())).get("/api/v1/status")
    assert str(index.result.path) not in answer.text


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("evil.example", False),
    ],
)
def test_what_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_server_for_every_address_answers_only_to_names_it_was_reported() -> None:
    assert hosts_of("0.0.0.0") == ("127.0.0.1", "localhost", "::1")
    assert hosts_of("0.0.0.0", ["box.example"])[0] == "box.example"
    assert "10.0.0.1" in hosts_of("10.0.0.1")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("box.example", "https://box.example", 200),
        ("box.example:443", "https://box.example", 200),
        ("box.example:8443", "https://box.example:8443", 421),
        (f"box.example:{PORT}", "https://box.example", 421),
        ("box.example", "https://evil.example", 403),
        ("box.example.evil.example", "https://box.example", 421),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", 200),
        ("[2001:db8::1]", "https://[2001:db8::1]", 421),
        (f"127.0.0.1:{PORT}", BASE, 200),
        (f"127.0.0.1:{PORT}", BASE.replace("http:", "https:"), 403),
        ("127.0.0.1", BASE, 421),
    ],
)
def test_a_proxy_is_known_by_its_name_and_port_only(
    index: Index, tmp_path: Path, host: str, origin: str, status: int
) -> None:
    access = Access(PORT, hosts_of("0.0.0.0", ["box.example:443", "[2001:db8::1]:8443"]))
    client = TestClient(make_app(index, access, tmp_path), base_url=BASE)
    headers = {"Host": host, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
    cookie = f"{access.cookie_name}={access.cookie_value}"
    answer = client.post("/api/v1/lookup", json={"ids": ["x"]}, headers={**headers, "Cookie": cookie})
    assert answer.status_code == status


def test_the_browser_gets_the_link_in_a_private_file(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(address: str) -> bool:
        path = Path(unquote(urlsplit(address).path))
        assert access.code not in address
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        seen.append(path.read_text("utf-8"))
        return True

    monkeypatch.setattr(webbrowser, "open", look)
    with opened_in_browser(access.link()):
        pass
    assert access.link() in seen[0]


TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "../../etc/passwd",
            "'; DROP TABLE x",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/1",
            "a:",
            "g::9",
            "i:ip:",
            "c:C-",
            "\u202e",
            "\x00",
            "</script>",
            "-1",
            "1e309",
            "nan",
            "9" * 400,
            "2026-01-01",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01",
            "2100-01-01",
            "2147483648",
        ]
    ),
)
PARAMETERS = (
    "q",
    "limit",
    "offset",
    "sort",
    "order",
    "kind",
    "value",
    "node",
    "id",
    "l",
    "r",
    "account",
    "cluster",
    "from",
    "to",
    "k",
    "min_bits",
    "max_nodes",
    "groups",
    "max_lanes",
    "role",
    "facet",
    "format",
    "min_score",
    "min_size",
    "max_size",
    "min_new",
    "min_routers",
    "hypothesis",
    "max_score",
    "max_fdr",
    "max_chance",
    "min_p_same_operator",
    "also_explained_by",
    "status",
    "skip_direct",
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.just("half \ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
BODIES = st.dictionaries(
    st.sampled_from(
        [
            "ids",
            "accounts",
            "identifiers",
            "cluster",
            "kinds",
            "since",
            "until",
            "resolution_bits",
            "cluster_probability",
        ]
    ),
    JSON,
    max_size=5,
)


@pytest.fixture(scope="module")
def fuzzed(index: Index, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    access = Access(PORT)
    app = make_app(index, access, tmp_path_factory.mktemp("static"))
    return TestClient(app, base_url=BASE, headers=bearer(access), raise_server_exceptions=False)


def known(index: Index) -> list[str]:
    """Names that are there, so that requests get past the first check."""
    cluster = index.clusters.names[0]
    account = index.accounts.names[int(index.clusters.members_of(0)[0])]
    identifier = index.identifiers.names[0]
    kind = index.identifiers.kinds[0]
    return [
        cluster,
        account,
        kind,
        identifier,
        f"a:{account}",
        f"c:{cluster}",
        f"i:{kind}:{identifier}",
        f"g:{cluster}:0",
    ]


def plausible(index: Index) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that get past the first checks: names that are there, in the types that are expected."""
    names = st.sampled_from(known(index))
    ids = index.identifiers
    pairs = st.sampled_from(
        [{"kind": ids.kinds[ids.kind[i]], "value": ids.names[i]} for i in (0, len(ids.values) // 2)]
        + [{"kind": "ip", "value": "nobody's"}, {"kind": "half \ud800", "value": "x"}]
    )
    times = st.one_of(st.none(), st.datetimes().map(str), st.sampled_from(["2026-03-10", "0001-01-01", ""]))
    return st.fixed_dictionaries(
        {"cluster": st.sampled_from(index.clusters.names.texts(range(3)))},
        optional={
            "ids": st.lists(names, max_size=4),
            "accounts": st.lists(names, max_size=3),
            "identifiers": st.lists(pairs, max_size=2),
            "kinds": st.lists(st.one_of(st.sampled_from(ids.kinds), TEXT), max_size=2),
            "since": times,
            "until": times,
            "resolution_bits": st.one_of(st.none(), st.floats(0, 100), st.integers()),
            "cluster_probability": st.one_of(st.none(), st.floats(0, 1)),
        },
    )


def fuzz(ask: Callable[[st.DataObject], str], seconds: float) -> Counter[str]:
    """Ask in rounds of examples, and on until so many seconds are over; what came back."""
    actual: Counter[str] = Counter()
    until = time.monotonic() + seconds
    number = 0
    while number < N_ROUNDS or time.monotonic() < until:

        @seed(number)
        @settings(
            max_examples=N_OF_A_ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(data=st.data())
        def one_round(data: st.DataObject) -> None:
            actual[ask(data)] += 1

        one_round()
        number += 1
    print(f"\n{actual.total():,} requests in {number:,} rounds: {dict(sorted(actual.items()))}")
    return actual


@pytest.mark.slow
def test_fuzz_no_request_makes_it_fail_or_show_where_it_is(fuzzed: TestClient, index: Index) -> None:
    texts = st.one_of(TEXT, st.sampled_from(known(index)))
    clusters = st.sampled_from([*index.clusters.names.texts([0, 1]), "C-x", "%00", "%2e%2e"])

    def ask(data: st.DataObject) -> str:
        path = data.draw(st.sampled_from([*api.GET, *api.POST]))
        url = "/api/v1" + path.replace("{cluster_id}", data.draw(clusters))
        if path in api.GET:
            answer = fuzzed.get(
                url, params=data.draw(st.dictionaries(st.sampled_from(PARAMETERS), texts, max_size=6))
            )
        else:
            content = json.dumps(data.draw(st.one_of(BODIES, plausible(index))))
            answer = fuzzed.post(url, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, answer.text
        assert str(index.result.path) not in answer.text
        assert "Traceback" not in answer.text
        if answer.headers["content-type"] == "application/json":
            json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        return str(answer.status_code)

    actual = fuzz(ask, FUZZ_SECONDS * 0.7)
    assert actual["200"] > 20
    assert actual["400"] > 20


HEADERS = st.dictionaries(
    st.sampled_from(
        ["Host", "Origin", "Cookie", "Authorization", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Content-Type"]
    ),
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
        st.sampled_from(
            [
                f"127.0.0.1:{PORT}",
                f"localhost:{PORT}",
                "evil.example",
                BASE,
                "null",
                "same-origin",
                "none",
                "navigate",
                "application/json",
                f"graphlink-{PORT}=x",
                f'graphlink-{PORT}="; graphlink-{PORT}=',
                "Bearer ",
                "Bearer null",
                "Basic Og==",
            ]
        ),
    ),
    max_size=6,
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW", "get"])
PATHS = st.one_of(
    st.sampled_from(
        ["/", "/?token=", "/?token=x&token=y", "/static/explorer.js", "/static/../index.html", "//", "/%00"]
    ),
    st.sampled_from([f"/api/v1{path}" for path in (*api.GET, *api.POST)]),
    st.text(max_size=60).map(lambda text: f"/{quote(text, safe='/?&=:@;,.~!$*()')}"),
)


def test_fuzz_without_a_secret_nothing_is_reported(fuzzed: TestClient, index: Index) -> None:
    name = index.clusters.names[0]
    stranger = TestClient(fuzzed.app, BASE, raise_server_exceptions=False, follow_redirects=False)

    def ask(data: st.DataObject) -> str:
        headers = [(key.encode(), value.encode("latin-1")) for key, value in data.draw(HEADERS).items()]
        url = httpx2.URL(BASE).copy_with(raw_path=data.draw(PATHS).encode())
        answer = stranger.request(data.draw(METHODS), url, headers=headers)
        assert answer.status_code in {401, 403, 405, 414, 421}, (answer.status_code, answer.text)
        assert name not in answer.text
        assert "set-cookie" not in answer.headers
        assert not [key for key in answer.headers if key.startswith("access-control")]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        return str(answer.status_code)

    actual = fuzz(ask, FUZZ_SECONDS * 0.3)
    assert actual["401"] > 20


@contextmanager
def serving(result: Result, host: str = "127.0.0.1") -> Iterator[Access]:
    """The real server, listening; it is gone afterwards."""
    import uvicorn

    up, actual, servers = threading.Event(), list[Access](), list[Any]()
    plain = uvicorn.Server.__init__

    def tell(access: Access) -> None:
        actual.append(access)
        up.set()

    def keep(self: Any, config: Any) -> None:
        plain(self, config)
        servers.append(self)

    uvicorn.Server.__init__ = keep  # type: ignore[method-assign]  # put back below
    thread = threading.Thread(target=serve, args=(result, host), kwargs={"when_up": tell}, daemon=True)
    try:
        thread.start()
        assert up.wait(PATIENCE)
        yield actual[0]
    finally:
        for one in servers:
            one.should_exit = True
        thread.join(PATIENCE)
        uvicorn.Server.__init__ = plain  # type: ignore[method-assign]  # as it was
    assert not thread.is_alive()


def listening_on(port: int) -> set[str]:
    """The addresses on which something listens at this port, as Linux tells them."""
    values = set()
    for name in ("tcp", "tcp6"):
        table = Path(f"/proc/net/{name}")
        for line in table.read_text("ascii").splitlines()[1:] if table.exists() else ():
            local, state = line.split()[1], line.split()[3]
            address, _, actual = local.rpartition(":")
            if state == "0A" and int(actual, 16) == port:
                values.add(address)
    return values


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who listens where")
def test_without_host_only_this_machine_reaches_it(sample_result: Result) -> None:
    assert inspect.signature(serve).parameters["host"].default == "127.0.0.1"
    assert next(row.default for row in explore.params if row.name == "host") == "127.0.0.1"
    with serving(sample_result) as access:
        assert listening_on(access.port) == {"0100007F"}


def test_on_every_address_it_still_wants_a_secret_and_a_known_name(sample_result: Result) -> None:
    with serving(sample_result, "0.0.0.0") as access, httpx2.Client(timeout=PATIENCE) as client:
        url = f"http://127.0.0.1:{access.port}/api/v1/status"
        assert client.get(url).status_code == 401
        assert client.get(url, headers=bearer(access)).status_code == 200
        named = {**bearer(access), "Host": f"box.example:{access.port}"}
        assert client.get(url, headers=named).status_code == 421


POST = b"POST /api/v1/lookup HTTP/1.1\r\nHost: {host}\r\n"
RAW = [
    b"",
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,  # TLS
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: 1\r\n" * 20_000 + b"\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n",
    POST + b"Content-Length: 99999999999999999999\r\n\r\nx",
    POST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/queue HTTP/1.1\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: \xff\xfe=\x80\r\n\r\n",
]


def test_what_is_no_request_is_refused_and_the_server_goes_on(sample_result: Result) -> None:
    with serving(sample_result) as access:
        for raw in RAW:
            with socket.create_connection(("127.0.0.1", access.port), timeout=PATIENCE) as connection:
                actual = raw.replace(b"{host}", f"127.0.0.1:{access.port}".encode())
                with suppress(ConnectionError):  # the server may hang up at any byte
                    connection.sendall(actual)
                    connection.shutdown(socket.SHUT_WR)
                answer = b""
                with suppress(ConnectionError):  # the server may hang up at any byte
                    while part := connection.recv(1 << 16):
                        answer += part
            codes = {line.split()[1] for line in answer.splitlines() if line.startswith(b"HTTP/1.1 ")}
            assert codes <= {b"400", b"401", b"403", b"404", b"414", b"421", b"431"}, (raw[:60], answer[:300])
            assert b"Traceback" not in answer
            assert b"root:" not in answer
        ask = httpx2.get(
            f"http://127.0.0.1:{access.port}/api/v1/status", headers=bearer(access), timeout=PATIENCE
        )
        assert ask.status_code == 200


@pytest.mark.parametrize(
    ("sent", "is_second"),
    [(b"", False), (b"GET / HTT", False), (b"GET / HTTP/1.1\r\nHost: x\r\nX: 1", False), (b"GET / H", True)],
)
def test_who_never_finishes_asking_is_hung_up_on(
    sample_result: Result, monkeypatch: pytest.MonkeyPatch, sent: bytes, is_second: bool
) -> None:
    # The time for the head that is to come too late; a busy client may need longer for the first.
    monkeypatch.setattr(connections, "_SECONDS_FOR_HEAD", PATIENCE if is_second else 0.3)
    with (
        serving(sample_result) as access,
        socket.create_connection(("127.0.0.1", access.port), timeout=PATIENCE) as connection,
    ):
        if is_second:
            head = f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{access.port}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 401")
            monkeypatch.setattr(connections, "_SECONDS_FOR_HEAD", 0.3)
        with suppress(ConnectionError):  # the server may hang up while this is still sending
            connection.sendall(sent)
            while part := connection.recv(1 << 16):  # a server that waits on makes this a TimeoutError
                assert b"200" not in part.split(b"\r\n")[0]


@pytest.mark.slow
def test_fifty_clients_at_once_get_their_answers(sample_result: Result) -> None:
    with serving(sample_result) as access:
        base = f"http://127.0.0.1:{access.port}/api/v1"
        assert asyncio.run(_crowd(base, access.token, 50, CROWD_SECONDS)) == {200}


async def _crowd(base: str, token: str, n_clients: int, seconds: float) -> set[int]:
    """The codes of what many clients get who ask at once, each at least once for everything."""
    headers = {"Authorization": f"Bearer {token}"}
    until = time.monotonic() + seconds

    async def one(number: int) -> set[int]:
        async with httpx2.AsyncClient(headers=headers, timeout=PATIENCE) as client:
            queue = await client.get(f"{base}/queue", params={"limit": 5})
            cluster = queue.json()["rows"][number % 5]["cluster_id"]
            codes = {queue.status_code}
            paths = [
                "summary",
                "search?q=a",
                f"clusters/{cluster}",
                f"clusters/{cluster}/graph",
                f"clusters/{cluster}/members",
                f"expand?node=c:{cluster}",
                "queue?sort=fdr&status=open",
            ]
            for n in itertools.count(number):
                if n >= number + len(paths) and time.monotonic() >= until:
                    return codes
                codes.add((await client.get(f"{base}/{paths[n % len(paths)]}")).status_code)
            raise AssertionError

    return set().union(*await asyncio.gather(*(one(i) for i in range(n_clients))))


NAMES = [
    "<script>__pwn=1</script>",
    "=cmd|' /C calc'!A0",
    "\u202etxet",
    "a\tb",
    "href=javascript:x",
    "🦊" * 50,
    "x" * 10_000,
]


def test_hostile_names_come_back_as_they_are_and_safe_in_csv(tmp_path: Path) -> None:
    import pandas as pd

    accounts = [f"{name}{i}" for name in NAMES for i in range(4)]
    rows = [
        {
            "account_id": account,
            "kind": "payment",
            "value": f"card{name[:40]}",
            "seen_at": "2026-03-01T00:00:00Z",
            "n": 1,
        }
        for name in NAMES
        for account in accounts
        if account.startswith(name)
    ]
    made = Index(run(pd.DataFrame(rows), out=tmp_path / "result"))
    made.read()
    access = Access(PORT)
    client = TestClient(make_app(made, access, tmp_path), BASE, headers=bearer(access))
    names = made.accounts.names.texts(range(len(made.accounts.names)))
    assert len(names) >= 20
    for name in names:
        if len(name) < 2_000:
            assert client.get("/api/v1/account", params={"id": name}).json()["account_id"] == name
    for row in client.get("/api/v1/queue").json()["rows"]:
        response = client.get(f"/api/v1/clusters/{row['cluster_id']}/members", params={"format": "csv"}).text
        cells = [cell for line in response.splitlines() for cell in line.split(",")]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert "<script>" not in client.get("/").text
