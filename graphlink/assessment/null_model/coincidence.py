"""How many links coincidence of two facets is expected to give, per strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.assessment.null_model.bins import BINS_PER_BIT, MOST_BITS, Floats, bin_of
from graphlink.assessment.null_model.ties import Ties, count_ties
from graphlink.engine import number
from graphlink.engine.shuffle import draw_sql

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_ACCOUNTS_DRAWN = 50_000


@dataclass(frozen=True, slots=True)
class _Dependence:
    """What a kind counts given a stronger one, by stronger and weaker kind (`dependence_caps`)."""

    ceiling: Floats
    share: Floats
    rarity: Floats


def expected_links(engine: Sql, settings: Settings) -> Floats:
    """Expected number of pairs that coincidence lifts to at least the bits of each bin, from -MOST_BITS up.

    A pair that one facet alone lifts there is as strong without the other, and no coincidence.
    """
    facets = [str(row[0]) for row in engine.rows("SELECT facet FROM evidence_kinds ORDER BY kind_no")]
    prior = settings.model.prior_bits
    ties = count_ties(engine, facets, settings)
    dependence = _read_dependence(engine, len(facets))
    same_pair = _same_pair(engine, len(facets))
    steps = np.zeros(round(2 * MOST_BITS * BINS_PER_BIT) + 1)
    for j, one in enumerate(ties):
        for k, other in enumerate(ties[:j]):
            if one.facet != other.facet and len(one.n) and len(other.n):
                expected_by_chance = min(same_pair[j, k], 1.0 / max(1.0, one.n.sum(), other.n.sum()))
                alone, summed = _joint_bits(ties, dependence, j, k)
                n = (np.outer(one.n, other.n) * expected_by_chance).ravel()
                steps += np.bincount(bin_of(summed + prior), weights=n, minlength=len(steps))
                steps -= np.bincount(bin_of(alone + prior), weights=n, minlength=len(steps))
    lifted = np.maximum(steps[::-1].cumsum(), 0.0)
    # What reaches more bits reaches fewer as well.
    return np.asarray(np.maximum.accumulate(lifted)[::-1])


def _joint_bits(ties: list[Ties], dependence: _Dependence, j: int, k: int) -> tuple[Floats, Floats]:
    """Bits of pairs tied by kinds j and k: of the stronger alone and of both; rows of j with each of k."""
    of_j, of_k = ties[j].bits[:, None], ties[k].bits[None, :]
    after_j = _counted(ties[k], dependence, j, k)[None, :]
    after_k = _counted(ties[j], dependence, k, j)[:, None]
    weaker = np.where((of_j > of_k) | ((of_j == of_k) & (j < k)), after_j, after_k)
    alone = np.maximum(of_j, of_k)
    return alone.ravel(), (alone + weaker).ravel()


def _counted(weaker: Ties, dependence: _Dependence, given: int, kind: int) -> Floats:
    """What the ties of a kind count when a stronger one is given, as in the step that weighs evidence."""
    ceiling = dependence.ceiling[given, kind]
    if ceiling <= 0:
        return np.zeros(len(weaker.bits))
    most = np.maximum(0.0, ceiling + np.minimum(dependence.rarity[given, kind], weaker.rarity))
    return np.asarray(np.minimum(weaker.bits * dependence.share[given, kind], most))


def _read_dependence(engine: Sql, n_kinds: int) -> _Dependence:
    """What was learned of kinds given each other; between kinds that it leaves out both count in full."""
    rows = engine.arrow("SELECT given_no, kind_no, bits, share, rarity FROM evidence_dependence_caps")
    place = (rows["given_no"].to_numpy(), rows["kind_no"].to_numpy())
    made = [np.full((n_kinds, n_kinds), free) for free in (np.inf, 1.0, 0.0)]
    for table, name in zip(made, ("bits", "share", "rarity"), strict=True):
        table[place] = rows[name].to_numpy()
    return _Dependence(*made)


def _same_pair(engine: Sql, n_kinds: int) -> Floats:
    """Per two kinds, the chance that a pair tied by the one and a pair tied by the other are the same.

    Each account is in a pair as often as it was seen with values of that kind that are shared.
    """
    seen, share = _activity(engine, n_kinds)
    # A behaviour ties accounts by all that they do.
    seen[:, seen.sum(axis=0) == 0] = seen.sum(axis=1, keepdims=True)
    total, squares = seen.sum(axis=0) / share, (seen**2).sum(axis=0) / share
    n_pairs = np.maximum(1.0, (total**2 - squares) / 2)
    both = ((seen.T @ seen) / share) ** 2 - ((seen.T**2) @ (seen**2)) / share
    return np.asarray(np.clip(both / 2, 0.0, None) / np.outer(n_pairs, n_pairs))


def _activity(engine: Sql, n_kinds: int) -> tuple[Floats, float]:
    """Sightings per account and kind, of a share of the accounts drawn by a fixed hash; and that share."""
    n_accounts = number(engine, "SELECT count(*) FROM account_numbers")
    every = 1 + n_accounts // _ACCOUNTS_DRAWN
    engine.make(
        "drawn_accounts",
        f"SELECT account_no FROM account_numbers WHERE {draw_sql('account_id')} % {every} = 0",
    )
    rows = engine.arrow(
        "SELECT h.account_no, i.kind_no, count(*) AS n "
        "FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no "
        "JOIN drawn_accounts d ON d.account_no = h.account_no "
        "GROUP BY h.account_no, i.kind_no ORDER BY h.account_no, i.kind_no"
    )
    n_drawn = number(engine, "SELECT count(*) FROM drawn_accounts")
    accounts, row_of = np.unique(rows["account_no"].to_numpy(), return_inverse=True)
    seen = np.zeros((len(accounts), n_kinds))
    seen[row_of, rows["kind_no"].to_numpy()] = rows["n"].to_numpy()
    return seen, max(1, n_drawn) / max(1, n_accounts)
