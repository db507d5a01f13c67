"""The step that makes `behaviours`: lockstep, crews, succession, load balancing and sign-up bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.schema import ACCOUNTS
from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    KINDS,
    OBSERVED_VALUES,
    SHARED_IDENTIFIERS,
    SIGHTINGS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.model import BEHAVIOURS
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.built_in import KINDS as BUILT_IN
from graphlink.kinds.facets import OWNED_FACETS, among_facets_sql
from graphlink.kinds.kind import API_KEY
from graphlink.model.timing.crew_causes import read_holdings
from graphlink.model.timing.crews import find_crews
from graphlink.model.timing.load_balancing import find_balancing
from graphlink.model.timing.lockstep import (
    bounded_by_chance,
    find_lockstep,
    n_pairs_tested,
    weigh_lockstep,
)
from graphlink.model.timing.parameters import DAY, HOUR
from graphlink.model.timing.places import places_with_beats, read_places, without_starts_at
from graphlink.model.timing.resources import make_resource_pairs, make_spans
from graphlink.model.timing.signup_bursts import find_bursts
from graphlink.model.timing.starts import read_starts
from graphlink.model.timing.succession import find_succession
from graphlink.model.timing.tables import add_ties, as_float, greater

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.starts import Starts


@step(
    "behaviours",
    "find joint behaviour in time",
    takes=(
        *(SIGHTINGS, OBSERVED_VALUES, KINDS, ACCOUNTS, ACCOUNT_NUMBERS, WINDOW_INCIDENCE),
        SHARED_IDENTIFIERS,
    ),
    makes=(BEHAVIOURS,),
    share=0.13,
)
def find_joint_behaviour(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `behaviours` from the observations and who held what; it is empty when the data have no time.

    Returns:
        Facts for the manifest: per behaviour the null, its parameters, pairs tested, kept and left out.
    """
    engine.make(
        "behaviours",
        "SELECT 0::INTEGER AS l, 0::INTEGER AS r, '' AS behaviour, 0.0::DOUBLE AS bits, "
        "0::BIGINT AS n_events, 0.0::DOUBLE AS p_value, 0::BIGINT AS first_s, 0::BIGINT AS last_s, "
        "0::INTEGER AS at_no WHERE false",
    )
    engine.make("moments", _moments_sql())
    parameters = settings.parameters
    resolution = _resolution(engine, parameters.timing.resolution_share)
    facts: dict[str, object] = {"resolution_s": resolution}
    if resolution:
        silence = parameters.timing.silence_s
        engine.make(
            "starts",
            f"SELECT account_no, s FROM moments WHERE is_request "
            f"QUALIFY coalesce(s - lag(s) OVER (PARTITION BY account_no ORDER BY s) >= {silence}, true)",
        )
        has_starts = number(engine, "SELECT count(*) FROM starts") > 0
        starts = read_starts(engine) if has_starts else None
        if starts:
            scales = [scale for scale in parameters.timing.scales_s if scale >= resolution]
            facts |= _find_jobs(engine, settings, starts, scales, resolution)
        make_spans(engine, parameters)
        facts["succession"], facts["replacement"] = find_succession(engine, settings)
        make_resource_pairs(engine, settings)
        if starts:
            facts["load_balancing"] = find_balancing(engine, parameters, starts, resolution)
        facts["signup_burst"] = find_bursts(engine, parameters)
    return facts


def _moments_sql() -> str:
    """Query of the moments of each account, and whether it may have made a request then (`is_request`).

    When a card is charged, a mail is sent or a key is written, the provider's own batch decides: it works
    through all its customers in one order, and neighbours in it are together every month. A kind that the
    settings ignore links nobody, and shows when accounts are active all the same.
    """
    owners = {facet.name for facet in OWNED_FACETS}
    owned = ", ".join(f"'{kind.name}'" for kind in BUILT_IN.values() if kind.facet in owners)
    is_owned = f"coalesce({among_facets_sql('k.facet', OWNED_FACETS)}, v.kind IN ({owned}))"
    return f"""
        SELECT s.account_no, epoch(s.seen_at)::BIGINT AS s,
               bool_or(NOT {is_owned} OR v.kind = '{API_KEY}') AS is_request
        FROM sightings s
        JOIN observed_values v ON v.value_no = s.value_no
        LEFT JOIN kinds k ON k.kind = v.kind
        WHERE s.seen_at IS NOT NULL GROUP BY ALL
    """


def _find_jobs(
    engine: Sql, settings: Settings, starts: Starts, scales: list[int], resolution: int
) -> dict[str, object]:
    """Add accounts that run jobs at the same moments: pair by pair, and against the beat of a crew.

    What a place sets is left out and the rest is weighed again, until no place sets a beat.
    Both are of the same starts: of a pair that both name, the one with more bits stands.
    """
    if not scales:
        skipped = {"skipped": f"times are exact to {resolution} seconds only"}
        return {"lockstep": skipped, "crew_beat": skipped}
    parameters, widths = settings.parameters, (scales, [2 * scale + resolution for scale in scales])
    n_tested = n_pairs_tested(starts, parameters.timing)
    pairs, of_pairs = find_lockstep(engine, settings, starts, scales, resolution)
    n_set = 0
    while True:
        holdings = read_holdings(engine, pairs, parameters.crews)
        crews, of_crews = find_crews(settings, starts, pairs, holdings, widths)
        places = read_places(engine, starts, (pairs, crews))
        named = places_with_beats(starts, (pairs, crews), places, scales[-1], parameters)
        if not len(named):
            break
        n_set += len(named)
        starts = without_starts_at(starts, places, named, parameters.crews)
        pairs, _ = weigh_lockstep(starts, (pairs.l, pairs.r), widths, parameters, n_tested)
    of_pairs["places_with_beats"] = n_set
    pairs = bounded_by_chance(pairs, n_tested, settings.model.prior_bits, parameters)
    of_pairs["pairs_kept"] = len(pairs.l)
    pairs, crews = greater(pairs, crews)
    add_ties(engine, "lockstep", pairs)
    add_ties(engine, "crew_beat", crews)
    return {"lockstep": of_pairs, "crew_beat": of_crews}


def _resolution(engine: Sql, least_share: float) -> int:
    """Seconds that nearly all times are multiples of: 1, a minute, an hour or a day; 0 without time."""
    units = (60, HOUR, DAY)
    shares = ", ".join(f"avg((s % {unit} = 0)::INTEGER)::DOUBLE" for unit in units)
    n, *shares_on_unit = (
        as_float(value) for value in engine.rows(f"SELECT count(*), {shares} FROM moments")[0]
    )
    if not n:
        return 0
    return max([1] + [unit for unit, share in zip(units, shares_on_unit, strict=True) if share > least_share])
