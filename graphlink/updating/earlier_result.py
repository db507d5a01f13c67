"""The earlier result of an update: looked at before anything is believed, and what it keeps of its input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from graphlink.core.errors import ResultError
from graphlink.core.settings import Settings, settings_from
from graphlink.ingest.observations.read_before import Earlier, ReadBefore
from graphlink.result.redaction import Redacted
from graphlink.result.result import Result, read_result
from graphlink.storage.result_folder.layout import table_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MADE_AGAIN = ("they are kept apart, so send one spelling", "pseudonymize.kinds: no source has")
_STORED = ("observations", "rejected_rows")


def opened(earlier: object) -> Result:
    """The earlier result, every byte of it as its run wrote it."""
    if isinstance(earlier, Redacted):
        raise ResultError(
            f"{earlier.path}: values of a redacted result are replaced; update the result itself"
        )
    if not isinstance(earlier, Result | str | Path):
        raise ResultError(f"update: expected a result or its folder, found {type(earlier).__name__}")
    result = earlier if isinstance(earlier, Result) else read_result(earlier)
    if not isinstance(result.path, Path):
        raise ResultError(f"{result.path}: a result is updated on this machine; copy it here first")
    if "model" not in result.manifest or "settings" not in result.manifest:
        raise ResultError(f"{result.path} keeps no model; run it again with this version, then update that")
    if not all("sha256" in result.manifest["tables"][name] for name in _STORED):
        raise ResultError(
            f"{result.path}: it was written by an engine of many machines, without digests of tables; run "
            "it again on this machine, or run without an update"
        )
    _check_stated(result)
    result.verify()
    return result


def _check_stated(result: Result) -> None:
    """Raise unless `run.json` states what was read as a run does: all that follows relies on that."""
    try:
        facts, settings = facts_of(result), result.manifest["settings"]
        tables = [*facts["sources"], *([facts["accounts_table"]] if facts["accounts_table"] else [])]
        inputs = [one for table in tables for one in table["inputs"]]
        rejected = [n for table in tables for n in table["rejected_rows"].values()]
        counts = [
            table[name] for table in tables for name in ("rows_read", "rows_rejected", "lines_rejected")
        ]
        texts = [one["name"] for one in (*tables, *inputs)]
        texts += [*facts["warnings"], *facts["kinds"], *added_kinds_of(result), settings["now"]]
        texts += [settings["labels"]["path"], *settings["pseudonymize"]["kinds"]]
        is_right = all(isinstance(text, str) for text in texts) and all(
            type(n) is int and n >= 0 for n in (*rejected, *counts)
        )
    except (KeyError, TypeError, AttributeError):
        is_right = False
    if not is_right:
        raise ResultError(f"{result.path}: run.json states what was read as no run does; run it again")


def added_kinds_of(result: Result) -> tuple[str, ...]:
    """List the kinds of which reference lists added rows."""
    steps = {str(step["step"]): step["facts"] for step in result.manifest["steps"]}
    return tuple(sorted(steps["routers"]))


def facts_of(result: Result) -> dict[str, Any]:
    """What the earlier run reported of its input."""
    steps = {str(step["step"]): step["facts"] for step in result.manifest["steps"]}
    return cast("dict[str, Any]", steps["observations"])


def settings_of(result: Result, names: Sequence[str]) -> Settings:
    """Settings of the earlier run, of these tables only."""
    settings = {name: value for name, value in result.manifest["settings"].items() if name in names}
    return settings_from(settings, f"the settings in {result.path / 'run.json'}")


def names_in(table: Mapping[str, Any]) -> tuple[str, ...]:
    """List the names under which rows of a table may be rejected: those of its files, or its own."""
    return tuple(dict.fromkeys((str(table["name"]), *(str(one["name"]) for one in table["inputs"]))))


def kept_of(
    result: Result,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    before: Mapping[int, ReadBefore] | None = None,
) -> Earlier:
    """What the result keeps of its input."""
    facts = facts_of(result)
    accounts = facts["accounts_table"]
    stale = () if accounts is None else (f"{accounts['name']}: ",)
    files = {name: tuple(map(str, table_files(result.path, name))) for name in _STORED}
    return Earlier(
        observations=files["observations"],
        rejected_rows=files["rejected_rows"],
        added_kinds=added_kinds_of(result),
        accounts_files=names_in(accounts) if accounts and accounts["rows_rejected"] else (),
        facts=facts,
        sources=tuple(sources),
        before=before or {},
        warnings=tuple(
            text
            for text in facts["warnings"]
            if not text.startswith(stale) and not any(part in text for part in _MADE_AGAIN)
        ),
    )
