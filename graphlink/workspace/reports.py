"""Reports of values by partners, as a feed states them: CSV and MISP; STIX is in `stix_indicators`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import InputError
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COLUMNS = ("kind", "value", "source", "confidence", "since", "until", "note")
"""Columns of a CSV file of indicators; kind and value are required, confidence is 0 to 100 as in STIX."""

_MISP_KINDS = {
    "ip-src": "ip",
    "ip-dst": "ip",
    "ip-src|port": "ip",
    "ip-dst|port": "ip",
    "email": "email",
    "email-src": "email",
    "email-dst": "email",
    "email-reply-to": "email",
    "whois-registrant-email": "email",
    "domain": "email_domain",
    "phone-number": "phone",
    "iban": "payment",
    "user-agent": "user_agent",
    "ja3-fingerprint-md5": "tls_fingerprint",
}
# The taxonomy misp:confidence-level, with the numbers that its definition gives.
_MISP_CONFIDENCE = {
    "completely-confident": 1.0,
    "usually-confident": 0.75,
    "fairly-confident": 0.5,
    "rarely-confident": 0.25,
    "unconfident": 0.0,
}


@dataclass(frozen=True, slots=True)
class Report:
    """A value that is reported.

    Attributes:
        where: Where it stands in the file, such as row 3 or an object's id.
        kind: Kind of the value, raw.
        value: The value, raw.
        source: Who reports it; empty where the file does not say.
        confidence: How sure they are; None where they do not say.
        since: Since when it holds; None where they do not say.
        until: Until when; None where they do not say.
        note: What they say of it.
    """

    where: str
    kind: str
    value: str
    source: str = ""
    confidence: float | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RejectedReport:
    """A report that can't be used.

    Attributes:
        where: Where it stands in the file.
        reason: Why, and what to do.
    """

    where: str
    reason: str


class UnusableReport(Exception):  # noqa: N818 - a finding about one report, counted and listed, not a fault
    """A report that can't be used; its text is the reason."""


def csv_reports(text: str, where: str) -> Iterator[Report | RejectedReport]:
    """Read the reports of a CSV file.

    Raises:
        InputError: It has no columns kind and value, or has a column twice or one that is not known.
    """
    reader = csv.reader(io.StringIO(text))
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in COLUMNS[:2] if name not in names]
        strange = [name for name in names if name not in COLUMNS or names.count(name) > 1]
        if missing or strange:
            fault = (
                f"no column {missing[0]}" if missing else f"unknown or repeated column {shown(strange[0])}"
            )
            raise InputError(f"{where}: {fault}; the columns are {', '.join(COLUMNS)}")
        for number, cells in enumerate(reader, 1):
            place = f"row {number}"
            if len(cells) != len(names):
                yield RejectedReport(place, f"expected {len(names)} cells, found {len(cells)}")
                continue
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
            try:
                yield _of_row(place, row)
            except UnusableReport as fault:
                yield RejectedReport(place, str(fault))
    except csv.Error as error:
        raise InputError(f"{where}: it is no CSV: {error}") from None


def _of_row(where: str, row: Mapping[str, str]) -> Report:
    return Report(
        where,
        row["kind"],
        row["value"],
        row.get("source", ""),
        confidence_of(row.get("confidence", "")),
        moment_of(row.get("since", ""), "since"),
        moment_of(row.get("until", ""), "until"),
        row.get("note", ""),
    )


def confidence_of(text: object) -> float | None:
    """A confidence of 0 to 100 as a probability; None of nothing.

    Raises:
        UnusableReport: It is no number of 0 to 100.
    """
    if text is None or text == "":
        return None
    try:
        percent = float(str(text))
    except ValueError:
        percent = -1.0
    if not 0.0 <= percent <= 100.0:
        raise UnusableReport(f"confidence: expected 0 to 100, found {shown(str(text))}")
    return percent / 100.0


def moment_of(text: object, name: str) -> dt.datetime | None:
    """A moment of ISO 8601 in UTC; without a zone it is taken as UTC; None of nothing.

    Raises:
        UnusableReport: It is none.
    """
    if text is None or text == "":
        return None
    try:
        moment = dt.datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise UnusableReport(
            f"{name}: expected a time such as 2026-03-02T10:00:00Z, found {shown(str(text))}"
        ) from None


def misp_reports(document: Any, where: str) -> Iterator[Report | RejectedReport]:
    """Read the attributes of MISP events, those of objects too.

    Args:
        document: The JSON document: an event, a list of events, or the answer of a search.
        where: What names the file in errors.

    Raises:
        InputError: There is no event in it.
    """
    events = list(_misp_events(document))
    if not events:
        raise InputError(f"{where}: no MISP event in it; export events as JSON")
    for event in events:
        source = _text(_part(event, "Orgc").get("name")) or "MISP"
        inherited = _misp_confidence(event)
        for attribute in _misp_attributes(event):
            place = f"attribute {shown(_text(attribute.get('uuid')) or _text(attribute.get('id')) or '?')}"
            try:
                yield _of_attribute(place, attribute, source, inherited)
            except UnusableReport as fault:
                yield RejectedReport(place, str(fault))


def _misp_events(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, list):
        for one in document:
            yield from _misp_events(one)
    elif isinstance(document, dict):
        if isinstance(document.get("response"), list | dict):
            yield from _misp_events(document["response"])
        elif isinstance(document.get("Event"), dict):
            yield document["Event"]


def _misp_attributes(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _dicts(event.get("Attribute"))
    for one in _dicts(event.get("Object")):
        yield from _dicts(one.get("Attribute"))


def _of_attribute(where: str, attribute: Mapping[str, Any], source: str, inherited: float | None) -> Report:
    if attribute.get("deleted") is True:
        raise UnusableReport("it is deleted")
    if attribute.get("to_ids") is False:
        raise UnusableReport("it is not meant for detection (to_ids is false)")
    name = _text(attribute.get("type"))
    if name not in _MISP_KINDS:
        raise UnusableReport(f"no kind stands for the type {shown(name)}")
    value = _text(attribute.get("value"))
    own = _misp_confidence(attribute)
    return Report(
        where,
        _MISP_KINDS[name],
        value.partition("|")[0] if "|" in name else value,
        source,
        inherited if own is None else own,
        moment_of(attribute.get("first_seen"), "first_seen") or _of_seconds(attribute.get("timestamp")),
        None,
        _text(attribute.get("comment")),
    )


def _misp_confidence(tagged: Mapping[str, Any]) -> float | None:
    """The confidence that a tag of the taxonomy states."""
    for tag in _dicts(tagged.get("Tag")):
        taxonomy, _, level = _text(tag.get("name")).partition("=")
        if taxonomy == "misp:confidence-level" and level.strip('"') in _MISP_CONFIDENCE:
            return _MISP_CONFIDENCE[level.strip('"')]
    return None


def _of_seconds(seconds: object) -> dt.datetime | None:
    text = _text(seconds)
    try:
        return dt.datetime.fromtimestamp(int(text), dt.UTC) if text else None
    except (ValueError, OverflowError, OSError):
        raise UnusableReport(f"timestamp: expected seconds since 1970, found {shown(text)}") from None


def json_document(text: str, where: str) -> Any:
    """Parse a JSON document.

    Raises:
        InputError: It is none, or nested too deeply.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: it is no JSON that can be read: {shown(str(error))}") from None


def _dicts(value: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
