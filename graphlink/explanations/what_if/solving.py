"""The run's own community step over the links around a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

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
    identifier = pa.array(web.piece[rows] + 1, pa.int32(), mask=~has_value[web.piece[rows]])
    facet = [web.facets[piece] for piece in web.piece[rows].tolist()]
    numbers = pa.array(range(1, len(web.accounts) + 1), pa.int32())
    return {
        "account_numbers": pa.table({"account_no": numbers, "account_id": list(web.accounts)}),
        "scored_pairs": pa.table({"l": _int32(kept[:, 0]), "r": _int32(kept[:, 1]), "bits": bits[is_kept]}),
        "pair_evidence": pa.table(
            {
                "l": _int32(held[:, 0]),
                "r": _int32(held[:, 1]),
                "kind_no": _int32(web.kind[rows]),
                "identifier_no": identifier,
                "facet": pa.array(facet, pa.string()),
                "contribution_bits": web.counted[rows],
            }
        ),
        "privacy": pa.table(
            {
                "identifier_no": _int32(np.arange(1, len(p_exclusive) + 1)),
                "p_exclusive": pa.array(p_exclusive, mask=np.isnan(p_exclusive)),
            }
        ),
        "networks": _networks(web),
        "contrary": _contrary(web),
        "single_values": _numbered(web, single),
    }


def _networks(web: Web) -> pa.Table:
    """The network of each address, numbered behind the pieces where it is none of them."""
    numbers = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    found = {
        i: numbers.setdefault(network, len(numbers) + 1)
        for i, piece in enumerate(web.pieces, 1)
        if (network := network_of(piece.kind, piece.value)) != (piece.kind, piece.value)
    }
    return pa.table({"identifier_no": _int32(list(found)), "network_no": _int32(list(found.values()))})


def _contrary(web: Web) -> pa.Table:
    """The kinds that speak against some link here, with the most that they do."""
    against = np.flatnonzero(web.alone < 0)
    kinds, bits = web.kind[against], web.alone[against]
    told = {kind: bits[kinds == kind].min() for kind in sorted(set(kinds.tolist()))}
    most = pa.array(list(told.values()), pa.float64())
    return pa.table({"kind_no": _int32(list(told)), "group_no": _int32(list(told)), "bits": most})


def _numbered(web: Web, single: pa.Table) -> pa.Table:
    """Single values by number; one that is no piece here has none."""
    accounts = {name: i for i, name in enumerate(web.accounts, 1)}
    kinds = {name: i for i, name in enumerate(sorted({piece.kind for piece in web.pieces}))}
    values = {(piece.kind, piece.value): i for i, piece in enumerate(web.pieces, 1)}
    rows = rows_of(single)
    return pa.table(
        {
            "account_no": _int32([accounts[row["account_id"]] for row in rows]),
            "kind_no": _int32([kinds[row["kind"]] for row in rows]),
            "identifier_no": _int32([values.get((row["kind"], row["value"])) for row in rows]),
        }
    )


def _int32(values: NDArray[np.int64] | list[Any]) -> pa.Array:
    return pa.array(values, pa.int32())
