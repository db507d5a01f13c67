"""Commands that explain: why, why not, what would break it, whom an action would hit, paths, what if.

Each prints what a function of `graphlink.explanations` gives: in sentences and tables, all of it as JSON, or
its chief table as CSV.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import commands, form_option, result_argument
from graphlink.render.terminal import Form, Sheet, message, write_json, write_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphlink.explanations import Explanation

_STEP = (
    "kind", "value", "bits", "contribution_bits", "total_bits", "probability", "counts", "n_others", "chance",
    "p_exclusive", "label", "n_windows", "lag_seconds", "first_joint", "last_joint",
)  # fmt: skip
_AGAINST = ("reason", "kind", "value", "bits", "detail")
_TIE = ("kind", "value", "facet", "n_accounts", "bits", "strongest", "degree", "p_exclusive", "label")
_SHARE = (
    "kind", "value", "facet", "bits", "share", "n_links", "n_accounts", "degree", "p_exclusive", "label",
)  # fmt: skip
_FAILURE = ("kind", "value", "facet", "n_links", "n_accounts")
_HOP = ("path", "probability", "start", "end", "kind", "value", "bits")
_HIT = ("cluster_id", "n_hit", "same_operator", "doubt", "also_explained_by", "expected_wrong")
_LED = ("kind", "value", "n_links", "account_id", "bits", "probability")
_SEPARATING = (
    "evidence", "bits", "bits_same_operator", "bits_shared_intermediary", "bits_shared_network", "n_ties",
    "n_possible", "detail",
)  # fmt: skip
_GROUP = ("when", "name", "n_accounts", "n_own", "sources", "accounts")
_N_ROWS = 20
_N_ACCOUNTS = 5

_identifiers_option = click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="KIND:VALUE",
    help="An identifier; as often as wanted.",
)


@commands.command()
@result_argument
@click.argument("account")
@click.argument("other")
@form_option
def why(result: Path, account: str, other: str, form: Form) -> None:
    """Say why two accounts of RESULT are linked, or why not: from the prior to the probability."""
    from graphlink.explanations import explain_pair
    from graphlink.result.result import read_result

    told = explain_pair(read_result(result), account, other)
    _write(told, form, (_sheet("evidence", _STEP, told.evidence),))


@commands.command("why-not")
@result_argument
@click.argument("account")
@click.argument("other")
@form_option
def why_not(result: Path, account: str, other: str, form: Form) -> None:
    """Say what speaks against two accounts of RESULT having one operator, and what is missing."""
    from graphlink.explanations import explain_pair
    from graphlink.result.result import read_result

    told = explain_pair(read_result(result), account, other)
    _write(told, form, (_sheet("against", _AGAINST, told.against),), told.sentences_against)


@commands.command("why-here")
@result_argument
@click.argument("account")
@form_option
def why_here(result: Path, account: str, form: Form) -> None:
    """Say why an account of RESULT is in its cluster, and what would drop it."""
    from graphlink.explanations import explain_member
    from graphlink.result.result import read_result

    told = explain_member(read_result(result), account)
    links = _sheet("strongest links", ("account_id", "bits", "probability"), told.links)
    led = _sheet("independent ties", _LED, told.independent)
    _write(told, form, (_sheet("ties", _TIE, told.ties), led, links))


@commands.command("why-cluster")
@result_argument
@click.argument("cluster")
@form_option
def why_cluster(result: Path, cluster: str, form: Form) -> None:
    """Say what a CLUSTER of RESULT rests on: by identifier, by facet and over time."""
    from graphlink.explanations import explain_cluster
    from graphlink.result.result import read_result

    told = explain_cluster(read_result(result), cluster)
    _write(
        told,
        form,
        (
            _sheet("identifiers", _SHARE, told.identifiers),
            _sheet("facets", ("facet", "bits", "share", "n_links"), told.facets),
            _sheet("over time", ("start", "bits"), told.weeks),
            _sheet("what separates the hypotheses", _SEPARATING, told.hypothesis_evidence),
        ),
    )


@commands.command("break")
@result_argument
@click.argument("cluster")
@click.argument("account", required=False)
@form_option
def break_(result: Path, cluster: str, account: str | None, form: Form) -> None:
    """Say the least evidence whose loss splits a CLUSTER of RESULT, or drops an ACCOUNT of it."""
    from graphlink.explanations import find_breaks
    from graphlink.result.result import read_result

    told = find_breaks(read_result(result), cluster, account)
    _write(
        told,
        form,
        (
            _sheet("single points of failure", _FAILURE, told.singles),
            _sheet("the smallest set", ("kind", "value"), told.smallest),
        ),
    )


@commands.command()
@result_argument
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@_identifiers_option
@form_option
def collateral(result: Path, accounts: tuple[str, ...], identifiers: tuple[str, ...], form: Form) -> None:
    """Estimate whom closing ACCOUNTs or blocking identifiers would hit, and how many wrongly."""
    from graphlink.explanations import estimate_collateral
    from graphlink.result.result import read_result

    told = estimate_collateral(read_result(result), accounts, _parsed(identifiers))
    hit = _sheet("clusters hit", _HIT, told.clusters)
    if form == "table":
        # Where a harmless reading leaves no estimate, the sentences give none, nor does the table.
        unknown = dict.fromkeys(("doubt", "expected_wrong"), "no estimate")
        rows = [
            row if one.is_estimated else {**row, **unknown}
            for row, one in zip(hit.rows, told.clusters, strict=True)
        ]
        hit = Sheet(hit.title, hit.columns, rows)
    _write(told, form, (hit,))


@commands.command()
@result_argument
@click.argument("start")
@click.argument("end")
@click.option(
    "-k", "--paths", "k", type=click.IntRange(1, 10), default=3, show_default=True, help="Of each sort."
)
@form_option
def path(result: Path, start: str, end: str, k: int, form: Form) -> None:
    """Find the strongest and the shortest paths between two accounts, or identifiers as KIND:VALUE."""
    from graphlink.explanations import find_paths
    from graphlink.result.result import read_result

    found = read_result(result)
    ends = [name if _is_account(found, name) else _parsed([name])[0] for name in (start, end)]
    told = find_paths(found, ends[0], ends[1], k)
    rows = [
        {"path": f"{sort} {place}", **dataclasses.asdict(hop)}
        for sort, paths in (("strongest", told.strongest), ("shortest", told.shortest))
        for place, one in enumerate(paths, 1)
        for hop in one.hops
    ]
    _write(told, form, (Sheet("hops", _HOP, rows),))


@commands.command("what-if")
@result_argument
@click.argument("cluster")
@_identifiers_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Leave out a kind; as often as wanted.")
@click.option("--since", metavar="TIME", help="Only evidence of accounts that were together from then on.")
@click.option("--until", metavar="TIME", help="Only evidence of accounts that were together before.")
@click.option("--resolution-bits", type=float, metavar="BITS", help="Move the setting of this name.")
@click.option("--cluster-probability", type=float, metavar="P", help="Move the setting of this name.")
@form_option
def what_if(result: Path, cluster: str, identifiers: tuple[str, ...], form: Form, **told: Any) -> None:
    """Solve a CLUSTER of RESULT again without some evidence, and say what falls apart or merges."""
    from graphlink.explanations import try_without
    from graphlink.result.result import read_result

    found = try_without(read_result(result), cluster, _parsed(identifiers), **told)
    rows = [
        {
            "when": when,
            **dataclasses.asdict(group),
            "sources": ", ".join(group.sources),
            "accounts": ", ".join(group.accounts[:_N_ACCOUNTS]),
        }
        for when, groups in (("before", found.before), ("after", found.after))
        for group in groups
    ]
    _write(found, form, (Sheet("groups", _GROUP, rows),))


def _write(
    told: Explanation, form: Form, sheets: Sequence[Sheet], sentences: Sequence[str] | None = None
) -> None:
    """Write an explanation, with its own sentences or these; the first sheet is its chief table."""
    if form == "json":
        write_json(told.as_dict(), sys.stdout)
    elif form == "csv":
        write_sheets(sheets[:1], form, sys.stdout)
    else:
        for sentence in told.sentences if sentences is None else sentences:
            click.echo(message(sentence))
        click.echo()
        for sheet in sheets:
            if not sheet.rows:
                continue
            more = len(sheet.rows) - _N_ROWS
            title = f"{sheet.title} (the first {_N_ROWS} of {len(sheet.rows):,})" if more > 0 else sheet.title
            click.echo(message(title))
            write_sheets([Sheet(title, sheet.columns, sheet.rows[:_N_ROWS])], form, sys.stdout)


def _sheet(title: str, columns: tuple[str, ...], rows: Sequence[Any]) -> Sheet:
    return Sheet(title, columns, [dataclasses.asdict(row) for row in rows])


def _parsed(identifiers: Sequence[str]) -> list[tuple[str, str]]:
    from graphlink.explanations import parse_identifier

    return [parse_identifier(text) for text in identifiers]


def _is_account(found: Any, name: str) -> bool:
    # An account may have a colon in its name, so what the result knows decides.
    if ":" not in name:
        return True
    return bool(found.table("accounts", ["account_id"], {"account_id": [name]}).num_rows)
