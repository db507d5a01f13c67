"""An investigator's questions, each answered by at most three presses, the answers compared with the truth.

The world has an operator behind a third-party router among the router's honest customers; its accounts are
all banned on one day, and come back after 30 hours under new names from the same addresses.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import re
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.explanations.priority import prioritise
from graphlink.samples import draw_world
from graphlink.samples.dials import FARM_STYLES
from graphlink.samples.scenarios import scenarios
from tests.bench.returns.planted import CLOSED_AT, Planted, plant_returns
from tests.browser.conftest import BUNDLE, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from graphlink.samples import World
    from tests.browser.conftest import Server

MOST_PRESSES = 3
LONGEST_S = 30.0  # of one journey; a busy machine is slow, not wrong


@dataclasses.dataclass(frozen=True)
class Investigated:
    """A planted world as a provider has it, a server over its result, and what is true of one operator."""

    server: Server
    planted: Planted
    world: World
    accounts: frozenset[str]
    """Accounts of the operator whose cluster the queue has first, as far as they were seen."""
    requests: list[dict[str, Any]]

    @property
    def theirs(self) -> list[dict[str, Any]]:
        """The requests of the operator."""
        return [row for row in self.requests if row["account_id"] in self.accounts]

    @property
    def router(self) -> str:
        """The listed router that most of the operator's requests came through."""
        networks = [
            (ipaddress.ip_network(row["network"]), row["label"])
            for row in self.world.references.to_pylist()
            if row["type"] == "router"
        ]
        n: Counter[str] = Counter()
        for row in self.theirs:
            address = ipaddress.ip_address(row["ip"])
            n.update(label for network, label in networks if address in network)
        return n.most_common(1)[0][0]

    def share_of_address(self, value: str) -> float:
        """The share of an address's requests that are the operator's."""
        whose = [row["account_id"] in self.accounts for row in self.requests if row["ip"] == value]
        return sum(whose) / len(whose)


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Investigated]:
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    dials = dataclasses.replace(scenarios["gateway"], operator_size=400.0)
    kept = frozenset({"addresses", "clients"})
    planted = plant_returns(draw_world(5, 2_500, dials=dials), kept, dt.timedelta(hours=30))
    world = planted.until(planted.back_at + dt.timedelta(days=9))
    folder = tmp_path_factory.mktemp("journeys")
    path = folder / "result"
    result = graphlink.run(world.write(folder / "world"), out=path, limits=EngineSettings(threads=2))
    requests = world.requests.select(["account_id", "at", "ip"]).to_pylist()
    seen = {row["account_id"] for row in requests}
    owners = {name: owner for name, owner in planted.operator_of().items() if name in seen}
    first = next(iter(prioritise(result)))
    members = result.table("membership", ["account_id"], {"cluster_id": [first]})["account_id"].to_pylist()
    operator = Counter(owners[name] for name in members).most_common(1)[0][0]
    accounts = frozenset(name for name, owner in owners.items() if owner == operator)
    styles = {row["style"] for row in world.truth.to_pylist() if row["operator_id"] == operator}
    assert styles == {"masked_ended"}, "the first of the queue is an operator behind a router that ends TLS"
    assert operator in planted.operators, "and was banned"
    with serve(path, since=f"{CLOSED_AT:%Y-%m-%d}") as server:
        yield Investigated(server, planted, world, accounts, requests)


class Journey:
    """A page that counts presses and time from the opening of the queue."""

    def __init__(self, page: Page, address: str, record: Callable[[str, object], None]) -> None:
        self.page = page
        self.presses = 0
        self._record = record
        page.goto(f"{address}/#/queue")
        page.locator("button.row-open").first.wait_for()
        self._began = time.monotonic()

    def press(self, what: Locator) -> None:
        what.click()
        self.presses += 1

    def open_first(self) -> None:
        """Open the cluster that the queue has first."""
        self.press(self.page.locator("button.row-open").first)
        self.page.locator(".brief dt").first.wait_for()

    def sentence(self, title: str) -> str:
        """The sentence of the case's head under a title."""
        row = self.page.locator(
            ".brief > div", has=self.page.locator("dt", has_text=re.compile(f"^{title}$"))
        )
        return row.locator("dd").inner_text()

    def rows(self, column: int = 0) -> list[str]:
        """A column of the table of the case, all rows."""
        self.page.locator(".side tbody tr").first.wait_for()
        cells = self.page.locator(f".side tbody tr td:nth-child({column + 1})")
        if column:
            return [text.strip() for text in cells.all_inner_texts()]
        return self.page.locator(".side tbody .row-open > .name").all_inner_texts()

    def arrive(self) -> None:
        """The answer is read: it took few presses and little time, and the page has no fault of access."""
        seconds = time.monotonic() - self._began
        self._record("presses", self.presses)
        self._record("seconds", round(seconds, 2))
        assert self.presses <= MOST_PRESSES
        assert seconds < LONGEST_S
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
        schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme)
            found = axe.Axe().run(self.page).response["violations"]
            assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []


@pytest.fixture
def journey(
    open_page: Callable[..., Page],
    investigated: Investigated,
    record_property: Callable[[str, object], None],
) -> Journey:
    return Journey(open_page(investigated.server), investigated.server.address, record_property)


def test_which_accounts(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    listed = set(journey.rows())
    said = journey.sentence("Accounts")
    journey.arrive()
    assert said.startswith(f"{len(listed)} accounts: ")
    styles = {row["account_id"]: row["style"] for row in investigated.world.truth.to_pylist()}
    assert not [name for name in listed if styles[name] not in FARM_STYLES], (
        "no honest customer of the router"
    )
    assert listed <= investigated.accounts
    assert len(listed) > 0.5 * len(investigated.accounts)


def test_since_when(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    (day,) = re.findall(r"since (\d{4}-\d\d-\d\d)", journey.sentence("Since"))
    journey.arrive()
    began = min(row["at"] for row in investigated.theirs).date()
    assert began <= dt.date.fromisoformat(day) <= began + dt.timedelta(days=2)


def test_through_which_routers(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    named = journey.sentence("Through")
    assert f"{investigated.router} (router)" in " ".join(named.split())
    journey.press(journey.page.locator(".brief").get_by_role("button", name="Infrastructure"))
    journey.page.locator(".side th", has_text="It is").wait_for()
    values, roles = journey.rows(), journey.rows(1)
    journey.arrive()
    by_role = {
        role: [value for value, one in zip(values, roles, strict=True) if one == role] for role in roles
    }
    assert by_role["router"] == [investigated.router]
    assert by_role["own relay"]
    assert all(investigated.share_of_address(value) > 0.9 for value in by_role["own relay"])
    assert all(investigated.share_of_address(value) > 0.05 for value in by_role["listed exit"])
    assert min(map(investigated.share_of_address, by_role["listed exit"])) < 0.9, "others use the router too"


def test_how_sure(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    sure, else_ = journey.sentence("How sure"), journey.sentence("What else")
    journey.arrive()
    assert float(re.findall(r"operator: (0\.\d+)", sure)[0]) > 0.9, "and it is an operator's"
    assert re.search(r"at most [\d.]+% are expected to be false leads", sure)
    assert "customers of one router or reseller" in else_, "who else comes through the router is the rival"


def test_what_if_they_are_banned(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    listed = set(journey.rows())
    journey.press(journey.page.get_by_role("tab", name="Collateral"))
    journey.press(journey.page.get_by_role("button", name="All its members"))
    journey.page.get_by_role("heading", name=f"Who closing {len(listed)} accounts would affect").wait_for()
    sentences = journey.page.locator(".explain .sentences").first
    sentences.wait_for()
    said = sentences.inner_text()
    journey.arrive()
    n_wrong = len(listed - investigated.accounts)
    (most,) = re.findall(rf"likely that at most (\d+) of {len(listed)} are wrongly hit", said)
    assert n_wrong <= int(most)


def test_what_came_back(journey: Journey, investigated: Investigated) -> None:
    journey.open_first()
    listed = set(journey.rows())
    said = int(re.findall(r"^(\d+) account", journey.sentence("Came back"))[0])
    journey.press(journey.page.locator(".brief").get_by_role("button", name="Which"))
    journey.page.locator(".table-caption", has_text=f"{said} opened soon after a closing").wait_for()
    back = set(journey.rows())
    journey.arrive()
    assert len(back) == said
    assert back <= investigated.accounts
    opened = {row["account_id"]: row["created_at"] for row in investigated.world.accounts.to_pylist()}
    returned = investigated.planted.returned(investigated.world.end) & listed
    soon = {name for name in returned if opened[name] <= CLOSED_AT + dt.timedelta(days=3)}
    assert len(soon) >= 20
    assert soon <= back
