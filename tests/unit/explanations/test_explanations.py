"""What explanations say of the sample's result, and of what is not there."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import graphlink
from graphlink.cli import commands
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.wording import counted, format_probability
from graphlink.explanations import Breaks, EvidenceItem, Fragment, Paths
from graphlink.explanations.paths import Node
from graphlink.explanations.values import format_odds, listed, named
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def cluster(sample_result: Result) -> str:
    rows = rows_of(sample_result.table("clusters"))
    return str(max(rows, key=lambda row: (row["n_accounts"], row["cluster_id"]))["cluster_id"])


@pytest.fixture(scope="module")
def members(sample_result: Result, cluster: str) -> list[str]:
    actual = sample_result.table("membership", where={"cluster_id": [cluster]})["account_id"]
    return [str(name) for name in actual.to_pylist()]


def test_numbers_and_their_nouns_agree() -> None:
    assert (counted(1, "account"), counted(2_000, "account")) == ("1 account", "2,000 accounts")
    assert counted(1, "account holds", "accounts hold") == "1 account holds"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert named("load_balancing", "") == "load balancing"
    assert [format_probability(p) for p in (1.0, 0.25, 1e-9)] == [">0.999", "0.250", "<0.001"]


def test_small_probabilities_are_reported_as_odds() -> None:
    actual = [format_odds(p) for p in (1.0, 0.25, 0.09, 0.000121, 1e-9, 0.0)]
    assert actual == [
        ">0.999",
        "0.250",
        "1 in 11",
        "1 in 8,300",
        "1 in 1,000,000,000",
        "less than 1 in 1,000,000,000,000",
    ]


def test_notebooks_show_hostile_names_as_text_and_read_no_mathematics_in_them() -> None:
    hostile = "$\\alpha$<script>x</script>\u202e\x00" + "x" * 5000
    actual = Paths(Node(hostile), Node(None, "ip", hostile), (), (), 0, is_bounded=False)
    piece = Breaks(
        "C-1", hostile, 2, 0.5, (), (EvidenceItem("ip", hostile),), True, 0, 1, (Fragment(1, (hostile,)),)
    )
    for page in (actual._repr_html_(), piece._repr_html_()):
        assert page.startswith('<div class="tex2jax_ignore mathjax_ignore">')
        assert page.endswith("</div>")
        assert "<script" not in page
        assert not {"\u202e", "\x00"} & set(page)
        assert len(page) < 5000


def test_a_result_in_a_notebook_keeps_names_as_text(sample_result: Result, tmp_path: Path) -> None:
    folder = tmp_path / "$a$<b>\u202e"
    shutil.copytree(sample_result.path, folder)
    page = graphlink.read_result(folder)._repr_html_()
    assert '<div class="tex2jax_ignore mathjax_ignore">' in page
    assert "$a$&lt;b&gt;" in page
    assert "\u202e" not in page
    assert page.count("<tr>") > 2


def test_values_are_frozen(sample_result: Result, members: list[str]) -> None:
    explanation = graphlink.explain_member(sample_result, members[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.role = "none"  # type: ignore[misc]  # that it is frozen is what is tested


def test_a_path_to_an_identifier_ends_at_a_holder(sample_result: Result, members: list[str]) -> None:
    tie = next(tie for tie in graphlink.explain_member(sample_result, members[0]).ties if tie.value)
    paths = graphlink.find_paths(sample_result, members[0], (tie.kind, tie.value), k=2)
    assert paths.strongest[0].nodes[-1].value == tie.value
    assert paths.strongest[0].hops[-1].bits is None
    assert len(paths.shortest[0].hops) == 1


def test_blocking_an_identifier_hits_its_holders(sample_result: Result) -> None:
    row = next(row for row in rows_of(sample_result.table("identifiers")) if row["kind"] == "payment")
    estimate = graphlink.estimate_collateral(sample_result, identifiers=[("payment", row["value"])])
    assert estimate.n_accounts == row["degree"]


def test_what_drops_a_member_leaves_it_without_the_cluster(
    sample_result: Result, cluster: str, members: list[str]
) -> None:
    actual = graphlink.find_breaks(sample_result, cluster, members[0])
    pieces = [(piece.kind, piece.value) for piece in actual.smallest]
    gone = graphlink.try_without(sample_result, cluster, identifiers=pieces)
    assert members[0] in gone.falls_out.accounts


@pytest.mark.parametrize(
    ("n_proved", "said"),
    [
        (0, "This is an upper bound: fewer than 3 may be enough."),
        (1, "This is an upper bound: no single item does; fewer than 3 may be enough."),
        (2, "This is an upper bound: no set of 2 items does; fewer than 3 may be enough."),
    ],
)
def test_a_bound_is_stated_as_one_with_what_was_tried(n_proved: int, said: str) -> None:
    smallest = tuple(EvidenceItem("ip", f"192.0.2.{i}") for i in range(3))
    off = (Fragment(1, ("a",)),)
    bound = Breaks(
        "C-1", None, 9, 0.5, (), smallest, is_exact=False, n_proved=n_proved, n_links=4, falls_off=off
    )
    assert bound.sentences[1].endswith(f"; 1 account of 9 falls off. {said}")


def test_a_span_of_time_without_evidence_leaves_what_has_no_time(sample_result: Result, cluster: str) -> None:
    actual = graphlink.try_without(sample_result, cluster, since="2199-01-01")
    assert actual.n_evidence > 0
    assert actual.without == ("evidence before 2199-01-01T00:00:00Z",)


CALLS: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    (graphlink.explain_pair, ("zz", "yy"), {}, "no account 'zz'"),
    (graphlink.explain_pair, ("a", "a"), {}, "two different accounts"),
    (graphlink.explain_member, ("zz",), {}, "no account 'zz'"),
    (graphlink.explain_cluster, ("C-0",), {}, "no cluster 'C-0'"),
    (graphlink.find_breaks, ("C-0",), {}, "no cluster 'C-0'"),
    (graphlink.find_paths, ("a", "a"), {}, "two different ends"),
    (graphlink.estimate_collateral, (), {}, "name the accounts"),
    (graphlink.estimate_collateral, (), {"identifiers": [("ip", "x")]}, "hold ip 'x'"),
    (graphlink.try_without, ("C-0",), {}, "no cluster 'C-0'"),
]


@pytest.mark.parametrize(("call", "arguments", "options", "said"), CALLS)
def test_what_is_not_there_is_named(
    sample_result: Result,
    call: Callable[..., Any],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    said: str,
) -> None:
    with pytest.raises(ResultError, match=said):
        call(sample_result, *arguments, **options)


def test_a_change_that_cannot_be_is_named(sample_result: Result, cluster: str) -> None:
    with pytest.raises(ResultError, match="of the kind 'nonsense'"):
        graphlink.try_without(sample_result, cluster, kinds=["nonsense"])
    with pytest.raises(ResultError, match="'soon' is no time"):
        graphlink.try_without(sample_result, cluster, since="soon")
    with pytest.raises(SettingsError, match="resolution_bits"):
        graphlink.try_without(sample_result, cluster, resolution_bits=-1.0)
    with pytest.raises(TypeError, match="moves no 'untill'; it moves since, until, resolution_bits"):
        graphlink.try_without(sample_result, cluster, untill="2026-01-01")  # type: ignore[call-arg]  # a slip


@pytest.mark.parametrize(
    "command", ["why", "why-not", "why account", "why cluster", "break", "collateral", "path"]
)
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_commands_print_explanations(
    sample_result: Result, cluster: str, members: list[str], command: str, form: str
) -> None:
    pair = members[:2]
    rest = {"why account": pair[:1], "why cluster": [cluster], "break": [cluster]}.get(command, pair)
    arguments = [command.partition(" ")[0], str(sample_result.path), *rest, "--format", form]
    done = CliRunner().invoke(commands, arguments, prog_name="graphlink")
    assert done.exit_code == 0, done.output
    if form == "json":
        assert json.loads(done.stdout)["sentences"]
    else:
        assert len(done.stdout.splitlines()) >= 1
        assert done.stdout.strip()
