"""The first page of a report: its findings, how certain they are, and what to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from graphlink.core.wording.figures import counted, format_probability
from graphlink.report.certainty import certainty_sentences
from graphlink.report.joined import joined_over_all, since_words
from graphlink.report.model import LEADS, LOOK, STRONG, Entry, Summary
from graphlink.report.run_facts import (
    capped_rows,
    hub_rows,
    manifest_facts,
    mapping_of,
    n_rows_of,
    quality_of,
    rejected_rows_by_reason,
    source_rows,
    totals_of,
)
from graphlink.result.comparison import STATUSES, Change

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from graphlink.explanations import Joined
    from graphlink.report.pages import Context
    from graphlink.result.result import Result

_MOST_GONE = 200
_MOST_URGENT = 3


def make_summary(
    result: Result,
    contents: tuple[Sequence[Entry], Sequence[tuple[Entry, Joined]]],
    n_clusters: int,
    selection: str,
    context: Context,
) -> Summary:
    """Make the first page.

    Args:
        result: A finished run.
        contents: The clusters in the report, and the accounts that joined them with the cluster of each.
        n_clusters: How many the result has.
        selection: What was selected, in words; empty for everything.
        context: What the pages were made with.
    """
    entries, joined = contents
    listed, n_left_out = joined_over_all(joined)
    steps = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", ())}
    read = steps.get("observations", {})
    gone = [change for change in context.changes.values() if change.status == "gone"]
    statuses = [entry.status for entry in entries] + ["gone"] * len(gone)
    leads = [entry.lead for entry in entries]
    return Summary(
        title="Batch linkage report",
        findings=tuple(_findings(result, entries, n_clusters, selection)),
        sure=tuple(certainty_sentences(entries, steps, context)),
        changed=(*context.caveats, *_changed(entries, gone, context.since)) if context.changes else (),
        joined=listed,
        n_joined_left_out=n_left_out,
        todo=tuple(_todo(entries, read)),
        totals=totals_of(result, entries, n_clusters),
        quality=quality_of(result, read, context),
        capped=tuple(capped_rows(steps.get("blocking", {}))),
        rejected=tuple(rejected_rows_by_reason(read)),
        sources=tuple(source_rows(read)),
        kinds=tuple({"kind": kind, **facts} for kind, facts in mapping_of(read, "kinds").items()),
        hubs=tuple(hub_rows(result)),
        gone=tuple(_gone(gone)),
        statuses={status: statuses.count(status) for status in STATUSES if status in statuses},
        leads=tuple(
            (lead, leads.count(lead), rule.format(threshold=context.threshold))
            for lead, rule in LEADS.items()
        ),
        method=_METHOD,
        manifest=manifest_facts(result, selection),
        redacted=tuple(result.manifest.get("redacted", {}).get("what", ())),
    )


_METHOD = (
    (
        "The unit of evidence is the bit: each bit doubles the odds that one operator has two accounts. "
        "A pair starts far below even odds and what it shares adds up."
    ),
    (
        "An address or client counts only when both accounts held it within days of each other. The more "
        "accounts hold an identifier, the weaker it is as evidence. Not sharing is missing evidence, not "
        "contrary evidence."
    ),
    (
        "Whether an identifier is exclusive to one operator or public is estimated from what else its "
        "holders share; "
        "reference lists move it."
    ),
    (
        "Clusters are communities of links (Leiden, constant Potts). A member's probability is how often "
        "it stays when a tenth of all identifiers is left out, times the chance that some link of it holds."
    ),
    (
        "What comes out is a lead, not a verdict: people of one household or office, and customers of one "
        "reseller, can look like one operator. The decision is for people."
    ),
)


def _findings(result: Result, entries: Sequence[Entry], n_clusters: int, selection: str) -> list[str]:
    n_accounts = n_rows_of(result, "accounts")
    strong = [entry for entry in entries if entry.lead == STRONG]
    n_core = sum(entry.n_core for entry in entries)
    sentences = [
        _strong_sentence(strong),
        (
            f"{counted(len(entries), 'cluster')} in all, with {n_core:,} core accounts of {n_accounts:,} "
            f"in the data ({n_core / max(1, n_accounts):.1%})."
        ),
    ]
    if len(entries) < n_clusters:
        why = f" selected by {selection}" if selection else ""
        sentences.append(f"Shown are {len(entries):,} of {n_clusters:,} clusters{why}.")
    if not entries:
        sentences = [
            f"No cluster to show{' for ' + selection if selection else ''}; the result has {n_clusters:,}."
        ]
    return sentences


def _strong_sentence(strong: Sequence[Entry]) -> str:
    if not strong:
        return "No strong lead."
    core = counted(sum(entry.n_core for entry in strong), "core account")
    if len(strong) == 1:
        return f"1 strong lead: one cluster ({core}) is probably run by a single organisation."
    return f"{len(strong):,} strong leads: {core} in clusters each probably run by a single organisation."


def _changed(entries: Sequence[Entry], gone: Sequence[Change], since: datetime.datetime | None) -> list[str]:
    """Who joined first, since that is the news; what became of the clusters second."""
    sentences = [
        _joined_sentence(entries, since),
        _returns_sentence(entries),
        _statuses_sentence(entries, gone),
    ]
    return [sentence for sentence in sentences if sentence]


def _joined_sentence(entries: Sequence[Entry], since: datetime.datetime | None) -> str:
    joined = sum(entry.n_joined for entry in entries)
    if not joined:
        return f"No account joined a cluster shown since {since_words(since)}."
    n_clusters = sum(entry.n_joined > 0 for entry in entries)
    return (
        f"{counted(joined, 'account')} joined {counted(n_clusters, 'cluster')} since {since_words(since)}; "
        f"{sum(entry.n_news for entry in entries):,} of them are core and open."
    )


def _returns_sentence(entries: Sequence[Entry]) -> str:
    """In how many clusters the holders of closed accounts may be back; empty where nobody joined so."""
    n_back = sum(entry.is_above_chance for entry in entries)
    if n_back:
        return (
            f"In {counted(n_back, 'cluster')} more of them were opened soon after a closing for abuse "
            "(for any reason where no reason is known) than by chance: holders of closed accounts may have "
            "come back."
        )
    if any(entry.n_soon_after for entry in entries):
        return "In no cluster were more of them opened soon after a closing than by chance."
    return ""


def _statuses_sentence(entries: Sequence[Entry], gone: Sequence[Change]) -> str:
    counts = Counter(entry.status for entry in entries)
    counts["gone"] = len(gone)
    statuses = [f"{counts[status]:,} {status}" for status in STATUSES if counts[status]]
    return f"Clusters: {', '.join(statuses)}." if statuses else ""


def _todo(entries: Sequence[Entry], read: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What to do first, each with the cluster that it is about; at most three reviews and one check."""
    back, fresh, strong, look = _by_urgency(entries)
    todo = [
        (f"May have come back: {entry.returned} of {_in_short(entry)}", entry.cluster_id)
        for entry in sorted(back, key=lambda one: (-one.n_soon_after, one.rank))[:_MOST_URGENT]
    ]
    todo += [
        (f"{entry.status.capitalize()}, {entry.n_joined:,} joined: {_in_short(entry)}", entry.cluster_id)
        for entry in fresh[:_MOST_URGENT]
    ]
    n_left = max(0, _MOST_URGENT - len(todo))
    todo += [(f"Review {_in_short(entry)}", entry.cluster_id) for entry in strong[:n_left]]
    if look:
        todo.append((_check_first(look), look[0].cluster_id))
    if read.get("rows_rejected"):
        todo.append((f"{read['rows_rejected']:,} input rows were rejected: fix the export.", ""))
    return todo


def _by_urgency(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry], list[Entry], list[Entry]]:
    """The clusters that may have come back, those that grew, other strong leads, those to look closer at."""
    back: list[Entry] = []
    fresh: list[Entry] = []
    strong: list[Entry] = []
    look: list[Entry] = []
    for entry in entries:
        if entry.is_above_chance:
            back.append(entry)
        elif entry.lead == LOOK:
            look.append(entry)
        elif entry.lead == STRONG:
            (fresh if entry.n_news or entry.status == "merged" else strong).append(entry)
    return back, fresh, strong, look


def _check_first(look: Sequence[Entry]) -> str:
    n = sum(entry.n_core for entry in look)
    return (
        f"Before action on {counted(len(look), 'cluster')} with {counted(n, 'core account')} rule out "
        f"a household, office or reseller; first {_in_short(look[0])}"
    )


def _in_short(entry: Entry) -> str:
    because = f" ({entry.why_first})" if entry.why_first else ""
    core = counted(entry.n_core, "core account")
    return f"{core}, probability {format_probability(entry.probability)}{because}"


def _gone(gone: Sequence[Change]) -> list[dict[str, Any]]:
    ordered = sorted(gone, key=lambda change: (-change.n_left, change.cluster_id))
    rows = []
    for change in ordered[:_MOST_GONE]:
        elsewhere = sum(move.cluster_after is not None for move in change.moves)
        rows.append(
            {"cluster_id": change.cluster_id, "accounts": change.n_left, "now in other clusters": elsewhere}
        )
    return rows
