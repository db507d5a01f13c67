"""The run's own community step over the links around a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, NETWORKS
from graphlink.core.tables.model import (
    DISAGREEMENT_WEIGHTS,
    EXCLUSIVITY,
    PAIR_EVIDENCE,
    SCORED_PAIRS,
    SINGLE_VALUES,
)
from graphlink.explanations.stored import log_odds
from graphlink.kinds import network_of
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.settings import Settings
    from graphlink.explanations.reweighing import Web


def find_communities_again(
    web: Web,
    bits: NDArray[np.float64],
    is_gone: NDArray[np.bool_],
    settings: Settings,
    single: pa.Table,
    p_exclusive: NDArray[np.float64],
) -> dict[str, int]:
    """Community of each account that has one, found by the run's own step."""
    is_kept = bits >= log_odds(settings.model.min_probability)
    if not is_kept.any():
        return {}
    # Imported here, because only this explanation needs the engine.
    from graphlink.clustering.communities import find_communities
    from graphlink.engine.duck import DuckEngine

    with DuckEngine(None, 1, None) as engine:
        for name, table in _tables(web, bits, is_kept, is_gone, single, p_exclusive).items():
            engine.load(name, table)
        find_communities(engine, settings)
        found = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    numbers = zip(found["account_no"].to_pylist(), found["community_no"].to_pylist(), strict=True)
    return {web.accounts[account - 1]: community for account, community in numbers}


def _tables(
    web: Web,
    bits: NDArray[np.float64],
    is_kept: NDArray[np.bool_],
    is_gone: NDArray[np.bool_],
    single: pa.Table,
    p_exclusive: NDArray[np.float64],
) -> dict[str, pa.Table]:
    """The tables that `find_communities` takes; accounts and pieces are numbered from 1, as in a run."""
    rows = np.flatnonzero(is_kept[web.link] & ~is_gone)
    kept, held = web.ends[is_kept] + 1, web.ends[web.link[rows]] + 1
    has_value = np.array([bool(piece.value) for piece in web.pieces])
    accounts = {"account_no": range(1, len(web.accounts) + 1), "account_id": list(web.accounts)}
    pairs = {"l": kept[:, 0], "r": kept[:, 1], "bits": bits[is_kept]}
    evidence = {
        "l": held[:, 0],
        "r": held[:, 1],
        "kind_no": web.kind[rows],
        "identifier_no": pa.array(web.piece[rows] + 1, mask=~has_value[web.piece[rows]]),
        "facet": [web.facets[piece] for piece in web.piece[rows].tolist()],
        "bits": web.alone[rows],
        "contribution_bits": web.counted[rows],
    }
    estimated = pa.array(p_exclusive, mask=np.isnan(p_exclusive))
    exclusivity = {"identifier_no": np.arange(1, len(p_exclusive) + 1), "p_exclusive": estimated}
    return {
        spec.name: spec.arrow_table(columns)
        for spec, columns in (
            (ACCOUNT_NUMBERS, accounts),
            (SCORED_PAIRS, pairs),
            (PAIR_EVIDENCE, evidence),
            (EXCLUSIVITY.project(EXCLUSIVITY.name, EXCLUSIVITY.about, exclusivity), exclusivity),
            (NETWORKS, _networks(web)),
            (DISAGREEMENT_WEIGHTS, _disagreement_weights(web)),
            (SINGLE_VALUES, _single_values(web, single)),
        )
    }


def _networks(web: Web) -> dict[str, object]:
    """The network of each address, numbered behind the pieces where it is none of them."""
    numbers = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    found = {
        i: numbers.setdefault(network, len(numbers) + 1)
        for i, piece in enumerate(web.pieces, 1)
        if (network := network_of(piece.kind, piece.value)) != (piece.kind, piece.value)
    }
    return {"identifier_no": list(found), "network_no": list(found.values())}


def _disagreement_weights(web: Web) -> dict[str, object]:
    """The kinds that speak against some link here, with the most that they do."""
    against = np.flatnonzero(web.alone < 0)
    kinds, bits = web.kind[against], web.alone[against]
    told = {kind: bits[kinds == kind].min() for kind in sorted(set(kinds.tolist()))}
    return {"kind_no": list(told), "group_no": list(told), "bits": list(told.values())}


def _single_values(web: Web, single: pa.Table) -> dict[str, object]:
    """Single values by number; one that is no piece here has none."""
    accounts = {name: i for i, name in enumerate(web.accounts, 1)}
    kinds = {name: i for i, name in enumerate(sorted({piece.kind for piece in web.pieces}))}
    values = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    rows = rows_of(single)
    return {
        "account_no": [accounts[row["account_id"]] for row in rows],
        "kind_no": [kinds[row["kind"]] for row in rows],
        "identifier_no": [values.get((row["kind"], row["value"])) for row in rows],
    }
