"""Why an update has to read all files: what the tables of a result do not keep of its input."""

from __future__ import annotations

import datetime as dt
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from graphlink.core.errors import SettingsError
from graphlink.kinds import key_check, read_key
from graphlink.kinds.pseudonyms import hashed_kinds, is_pseudonymising
from graphlink.model.parameters import settings_under
from graphlink.task import as_toml
from graphlink.updating.earlier_result import added_kinds_of, facts_of, names_in, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.model.parameters import Model
    from graphlink.result.result import Result
    from graphlink.task import Task

_OF_READING = ("lookups", "pseudonymize", "kinds", "placeholders", "facts")


def cause_of(result: Result, task: Task) -> str:
    """Why the tables of a result do not hold all that reading gave; empty when they do."""
    facts, stated = facts_of(result), result.manifest["settings"]
    if result.manifest["graphlink"] != version("graphlink"):
        return f"it was made by graphlink {result.manifest['graphlink']}, which may have read otherwise"
    if result.manifest.get("plugins"):
        return "it was made with plugins, which may have read otherwise"
    if task.settings.engine.name == "spark":
        return "Spark reads all files"
    return _cause_in_columns(result) or _cause_in_hashes(facts, task) or _cause_in_times(facts, stated, task)


def _cause_in_columns(result: Result) -> str:
    """Columns of which a result keeps less than reading gave."""
    facts = facts_of(result)
    if facts.get("facts"):
        return "columns are mapped as facts, of which the result keeps no sums per account"
    sources = settings_of(result, ("sources",)).sources
    if any(source.until for source in sources):
        return "rows stand for several moments (until), of which the result keeps the first and the last"
    if any(source.lookup for source in sources):
        return "accounts are looked up by other ids, of which the result keeps none"
    both = sorted(set(added_kinds_of(result)) & set(facts["kinds"]))
    if both:
        return f"values of kind {both[0]} come from rows and from reference lists, and are added up"
    names = {name for source in facts["sources"] for name in names_in(source)}
    accounts = facts["accounts_table"]
    if accounts and accounts["rows_rejected"] and names.intersection(names_in(accounts)):
        return "a table of accounts is named as one of observations, so rejected rows can't be separated"
    return ""


def _cause_in_hashes(facts: Mapping[str, Any], task: Task) -> str:
    """Hashed values that today's settings may see otherwise."""
    settings = task.settings
    if not is_pseudonymising(settings):
        return ""
    hashed = hashed_kinds(settings)
    if "ip" in hashed and settings.references:
        return "addresses are hashed, so reference lists can't be applied to those read before"
    if any(
        name.strip().lower() in hashed
        for name in (*settings.placeholders.keep, *settings.placeholders.reject)
    ):
        return "placeholders of hashed kinds are not kept, so they can't be compared"
    if facts.get("key_check") != key_check(read_key(settings.pseudonymize.key_file)):
        return "its values were hashed with another key, or by a version that kept no check of it"
    return ""


def _cause_in_times(facts: Mapping[str, Any], stated: Mapping[str, Any], task: Task) -> str:
    """Times that a run today judges otherwise: what was to come then may be past now."""
    if task.settings.now and task.settings.now == stated["now"]:
        return ""
    if any("future_time" in source["rejected_rows"] for source in facts["sources"]):
        return "rows were rejected as future_time, which a later run may accept"
    if task.settings.now:
        now = dt.datetime.fromisoformat(task.settings.now)
        now = now if now.tzinfo else now.replace(tzinfo=dt.UTC)
        last = max((kind["last_seen"] for kind in facts["kinds"].values() if kind["last_seen"]), default="")
        if last and dt.datetime.fromisoformat(last) >= now + dt.timedelta(days=1):
            return "the settings' now is before observations that the result has"
    return ""


def check_settings(result: Result, task: Task) -> None:
    """Refuse settings of reading that are not those of the result."""
    model = cast("Model", task.model)
    stated = as_toml(settings_under(settings_of(result, (*_OF_READING, "model", "parameters")), model))
    today = as_toml(task.given)
    for name in _OF_READING:
        before, now = (json.dumps(one.get(name), sort_keys=True) for one in (stated, today))
        if before != now:
            raise SettingsError(
                f"{name}: the settings differ from those that {result.path} was read with; restore them, or "
                "run without an update"
            )
    has_accounts = task.settings.accounts is not None or "accounts" in task.frames
    if facts_of(result)["accounts_table"] and not has_accounts:
        raise SettingsError(
            f"{result.path} was made with a table of accounts, which an update reads as it is today; give it "
            "too, by [accounts] in the settings or as the frame accounts"
        )
