"""A result weighed again from its own observations: the same with nothing left out, less without a facet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

import graphlink
from graphlink.api.rerun import facets_of, settings_of, weigh_without
from graphlink.cli import commands
from graphlink.core.errors import QuestionError, ResultError
from graphlink.core.settings import Override, Pseudonymize, read_settings
from graphlink.result.result import read_result
from graphlink.task import located

if TYPE_CHECKING:
    from graphlink.api.rerun import Reweighed
    from graphlink.result.result import Result

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
PAIR = ["account_id_l", "account_id_r"]


def assert_same(result: Result, again: Reweighed) -> None:
    """Links and membership of the result, but for the last digits of sums."""
    before, after = (
        table.to_pandas().sort_values(PAIR).reset_index(drop=True)
        for table in (result.table("links"), again.links)
    )
    assert len(before) > 100
    shown = [name for name in after.columns if name in before.columns]
    pd.testing.assert_frame_equal(before[shown], after[shown], check_dtype=False, rtol=0, atol=1e-8)
    members, found = (
        table.to_pandas().sort_values("account_id").reset_index(drop=True)
        for table in (result.table("membership"), again.membership)
    )
    pd.testing.assert_frame_equal(members, found[members.columns], check_dtype=False, rtol=0, atol=1e-8)


def test_with_nothing_left_out_it_is_the_result(sample_result: Result) -> None:
    assert_same(sample_result, weigh_without(sample_result, ()))


def test_pseudonyms_overrides_and_ignored_kinds_are_those_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"a key of the tests, 32 bytes long")
    (tmp_path / "key").chmod(0o600)
    settings = located(read_settings(SAMPLE / "graphlink.toml"), SAMPLE)
    shared = graphlink.run(settings).table("identifiers").to_pylist()
    most = max((row for row in shared if row["kind"] == "ip"), key=lambda row: row["n_pairs"] or 0)
    settings = settings.with_(
        pseudonymize=Pseudonymize(("ip", "payment"), str(tmp_path / "key")),
        overrides=(Override("ip", most["value"], 0.999),),
    )
    result = graphlink.run(settings)
    (tmp_path / "key").unlink()  # neither key nor input is needed
    again = weigh_without(result, ())
    assert_same(result, again)
    assert result.table("identifiers").to_pandas()["is_overridden"].sum() == 1


def test_a_facet_that_is_left_out_weighs_nothing(sample_result: Result) -> None:
    settings, _ = settings_of(sample_result)
    facets = facets_of(sample_result, settings)
    assert facets["payment"] == ("payment",)
    assert {"ip", "ip_prefix", "router"} <= set(facets["network"])
    rest = weigh_without(sample_result, facets["payment"])
    evidence = sample_result.table("evidence")
    by_card = evidence.filter(
        pc.and_(pc.equal(evidence["facet"], "payment"), pc.greater(evidence["bits"], 8))
    )
    bits = {
        tuple(row[name] for name in PAIR): row["bits"] for row in sample_result.table("links").to_pylist()
    }
    left = {tuple(row[name] for name in PAIR): row["bits"] for row in rest.links.to_pylist()}
    lost = [
        pair for row in by_card.to_pylist() if left.get(pair := (row[PAIR[0]], row[PAIR[1]]), -9) < bits[pair]
    ]
    assert by_card.num_rows > 20
    assert len(lost) == by_card.num_rows
    assert set(rest.held["kind"].to_pylist()) == {"payment"}
    held = sample_result.table("observations", where={"kind": ["payment"]})
    assert set(rest.held["account_id"].to_pylist()) == set(held["account_id"].to_pylist())


def test_leaving_out_states_what_it_left_out(sample_result: Result) -> None:
    found = graphlink.leave_out(sample_result, "network")
    assert found.facet == "network"
    assert (
        found.n + found.n_missing
        == weigh_without(
            sample_result, facets_of(sample_result, settings_of(sample_result)[0])["network"]
        ).links.num_rows
    )
    assert sum(one.n for one in found.bins) == found.n
    with pytest.raises(QuestionError, match=r"facet: expected .*network.*, found 'shoes'"):
        graphlink.leave_out(sample_result, "shoes")


def test_a_redacted_result_can_not_be_weighed_again(sample_result: Result) -> None:
    redacted = graphlink.redact(sample_result, "partner", b"a key of the tests, 32 bytes long")
    with pytest.raises(ResultError, match="values of a redacted result are replaced"):
        graphlink.leave_out(redacted, "payment")


def test_the_command_prints_bins_and_what_they_can_not_say(sample_result: Result) -> None:
    def printed(*arguments: str) -> str:
        done = CliRunner().invoke(commands, ["evaluate", str(sample_result.path), *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    shown = printed("--leave-out", "payment")
    assert "0.1 to 0.3" in shown
    assert "if one organisation operated both" in shown
    facts = json.loads(printed("--leave-out", "payment", "--format", "json").partition("\n}")[0] + "\n}")
    assert facts == graphlink.leave_out(read_result(sample_result.path), "payment").to_dict()
    assert printed("--leave-out", "payment", "--format", "csv").startswith(
        "low,high,n,n_units,mean_probability"
    )


def test_holdings_are_those_of_several_holders(sample_result: Result) -> None:
    rest = weigh_without(sample_result, ("payment",))
    n_holders = pa.table({"i": rest.holdings["identifier_no"], "a": rest.holdings["account_id"]}).group_by(
        "i"
    )
    assert min(n_holders.aggregate([("a", "count_distinct")])["a_count_distinct"].to_pylist()) >= 2
