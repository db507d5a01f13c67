"""What a profile shows of a result's raw words, known without the code that redacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.result.profiles import PUBLIC, SERVICES

if TYPE_CHECKING:
    from graphlink.result.profiles import Profile
    from graphlink.result.result import Result


def shown_values(result: Result, profile: Profile) -> set[str]:
    """The words of the input that a profile shows: what many hold, public services and their labels."""
    shown = set()
    for row in result.table("identifiers").to_pylist():
        is_service = row["label_type"] in SERVICES
        if is_service and profile.labels == PUBLIC:
            shown.add(row["label"])
        if profile.kinds.get(row["kind"]) == PUBLIC and (is_service or row["degree"] >= profile.public_from):
            shown.add(row["value"])
    statuses = result.table("accounts")["status"].unique().to_pylist()
    return shown | ({word for word in statuses if word} if "status" in (profile.attributes or ()) else set())
