"""The watch list as rows: what is watched since when, by whose report, who held it, and why no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.workspace.store.transactions import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.workspace.holdings import Holding, Identifier, Moment
    from graphlink.workspace.indicators import Indicator
    from graphlink.workspace.store import Reading, Row, Writing
    from graphlink.workspace.watch import Watched, WatchList
    from graphlink.workspace.watching import Watching

NOT_HELD = "no account of the decision holds it"
FORGOTTEN_HOLDER = "its holder was forgotten"
SUBJECT = "watch list"


class Entry(NamedTuple):
    """A value on the watch list of a workspace.

    Attributes:
        number: Its number.
        kind: Kind of the value.
        value: The value; empty where it was erased with its holder.
        decision: The decision whose accounts held it; None of an indicator.
        lineage: The lineage of that decision.
        source: `D-3`, or who reports it.
        confidence: Probability that a report is right; 1 of a decision.
        from_at: When it was held last, or since when the report holds; ISO 8601, empty where not known.
        until_at: When the watch ended or ends; empty without an end.
        weight: Probability that a new holder is whom it is watched for, at the last run.
        n_members: Accounts of the decision that held it.
        n_others: Other accounts that hold it.
        half_life_days: After how long a holding counts half.
        not_watched: Why it is not watched at present; empty while it is.
    """

    number: int
    kind: str
    value: str
    decision: int | None
    lineage: int | None
    source: str
    confidence: float
    from_at: str
    until_at: str
    weight: float
    n_members: int
    n_others: int
    half_life_days: float
    not_watched: str

    def is_watched(self, at: str) -> bool:
        """Whether it is watched at a moment, ISO 8601 in UTC."""
        return not self.not_watched and (not self.until_at or at < self.until_at)


def read_entries(rows: Reading) -> list[Entry]:
    """Read the watch list, ended entries too; the weightiest first."""
    lineages = {row["decision_no"]: row["lineage_no"] for row in rows.rows("decisions")}
    found = [
        Entry(
            row["watch_no"],
            row["kind"],
            row["value"] or "",
            row["decision_no"],
            lineages.get(row["decision_no"]),
            row["source"],
            row["confidence"],
            row["from_at"] or "",
            row["until_at"] or "",
            row["weight"],
            row["n_members"],
            row["n_others"],
            row["half_life_days"],
            row["not_watched"] or "",
        )
        for row in rows.rows("watched")
    ]
    return sorted(found, key=lambda one: (bool(one.not_watched), -one.weight, one.number))


def write_watch_list(rows: Writing, watching: Watching, run_no: int) -> None:
    """Bring the watch list to what a run says of it, in a transaction that has an event.

    Values that are new to it are inserted with who held them; those that are watched no longer end, also of
    decisions of which nobody is left, with the reason, and begin again when a later run says so.

    Args:
        rows: The transaction.
        watching: The watch list in the light of the run.
        run_no: The run.
    """
    numbers = {name: one.number for name, one in watching.known.decisions.items()}
    known: dict[tuple[int, str, str], Row] = {
        (row["decision_no"], row["kind"], row["value"]): row
        for row in rows.rows("watched")
        if row["decision_no"] is not None and row["value"] is not None
    }
    left = dict(known)
    fresh: list[Watched] = []
    for entry, reason in _judged(watching.sized):
        key = (numbers[entry.lineage_id], *entry.identifier)
        row = left.pop(key, None)
        if row is not None:
            _update(rows, row, _sizes(entry, watching.sized.at, run_no, reason))
        elif reason is None:
            fresh.append(entry)
    for row in left.values():
        _end(rows, row, NOT_HELD)
    _insert_held(rows, fresh, watching, run_no)
    _resize_reported(rows, watching.reported, run_no)


def _judged(sized: WatchList) -> Iterable[tuple[Watched, str | None]]:
    yield from ((entry, None) for entry in sized.entries)
    yield from sized.dropped


def _sizes(entry: Watched, at: Moment, run_no: int, reason: str | None) -> dict[str, object]:
    return {
        "weight": entry.weight(at),
        "n_members": entry.n_members,
        "n_others": entry.n_others,
        "not_watched": reason,
        "sized_run": run_no,
    }


def _update(rows: Writing, row: Row, sizes: dict[str, object]) -> None:
    """Change the sizes of a value; the end of the watch follows from whether it is watched."""
    is_ended = sizes["not_watched"] is not None
    if row["decision_no"] is not None and is_ended != (row["not_watched"] is not None):
        sizes["until_at"] = rows.at if is_ended else None
    if any(row[name] != value for name, value in sizes.items()):
        rows.update("watched", sizes, watch_no=row["watch_no"])


def _end(rows: Writing, row: Row, reason: str) -> None:
    if row["not_watched"] is None:
        changes = {"not_watched": reason, "until_at": rows.at}
        rows.update("watched", changes, watch_no=row["watch_no"])


def _insert_held(rows: Writing, fresh: Sequence[Watched], watching: Watching, run_no: int) -> None:
    """Insert values that accounts of decisions held, with who held them when."""
    if not fresh:
        return
    accounts = {one.lineage_id: one.accounts for one in watching.known.decided}
    held: dict[Identifier, dict[str, Holding]] = {}
    for one in watching.holdings:
        held.setdefault(one.identifier, {}).setdefault(one.account_id, one)
    # Who was forgotten since it was read is not met again, nor what nobody else held.
    numbers = rows.known_accounts(watching.known.accounts)
    fresh = [one for one in fresh if numbers.keys() & held.get(one.identifier, {}).keys()]
    if not fresh:
        return
    first = rows.number("watched", len(fresh))
    holders: list[Row] = []
    made: list[Row] = []
    for number, entry in enumerate(fresh, first):
        decision = watching.known.decisions[entry.lineage_id].number
        seen = [at for at in entry.held_at if at is not None]
        made.append(
            _row(number, entry, rows.last_seq)
            | _sizes(entry, watching.sized.at, run_no, None)
            | {
                "decision_no": decision,
                "source": f"D-{decision}",
                "confidence": 1.0,
                "from_at": time_text(max(seen)) if seen else None,
                "until_at": None,
            }
        )
        holders += [
            {
                "watch_no": number,
                "account_no": numbers[account],
                "first_seen": time_text(one.first_seen) if one.first_seen else None,
                "last_seen": time_text(one.last_seen) if one.last_seen else None,
            }
            for account, one in sorted(held.get(entry.identifier, {}).items())
            if account in numbers and account in accounts[entry.lineage_id]
        ]
    rows.insert("watched", *made)
    rows.insert("watch_holders", *holders)


def _row(number: int, entry: Watched, seq: int) -> Row:
    return {
        "watch_no": number,
        "kind": entry.identifier.kind,
        "value": entry.identifier.value,
        "half_life_days": entry.half_life_days,
        "seq": seq,
    }


def _resize_reported(rows: Writing, reported: WatchList, run_no: int) -> None:
    known = {
        (row["source"], row["kind"], row["value"]): row
        for row in rows.rows("watched", decision_no=None)
        if row["value"] is not None and (row["until_at"] is None or row["until_at"] > rows.at)
    }
    for entry, reason in _judged(reported):
        row = known.get((entry.lineage_id, *entry.identifier))
        if row is not None:
            _update(rows, row, _sizes(entry, reported.at, run_no, reason))


def add_indicators(
    rows: Writing, indicators: Sequence[Indicator], sized: tuple[WatchList, int], file: str
) -> int:
    """Put indicators on the watch list, and return how many are new or changed.

    What one source reports again with another confidence or end replaces what it reported before.

    Args:
        rows: The transaction.
        indicators: The indicators.
        sized: The watch list of them by who holds their values in a run, and the run.
        file: The file that they are from.
    """
    known = {
        (row["source"], row["kind"], row["value"]): row
        for row in rows.rows("watched", decision_no=None)
        if row["until_at"] is not None and row["until_at"] > rows.at
    }
    watch_list, run_no = sized
    judged = {(entry.lineage_id, *entry.identifier): (entry, why) for entry, why in _judged(watch_list)}
    fresh = []
    for one in indicators:
        row = known.get((one.source, *one.identifier))
        if row is None or (row["confidence"], row["until_at"]) != (one.confidence, time_text(one.until)):
            fresh.append(one)
            if row is not None:
                rows.update("watched", {"until_at": rows.at}, watch_no=row["watch_no"])
    if not fresh:
        rows.append("watch.reported", SUBJECT, {"file": file, "indicators": 0})
        return 0
    first = rows.number("watched", len(fresh))
    notes = {str(number): one.note for number, one in enumerate(fresh, first) if one.note}
    seq = rows.append("watch.reported", SUBJECT, {"file": file, "indicators": len(fresh), "notes": notes})
    made = []
    for number, one in enumerate(fresh, first):
        entry, reason = judged[(one.source, *one.identifier)]
        made.append(
            _row(number, entry, seq)
            | _sizes(entry, watch_list.at, run_no, reason)
            | {
                "decision_no": None,
                "source": one.source,
                "confidence": one.confidence,
                "from_at": time_text(one.since) if one.since else None,
                "until_at": time_text(one.until),
            }
        )
    rows.insert("watched", *made)
    return len(fresh)


def forget_holder(rows: Writing, account_no: int) -> None:
    """Erase what only an account held, and that was matched of it, when it is forgotten."""
    for row in rows.rows("hits", account_no=account_no):
        key: Mapping[str, object] = {name: row[name] for name in ("run_no", "account_no", "source")}
        rows.update("hits", {"pieces": "[]"}, **key)
    held = {row["watch_no"] for row in rows.rows("watch_holders", account_no=account_no)}
    holders: dict[int, set[int]] = {}
    for row in rows.rows_of("watch_holders", "watch_no", sorted(held)):
        holders.setdefault(row["watch_no"], set()).add(row["account_no"])
    named = rows.account_names({one for them in holders.values() for one in them} - {account_no})
    for number in sorted(held):
        if not any(one in named for one in holders[number]):
            changes = {"value": None, "not_watched": FORGOTTEN_HOLDER, "until_at": rows.at}
            rows.update("watched", changes, watch_no=number)
