"""A finished run weighed again from its own observations, under its own model, without some kinds.

The tables of a result hold all that the steps from `identifiers` on take: observations with their pseudonyms,
routers that reference lists added, labels of addresses, overrides and the model. Sources, reference lists and
keys are not needed. With no kind left out, links and membership are those of the result, but for labels on
pairs: those never take part.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.schema import ACCOUNTS
from graphlink.core.settings import Settings, settings_from
from graphlink.core.stages import tables_done
from graphlink.core.tables.ingest import IDENTIFIER_LABELS
from graphlink.core.tables.model import OVERRIDDEN
from graphlink.engine.numbering import number_rows
from graphlink.kinds import kind_of
from graphlink.kinds.pseudonyms import is_pseudonymising
from graphlink.model.parameters import settings_under
from graphlink.model.saved import load_model, saved_for
from graphlink.pipeline import own_steps

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphlink.core.settings import EngineSettings
    from graphlink.engine import Engine
    from graphlink.model.parameters import Model
    from graphlink.result.result import Result

_FIRST, _LAST = "identifiers", "posteriors"
# What names files, or was applied to the observations that the result keeps.
_OF_INPUT = ("sources", "accounts", "lookups", "references", "labels", "overrides", "facts", "placeholders")
_WANTED = ("concluded_links", "membership")


@dataclasses.dataclass(frozen=True)
class Reweighed:
    """What a result says without some kinds, and what it held of these.

    Attributes:
        links: As the table of a result, without what the null model adds.
        membership: As the table of a result.
        holdings: account_id, kind, identifier_no, window_no of the kinds that were left out: who held what
            somebody else holds as well, in which window.
        held: account_id, kind of those kinds: who was seen with any value.
    """

    links: pa.Table
    membership: pa.Table
    holdings: pa.Table
    held: pa.Table


def settings_of(result: Result) -> tuple[Settings, Model]:
    """Read the settings of a result that weighing needs, and its model.

    Raises:
        ResultError: The result keeps no model.
        SettingsError: Settings or model are of another version.
    """
    stated = {name: value for name, value in result.manifest["settings"].items() if name not in _OF_INPUT}
    stated["pseudonymize"] = {"kinds": stated.get("pseudonymize", {}).get("kinds", [])}
    model = load_model(result.path)
    return settings_under(settings_from(stated, "the settings in run.json"), model), model


def facets_of(result: Result, settings: Settings) -> dict[str, tuple[str, ...]]:
    """List the facets of a result with the kinds of each, the wider ones that follow from others too."""
    seen = pc.unique(result.table("observations", ["kind"])["kind"]).to_pylist()
    kinds = {name: kind_of(name, settings) for name in seen}
    for kind in list(kinds.values()):
        kinds.update((name, kind_of(name, settings)) for name, _ in kind.generalizations_sql)
    ignored = {name for name, one in settings.kinds.items() if one.ignore}
    facets: dict[str, list[str]] = {}
    for name in sorted(set(kinds) - ignored):
        facets.setdefault(kinds[name].facet, []).append(name)
    return {facet: tuple(names) for facet, names in sorted(facets.items())}


def weigh_without(result: Result, kinds: Collection[str], limits: EngineSettings | None = None) -> Reweighed:
    """Weigh the observations of a result again without some kinds, under its model.

    Args:
        result: The result; nothing of it changes.
        kinds: The kinds to leave out.
        limits: Limits of the engine, which runs on this machine.

    Raises:
        ResultError: The result lacks a table.
        EngineError: Memory or disk ran out.
    """
    from graphlink.engine.duck import DuckEngine  # only a run needs the engine

    settings, model = settings_of(result)
    limits = limits or settings.engine
    with contextlib.closing(
        DuckEngine(
            limits.memory or None,
            limits.threads or None,
            limits.folder or None,
            is_encrypted=is_pseudonymising(settings),
        )
    ) as engine:
        _load(engine, result)
        steps = own_steps()
        names = [step.name for step in steps]
        first, last = names.index(_FIRST), names.index(_LAST)
        holdings, held = _held(engine, steps[first], settings, kinds)
        ignoring = _without(settings, kinds)
        done = tables_done(steps, _WANTED)
        for step, finished in zip(steps[first : last + 1], done[first : last + 1], strict=True):
            if step.name == "overrides":  # a result keeps what they reached; their values may be hidden
                engine.load("overridden", _overridden(engine, result))
            else:
                step(engine, ignoring, **saved_for(model, step))
            engine.drop(*(set(finished) - {"accounts"}))
        # Sums differ in their last digits from run to run; a result is written with nine.
        links = engine.arrow(
            "SELECT * REPLACE (round(probability, 9) AS probability) FROM concluded_links "
            "ORDER BY account_id_l, account_id_r"
        )
        membership = engine.arrow("SELECT * FROM membership ORDER BY account_id")
    return Reweighed(links, membership, holdings, held)


def _load(engine: Engine, result: Result) -> None:
    """Make the tables that the first step takes from those of a result."""
    engine.load("accounts", result.table("accounts", ACCOUNTS.column_names))
    number_rows(engine, "account_numbers", "SELECT account_id FROM accounts", "account_no", ("account_id",))
    engine.load("stored_observations", result.table("observations"))
    number_rows(
        engine,
        "observed_values",
        "SELECT *, (row_number() OVER (ORDER BY kind, value))::INTEGER AS value_no "
        "FROM (SELECT DISTINCT kind, value FROM stored_observations)",
        "place",
        ("kind", "value"),
    )
    engine.make(
        "sightings",
        "SELECT a.account_no, v.value_no, o.seen_at, o.n FROM stored_observations o "
        "JOIN account_numbers a ON a.account_id = o.account_id "
        "JOIN observed_values v ON v.kind = o.kind AND v.value = o.value",
    )
    engine.drop("stored_observations")
    engine.make(
        "incidence",
        "SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, "
        "sum(n)::BIGINT AS n, count(*) AS n_rows, count(seen_at) AS n_timed FROM sightings "
        "GROUP BY account_no, value_no",
    )
    labels = result.table("identifiers", ["kind", "value", "label", "label_type"], {"kind": ["ip"]})
    labels = labels.filter(pc.or_(pc.is_valid(labels["label"]), pc.is_valid(labels["label_type"])))
    nothing = [None] * labels.num_rows  # autonomous system and country are observations by now
    columns: dict[str, Any] = {name: labels[name].to_pylist() for name in labels.column_names}
    engine.load(
        "identifier_labels", IDENTIFIER_LABELS.arrow_table(columns | {"asn": nothing, "country": nothing})
    )


def _without(settings: Settings, kinds: Collection[str]) -> Settings:
    from graphlink.core.settings import KindSettings

    ignored = {
        name: dataclasses.replace(settings.kinds.get(name, KindSettings()), ignore=True) for name in kinds
    }
    return dataclasses.replace(settings, kinds={**settings.kinds, **ignored})


def _held(
    engine: Engine, identifiers: Any, settings: Settings, kinds: Collection[str]
) -> tuple[pa.Table, pa.Table]:
    """Who held what of some kinds, and who was seen with any value; as the model sees them."""
    identifiers(engine, settings)
    chosen = ", ".join(f"'{name}'" for name in sorted(kinds)) or "''"
    holdings = engine.arrow(
        "SELECT a.account_id, s.kind, w.identifier_no, w.window_no FROM window_incidence w "
        "JOIN shared_identifiers s ON s.identifier_no = w.identifier_no "
        f"JOIN account_numbers a ON a.account_no = w.account_no WHERE s.kind IN ({chosen})"
    )
    held = engine.arrow(
        "SELECT DISTINCT a.account_id, k.kind FROM account_kinds h JOIN kinds k ON k.kind_no = h.kind_no "
        f"JOIN account_numbers a ON a.account_no = h.account_no WHERE k.kind IN ({chosen})"
    )
    engine.drop(*(spec.name for spec in identifiers.makes))
    return holdings, held


def _overridden(engine: Engine, result: Result) -> pa.Table:
    """What the settings of the result stated of identifiers that are there."""
    stated = result.table("identifiers", ["kind", "value", "p_exclusive", "label", "is_overridden"])
    engine.load("stated", stated.filter(stated["is_overridden"]))
    found = engine.arrow(
        "SELECT i.identifier_no, s.p_exclusive, s.label FROM stated s "
        "JOIN shared_identifiers i ON i.kind = s.kind AND i.value = s.value ORDER BY 1"
    )
    engine.drop("stated")
    return OVERRIDDEN.arrow_table({name: found[name].to_pylist() for name in OVERRIDDEN.column_names})
