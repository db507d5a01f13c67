"""Commands about known organisations: add, list, show, end, and who may be linked to them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, shown_time, why_option, workspace_argument
from graphlink.core.errors import NotFoundError
from graphlink.core.wording.figures import counted
from graphlink.render.terminal import Form, Sheet, write_facts, write_sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.monitoring.organising import Links
    from graphlink.workspace.organisation_rows import Fact
    from graphlink.workspace.organisations import LinkedAccount, LinkedCluster, LinkedTo

_ORGANISATION = ("organisation", "declared", "facts", "in_force")
_SHORT_FACT = ("fact", "what", "value", "source", "confidence", "until")  # within 80 columns
_FACT = (*_SHORT_FACT, "in_force", "note", "by", "at")
_CLUSTER = ("cluster_id", "lineage", "organisation", "probability", "accounts", "likely", "known")
_SHORT_ACCOUNT = ("account_id", "organisation", "probability", "by", "steps", "objections")
_ACCOUNT = (
    *_SHORT_ACCOUNT,
    "against",
    "path",
    "hints",
    "cluster_id",
    "lineage",
    "is_declared",
    "by_evidence",
)


@commands.group(name="org", cls=SubCommands)
def org_commands() -> None:
    """Keep known organisations, and see who may be linked to them."""


@org_commands.command(
    name="add",
    examples=("graphlink org add ws Acme email_domain acme.example --source registry",),
)
@workspace_argument
@click.argument("name")
@click.argument("what", metavar="[WHAT]", default="")
@click.argument("value", metavar="[VALUE]", default="")
@click.option("--source", default="", metavar="NAME", help="Where the information comes from.")
@click.option(
    "--confidence",
    type=click.FloatRange(0, 100),
    default=100.0,
    help="How sure it is, 0 to 100 (default: 100).",
)
@click.option("--until", default="", metavar="DATE", help="Last day on which it holds (default: no end).")
@click.option("--note", default="", metavar="TEXT", help="A note on what was observed.")
@click.option("--declared/--not-declared", default=None, help="Whether it is openly a customer.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="CSV of kind, value, source, confidence, until."
)
@by_option
def add_command(  # noqa: PLR0913 - one per argument
    directory: Path,
    name: str,
    what: str,
    value: str,
    *,
    source: str,
    confidence: float,
    until: str,
    note: str,
    declared: bool | None,
    file: Path | None,
    by: str,
) -> None:
    """Add organisation NAME to workspace DIR, or what is known of it.

    WHAT is account, network (VALUE in CIDR form), hint (on the account VALUE; it never links by itself), or a
    kind such as email_domain, ip or payment.
    """
    if file is not None and (what or declared is not None):
        raise click.UsageError("--file brings its own facts; leave WHAT, VALUE and --declared out")
    from graphlink.monitoring.labelling import moment_text
    from graphlink.workspace.knowledge import Knowledge
    from graphlink.workspace.store.transactions import moment_of_text

    with opened(directory, by) as workspace:
        if file is not None:
            made = workspace.organisations.add_file(name, file, source)
        elif what or value:
            end = moment_of_text(moment_text(until))
            known = Knowledge(what, value, source, confidence / 100.0, end, note)
            made = workspace.organisations.add(name, known, is_declared=declared)
        else:
            made = workspace.organisations.add(name, is_declared=declared)
    print_message(f"{counted(len(made), 'fact')} added to {name}")


@org_commands.command(name="list", examples=("graphlink org list ws",))
@workspace_argument
@form_option
def list_command(directory: Path, form: Form) -> None:
    """List the known organisations of workspace DIR; openly declared customers at the end."""
    with opened(directory) as workspace:
        known, at = workspace.organisations.all(), workspace.now()
    rows = [
        {
            "organisation": one.name,
            "declared": one.is_declared,
            "facts": len(one.facts),
            "in_force": sum(fact.is_in_force(at) for fact in one.facts),
        }
        for one in sorted(known, key=lambda one: (one.is_declared, one.name))
    ]
    write_sheets([Sheet("organisations", _ORGANISATION, rows)], form, sys.stdout)


@org_commands.command(name="show", examples=("graphlink org show ws Acme",))
@workspace_argument
@click.argument("name")
@form_option
def show_command(directory: Path, name: str, form: Form) -> None:
    """Show what is known of organisation NAME in workspace DIR, including facts that have ended."""
    with opened(directory) as workspace:
        known, at = workspace.organisations.get(name), workspace.now()
    columns = _SHORT_FACT if form == "table" else _FACT
    rows = [_fact(one, at, form) for one in known.facts]
    write_sheets([Sheet("facts", columns, rows)], form, sys.stdout)
    if known.is_declared:
        print_message(f"{known.name} is openly a customer")


@org_commands.command(name="end", examples=('graphlink org end ws 3 --why "Given back." --by ana',))
@workspace_argument
@click.argument("fact", type=int)
@why_option
@by_option
def end_command(directory: Path, fact: int, why: str, by: str) -> None:
    """End FACT of an organisation in workspace DIR."""
    with opened(directory, by) as workspace:
        workspace.organisations.end(fact, why)
    print_message(f"fact {fact} has ended")


@org_commands.command(
    name="links",
    examples=("graphlink org links ws Acme", "graphlink org links ws Acme --account a17"),
)
@workspace_argument
@click.argument("name", metavar="[NAME]", default="")
@click.option(
    "--account", default="", metavar="ACCOUNT", help="Explain this one: its path, and what is against it."
)
@click.option("--most", type=click.IntRange(1), default=50, help="Maximum number of accounts (default: 50).")
@form_option
def links_command(directory: Path, name: str, account: str, most: int, form: Form) -> None:
    """Rank the clusters and unknown accounts of workspace DIR that may be linked to organisation NAME.

    Without NAME, to any. Openly declared customers are listed apart. In CSV the accounts only.
    """
    with opened(directory) as workspace:
        links = workspace.organisations.links(name)
    if account:
        _explain(links, account, form)
        return
    unknown = sorted(
        (one for linked in links.linked for one in linked.unknown),
        key=lambda one: (-one.probability, one.account_id),
    )
    columns = _SHORT_ACCOUNT if form == "table" else _ACCOUNT
    apart = [one for one in unknown if one.is_declared]
    ranked = [one for one in unknown if not one.is_declared]
    accounts = Sheet(
        "accounts", columns, [_account(one, links) for one in ranked[:most]], keep=_SHORT_ACCOUNT
    )
    if form == "csv":
        write_sheets([accounts], form, sys.stdout)
        return
    sheets = [_clusters(links, is_declared=False), accounts]
    if apart or any(one.organisation.is_declared for one in links.linked):
        declared = Sheet("accounts declared", columns, [_account(one, links) for one in apart[:most]])
        sheets += [_clusters(links, is_declared=True), declared]
    write_sheets(sheets, form, sys.stdout)
    if len(ranked) > most:
        print_message(f"{len(ranked) - most:,} accounts more; --most {len(ranked)} lists all")
    _print_unused(links.linked)


def _clusters(links: Links, *, is_declared: bool) -> Sheet:
    found: list[LinkedCluster] = sorted(
        (one for linked in links.linked for one in linked.clusters if one.is_declared == is_declared),
        key=lambda one: (-one.probability, one.cluster_id),
    )
    rows = [
        {
            "cluster_id": one.cluster_id,
            "lineage": links.lineages.get(one.cluster_id, ""),
            "organisation": one.organisation,
            "probability": one.probability,
            "accounts": one.n_accounts,
            "likely": one.n_likely,
            "known": one.n_known,
        }
        for one in found
    ]
    return Sheet("clusters declared" if is_declared else "clusters", _CLUSTER, rows)


def _account(one: LinkedAccount, links: Links) -> Mapping[str, object]:
    first = one.path[0] if one.path else None
    return {
        "account_id": one.account_id,
        "organisation": one.organisation,
        "probability": one.probability,
        "by": f"{first.kind} {first.value}".strip() if first else "hint only" if one.hints else "",
        "steps": len(one.path),
        "objections": len(one.against),
        "against": " ".join(one.against),
        "path": "; ".join(step.sentence for step in one.path),
        "hints": "; ".join(f"{hint.source}: {hint.note}" for hint in one.hints),
        "cluster_id": one.cluster_id or "",
        "lineage": links.lineages.get(one.cluster_id or "", ""),
        "is_declared": one.is_declared,
        "by_evidence": one.by_evidence,
    }


def _explain(links: Links, account: str, form: Form) -> None:
    """Print the paths to one account, and what speaks against them."""
    found = [one for linked in links.linked for one in linked.accounts if one.account_id == account]
    if not found:
        raise NotFoundError(f"account {account!r}: no path from what is known leads to it")
    for one in sorted(found, key=lambda one: -one.probability):
        row = _account(one, links)
        if form != "table":
            write_facts(row, form, sys.stdout)
            continue
        shown = ("account_id", "organisation", "probability", "cluster_id", "lineage")
        write_facts({name: row[name] for name in shown}, form, sys.stdout)
        lines = [f"  {step.sentence}" for step in one.path] or ["  it is known itself"]
        print_message("\n".join(["path:", *lines]))
        print_message("\n".join(["against it:", *(f"  {text}" for text in one.against or ("nothing seen",))]))


def _print_unused(linked: Iterable[LinkedTo]) -> None:
    for one in linked:
        for known, reason in one.not_used:
            print_message(f"not used of {one.organisation.name}: {known.what} {known.value}: {reason}")


def _fact(one: Fact, at: str, form: Form) -> dict[str, object]:
    return {
        "fact": one.number,
        "what": one.knowledge.what,
        "value": one.knowledge.value,
        "source": one.knowledge.source,
        "confidence": one.knowledge.confidence,
        "until": shown_time(one.until_at, form),
        "in_force": one.is_in_force(at),
        "note": one.knowledge.note,
        "by": one.by,
        "at": one.at,
    }
