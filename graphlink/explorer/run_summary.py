"""Totals of the run, the quality of its data, and what was left out."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.clusters import definitions
from graphlink.core.wording.glossary import GLOSSARY
from graphlink.core.wording.priority import PRIORITY
from graphlink.core.wording.returns import ABOVE_CHANCE, SOON_AFTER
from graphlink.core.wording.vocabulary import column_words
from graphlink.explorer.index.columns import iso_time
from graphlink.explorer.index.observations import N_BINS
from graphlink.explorer.since import WEEK, words_of

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query
    from graphlink.result.result import Result


def summarize(index: Index, _: Query) -> dict[str, Any]:
    """Totals of the run, the quality of its data, and what it left out."""
    c, a, ids = index.clusters, index.accounts, index.identifiers
    manifest = index.result.manifest
    rows = {name: int(entry["rows"]) for name, entry in manifest["tables"].items()}
    first, last = index.accounts.span
    hypotheses = sorted(set(c.hypothesis))
    sizes = np.diff(c.starts)
    hypothesis = np.array([hypotheses.index(name) for name in c.hypothesis], np.int64)
    settings = manifest.get("settings", {}).get("model", {})
    return {
        "n_accounts": rows["accounts"],
        "n_observations": rows["observations"],
        "n_identifiers": rows["identifiers"],
        "n_links": rows["links"],
        "n_clusters": rows["clusters"],
        "n_clustered_accounts": int((a.cluster >= 0).sum()),
        "first_seen": iso_time(first) if last else None,
        "last_seen": iso_time(last) if last else None,
        "new_since": _new_since(index),
        "core_probability": settings.get("core_probability"),
        "prior_bits": settings.get("prior_bits"),
        "kinds": [
            {
                "kind": kind,
                "facet": facet,
                "n_identifiers": int(stop - start),
                "n_hubs": int(ids.is_hub[start:stop].sum()),
            }
            for kind, facet, (start, stop) in zip(ids.kinds, ids.facets, ids.ranges.values(), strict=True)
        ],
        "hypotheses": [
            {
                "hypothesis": name,
                "n_clusters": int((hypothesis == i).sum()),
                "n_accounts": int(sizes[hypothesis == i].sum()),
            }
            for i, name in enumerate(hypotheses)
        ],
        **_left_out(index.result),
        "definitions": {
            **definitions(),
            "n_new": words_of(index.since),
            "n_soon_after": SOON_AFTER,
            "above_chance": ABOVE_CHANCE,
            "priority": PRIORITY,
        },
        "vocabulary": column_words(),
        "glossary": [term._asdict() for term in GLOSSARY],
        "activity": _activity(index),
    }


def _new_since(index: Index) -> str | None:
    """The moment from which accounts count as new; null where an earlier result decides it."""
    if isinstance(index.since, datetime.datetime):
        return iso_time(int(index.since.timestamp()))
    last = index.accounts.span[1]
    return iso_time(last - WEEK) if last and index.since is None else None


def _left_out(result: Result) -> dict[str, Any]:
    """What was rejected and what was capped, from the manifest."""
    facts = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", [])}
    ingested = facts.get("observations", {})
    reasons: dict[str, int] = dict(ingested.get("rejected_rows", {}))
    for name, n in (ingested.get("accounts_table") or {}).get("rejected_rows", {}).items():
        reasons[name] = reasons.get(name, 0) + n
    capped = facts.get("blocking", {}).get("capped", [])
    return {
        "rejected_rows": [{"reason": name, "n": n} for name, n in sorted(reasons.items())],
        "n_rejected_rows": int(result.manifest["tables"]["rejected_rows"]["rows"]),
        "capped": [
            {
                "kind": one["kind"],
                "n_pairs": one["pairs"],
                "largest": [
                    {"value": big["value"], "n_accounts": big["accounts_at_once"]} for big in one["largest"]
                ],
            }
            for one in capped
        ],
    }


def _activity(index: Index) -> dict[str, Any] | None:
    if not index.has_observations:
        return None
    first, last = index.observations.bulk
    begin, width = index.accounts.span[0] + first, (last - first) / N_BINS
    starts = [iso_time(begin + int(i * width)) for i in range(N_BINS)]
    return {"starts": starts, "n": index.observations.total_activity.tolist()}
