"""Indicators of partners: read from STIX 2.1, MISP and CSV, and put on the watch list.

An indicator is a value that somebody reports, with how sure they are and until when. It never weighs more
than its confidence, fades as what members held does, and is sized by who holds it here: a value that many
accounts hold is not watched, whoever reports it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.small_files import read_regular
from graphlink.kinds import UncleanValue
from graphlink.workspace.holdings import PLAIN, Identifier, data_end, identifier_rows, network_around
from graphlink.workspace.parameters import IndicatorRules, WatchParameters
from graphlink.workspace.reports import (
    RejectedReport,
    Report,
    csv_reports,
    json_document,
    misp_reports,
)
from graphlink.workspace.stix_indicators import stix_reports
from graphlink.workspace.watch import PLACES_OF_MANY, Watched, WatchList, reason_against

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.storage.tables import Tables
    from graphlink.workspace.holdings import Moment, Spelling

_MOST_BYTES = 256 << 20
_DECISION = re.compile(r"D-\d+", re.ASCII)  # sources of what accounts of decisions held


@dataclass(frozen=True, slots=True)
class Indicator:
    """A value that is reported.

    Attributes:
        identifier: The value with its kind, as a result spells it.
        source: Who reports it.
        confidence: Probability that it is right.
        since: Since when it holds; None where that is not known.
        until: Its expiry.
        note: What they say of it.
    """

    identifier: Identifier
    source: str
    confidence: float
    since: Moment
    until: dt.datetime
    note: str


@dataclass(frozen=True)
class Indicators:
    """The indicators of a file.

    Attributes:
        accepted: Those that can be watched.
        rejected: Those that can't, with the reason.
    """

    accepted: tuple[Indicator, ...]
    rejected: tuple[RejectedReport, ...]


def read_indicators(
    path: str | Path,
    source: str = "",
    *,
    at: dt.datetime,
    spelling: Spelling = PLAIN,
    rules: IndicatorRules | None = None,
) -> Indicators:
    """Read indicators from a STIX 2.1 bundle, MISP events or a CSV file, whichever it is.

    Args:
        path: The file.
        source: Who reports them, where the file does not say; empty takes the file's name.
        at: When they are taken in: what states no expiry ends some days after its beginning, or after this.
        spelling: How values are spelled in results.
        rules: What stands for what a report does not say.

    Raises:
        InputError: The file can't be read, or is none of the three.
        SettingsError: A kind is pseudonymised and there is no key, or stix2 is not installed.
    """
    where = f"indicators {path}"
    try:
        text = read_regular(path, where, most_bytes=_MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{where}: it is not UTF-8; save it as UTF-8") from None
    if text.lstrip()[:1] in ("{", "["):
        document = json_document(text, where)
        is_bundle = isinstance(document, dict) and document.get("type") == "bundle"
        reports = stix_reports(document, where) if is_bundle else misp_reports(document, where)
    else:
        reports = csv_reports(text, where)
    return indicators_of(
        reports, source or Path(path).name, at=at, spelling=spelling, rules=rules or IndicatorRules()
    )


def indicators_of(
    reports: Iterable[Report | RejectedReport],
    source: str,
    *,
    at: dt.datetime,
    spelling: Spelling = PLAIN,
    rules: IndicatorRules,
) -> Indicators:
    """Clean reports; of a value that one source reports twice the surest counts.

    Args:
        reports: The reports of a file.
        source: Who reports them, where they do not say.
        at: When they are taken in.
        spelling: How values are spelled in results.
        rules: What stands for what a report does not say.
    """
    accepted: dict[tuple[Identifier, str], Indicator] = {}
    rejected: list[RejectedReport] = []
    for one in reports:
        if isinstance(one, RejectedReport):
            rejected.append(one)
            continue
        if _DECISION.fullmatch(one.source or source):
            rejected.append(RejectedReport(one.where, "a source must not be named like a decision, D-1"))
            continue
        until = one.until or (one.since or at) + dt.timedelta(days=rules.valid_days)
        try:
            identifier = _watchable(one, spelling)
        except UncleanValue as error:
            rejected.append(RejectedReport(one.where, str(error)))
            continue
        if identifier.kind in PLACES_OF_MANY:
            rejected.append(
                RejectedReport(one.where, f"values of the kind {identifier.kind} have many holders")
            )
            continue
        if until <= at:
            rejected.append(RejectedReport(one.where, f"it expired on {until:%Y-%m-%d}"))
            continue
        confidence = rules.confidence if one.confidence is None else one.confidence
        made = Indicator(identifier, one.source or source, confidence, one.since, until, one.note)
        before = accepted.get((identifier, made.source))
        if before is None or before.confidence < confidence:
            accepted[identifier, made.source] = made
    return Indicators(tuple(accepted[key] for key in sorted(accepted)), tuple(rejected))


def _watchable(report: Report, spelling: Spelling) -> Identifier:
    """The identifier of a report: an address, or a /64 given as one."""
    kind = "ip_64" if report.kind == "ip" and report.value.endswith("/64") else report.kind
    return spelling.identifiers(kind, report.value)[0]


def watch_indicators(
    result: Tables,
    indicators: Iterable[Indicator],
    parameters: WatchParameters | None = None,
) -> WatchList:
    """Make the watch list of indicators, sized by who holds their values in a result.

    Args:
        result: A finished run.
        indicators: The indicators; each counts as one member of its source that held the value.
        parameters: Half-lives, honest holders to be expected, and when a value names an account.
    """
    parameters = parameters or WatchParameters()
    half_lives, holders, rules = parameters.half_lives, parameters.honest_holders, parameters.rules
    at, given = data_end(result), list(indicators)
    networks = [network for one in given if (network := network_around(one.identifier)) is not None]
    rows = identifier_rows(result, [*(one.identifier for one in given), *networks])
    entries: list[Watched] = []
    dropped: list[tuple[Watched, str]] = []
    for one in given:
        kind, row = one.identifier.kind, rows.get(one.identifier, {})
        n_others = max(0, int(str(row.get("degree", 0))) - int(rules.returns_per_member))
        network = network_around(one.identifier)
        around = 0.0
        if network is not None:
            around = float(str(rows.get(network, {}).get("degree", 0))) / rules.network_addresses
        entry = Watched(
            one.identifier,
            one.source,
            (one.since,),
            n_others,
            n_others + getattr(holders, kind, holders.open) + around,
            getattr(half_lives, kind, half_lives.open),
            one.until,
            one.confidence,
        )
        reason = reason_against(entry, row, at, rules)
        if reason is None:
            entries.append(entry)
        else:
            dropped.append((entry, reason))
    return WatchList(at, tuple(entries), tuple(dropped), rules)
