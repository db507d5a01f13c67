"""What a what-if leaves out or moves: evidence by identifier, kind and time, and settings."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from graphlink.core.errors import NotFoundError, QuestionError
from graphlink.explanations.corroboration import along_words, dependants_of, with_dependants
from graphlink.explanations.reweighing import NEVER, EvidenceGraph
from graphlink.explanations.values import format_time
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from graphlink.core.settings import Settings
    from graphlink.explanations.values import EvidenceItem


class Moved(TypedDict, total=False):
    """Bounds that `try_without` moves; one that is None stays.

    Attributes:
        since: Only evidence of accounts that were together at or after this time (ISO 8601, UTC), or at no
            known time.
        until: Only evidence of accounts that were together before this time.
        resolution_bits: The run's setting of this name.
        cluster_probability: The run's setting of this name.
    """

    since: str | datetime.datetime | None
    until: str | datetime.datetime | None
    resolution_bits: float | None
    cluster_probability: float | None


def changed_settings(settings: Settings, moved: Moved) -> Settings:
    """The settings with the bounds that are moved."""
    model = settings.model
    resolution, probability = moved.get("resolution_bits"), moved.get("cluster_probability")
    model = dataclasses.replace(
        model,
        resolution_bits=model.resolution_bits if resolution is None else float(resolution),
        cluster_probability=model.cluster_probability if probability is None else float(probability),
    )
    return dataclasses.replace(settings, model=model)


def moment_of(time: str | datetime.datetime | None) -> datetime.datetime | None:
    """A time as a moment, in UTC unless it names a zone."""
    if time is None or isinstance(time, datetime.datetime):
        moment = time
    else:
        try:
            moment = datetime.datetime.fromisoformat(time)
        except ValueError:
            raise QuestionError(
                f"{shown(time)!r} is no time; write 2026-03-01 or 2026-03-01T12:00:00Z"
            ) from None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=datetime.UTC)


def rows_without(
    graph: EvidenceGraph, identifiers: set[tuple[str, str]], kinds: set[str]
) -> NDArray[np.bool_]:
    """The rows of evidence of some identifiers and kinds.

    Raises:
        NotFoundError: Nothing here is of an identifier or kind named.
    """
    known = {(item.kind, item.value) for item in graph.items}
    for kind, value in sorted(identifiers - known):
        raise NotFoundError(f"no evidence around this cluster is of {shown(kind)} {shown(value)!r}")
    for kind in sorted(kinds - {item.kind for item in graph.items}):
        raise NotFoundError(f"no evidence around this cluster is of the kind {shown(kind)!r}")
    chosen = [
        number
        for number, item in enumerate(graph.items)
        if (item.kind, item.value) in identifiers or item.kind in kinds
    ]
    return np.asarray(np.isin(graph.item, chosen))


def rows_outside(
    graph: EvidenceGraph, since: datetime.datetime | None, until: datetime.datetime | None
) -> NDArray[np.bool_]:
    """The rows of evidence at known times that lie outside a span."""
    is_timed = graph.first != NEVER
    outside = np.zeros(len(is_timed), dtype=bool)
    if since is not None:
        outside |= graph.last < since.timestamp()
    if until is not None:
        outside |= graph.first >= until.timestamp()
    return np.asarray(outside & is_timed)


def taken_along(
    graph: EvidenceGraph, joining_odds: float, identifiers: Collection[tuple[str, str]]
) -> tuple[int, ...]:
    """The items that are left out with some identifiers: only these corroborate them.

    Args:
        graph: Links and their evidence.
        joining_odds: Odds, as log2, from which what two accounts share of instruments and secrets ties them.
        identifiers: What is left out.
    """
    chosen = [i for i, item in enumerate(graph.items) if (item.kind, item.value) in set(identifiers)]
    return dependants_of(with_dependants(graph, joining_odds), chosen) if chosen else ()


def describe_left_out(
    identifiers: Collection[tuple[str, str]],
    kinds: Collection[str],
    since: datetime.datetime | None,
    until: datetime.datetime | None,
    along: Sequence[EvidenceItem] = (),
) -> tuple[str, ...]:
    """What is left out, in words; `along`, what only the identifiers corroborate."""
    changes = [f"{shown(kind)} {shown(value)}" for kind, value in sorted(identifiers)]
    if along:
        changes[-1] += f" {along_words(along)}"
    changes += [f"the kind {shown(kind)}" for kind in sorted(kinds)]
    if since is not None:
        changes.append(f"evidence before {format_time(since)}")
    if until is not None:
        changes.append(f"evidence from {format_time(until)} on")
    return tuple(changes)


def describe_moved(settings: Settings, changed: Settings) -> tuple[str, ...]:
    """Which settings are moved, in words."""
    pairs = [
        (name.replace("_", " "), getattr(settings.model, name), getattr(changed.model, name))
        for name in ("resolution_bits", "cluster_probability")
    ]
    return tuple(f"{name} {old:g} (now {new:g})" for name, old, new in pairs if old != new)
