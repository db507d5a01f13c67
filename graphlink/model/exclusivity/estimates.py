"""The step that estimates which identifiers are exclusive, and the bits of each for each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    ACCOUNT_NUMBERS,
    GENERALIZATIONS,
    KIND_SIZES,
    KINDS,
    NETWORKS,
    SHARED_IDENTIFIERS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.model import (
    COPRESENCE_PAIRS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    EXCLUSIVITY_SHARES,
    MATCH_WEIGHTS,
    OVERRIDDEN,
    PAIR_KINDS,
    TIED_SHARES,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.contact import DOMAIN
from graphlink.kinds.listed_types import LISTED_TYPES
from graphlink.model.exclusivity.activity import activity_sql
from graphlink.model.exclusivity.baselines import (
    IS_OWNED,
    baselines_sql,
    domain_odds_sql,
    gathered,
    instrument_odds_sql,
    listed_identifiers_sql,
    mean_baselines_sql,
    pools_sql,
)
from graphlink.model.exclusivity.concentration import make_concentration
from graphlink.model.exclusivity.coverage import Joining, make_coverage
from graphlink.model.exclusivity.determination import make_determination
from graphlink.model.exclusivity.learning import learn_shares, learn_tied_shares
from graphlink.model.exclusivity.organisations import make_organisations
from graphlink.model.exclusivity.pair_bits import (
    estimated_sql,
    overruled_bits_sql,
    overruled_sql,
    settable_sql,
    undetermined_sql,
)
from graphlink.model.exclusivity.sites import make_sites, roaming_sql
from graphlink.model.exclusivity.states import Coverage, state_likelihoods, stated_law
from graphlink.model.learned import use_saved
from graphlink.model.match_weights.parameters import N_DEGREES

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.learned import Learned


@step(
    "exclusivity",
    "estimate which identifiers are exclusive to one operator",
    takes=(
        *(COPRESENCE_PAIRS, PAIR_KINDS, MATCH_WEIGHTS, KINDS, SHARED_IDENTIFIERS, ACCOUNT_NUMBERS),
        *(WINDOW_INCIDENCE, ACCOUNT_KINDS, KIND_SIZES, GENERALIZATIONS, NETWORKS, OVERRIDDEN),
    ),
    makes=(EXCLUSIVITY, EXCLUSIVITY_BITS, EXCLUSIVITY_SHARES, TIED_SHARES),
    share=0.07,
    learns=(EXCLUSIVITY_SHARES, TIED_SHARES),
)
def estimate_exclusivity(engine: Sql, settings: Settings, saved: Learned | None = None) -> dict[str, object]:
    """Make `exclusivity`, the estimates per identifier, and `exclusivity_bits`, the bits for each pair.

    What the settings overrule stands in both instead of the estimate, and moves no other estimate: every pair
    that shares an overridden identifier gets the bits of its probability, its log2 odds less the prior. With
    what a model has saved, nothing is learned.

    Returns:
        Counts for the manifest.
    """
    prior, parameters = settings.model.prior_bits, settings.parameters
    numbers = parameters.exclusivity
    labels = {one.name: getattr(parameters.listed_bits, one.name) for one in LISTED_TYPES}
    engine.make("pools", pools_sql())
    engine.make("listed_identifiers", listed_identifiers_sql(labels))
    engine.make("baselines", baselines_sql(prior, labels, parameters.frequency.largest_usual))
    make_concentration(engine, parameters)
    instruments = instrument_odds_sql(numbers)
    make_sites(engine, instruments, numbers)
    # No public provider's customers share an instrument, be it a reseller's.
    loose = Joining(prior, numbers.loose_odds, numbers.loose_odds)
    make_coverage(engine, instruments, loose, f"k.kind = '{DOMAIN}'", "domain_")
    _make_domain_ratios(engine, numbers)
    owned = f"{instruments} UNION ALL {domain_odds_sql(numbers)}"
    joining = Joining(prior, numbers.joining_odds, numbers.loose_odds)
    make_coverage(engine, owned, joining, f"NOT ({IS_OWNED})")
    make_organisations(engine, numbers)
    engine.make("mean_baselines", mean_baselines_sql())
    learn_tied_shares(engine, numbers, is_saved=saved is not None)
    facts = use_saved(engine, (TIED_SHARES,), saved) if saved else {}
    _make_identifier_states(engine, numbers)
    learn_shares(engine, numbers, is_saved=saved is not None)
    facts |= use_saved(engine, (EXCLUSIVITY_SHARES,), saved) if saved else {}
    _make_states(engine, numbers)
    engine.make("estimated", estimated_sql(parameters.mixture.most_share))
    engine.make("activity", activity_sql())
    engine.make("standalone", overruled_bits_sql(prior, parameters))
    make_determination(engine, numbers, parameters.households.largest)
    engine.make("settable", settable_sql())
    engine.make("exclusivity_bits", undetermined_sql())
    engine.make("exclusivity", overruled_sql())
    return {
        **facts,
        "identifiers_corroborated": number(engine, "SELECT count(*) FROM exclusivity WHERE n_tied > 1"),
    }


def _make_domain_ratios(engine: Sql, numbers: Exclusivity) -> None:
    """Make `domain_ratios`: the likelihood ratio of one organisation, by how many holders instruments tie.

    A provider of mail may be one of a region or of one network, so that its holders come from one place; but
    they have cards of their own.
    """
    rows = engine.arrow(
        "SELECT c.identifier_no, c.n_shown, c.n_tied, c.by_chance FROM domain_coverage c "
        f"JOIN kinds k ON k.kind_no = c.kind_no WHERE k.kind = '{DOMAIN}' ORDER BY c.identifier_no"
    )
    shown, tied, by_chance = (
        rows[name].to_numpy().astype(np.float64) for name in ("n_shown", "n_tied", "by_chance")
    )
    # An organisation pays with as many instruments as it likes.
    coverage = Coverage(shown, tied, by_chance, np.ones(len(shown)))
    states = state_likelihoods(coverage, stated_law(numbers), numbers, is_pair_left_out=True)
    engine.load(
        "domain_ratios",
        pa.table({"identifier_no": rows["identifier_no"], "ratio": states.one_operator}),
    )


def _make_identifier_states(engine: Sql, numbers: Exclusivity) -> None:
    """Make `identifier_states`: likelihoods of the states of each identifier, and what its tied parts say."""
    ratio = gathered("g.log_ratio", numbers.gathered)
    rows = engine.arrow(
        "SELECT c.identifier_no, c.kind_no, c.n_holders, c.n_shown, c.n_tied, c.by_chance, c.in_parts, "
        "c.n_parts, c.in_one, k.is_declared, "
        "k.kind_no IN (SELECT wider_no FROM generalizations) AS is_network, "
        f"{IS_OWNED} AS is_owned, l.bits AS listed_bits, t.identifier_no IS NOT NULL AS is_shared_site, "
        f"CASE WHEN c.n_holders > 2 THEN {ratio} * coalesce(d.ratio, 1.0) ELSE 1.0 END AS gathered, "
        "coalesce(r.share, 0.0) AS roams "
        "FROM coverage c JOIN kinds k ON k.kind_no = c.kind_no "
        "JOIN listed_identifiers l ON l.identifier_no = c.identifier_no "
        "LEFT JOIN concentration g ON g.identifier_no = c.identifier_no "
        "LEFT JOIN domain_ratios d ON d.identifier_no = c.identifier_no "
        f"LEFT JOIN ({roaming_sql(numbers.settled_sites)}) r ON r.identifier_no = c.identifier_no "
        "LEFT JOIN shared_sites t ON t.identifier_no = c.identifier_no ORDER BY c.identifier_no"
    )
    n, shown, tied, by_chance, in_parts, in_one = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("n_holders", "n_shown", "n_tied", "by_chance", "in_parts", "in_one")
    )
    declared, owned, several = (
        rows[name].to_numpy(zero_copy_only=False) for name in ("is_declared", "is_owned", "is_shared_site")
    )
    of_parts = numbers.parts_of_one * in_parts
    of_several = np.where(several, numbers.several_domains, 1.0)
    roams = rows["roams"].to_numpy()
    of_pool = np.where(n > 2, 1.0 - roams * (1.0 - numbers.pool_of_one), 1.0)
    columns: dict[str, object] = {
        name: rows[name]
        for name in ("identifier_no", "kind_no", "n_holders", "n_tied", "is_network", "listed_bits")
    }
    columns["degree_bin"] = np.clip(np.log2(np.maximum(n - 1.0, 1.0)).astype(np.int64), 0, N_DEGREES - 1)
    law = engine.arrow("SELECT weight FROM tied_shares ORDER BY share")["weight"].to_numpy()
    coverage = Coverage(shown, tied, by_chance, rows["n_parts"].to_numpy().astype(np.float64), several)
    columns |= {"parts_of_one": of_parts, "tied_of_one": in_one + (1.0 - in_one) * of_parts}
    for suffix, is_left_out in (("", False), ("_without", True)):
        states = state_likelihoods(coverage, law, numbers, is_pair_left_out=is_left_out)
        one = states.one_operator * of_several * of_pool
        columns[f"one_operator{suffix}"] = np.where(
            owned, rows["gathered"].to_numpy() * of_several, np.where(declared, one, 1.0)
        )
        if not is_left_out:
            columns |= {"belongs_alone": states.alone.belongs, "untied_alone": states.alone.untied_belongs}
            columns |= {"belongs_among": states.among.belongs, "untied_among": states.among.untied_belongs}
        columns[f"among_others{suffix}"] = np.where(declared & ~owned, states.among_others, 0.0)
    engine.load("identifier_states", pa.table(columns))


def _make_states(engine: Sql, numbers: Exclusivity) -> None:
    """Make `states`: `identifier_states` with how often an operator has such an identifier among others."""
    engine.make(
        "states",
        f"SELECT s.*, CASE WHEN s.is_network THEN {numbers.among_in_network} ELSE e.among_others END "
        "AS among_share FROM identifier_states s "
        "JOIN exclusivity_shares e ON e.kind_no = s.kind_no AND e.degree_bin = s.degree_bin",
    )
