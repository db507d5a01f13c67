"""A small world made by hand, a real server over its result, and a page in Chromium that watches for faults.

The world has two crews of accounts, each with its own card and address, and one card that both use; a client
is held by two of them and by many others; some
names in it are markup, marks that turn the reading order, and longer than any name should be.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from graphlink.monitoring import open_workspace
from tests.workspaces import stocked_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser, Page, Route

    from graphlink.monitoring import Workspace

BUNDLE = Path(graphlink.__file__).parent / "static" / "explorer.js"
INSTALLED = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
CHROMIUM = os.environ.get("CHROMIUM") or next(INSTALLED, None)
PATIENCE_MS = 90_000  # a busy machine is slow, not wrong

HOSTILE = (
    "<img src=x onerror=\"window.__pwn='img'\">",
    "</script><script>window.__pwn='script'</script>",
    'href="javascript:window.__pwn=1"',
    "abc\u202egpj.exe\u2066",
    "line\u2028break",
    "=HYPERLINK(1)\U0001f9ff",
    "long" * 120,
)
BRIDGE = "card-bridge"
NETWORKS = ("203.0.113", "192.0.2")


def observations() -> pd.DataFrame:
    """Two crews of eight, each with a card and an address a day, and the card of both."""
    crews = [
        [*HOSTILE[:4], *(f"north-{i}" for i in range(4))],
        [*HOSTILE[4:], *(f"south-{i}" for i in range(5))],
    ]
    days = pd.date_range("2026-03-02", periods=12, freq="D", tz="UTC")
    rows = []
    for number, crew in enumerate(crews):
        for place, account in enumerate(crew):
            for day in days:
                at = day + pd.Timedelta(hours=9 + place)
                rows.append((account, "ip", f"{NETWORKS[number]}.{day.day}", at))
            rows.append((account, "payment", f"card-of-crew-{('north', 'south')[number]}", days[place % 12]))
            rows.append((account, "payment", BRIDGE, days[(place + 3) % 12]))
    rows += [(account, "client", "<b>sdk</b>", days[0]) for account in ("north-1", "north-2")]
    for i in range(60):
        at = days[i % 12] + pd.Timedelta(hours=i % 20)
        rows.append((f"home-{i}", "ip", f"198.51.100.{i}", at))
        rows.append((f"home-{i}", "client", "<b>sdk</b>", at))
    return pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])


def accounts(seen: pd.DataFrame) -> pd.DataFrame:
    """The table of accounts: two are banned, and a hostile text is among the attributes."""
    names = seen["account_id"].drop_duplicates()
    banned = names.isin(["north-1", "south-1"])
    closed = pd.Series(pd.NaT, index=names.index, dtype="datetime64[us, UTC]")
    closed[banned] = pd.Timestamp("2026-03-11", tz="UTC")
    status = banned.map({True: "banned", False: "<i>active</i>"})
    opened = pd.Timestamp("2026-03-01", tz="UTC")
    return pd.DataFrame({"account_id": names, "created_at": opened, "closed_at": closed, "status": status})


@contextmanager
def serve(folder: Path, port: int = 0, since: str = "") -> Iterator[Server]:
    """A server over a result, as a process of its own."""
    command = [sys.executable, "-m", "graphlink", "explore", str(folder), "--no-browser", "--port", str(port)]
    command += ["--print-token", *(["--since", since] if since else [])]
    # A file: nobody reads on, and a full pipe would stop the server.
    actual = folder.parent / f"told-{time.monotonic_ns()}.txt"
    with actual.open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().decode().strip()
            yield Server(address, address.partition("/?")[0], token_of(actual), process)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Server:
    """A running server: the address it printed, without its one-time token, its bearer token, its process."""

    printed: str
    address: str
    token: str
    process: subprocess.Popen[bytes]


def token_of(told: Path) -> str:
    """The bearer token, which is told right after the address."""
    deadline = time.monotonic() + 60  # a busy machine
    while time.monotonic() < deadline:
        if actual := re.search(r"Bearer (\S+)\n", told.read_text(encoding="utf-8")):
            return actual[1]
    raise AssertionError("the server told no token")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the world's result."""
    folder = tmp_path_factory.mktemp("explorer") / "result"
    seen = observations()
    graphlink.run({"observations": seen, "accounts": accounts(seen)}, out=folder)
    return folder


@pytest.fixture(scope="session")
def returned_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the world in which two accounts were opened after a closing, one of them soon after."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    folder = tmp_path_factory.mktemp("returned") / "result"
    seen = observations()
    actual = accounts(seen)
    closed = pd.Timestamp("2026-03-05 06:00", tz="UTC")
    actual["closed_at"] = actual["closed_at"].where(actual["closed_at"].isna(), closed)
    for account, days in (("south-2", 1), ("south-3", 5)):
        actual.loc[actual["account_id"] == account, "created_at"] = closed + pd.Timedelta(days=days, hours=2)
    graphlink.run({"observations": seen, "accounts": actual}, out=folder)
    with serve(folder, since="2026-03-04") as running:
        yield running


@pytest.fixture(scope="session")
def start_server() -> Callable[..., AbstractContextManager[Server]]:
    """Starts a further server: a folder, and a port of one's choice."""
    return serve


@pytest.fixture(scope="session")
def server(world: Path) -> Iterator[Server]:
    """The server that most journeys share."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    with serve(world) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH (apt-get install chromium), and CHROMIUM names none")
    flags = [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages of a server that fail the test on any error, request to elsewhere, and the tripwire.

    `expected` is a pattern of faults that the journey brings about itself; the rest goes to the context.
    """
    opened: list[tuple[Page, list[str]]] = []

    def open_one(server: Server, expected: str = r"(?!)", **options: Any) -> Page:
        faults: list[str] = []

        def note(text: str) -> None:
            if not re.search(expected, text):
                faults.append(text)

        baseline: dict[str, Any] = {
            "viewport": {"width": 1440, "height": 900},
            "extra_http_headers": {"Authorization": f"Bearer {server.token}"},
        }
        context = browser.new_context(**(baseline | options))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: note(f"error: {error}"))
        page.on(
            "console",
            lambda actual: note(f"{actual.text} {actual.location}") if actual.type == "error" else None,
        )
        page.on("response", lambda got: note(f"{got.status} {got.url}") if got.status >= 400 else None)
        own = (server.address, "blob:", "data:")
        page.on("request", lambda one: None if one.url.startswith(own) else note(f"outside: {one.url}"))
        opened.append((page, faults))
        return page

    yield open_one
    for page, faults in opened:
        assert page.evaluate("typeof window.__pwn") == "undefined"
        assert faults == []
        page.context.close()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """The server of a workspace, as a process of its own."""
    command = [sys.executable, "-m", "graphlink", "serve", str(folder), "--no-browser", "--print-token"]
    log_file = folder.parent / f"served-{time.monotonic_ns()}.txt"
    with (
        log_file.open("wb") as log,
        subprocess.Popen([*command, "--by", "ana"], stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        try:
            address = process.stdout.readline().decode().strip()
            yield Server(address, address.partition("/?")[0], token_of(log_file), process)
        finally:
            process.terminate()


@pytest.fixture
def workspace(world: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose first run found the cluster of the world."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    opened = open_workspace(stocked_workspace(graphlink.read_result(world), tmp_path / "ws"), by="ana")
    if not opened.cases.all():
        opened.cases.open("North and south", ["K-1"])
    yield opened
    opened.close()


@pytest.fixture
def served(workspace: Workspace) -> Iterator[Server]:
    with serving(workspace.path) as running:
        yield running


@pytest.fixture
def page_of(served: Server, workspace: Workspace, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a view as somebody of a role."""

    def open_one(name: str, role: str, view: str, expected: str = r"(?!)", **options: object) -> Page:
        token = workspace.tokens.add("browser", person=name, role=role)
        headers = {"Authorization": f"Bearer {token}"}
        page = open_page(served, expected, extra_http_headers=headers, **options)
        page.goto(f"{served.address}/#/{view}")
        page.get_by_text(f"{name} ({role}").wait_for()
        return page

    return open_one


CASE_PARTS = (
    ".brief dt",
    ".explain .sentences",
    ".shown-count",
    ".timeline .overview",
    ".side button.row-open",
)
"""What shows that each part of a case has its answer."""

VIEWS = {
    "queue": "#queue-table[aria-busy=false] button.row-open",
    "map": ".map-grid button.row-open",
    "list": "#list-text",
}
"""Views beside that of a case, and what shows that one has come."""


def wait_for_state(page: Page) -> None:
    """Waits until the page knows that the server has read its result: a note stands above all until then."""
    page.locator(".result-name", has_text=re.compile(".")).wait_for(state="attached")
    page.locator(".indexing").wait_for(state="detached")


def wait_for_case(page: Page) -> None:
    """Waits until every part of the opened case is there: what comes later moves what is below it."""
    wait_for_state(page)
    for part in CASE_PARTS:
        page.locator(part).first.wait_for()


def open_view(page: Page, view: str) -> None:
    """Goes from the queue to a view, and waits until all of it is there."""
    if view == "case":
        page.locator("button.row-open").first.click()
        wait_for_case(page)
        return
    page.goto(f"{page.url.split('#')[0]}#/{view}")
    wait_for_state(page)
    page.locator(VIEWS[view]).first.wait_for()


def hold(page: Page, pattern: str) -> list[Route]:
    """Requests that match are kept waiting until the test lets them go on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(re.compile(pattern), keep)
    return held


@pytest.fixture
def page(open_page: Callable[..., Page], server: Server) -> Page:
    """The queue of the world."""
    opened = open_page(server)
    opened.goto(f"{server.address}/#/queue")
    open_view(opened, "queue")
    return opened


@pytest.fixture
def case(page: Page) -> Page:
    """The one cluster of the world, all of it."""
    open_view(page, "case")
    return page
