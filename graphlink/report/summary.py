"""The first page: what was found, how sure, what is new, what to do next, and what the data were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.wording.clusters import expected_words
from graphlink.core.wording.figures import at_most_percent, told_probability
from graphlink.explanations import doubt_of
from graphlink.report.joined import joined_over_all, since_words
from graphlink.report.model import LEADS, LOOK, STRONG, Entry, Summary
from graphlink.result.comparison import STATUSES
from graphlink.storage.result_folder import rows_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from graphlink.explanations import Joined
    from graphlink.report.pages import Context
    from graphlink.result.comparison import Change
    from graphlink.result.result import Result

_MOST_HUBS = 15
_MOST_GONE = 200
_HUB = ("kind", "value", "degree", "private", "label", "label_type", "is_hub", "is_capped")


def make_summary(
    result: Result,
    told: tuple[Sequence[Entry], Sequence[tuple[Entry, Joined]]],
    n_clusters: int,
    selection: str,
    context: Context,
) -> Summary:
    """Make what the first page says.

    Args:
        result: A finished run.
        told: The clusters in the report, and the accounts that joined them with the cluster of each.
        n_clusters: How many the result has.
        selection: What was selected, in words; empty for everything.
        context: What the pages were made with.
    """
    entries, joined = told
    listed, n_left_out = joined_over_all(joined)
    steps = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", ())}
    read = steps.get("observations", {})
    gone = [change for change in context.changes.values() if change.status == "gone"]
    statuses = [entry.status for entry in entries] + ["gone"] * len(gone)
    leads = [entry.lead for entry in entries]
    return Summary(
        title="Batch linkage report",
        found=tuple(_found(result, entries, n_clusters, selection)),
        sure=tuple(_sure(entries, steps, context)),
        changed=(*context.caveats, *_changed(entries, gone, context.since)) if context.changes else (),
        joined=listed,
        n_joined_left_out=n_left_out,
        todo=tuple(_todo(entries, read)),
        totals=_totals(result, entries, n_clusters),
        quality=_quality(result, read, context),
        capped=tuple(_capped(steps.get("sharing", {}))),
        aside=tuple(_aside(read)),
        sources=tuple(_sources(read)),
        kinds=tuple({"kind": kind, **facts} for kind, facts in _mapping(read, "kinds").items()),
        hubs=tuple(_hubs(result)),
        gone=tuple(_gone(gone)),
        statuses={status: statuses.count(status) for status in STATUSES if status in statuses},
        leads=tuple(
            (lead, leads.count(lead), rule.format(threshold=context.threshold))
            for lead, rule in LEADS.items()
        ),
        method=_METHOD,
        manifest=_manifest(result, selection),
        redacted=tuple(result.manifest.get("redacted", {}).get("what", ())),
    )


_METHOD = (
    (
        "The unit of belief is the bit: each bit doubles the odds that one operator has two accounts. "
        "A pair starts far below even odds and what it shares adds up."
    ),
    (
        "An address or client counts only when both accounts held it within days of each other, and the more "
        "accounts hold a thing, the less it says. Not sharing is missing evidence, not contrary."
    ),
    (
        "Whether a thing is private to one operator or public is estimated from what else its holders share; "
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


def _found(result: Result, entries: Sequence[Entry], n_clusters: int, selection: str) -> list[str]:
    n_accounts = _rows(result, "accounts")
    strong = [entry for entry in entries if entry.lead == STRONG]
    n_core = sum(entry.n_core for entry in entries)
    told = [
        _strong_sentence(strong),
        (
            f"{_counted(len(entries), 'cluster')} in all, with {n_core:,} core accounts of {n_accounts:,} "
            f"in the data ({n_core / max(1, n_accounts):.1%})."
        ),
    ]
    if len(entries) < n_clusters:
        why = f" selected by {selection}" if selection else ""
        told.append(f"Shown are {len(entries):,} of {n_clusters:,} clusters{why}.")
    if not entries:
        told = [
            f"No cluster to show{' for ' + selection if selection else ''}; the result has {n_clusters:,}."
        ]
    return told


def _sure(entries: Sequence[Entry], steps: Mapping[str, Any], context: Context) -> list[str]:
    if not entries:
        return []
    told = [_placed_sentence(entries, context.threshold)]
    strong = [entry for entry in entries if entry.lead == STRONG]
    rates = [entry.fdr for entry in entries if entry.fdr is not None]
    strong_rates = [entry.fdr for entry in strong if entry.fdr is not None]
    if rates:
        first = (
            f"at most {at_most_percent(max(strong_rates))} of the list down to the weakest strong lead, "
            if strong_rates
            else ""
        )
        told.append(
            f"False leads: {first}at most {at_most_percent(max(rates))} of the list to the last shown. "
            "Clusters that a harmless reading also explains count as false."
        )
    chances = [entry.chance for entry in strong or entries if entry.chance is not None]
    if chances:
        which = "strong lead" if strong else "cluster shown"
        told.append(
            f"By chance alone, {expected_words(max(chances))} clusters as large and as strong as the weakest "
            f"{which} are expected."
        )
    told += [f"Calibration: {sentence}" for sentence in _calibration(steps)]
    return told


def _strong_sentence(strong: Sequence[Entry]) -> str:
    if not strong:
        return "No strong lead."
    core = _counted(sum(entry.n_core for entry in strong), "core account")
    if len(strong) == 1:
        return f"1 strong lead: one cluster ({core}) is probably run by a single organisation."
    return f"{len(strong):,} strong leads: {core} in clusters each probably run by a single organisation."


def _placed_sentence(entries: Sequence[Entry], threshold: float) -> str:
    """How many of the accounts shown are expected to be in a wrong place, by the doubt that pages state."""
    sure = [entry for entry in entries if not entry.also_explained_by]
    wrong = math.fsum(
        (1.0 - (1.0 - doubt_of(entry.row)) * entry.row["score"]) * entry.n_accounts for entry in sure
    )
    n_harmless = sum(entry.n_accounts for entry in entries if entry.also_explained_by)
    said = []
    if sure:
        number = "fewer than 1" if wrong < 1.0 else f"{wrong:,.0f}"
        total = sum(entry.n_accounts for entry in sure)
        other = "other " if n_harmless else ""
        said.append(
            f"Of the {other}{total:,} accounts shown {number} {'is' if wrong < 1.5 else 'are'} expected to "
            "be wrongly included, counting that a whole cluster may be wrong."
        )
    if n_harmless:
        said.insert(
            0,
            f"{n_harmless:,} accounts shown are in clusters that a harmless reading also explains: for these "
            "no estimate is given.",
        )
    return " ".join([*said, f"Core members belong with a probability of {threshold} or more."])


def _calibration(steps: Mapping[str, Any]) -> list[str]:
    prior = steps.get("links", {}).get("prior_bits")
    told = "probabilities are estimated from these data without labels"
    if prior is not None:
        told += f", from a prior of one pair in {2**-prior:,.0f}"
    return [
        (
            f"{told}. They were checked on worlds with known truth, not on decisions of yours; "
            "`graphlink evaluate RESULT --truth FILE` measures them against yours."
        )
    ]


def _changed(entries: Sequence[Entry], gone: Sequence[Change], since: datetime.datetime | None) -> list[str]:
    """Who joined first, since that is the news; what became of the clusters second."""
    joined = sum(entry.n_joined for entry in entries)
    news = sum(entry.n_news for entry in entries)
    back = [entry for entry in entries if entry.is_above_chance]
    n_clusters = sum(entry.n_joined > 0 for entry in entries)
    told = [
        f"{_counted(joined, 'account')} joined {_counted(n_clusters, 'cluster')} since {since_words(since)}; "
        f"{news:,} of them are core and open."
        if joined
        else f"No account joined a cluster shown since {since_words(since)}."
    ]
    if back:
        told.append(
            f"In {_counted(len(back), 'cluster')} more of them were opened soon after a closing for abuse "
            "(for any reason where no reason is known) than by chance: holders of closed accounts may have "
            "come back."
        )
    elif sum(entry.n_soon_after for entry in entries):
        told.append("In no cluster were more of them opened soon after a closing than by chance.")
    statuses = [
        f"{n:,} {status}"
        for status in STATUSES
        if (n := len(gone) if status == "gone" else sum(entry.status == status for entry in entries))
    ]
    return [*told, f"Clusters: {', '.join(statuses)}."] if statuses else told


def _todo(entries: Sequence[Entry], read: Mapping[str, Any]) -> list[tuple[str, str]]:
    back = [e for e in entries if e.is_above_chance]
    fresh = [e for e in entries if (e.n_news or e.status == "merged") and e.lead == STRONG and e not in back]
    strong = [e for e in entries if e.lead == STRONG and e not in back and e not in fresh]
    look = [e for e in entries if e.lead == LOOK and e not in back]
    told = [
        (f"May have come back: {entry.returned} of {_in_short(entry)}", entry.cluster_id)
        for entry in sorted(back, key=lambda e: (-e.n_soon_after, e.rank))[:3]
    ]
    told += [
        (f"{entry.status.capitalize()}, {entry.n_joined:,} joined: {_in_short(entry)}", entry.cluster_id)
        for entry in fresh[:3]
    ]
    told += [(f"Review {_in_short(entry)}", entry.cluster_id) for entry in strong[: max(0, 3 - len(told))]]
    if look:
        n = sum(entry.n_core for entry in look)
        told.append(
            (
                (
                    f"Before action on {_counted(len(look), 'cluster')} with {n:,} core accounts rule out a "
                    f"household, office or reseller; first {_in_short(look[0])}"
                ),
                look[0].cluster_id,
            )
        )
    if read.get("rows_set_aside"):
        told.append((f"{read['rows_set_aside']:,} input rows were set aside: mend the export.", ""))
    return told


def _in_short(entry: Entry) -> str:
    return f"{_counted(entry.n_core, 'core account')}, probability {told_probability(entry.probability)}"


def _totals(result: Result, entries: Sequence[Entry], n_clusters: int) -> dict[str, Any]:
    return {
        "clusters shown": len(entries),
        "clusters in the result": n_clusters,
        "core accounts shown": sum(entry.n_core for entry in entries),
        "fringe accounts shown": sum(entry.n_fringe for entry in entries),
        "accounts": _rows(result, "accounts"),
        "observations": _rows(result, "observations"),
        "identifiers shared": _rows(result, "identifiers"),
        "links": _rows(result, "links"),
    }


def _quality(result: Result, read: Mapping[str, Any], context: Context) -> dict[str, Any]:
    accounts = result.table("accounts", ["created_at", "first_seen", "n_identifiers"])
    n = max(1, accounts.num_rows)
    told: dict[str, Any] = {
        "first observation": context.first,
        "last observation": context.last,
        "rows read": read.get("rows_read"),
        "rows set aside": read.get("rows_set_aside"),
        "accounts whose opening time is known": f"{1 - accounts['created_at'].null_count / n:.0%}",
        "accounts without any time": accounts["first_seen"].null_count,
        "accounts with one identifier only": pc.sum(pc.less_equal(accounts["n_identifiers"], 1)).as_py() or 0,
    }
    for i, warning in enumerate(read.get("warnings") or (), 1):
        told[f"warning {i}"] = str(warning)
    return told


def _capped(sharing: Mapping[str, Any]) -> list[dict[str, Any]]:
    told = []
    for one in sharing.get("capped") or ():
        largest: Mapping[str, Any] = next(iter(one.get("largest") or ()), {})
        told.append(
            {
                "kind": one["kind"],
                "pairs left out": one.get("pairs"),
                "values too common": one.get("cells"),
                "most common": largest.get("value", ""),
                "its accounts at once": largest.get("accounts_at_once"),
            }
        )
    return told


def _aside(read: Mapping[str, Any]) -> list[dict[str, Any]]:
    tables = [*(read.get("sources") or ()), *filter(None, [read.get("accounts_table")])]
    return [
        {"source": table.get("name", ""), "reason": reason, "rows": n}
        for table in tables
        for reason, n in sorted((table.get("set_aside") or {}).items())
    ]


def _sources(read: Mapping[str, Any]) -> list[dict[str, Any]]:
    tables = [*(read.get("sources") or ()), *filter(None, [read.get("accounts_table")])]
    return [
        {
            "source": table.get("name", ""),
            "rows read": table.get("rows_read"),
            "rows set aside": table.get("rows_set_aside"),
            "sha256": ", ".join(str(one.get("sha256", "")) for one in (table.get("inputs") or ())[:3]),
        }
        for table in tables
    ]


def _hubs(result: Result) -> list[dict[str, Any]]:
    known = result.table("identifiers", _HUB)
    common = known.filter(pc.or_(known["is_hub"], known["is_capped"]))
    order = [("degree", "descending"), ("kind", "ascending"), ("value", "ascending")]
    return rows_of(common.sort_by(order).slice(0, _MOST_HUBS).drop_columns(["is_hub", "is_capped"]))


def _gone(gone: Sequence[Change]) -> list[dict[str, Any]]:
    ordered = sorted(gone, key=lambda change: (-change.n_left, change.cluster_id))
    told = []
    for change in ordered[:_MOST_GONE]:
        elsewhere = sum(move.cluster_after is not None for move in change.moves)
        told.append(
            {"cluster_id": change.cluster_id, "accounts": change.n_left, "now in other clusters": elsewhere}
        )
    return told


def _manifest(result: Result, selection: str) -> dict[str, Any]:
    manifest = result.manifest
    model = manifest.get("settings", {}).get("model", {})
    return {
        "graphlink": manifest.get("graphlink", ""),
        "fingerprint of input and settings": manifest.get("fingerprint", ""),
        **{f"version of {name}": version for name, version in sorted(manifest.get("versions", {}).items())},
        **{f"model.{name}": value for name, value in sorted(model.items())},
        "selection": selection or "everything",
    }


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name)
    return found if isinstance(found, dict) else {}


def _rows(result: Result, table: str) -> int:
    return int(result.manifest["tables"][table]["rows"])


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
