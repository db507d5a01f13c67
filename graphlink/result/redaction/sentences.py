"""Sentences of reasons, with the counts and labels that a profile shows: all else is our own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.schema import LISTED_AS
from graphlink.result.coarsening import band_count
from graphlink.result.profiles import PLAIN, PUBLIC, SERVICES, Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.result.result import Result

# Sentences of reasons that are made of numbers and graphlink's own words.
_SAFE_REASONS = ("joint_behaviour", "further_identifiers", "differing_values", "prior")
# Counts of holders in sentences that were made in advance.
_HELD = re.compile("[0-9][0-9,]*(?= use it in total| others? held it too)")


def shown_count(profile: Profile, count: int) -> int:
    """A count as a profile shows it."""
    return count if profile.counts == PLAIN else band_count(count)


class Sentences:
    """Sentences of a result as a profile shows them.

    Args:
        raw: The result as its run wrote it.
        profile: What may be seen.
    """

    def __init__(self, raw: Result, profile: Profile) -> None:
        self._raw = raw
        self._profile = profile
        self._public_labels: frozenset[str] | None = None

    def of_reasons(self, reasons: pa.Table) -> pa.Array:
        """The sentences of reasons, made again where the first ones name a label or a count."""
        values = [value for value in reasons["value"].to_pylist() if value]
        columns = ["kind", "value", "degree", "label", "label_type"]
        held = self._raw.table("identifiers", columns, {"value": values})
        known = {(row["kind"], row["value"]): row for row in held.to_pylist()}
        details = []
        for row in reasons.select(["reason", "kind", "value", "n_accounts", "detail"]).to_pylist():
            identifier = known.get((row["kind"], row["value"]))
            if row["reason"] in _SAFE_REASONS or (self._profile.labels, self._profile.counts) == (
                PLAIN,
                PLAIN,
            ):
                details.append(row["detail"])
            elif row["n_accounts"] is None or identifier is None:
                details.append(None)
            else:
                n_holders, label = shown_count(self._profile, identifier["degree"]), self._label(identifier)
                text = f"ties {row['n_accounts']:,} of its accounts; {n_holders:,} use it in total"
                details.append(f"{text}{LISTED_AS}{label}" if label else text)
        return pa.array(details, pa.string())

    def in_advance(self, details: pa.ChunkedArray) -> pa.ChunkedArray:
        """Sentences made in advance, with the counts and labels that are shown: all else is our own words."""
        encoded = details.combine_chunks().dictionary_encode()
        kept = [self._with_shown_counts(detail) for detail in encoded.dictionary.to_pylist()]
        return pa.chunked_array([pa.array(kept, pa.string()).take(encoded.indices)])

    def _label(self, identifier: Mapping[str, Any]) -> str | None:
        """The label of an identifier as far as it is shown."""
        is_shown = self._profile.labels == PLAIN or (
            self._profile.labels == PUBLIC and identifier["label_type"] in SERVICES
        )
        return identifier["label"] if is_shown else None

    def _with_shown_counts(self, detail: str) -> str:
        text, listed, label = detail.partition(LISTED_AS)
        text = _HELD.sub(lambda n: f"{shown_count(self._profile, int(n[0].replace(',', ''))):,}", text)
        is_shown = self._profile.labels == PLAIN or label in self.labels_of_services()
        return text + listed + label if is_shown else text

    def labels_of_services(self) -> frozenset[str]:
        """The labels that name public services, and nothing else."""
        if self._public_labels is None:
            labels: frozenset[str] = frozenset()
            if self._profile.labels == PUBLIC:
                rows = self._raw.table("identifiers", ["label", "label_type"]).to_pylist()
                others = {row["label"] for row in rows if row["label_type"] not in SERVICES}
                labels = frozenset(row["label"] for row in rows if row["label"]) - others
            self._public_labels = labels
        return self._public_labels
