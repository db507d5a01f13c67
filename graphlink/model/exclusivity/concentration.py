"""Concentration: whether the holders of an instrument or a domain come from one place, beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.model.exclusivity.baselines import IS_OWNED
from graphlink.model.exclusivity.states import log_beta_binomial

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.engine import Sql
    from graphlink.model.exclusivity.states import Floats


def make_concentration(engine: Sql, parameters: Parameters) -> None:
    """Make `concentration` (identifier_no, place_no, n_there, log_ratio): each owned identifier's best place.

    `log_ratio`: natural log of the likelihood ratio that its holders, but two, come from there because one
    operator holds it, against chance.
    """
    rows = engine.arrow(_joint_sql())
    n_holders, there, share = (
        rows[name].to_numpy().astype(np.float64) for name in ("n_holders", "n_there", "share")
    )
    log_ratio = _log_ratio(n_holders, there, share, parameters)
    identifier = rows["identifier_no"].to_numpy()
    place = rows["place_no"].to_numpy()
    order = np.lexsort((place, -there, -log_ratio, identifier))
    firsts = order[np.flatnonzero(np.diff(identifier[order], prepend=-1))] if len(order) else order
    engine.load(
        "concentration",
        pa.table(
            {
                "identifier_no": pa.array(identifier[firsts], pa.int32()),
                "place_no": pa.array(place[firsts], pa.int32()),
                "n_there": pa.array(there[firsts].astype(np.int64), pa.int64()),
                "log_ratio": pa.array(log_ratio[firsts].round(9), pa.float64()),
            }
        ),
    )


def _log_ratio(n_holders: Floats, there: Floats, share: Floats, parameters: Parameters) -> Floats:
    """Log of the likelihood ratio of so many holders from one place, two of them left out."""
    numbers = parameters.exclusivity
    usual = np.clip(numbers.locality * share, 1e-4, numbers.most_usual)
    n, shown = np.maximum(n_holders - 2.0, 0.0), np.maximum(there - 2.0, 0.0)
    scattered = np.logaddexp(
        np.log1p(-numbers.local_services) + log_beta_binomial(shown, n, usual, numbers.locality_doubt),
        # Who sells mail or payment may sell the network as well.
        np.log(numbers.local_services) + log_beta_binomial(shown, n, 0.5, 2.0),
    )
    gathered = log_beta_binomial(shown, n, numbers.from_place, numbers.from_place_doubt)
    # A family is at one place as well, and each further person of it less likely.
    further = parameters.households.further_person ** (n_holders - 3.0)
    family = np.clip(further, 1e-12, numbers.most_usual)
    public = np.logaddexp(np.log1p(-family) + scattered, np.log(family) + gathered)
    return np.asarray(gathered - public)


def _joint_sql() -> str:
    """Query of owned identifiers of three or more and the network identifiers of their holders."""
    return f"""
        WITH held AS (
            SELECT DISTINCT h.identifier_no, h.account_no, {IS_OWNED} AS is_owned
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE i.degree > 2 AND ({IS_OWNED} OR k.is_declared AND {is_facet_sql("k.facet", NETWORK)})
        )
        SELECT x.identifier_no, y.identifier_no AS place_no, any_value(i.degree) AS n_holders,
               count(*) AS n_there,
               any_value(j.degree)::DOUBLE / (SELECT count(*) FROM account_numbers) AS share
        FROM held x
        JOIN held y ON y.account_no = x.account_no
        JOIN shared_identifiers i ON i.identifier_no = x.identifier_no
        JOIN shared_identifiers j ON j.identifier_no = y.identifier_no
        WHERE x.is_owned AND NOT y.is_owned
        GROUP BY x.identifier_no, y.identifier_no HAVING 2 * count(*) >= any_value(i.degree)
        ORDER BY x.identifier_no, y.identifier_no
    """
