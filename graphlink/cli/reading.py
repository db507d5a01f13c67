"""Commands that read: clusters, one cluster, the installation."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import (
    commands,
    form_option,
    print_message,
    print_sheets,
    result_argument,
    view_options,
    weigh_option,
)
from graphlink.core.organisations import OPENLY
from graphlink.core.tables.facts import FACTS
from graphlink.core.wording.clusters import (
    chance_figure,
    constraint_sentence,
    evidence_name,
    evidence_share,
    fdr_figure,
    fdr_sentence,
    loss_sentence,
    open_sentence,
    reason_detail,
)
from graphlink.core.wording.facts import fact_words
from graphlink.core.wording.figures import counted
from graphlink.core.wording.findings import finding_of
from graphlink.core.wording.priority import PRIORITY_PARTS
from graphlink.core.wording.vocabulary import harmless_name, harmless_sentence, hypothesis_name
from graphlink.render.terminal import Form, Sheet, View, write_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from graphlink.explanations.priority import Priority
    from graphlink.result.result import Result

CLUSTER = (
    "cluster_id", "priority", "n_accounts", "n_core", "p_same_operator", "score", "fdr", "expected_by_chance",
    "hypothesis", "also_explained_by", "why_first", "facets", "first_seen", "last_seen",
)  # fmt: skip
CLUSTER_KEPT = (
    "cluster_id", "priority", "n_accounts", "hypothesis", "why_first", "p_same_operator", "fdr",
    "also_explained_by",
)  # fmt: skip
_PRIORITY = ("part", "points", "level", "weight")
REASON = ("rank", "kind", "value", "bits", "n_accounts", "detail")
REASON_KEPT = ("kind", "value", "share", "n_accounts", "detail")
_MEMBER = (
    "account_id",
    "probability",
    "role",
    "constrained_by",
    "status",
    "first_seen",
    "last_seen",
    "n_identifiers",
)
_IDENTIFIER = ("kind", "value", "bits", "n_members", "degree", "p_exclusive", "label")
_IDENTIFIER_SHOWN = ("kind", "value", "share", *_IDENTIFIER[3:])
_HYPOTHESIS = ("hypothesis", "probability")
_SEPARATES = ("evidence", "n_ties", "n_possible", "bits", "detail")
_SIGNAL = ("signal", "value", "baseline", "n_accounts", "detail")
_FACT = ("fact", "value", "usual", "ratio", "n_accounts", "detail")
_PARTS = (
    "cluster", "priority", "hypotheses", "separates", "signals", "facts", "reasons", "members", "identifiers",
)  # fmt: skip


@commands.command(
    examples=(
        "graphlink clusters --top 20",
        "graphlink clusters /data/march --min-size 10 --wide",
        "graphlink clusters --columns cluster_id,n_accounts,facets --format csv",
    )
)
@result_argument
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Show the first N, and N openly one.")
@click.option(
    "--min-size", type=click.IntRange(min=2), default=2, show_default=True, help="Minimum number of accounts."
)
@click.option(
    "--min-score", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Minimum score."
)
@weigh_option
@form_option
@view_options
def clusters(  # noqa: PLR0913 - one per option
    result: Path,
    *,
    top: int | None,
    min_size: int,
    min_score: float,
    weigh: Mapping[str, float],
    form: Form,
    view: View,
) -> None:
    """List the clusters of RESULT in the order to review them.

    The order is by concealment and harm, not by the probability of one operator. What is openly one
    organisation is listed apart. `show CLUSTER --part priority` has the parts of the order.
    """
    from graphlink.result.result import read_result
    from graphlink.workspace.lineage_names import lineages_of_result

    rows = clusters_in_order(read_result(result), weigh)
    rows = [row for row in rows if row["n_accounts"] >= min_size and row["score"] >= min_score]
    names = lineages_of_result(result)
    if names:
        rows = [{**row, "lineage": names.get(row["cluster_id"], "")} for row in rows]
    columns, kept = (_with_lineage(one) if names else one for one in (CLUSTER, CLUSTER_KEPT))
    apart = [row for row in rows if row["hypothesis"] == OPENLY][:top]
    first = [row for row in rows if row["hypothesis"] != OPENLY][:top]
    if form == "table":
        sheets = [Sheet("clusters", columns, in_words(first, form), kept)]
        if apart:
            sheets.append(Sheet("openly one organisation", columns, in_words(apart, form), kept))
    else:
        listed = first + apart
        columns = tuple(listed[0]) if listed else columns
        sheets = [Sheet("clusters", columns, listed)]
    print_sheets(sheets, form, view)


@commands.command(
    examples=(
        "graphlink show C-4edd",
        "graphlink show C-4edd --part members --top 500 --format csv",
    )
)
@result_argument
@click.argument("cluster")
@click.option(
    "--part",
    type=click.Choice(_PARTS),
    multiple=True,
    help="Show only this part (repeatable; CSV holds one).",
)
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Rows per part.")
@form_option
@view_options
def show(result: Path, cluster: str, part: tuple[str, ...], top: int, form: Form, view: View) -> None:
    """Show a CLUSTER: hypotheses, signals, facts, reasons, members.

    In a result of a workspace CLUSTER may be a lineage, such as K-4.
    """
    from graphlink.explanations.priority import prioritise
    from graphlink.result.integrity import of_result
    from graphlink.result.lookup import find_cluster
    from graphlink.result.result import read_result
    from graphlink.workspace.lineage_names import lineages_of_result

    parts = part or _PARTS
    if len(parts) != 1 and (form == "csv" or view.columns):
        of_one = "CSV holds" if form == "csv" else "--columns are those of"
        raise click.UsageError(f"{of_one} one table: choose --part {', '.join(_PARTS)}")
    opened, names = read_result(result), lineages_of_result(result)
    cluster = find_cluster(opened, {name: one for one, name in names.items()}.get(cluster, cluster))
    row, priority = _rows_of_cluster(opened, "clusters", cluster)[0], prioritise(opened)[cluster]
    made: dict[str, Callable[[], Sheet]] = {
        "cluster": lambda: Sheet(
            "cluster", CLUSTER, in_words([_with_priority(row, priority)], form), CLUSTER_KEPT
        ),
        "priority": lambda: _priority_sheet(priority, form),
        "hypotheses": lambda: Sheet("hypotheses", _HYPOTHESIS, _hypotheses(opened, cluster, form)),
        "separates": lambda: Sheet("separates", _SEPARATES, _separating(opened, cluster, form)),
        "signals": lambda: Sheet("signals", _SIGNAL, _rows_of_cluster(opened, "signals", cluster)),
        "facts": lambda: _facts(_rows_of_cluster(opened, "facts", cluster), form),
        "reasons": lambda: Sheet(
            "reasons", reason_columns(form), reasons_of(opened, cluster)[:top], REASON_KEPT
        ),
        "members": lambda: _member_sheet(of_result(_members)(opened, cluster, top), form),
        "identifiers": lambda: Sheet(
            "identifiers",
            _IDENTIFIER_SHOWN if form == "table" else _IDENTIFIER,
            _identifiers(opened, cluster, top),
        ),
    }
    print_sheets([made[name]() for name in _PARTS if name in parts], form, view)
    if cluster in names:
        print_message(f"{cluster} is {names[cluster]} of the workspace")
    for sentence in _caveats(opened, row):
        print_message(sentence)


@commands.command()
@form_option
def doctor(form: Form) -> None:
    """Print versions, optional dependencies, memory and disk.

    Include the output in a bug report.
    """
    from graphlink.cli.plugin_states import plugin_states
    from graphlink.explorer.server import STATIC

    names = ("graphlink", "duckdb", "igraph", "networkx", "numpy", "pandas", "pyarrow", "pyvis", "sqlalchemy")
    folder = tempfile.gettempdir()
    facts: dict[str, object] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: _version(name) or "missing" for name in names},
        **_optional_states(),
        "explorer": "built"
        if (STATIC / "explorer.js").is_file()
        else "not built: install graphlink again with npm's registry",
        **plugin_states(),
        "processors": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "temporary_folder": folder,
        "temporary_folder_free_gib": round(shutil.disk_usage(folder).free / 2**30, 1),
    }
    write_facts(facts, form, sys.stdout)


def _facts(rows: list[dict[str, Any]], form: Form) -> Sheet:
    """The facts of a cluster: in words for people, the unusual ones first; as they are for programs."""
    if form != "table":
        return Sheet("facts", FACTS.column_names[1:], rows)
    said = [(fact_words(row), row) for row in rows]
    said.sort(key=lambda one: not one[0].is_unusual)
    return Sheet(
        "facts",
        _FACT,
        [row | {"fact": f"{'! ' if words.is_unusual else ''}{words.name}", "value": words.value,
                "usual": words.usual, "ratio": words.ratio} for words, row in said],
    )  # fmt: skip


def clusters_in_order(result: Result, weigh: Mapping[str, float] | None = None) -> list[dict[str, Any]]:
    """Read the clusters in the order to review them, each with its priority; see `prioritise`."""
    from graphlink.explanations.priority import prioritise
    from graphlink.storage.arrow_values import rows_of

    rows = {row["cluster_id"]: row for row in rows_of(result.table("clusters"))}
    return [_with_priority(rows[name], priority) for name, priority in prioritise(result, weigh).items()]


def _with_lineage(columns: tuple[str, ...]) -> tuple[str, ...]:
    return (columns[0], "lineage", *columns[1:])


def _with_priority(row: Mapping[str, Any], priority: Priority) -> dict[str, Any]:
    return {**row, "priority": round(priority.total, 3), "why_first": priority.phrase}


def _priority_sheet(priority: Priority, form: Form) -> Sheet:
    """The parts of a cluster's place in the order, those that count most first."""
    rows = [
        {
            "part": PRIORITY_PARTS[name] if form == "table" else name,
            "points": round(points, 3),
            "level": round(priority.levels[name], 3),
            "weight": priority.weights[name],
        }
        for name, points in sorted(priority.points.items(), key=lambda part: -part[1])
    ]
    return Sheet("priority", _PRIORITY, rows)


def reasons_of(result: Result, cluster: str) -> list[dict[str, Any]]:
    """Read the reasons of a cluster, the strongest first, each with its share of the cluster's evidence."""
    rows = sorted(_rows_of_cluster(result, "reasons", cluster), key=lambda row: int(row["rank"]))
    bits = [row["bits"] for row in rows]
    return [row | {"share": evidence_share(row["bits"], bits), "detail": reason_detail(row)} for row in rows]


def reason_columns(form: Form) -> tuple[str, ...]:
    """The columns of reasons: people read shares of the evidence, programs the bits."""
    return REASON_KEPT if form == "table" else REASON


def in_words(rows: list[dict[str, Any]], form: Form) -> list[dict[str, Any]]:
    """Clusters as people read them: with formatted figures, none of them rounded to certainty."""
    if form != "table":
        return rows
    return [
        row
        | {
            "hypothesis": finding_of(row).name,
            "also_explained_by": harmless_name(row["also_explained_by"]),
            "facets": row["facets"].replace(",", ", "),
            "fdr": fdr_figure(row["fdr"], row["also_explained_by"]),
            "expected_by_chance": chance_figure(row["expected_by_chance"]),
        }
        for row in rows
    ]


def _rows_of_cluster(result: Result, table: str, cluster: str) -> list[dict[str, Any]]:
    from graphlink.storage.arrow_values import rows_of

    return rows_of(result.table(table, where={"cluster_id": [cluster]}))


def _hypotheses(result: Result, cluster: str, form: Form) -> list[dict[str, Any]]:
    """The hypotheses of a cluster, the likeliest first."""
    row = _rows_of_cluster(result, "clusters", cluster)[0]
    rows = [
        {
            "hypothesis": hypothesis_name(name.removeprefix("p_")) if form == "table" else name[2:],
            "probability": row[name],
        }
        for name in row
        if name.startswith("p_")
    ]
    return sorted(rows, key=lambda one: -float(one["probability"]))


def _separating(result: Result, cluster: str, form: Form) -> list[dict[str, Any]]:
    """The evidence that separates the likeliest hypothesis from its rival, in bits, the strongest first."""
    row = _rows_of_cluster(result, "clusters", cluster)[0]
    rows = [
        piece | {"bits": piece[f"bits_{row['hypothesis']}"] - piece[f"bits_{row['rival']}"]}
        for piece in _rows_of_cluster(result, "hypotheses", cluster)
    ]
    rows.sort(key=lambda piece: (-abs(piece["bits"]), piece["evidence"]))
    if form != "table":
        return rows
    return [piece | {"evidence": evidence_name(piece["evidence"])} for piece in rows]


def _caveats(result: Result, row: Mapping[str, Any]) -> list[str]:
    """Sentences that qualify the tables: labels, a harmless reading, the rate, a single point of failure."""
    sentences = [
        constraint_sentence(row["n_constrained"], row["n_accounts"]),
        open_sentence(row["hypothesis"]),
        harmless_sentence(row["also_explained_by"]),
        fdr_sentence(row["fdr"], row["also_explained_by"]),
        _cut_sentence(result, row),
    ]
    return [sentence for sentence in sentences if sentence]


def _cut_sentence(result: Result, row: Mapping[str, Any]) -> str:
    """How many accounts the loss of the only link or identifier across the weakest cut splits off."""
    n = row["n_accounts"]
    if row["weakest_cut_identifiers"] == 1:
        from graphlink.explanations import MOST_LINKS, find_loss
        from graphlink.explanations.values import named

        kind, value = row["weakest_cut_kind"] or "", row["weakest_cut_value"] or ""
        few = row["n_links"] <= MOST_LINKS
        loss = find_loss(result, row["cluster_id"], kind, value) if few and kind else None
        # The identifier may support links beyond the cut: then more accounts are split off.
        n_off = row["weakest_cut_side"] if loss is None else loss.n_accounts
        return loss_sentence(named(kind, value) or "one identifier", n_off, n, is_least=loss is None)
    if row["weakest_cut_links"] == 1:
        return f"A single link connects {counted(row['weakest_cut_side'], 'account')} of {n:,} to the rest."
    return ""


def _member_sheet(members: list[dict[str, Any]], form: Form) -> Sheet:
    """The members; on a terminal without the column of labels where these moved none of them."""
    is_moved = any(row["constrained_by"] for row in members)
    columns = [name for name in _MEMBER if name != "constrained_by" or is_moved or form != "table"]
    return Sheet("members", tuple(columns), members)


def _members(result: Result, cluster: str, top: int) -> list[dict[str, Any]]:
    from graphlink.storage.arrow_values import rows_of

    members = sorted(
        _rows_of_cluster(result, "membership", cluster),
        key=lambda row: (-row["probability"], row["account_id"]),
    )[:top]
    table = result.table("accounts", where={"account_id": [row["account_id"] for row in members]})
    accounts = {row["account_id"]: row for row in rows_of(table)}
    return [accounts.get(row["account_id"], {}) | row for row in members]


def _identifiers(result: Result, cluster: str, top: int) -> list[dict[str, Any]]:
    """The identifiers that reasons name, the strongest first, with their rows of `identifiers`."""
    from graphlink.storage.arrow_values import rows_of

    reasons = [row for row in reasons_of(result, cluster) if row["value"] is not None]
    table = result.table("identifiers", where={"value": {row["value"] for row in reasons}})
    known = {(row["kind"], row["value"]): row for row in rows_of(table)}
    return [
        known.get((row["kind"], row["value"]), {}) | row | {"n_members": row["n_accounts"]}
        for row in reasons[:top]
    ]


def _version(package: str) -> str | None:
    from importlib import metadata  # takes as long as click itself

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _optional_states() -> dict[str, object]:
    """What each extra brings: the version that is installed, or how to install it."""
    from importlib import metadata

    states: dict[str, object] = {}
    for requirement in metadata.requires("graphlink") or ():
        package, _, condition = requirement.partition(";")
        extra = re.search(r"extra == ['\"](\w+)['\"]", condition)
        name = re.match(r"[\w.-]+", package)
        if extra and name and extra[1] != "test":
            missing = f"not installed: pip install 'graphlink[{extra[1]}]'"
            states[f"{name[0]} (optional)"] = _version(name[0]) or missing
    return states


def _memory_gib() -> float | None:
    """Memory of the machine, not of a container's limit; None where the system does not report it."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
