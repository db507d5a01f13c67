"""How good a result is: the command `evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.options import commands, form_option, print_message, result_argument
from graphlink.core.errors import InputError
from graphlink.render.terminal import Form, Sheet, write_facts, write_json, write_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import pyarrow as pa

    from graphlink.evaluation import LeftOut

_BIN = (
    "low", "high", "n", "n_units", "mean_probability", "share_met", "expected_met", "implied", "implied_low",
    "implied_high",
)  # fmt: skip
_BIN_SHOWN = ("stated", "links", "of", "met", "if one", "implied", "from", "to")


@commands.command(
    examples=(
        "graphlink evaluate --truth known.csv",
        "graphlink evaluate --workspace ws",
        "graphlink evaluate --leave-out payment",
    )
)
@result_argument
@click.option("--truth", type=click.Path(path_type=Path), help="Parquet or CSV with account_id, operator_id.")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    help="Workspace whose decisions, and what appeals changed of them, are the truth.",
)
@click.option(
    "--leave-out", metavar="FACET", help="Without a truth: see whether links without FACET predict it."
)
@form_option
def evaluate(
    result: Path, truth: Path | None, workspace: Path | None, leave_out: str | None, form: Form
) -> None:
    """Measure RESULT against the known operators of accounts.

    They are those of a file, or what the decisions of a workspace and appeals against them state. Without
    any: leave a facet out, such as payment, weigh its observations again under its model, and compare what
    links then state with how often their accounts share something rare of that facet.
    """
    from graphlink.evaluation.whole import evaluate_tables, read_truth_file
    from graphlink.result.result import read_result

    if (truth, workspace, leave_out).count(None) != 2:
        raise click.UsageError("give one of --truth FILE, --workspace DIR and --leave-out FACET")
    if leave_out is not None:
        _write_left_out(result, leave_out, form)
        return
    known = _decided(workspace) if workspace is not None else read_truth_file(Path(str(truth)))
    facts = evaluate_tables(read_result(result).table, known).to_dict()
    write_facts(facts if form == "json" else dict(_flat(facts)), form, sys.stdout)


def _decided(directory: Path) -> pa.Table:
    """The operators that the decisions of a workspace state."""
    from graphlink.cli.workspaces import opened

    with opened(directory) as workspace:
        known = workspace.decisions.truth()
    if not len(known):
        raise InputError(
            f"{directory}: no decision is approved yet; approve one (graphlink decision approve), or give "
            "--truth FILE"
        )
    return known


def _write_left_out(result: Path, facet: str, form: Form) -> None:
    from graphlink.api.functions import leave_out

    found = leave_out(result, facet)
    if form == "json":
        write_json(found.to_dict(), sys.stdout)
    elif form == "csv":
        write_sheets([Sheet("bins", _BIN, found.to_dict()["bins"])], form, sys.stdout)
    else:
        rows = [_row(one) for one in found.to_dict()["bins"]]
        write_sheets([Sheet("links", _BIN_SHOWN, rows)], form, sys.stdout)
        for sentence in _sentences(found):
            print_message(sentence)


def _row(one: Mapping[str, Any]) -> dict[str, object]:
    """A row for people: shares with two digits; empty where a bin can't be judged."""
    shares = {"met": "share_met", "if one": "expected_met", "implied": "implied", "from": "implied_low",
              "to": "implied_high"}  # fmt: skip
    stated = "" if one["mean_probability"] is None else f" (mean {one['mean_probability']:.2f})"
    return {
        "stated": f"{one['low']:g} to {one['high']:g}{stated}",
        "links": one["n"],
        "of": one["n_units"],
        **{name: "" if one[key] is None else f"{one[key]:.2f}" for name, key in shares.items()},
    }


def _sentences(found: LeftOut) -> Iterator[str]:
    """What the table means, and what it can't say."""
    yield (
        f"met: share of links whose accounts share something rare of {found.facet}; if one: the share that "
        "would if one organisation operated both; implied: the share of one operator that follows, with its "
        "95 % interval, to compare with what is stated."
    )
    if found.n_judged:
        yield (
            f"error {found.expected_error:.3f} over {found.n_judged:,} links that can be judged, "
            f"{found.error_beyond_doubt:.3f} beyond the intervals; {found.n_missing:,} links have no value "
            f"of {found.facet} on one side and are not counted."
        )
    yield from (f"{remark}." for remark in found.remarks)
    if found.unseen:
        yield f"Clusters of these, the largest first: {', '.join(found.unseen[:5])}."


def _flat(facts: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Named values of a nested mapping under dotted names; lists are left to JSON."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif not isinstance(value, list | tuple):
            yield before + name, value
