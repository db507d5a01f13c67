"""What a run read, left out and was made with, from its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.report.model import Entry
    from graphlink.report.pages import Context
    from graphlink.result.result import Result

_MOST_HUBS = 15
_HUB = ("kind", "value", "degree", "p_exclusive", "label", "label_type", "is_hub", "is_capped")


def totals_of(result: Result, entries: Sequence[Entry], n_clusters: int) -> dict[str, Any]:
    """Numbers of clusters, accounts, observations and links."""
    return {
        "clusters shown": len(entries),
        "clusters in the result": n_clusters,
        "core accounts shown": sum(entry.n_core for entry in entries),
        "fringe accounts shown": sum(entry.n_fringe for entry in entries),
        "accounts": n_rows_of(result, "accounts"),
        "observations": n_rows_of(result, "observations"),
        "identifiers shared": n_rows_of(result, "identifiers"),
        "links": n_rows_of(result, "links"),
    }


def quality_of(result: Result, read: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """What bears on the quality of the data: spans, rejected rows, missing times, warnings."""
    accounts = result.table("accounts", ["created_at", "first_seen", "n_identifiers"])
    n = max(1, accounts.num_rows)
    facts: dict[str, Any] = {
        "first observation": context.first,
        "last observation": context.last,
        "rows read": read.get("rows_read"),
        "rows rejected": read.get("rows_rejected"),
        "accounts whose opening time is known": f"{1 - accounts['created_at'].null_count / n:.0%}",
        "accounts without any time": accounts["first_seen"].null_count,
        "accounts with one identifier only": pc.sum(pc.less_equal(accounts["n_identifiers"], 1)).as_py() or 0,
    }
    for i, warning in enumerate(read.get("warnings") or (), 1):
        facts[f"warning {i}"] = str(warning)
    return facts


def capped_rows(sharing: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kinds of which values were too common to compare all their holders."""
    rows = []
    for one in sharing.get("capped") or ():
        largest: Mapping[str, Any] = next(iter(one.get("largest") or ()), {})
        rows.append(
            {
                "kind": one["kind"],
                "pairs left out": one.get("pairs"),
                "values too common": one.get("cells"),
                "most common": largest.get("value", ""),
                "its accounts at once": largest.get("accounts_at_once"),
            }
        )
    return rows


def rejected_rows_by_reason(read: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many rows of each table were rejected, and why."""
    tables = [*(read.get("sources") or ()), *filter(None, [read.get("accounts_table")])]
    return [
        {"source": table.get("name", ""), "reason": reason, "rows": n}
        for table in tables
        for reason, n in sorted((table.get("rejected_rows") or {}).items())
    ]


def source_rows(read: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables that the run read."""
    tables = [*(read.get("sources") or ()), *filter(None, [read.get("accounts_table")])]
    return [
        {
            "source": table.get("name", ""),
            "rows read": table.get("rows_read"),
            "rows rejected": table.get("rows_rejected"),
            "sha256": ", ".join(str(one.get("sha256", "")) for one in (table.get("inputs") or ())[:3]),
        }
        for table in tables
    ]


def hub_rows(result: Result) -> list[dict[str, Any]]:
    """The most common identifiers."""
    known = result.table("identifiers", _HUB)
    common = known.filter(pc.or_(known["is_hub"], known["is_capped"]))
    order = [("degree", "descending"), ("kind", "ascending"), ("value", "ascending")]
    return rows_of(common.sort_by(order).slice(0, _MOST_HUBS).drop_columns(["is_hub", "is_capped"]))


def manifest_facts(result: Result, selection: str) -> dict[str, Any]:
    """Versions and settings of the run, and what was selected."""
    manifest = result.manifest
    model = manifest.get("settings", {}).get("model", {})
    return {
        "graphlink": manifest.get("graphlink", ""),
        "fingerprint of input and settings": manifest.get("fingerprint", ""),
        **{f"version of {name}": version for name, version in sorted(manifest.get("versions", {}).items())},
        **{f"model.{name}": value for name, value in sorted(model.items())},
        "selection": selection or "everything",
    }


def mapping_of(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping among facts; an empty one where there is none of this name."""
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def n_rows_of(result: Result, table: str) -> int:
    """The rows of a table."""
    return int(result.manifest["tables"][table]["rows"])
