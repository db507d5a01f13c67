"""Commands that explain: why, why not, what would break it, whom an action would hit, paths, what if.

Each prints the result of a function of `graphlink.explanations`: as sentences and tables, in full as JSON,
or its main table as CSV.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import (
    commands,
    form_option,
    print_sheets,
    renamed_option,
    result_argument,
    view_options,
)
from graphlink.core.wording.clusters import evidence_share
from graphlink.render.terminal import Form, Sheet, View, folded, message, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphlink.explanations import ClusterExplanation, Explanation
    from graphlink.result.result import Result

_STEP = (
    "kind", "value", "bits", "contribution_bits", "total_bits", "probability", "counts", "n_others", "chance",
    "p_exclusive", "label", "n_windows", "lag_seconds", "first_joint", "last_joint",
)  # fmt: skip
_STEP_KEPT = ("kind", "value", "contribution_bits", "total_bits", "probability", "counts", "n_others")
_AGAINST = ("reason", "kind", "value", "bits", "detail")
_TIE = ("kind", "value", "facet", "n_accounts", "bits", "strongest", "degree", "p_exclusive", "label")
_SHARE = (
    "kind", "value", "facet", "bits", "share", "n_links", "n_accounts", "degree", "p_exclusive", "label",
)  # fmt: skip
_SHARE_KEPT = ("kind", "value", "share", "n_accounts", "degree", "p_exclusive", "n_links")
_FAILURE = ("kind", "value", "facet", "n_links", "n_accounts")
_HOP = ("path", "probability", "start", "end", "kind", "value", "bits")
_HOP_KEPT = ("path", "start", "end", "kind", "value", "bits")
_HIT = ("cluster_id", "n_hit", "one_organisation", "doubt", "also_explained_by", "expected_wrong")
_INDEPENDENT = ("kind", "value", "n_links", "account_id", "bits", "probability")
_SEPARATING = (
    "evidence", "bits", "bits_same_operator", "bits_shared_intermediary", "bits_shared_network",
    "bits_openly_one_organisation", "n_ties", "n_possible", "detail",
)  # fmt: skip
_SEPARATING_KEPT = ("evidence", "bits", "detail")
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


@commands.command(
    examples=(
        "graphlink why C-4edd           # what a cluster rests on",
        "graphlink why a17              # why an account is in its cluster",
        "graphlink why a17 b02          # the evidence for a link",
        "graphlink why /data/march a17 b02 --format json",
    )
)
@result_argument
@click.argument("names", metavar="CLUSTER | ACCOUNT [ACCOUNT]", nargs=-1, required=True)
@form_option
@view_options
def why(result: Path, names: tuple[str, ...], form: Form, view: View) -> None:
    """Show why: of a cluster, of an account in it, or of a link.

    Of a CLUSTER: its evidence by identifier, facet and week, and what separates the hypotheses. Of an
    ACCOUNT: what ties it to its cluster, and whose loss would remove it. Of two: the evidence for their link,
    from the prior to the probability.
    """
    from graphlink.result.lookup import find_cluster
    from graphlink.result.result import read_result

    opened = read_result(result)
    if len(names) > 2:
        raise click.UsageError(f"give a cluster, an account, or two accounts; not {len(names)} names")
    if len(names) == 2:
        _print_why_pair(opened, names[0], names[1], form, view)
    elif _is_cluster(opened, names[0]):
        _print_why_cluster(opened, find_cluster(opened, names[0]), form, view)
    else:
        _print_why_member(opened, names[0], form, view)


def _is_cluster(result: Result, name: str) -> bool:
    """Whether a name is a cluster's id, or begins one; an account of that very name comes before a prefix."""
    from graphlink.result.lookup import has_account

    ids = result.table("clusters", ["cluster_id"])["cluster_id"].to_pylist()
    return name in ids or (name.startswith("C-") and not has_account(result, name))


def _print_why_pair(result: Result, account: str, other: str, form: Form, view: View) -> None:
    from graphlink.explanations import explain_pair

    pair = explain_pair(result, account, other)
    _write(pair, form, (_sheet("evidence", _STEP, pair.evidence, _STEP_KEPT),), view=view)


def _print_why_member(result: Result, account: str, form: Form, view: View) -> None:
    from graphlink.explanations import explain_member

    member = explain_member(result, account)
    links = _sheet("strongest links", ("account_id", "bits", "probability"), member.links)
    independent = _sheet("independent ties", _INDEPENDENT, member.independent)
    _write(member, form, (_sheet("ties", _TIE, member.ties), independent, links), view=view)


def _print_why_cluster(result: Result, cluster: str, form: Form, view: View) -> None:
    from graphlink.explanations import explain_cluster

    explained = explain_cluster(result, cluster)
    sheets = (
        _sheet("identifiers", _SHARE, explained.identifiers, _SHARE_KEPT),
        *_shares_of(explained, form),
        _sheet("what separates the hypotheses", _SEPARATING, explained.hypothesis_evidence, _SEPARATING_KEPT),
    )
    _write(explained, form, sheets, view=view)


def _shares_of(explained: ClusterExplanation, form: Form) -> tuple[Sheet, ...]:
    """The evidence by facet and over time: people read shares, programs the bits over all links."""
    if form != "table":
        return (
            _sheet("facets", ("facet", "bits", "share", "n_links"), explained.facets),
            _sheet("over time", ("start", "bits"), explained.weeks),
        )
    bits = [week.bits for week in explained.weeks]
    weeks = [{"start": week.start, "share": evidence_share(week.bits, bits)} for week in explained.weeks]
    return (
        _sheet("facets", ("facet", "share", "n_links"), explained.facets),
        Sheet("over time", ("start", "share"), weeks),
    )


@commands.command(
    "why-not",
    examples=("graphlink why-not a17 b02      # what speaks against a link",),
)
@result_argument
@click.argument("account")
@click.argument("other")
@form_option
@view_options
def why_not(result: Path, account: str, other: str, form: Form, view: View) -> None:
    """Show the evidence against a link and the missing bits."""
    from graphlink.explanations import explain_pair
    from graphlink.result.result import read_result

    pair = explain_pair(read_result(result), account, other)
    against = _sheet("against", _AGAINST, pair.against, ("kind", "value", "bits", "detail"))
    _write(pair, form, (against,), pair.sentences_against, view=view)


@commands.command(
    "break",
    examples=(
        "graphlink break C-4edd         # the least evidence whose loss splits it",
        "graphlink break C-4edd a17     # whose loss removes one account",
    ),
)
@result_argument
@click.argument("cluster")
@click.argument("account", required=False)
@form_option
@view_options
def break_(result: Path, cluster: str, account: str | None, form: Form, view: View) -> None:
    """Find the minimum evidence whose loss splits a cluster.

    With an ACCOUNT, find the minimum evidence whose loss removes it from the CLUSTER.
    """
    from graphlink.explanations import find_breaks
    from graphlink.result.lookup import find_cluster
    from graphlink.result.result import read_result

    opened = read_result(result)
    breaks = find_breaks(opened, find_cluster(opened, cluster), account)
    _write(
        breaks,
        form,
        (
            _sheet("single points of failure", _FAILURE, breaks.singles),
            _sheet("the smallest set", ("kind", "value"), breaks.smallest),
        ),
        view=view,
    )


@commands.command(
    examples=(
        "graphlink collateral a17 b02                   # closing two accounts",
        "graphlink collateral --identifier ip:192.0.2.1 # blocking an address",
    )
)
@result_argument
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@_identifiers_option
@form_option
@view_options
def collateral(
    result: Path, accounts: tuple[str, ...], identifiers: tuple[str, ...], form: Form, view: View
) -> None:
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
    _write(estimate, form, (hit,), view=view)


@commands.command(
    examples=(
        "graphlink path a17 b02",
        "graphlink path a17 payment:card-1 --paths 1",
    )
)
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
@view_options
def path(result: Path, start: str, end: str, k: int, form: Form, view: View) -> None:
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
    _write(paths, form, (Sheet("hops", _HOP, rows, _HOP_KEPT),), view=view)


@commands.command(
    "what-if",
    examples=(
        "graphlink what-if C-4edd --identifier ip:192.0.2.1 # without an address",
        "graphlink what-if C-4edd --kind email_domain       # without a whole kind",
        "graphlink what-if C-4edd --since 2026-03-01        # with later evidence",
    ),
)
@result_argument
@click.argument("cluster")
@_identifiers_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Leave out a kind (repeatable).")
@renamed_option("--without", "--identifier KIND:VALUE or --kind KIND", "is written as")
@click.option("--since", metavar="TIME", help="Use only co-presence from this time on.")
@click.option("--until", metavar="TIME", help="Use only co-presence before this time.")
@click.option(
    "--resolution-bits",
    type=float,
    metavar="BITS",
    help="Mean bits per pair that keep two groups in one cluster (default: as in the run).",
)
@click.option(
    "--cluster-probability",
    type=float,
    metavar="P",
    help="Minimum probability of links that form clusters (default: as in the run).",
)
@form_option
@view_options
def what_if(
    result: Path, cluster: str, identifiers: tuple[str, ...], form: Form, view: View, **changes: Any
) -> None:
    """Recompute a CLUSTER without some of its evidence.

    Shows which groups split or merge. Stores nothing.
    """
    from graphlink.explanations import try_without
    from graphlink.result.lookup import find_cluster
    from graphlink.result.result import read_result

    opened = read_result(result)
    outcome = try_without(opened, find_cluster(opened, cluster), _parsed(identifiers), **changes)
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
    kept = ("when", "name", "n_accounts", "accounts")
    _write(outcome, form, (Sheet("groups", _GROUP, rows, kept),), view=view)


def _write(
    explanation: Explanation,
    form: Form,
    sheets: Sequence[Sheet],
    sentences: Sequence[str] | None = None,
    *,
    view: View,
) -> None:
    """Write an explanation, with its own sentences or these.

    The first sheet is its main table: the only one in CSV, and where columns are chosen.
    """
    if form == "json":
        write_json(explanation.as_dict(), sys.stdout)
    elif form == "csv" or view.columns:
        print_sheets(sheets[:1], form, view)
    else:
        for sentence in explanation.sentences if sentences is None else sentences:
            click.echo(folded(sentence, sys.stdout))
        for sheet in sheets:
            if not sheet.rows:
                continue
            more = len(sheet.rows) - _N_ROWS
            title = f"{sheet.title} (the first {_N_ROWS} of {len(sheet.rows):,})" if more > 0 else sheet.title
            click.echo(f"\n{message(title)}")
            first = Sheet(title, sheet.columns, sheet.rows[:_N_ROWS], sheet.keep)
            print_sheets([first], form, view)


def _sheet(title: str, columns: tuple[str, ...], rows: Sequence[Any], keep: tuple[str, ...] = ()) -> Sheet:
    return Sheet(title, columns, [dataclasses.asdict(row) for row in rows], keep)


def _parsed(identifiers: Sequence[str]) -> list[tuple[str, str]]:
    from graphlink.explanations import parse_identifier

    return [parse_identifier(text) for text in identifiers]


def _is_account(result: Result, name: str) -> bool:
    from graphlink.result.lookup import has_account

    # An account id may contain a colon, so the accounts of the result decide.
    return ":" not in name or has_account(result, name)
