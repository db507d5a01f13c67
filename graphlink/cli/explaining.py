"""Commands that explain: why, why not, what would break it, whom an action would hit, paths, what if.

Each prints the result of a function of `graphlink.explanations`: as sentences and tables, in full as JSON,
or its main table as CSV.
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
_HIT = ("cluster_id", "n_hit", "one_organisation", "doubt", "also_explained_by", "expected_wrong")
_INDEPENDENT = ("kind", "value", "n_links", "account_id", "bits", "probability")
_SEPARATING = (
    "evidence", "bits", "bits_same_operator", "bits_shared_intermediary", "bits_shared_network",
    "bits_openly_one_organisation", "n_ties", "n_possible", "detail",
)  # fmt: skip
_GROUP = ("when", "name", "n_accounts", "n_own", "sources", "accounts")
_N_ROWS = 20
_N_ACCOUNTS = 5

_identifiers_option = click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="KIND:VALUE",
    help="Select an identifier (repeatable).",
)


@commands.command()
@result_argument
@click.argument("account")
@click.argument("other")
@form_option
def why(result: Path, account: str, other: str, form: Form) -> None:
    """Show the evidence for a link between two accounts.

    Starts from the prior and adds the bits of each piece of evidence up to the probability.
    """
    from graphlink.explanations import explain_pair
    from graphlink.result.result import read_result

    pair = explain_pair(read_result(result), account, other)
    _write(pair, form, (_sheet("evidence", _STEP, pair.evidence),))


@commands.command("why-not")
@result_argument
@click.argument("account")
@click.argument("other")
@form_option
def why_not(result: Path, account: str, other: str, form: Form) -> None:
    """Show the evidence against a link and the missing bits."""
    from graphlink.explanations import explain_pair
    from graphlink.result.result import read_result

    pair = explain_pair(read_result(result), account, other)
    _write(pair, form, (_sheet("against", _AGAINST, pair.against),), pair.sentences_against)


@commands.command("why-here")
@result_argument
@click.argument("account")
@form_option
def why_here(result: Path, account: str, form: Form) -> None:
    """Show why an account is in its cluster.

    Also shows the evidence whose loss would remove it.
    """
    from graphlink.explanations import explain_member
    from graphlink.result.result import read_result

    member = explain_member(read_result(result), account)
    links = _sheet("strongest links", ("account_id", "bits", "probability"), member.links)
    independent = _sheet("independent ties", _INDEPENDENT, member.independent)
    _write(member, form, (_sheet("ties", _TIE, member.ties), independent, links))


@commands.command("why-cluster")
@result_argument
@click.argument("cluster")
@form_option
def why_cluster(result: Path, cluster: str, form: Form) -> None:
    """Break down a cluster's evidence by identifier and facet.

    Also shows the evidence per week, and what separates the hypotheses.
    """
    from graphlink.explanations import explain_cluster
    from graphlink.result.result import read_result

    explained = explain_cluster(read_result(result), cluster)
    _write(
        explained,
        form,
        (
            _sheet("identifiers", _SHARE, explained.identifiers),
            _sheet("facets", ("facet", "bits", "share", "n_links"), explained.facets),
            _sheet("over time", ("start", "bits"), explained.weeks),
            _sheet("what separates the hypotheses", _SEPARATING, explained.hypothesis_evidence),
        ),
    )


@commands.command("break")
@result_argument
@click.argument("cluster")
@click.argument("account", required=False)
@form_option
def break_(result: Path, cluster: str, account: str | None, form: Form) -> None:
    """Find the minimum evidence whose loss splits a cluster.

    With an ACCOUNT, find the minimum evidence whose loss removes it from the CLUSTER.
    """
    from graphlink.explanations import find_breaks
    from graphlink.result.result import read_result

    breaks = find_breaks(read_result(result), cluster, account)
    _write(
        breaks,
        form,
        (
            _sheet("single points of failure", _FAILURE, breaks.singles),
            _sheet("the smallest set", ("kind", "value"), breaks.smallest),
        ),
    )


@commands.command()
@result_argument
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@_identifiers_option
@form_option
def collateral(result: Path, accounts: tuple[str, ...], identifiers: tuple[str, ...], form: Form) -> None:
    """Estimate how many accounts an action would hit wrongly.

    The action closes ACCOUNTs or blocks identifiers.
    """
    from graphlink.explanations import estimate_collateral
    from graphlink.result.result import read_result

    estimate = estimate_collateral(read_result(result), accounts, _parsed(identifiers))
    hit = _sheet("clusters hit", _HIT, estimate.clusters)
    if form == "table":
        # Where a harmless reading leaves no estimate, neither the sentences nor the table give one.
        unknown = dict.fromkeys(("doubt", "expected_wrong"), "no estimate")
        rows = [
            row if one.is_estimated else {**row, **unknown}
            for row, one in zip(hit.rows, estimate.clusters, strict=True)
        ]
        hit = Sheet(hit.title, hit.columns, rows)
    _write(estimate, form, (hit,))


@commands.command()
@result_argument
@click.argument("start")
@click.argument("end")
@click.option(
    "-k",
    "--paths",
    "k",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Number of paths of each type.",
)
@form_option
def path(result: Path, start: str, end: str, k: int, form: Form) -> None:
    """Find the strongest and shortest paths between two nodes.

    START and END are accounts, or identifiers as KIND:VALUE.
    """
    from graphlink.explanations import find_paths
    from graphlink.result.result import read_result

    source = read_result(result)
    ends = [name if _is_account(source, name) else _parsed([name])[0] for name in (start, end)]
    paths = find_paths(source, ends[0], ends[1], k)
    rows = [
        {"path": f"{sort} {rank}", **dataclasses.asdict(hop)}
        for sort, ranked in (("strongest", paths.strongest), ("shortest", paths.shortest))
        for rank, one in enumerate(ranked, 1)
        for hop in one.hops
    ]
    _write(paths, form, (Sheet("hops", _HOP, rows),))


@commands.command("what-if")
@result_argument
@click.argument("cluster")
@_identifiers_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Leave out a kind (repeatable).")
@click.option("--since", metavar="TIME", help="Use only co-presence from this time on.")
@click.option("--until", metavar="TIME", help="Use only co-presence before this time.")
@click.option("--resolution-bits", type=float, metavar="BITS", help="Override the setting of this name.")
@click.option("--cluster-probability", type=float, metavar="P", help="Override the setting of this name.")
@form_option
def what_if(result: Path, cluster: str, identifiers: tuple[str, ...], form: Form, **changes: Any) -> None:
    """Recompute a CLUSTER without some of its evidence.

    Shows which groups split or merge. Stores nothing.
    """
    from graphlink.explanations import try_without
    from graphlink.result.result import read_result

    outcome = try_without(read_result(result), cluster, _parsed(identifiers), **changes)
    rows = [
        {
            "when": when,
            **dataclasses.asdict(group),
            "sources": ", ".join(group.sources),
            "accounts": ", ".join(group.accounts[:_N_ACCOUNTS]),
        }
        for when, groups in (("before", outcome.before), ("after", outcome.after))
        for group in groups
    ]
    _write(outcome, form, (Sheet("groups", _GROUP, rows),))


def _write(
    explanation: Explanation, form: Form, sheets: Sequence[Sheet], sentences: Sequence[str] | None = None
) -> None:
    """Write an explanation, with its own sentences or these; the first sheet is its main table."""
    if form == "json":
        write_json(explanation.as_dict(), sys.stdout)
    elif form == "csv":
        write_sheets(sheets[:1], form, sys.stdout)
    else:
        for sentence in explanation.sentences if sentences is None else sentences:
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


def _is_account(result: Any, name: str) -> bool:
    # An account id may contain a colon, so the accounts of the result decide.
    if ":" not in name:
        return True
    return bool(result.table("accounts", ["account_id"], {"account_id": [name]}).num_rows)
