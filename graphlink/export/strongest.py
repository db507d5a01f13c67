"""The strongest ties of a subgraph: what a partner's platform can take, instead of every pair of accounts."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from graphlink.export.subgraph import Subgraph

_PER_ACCOUNT = 3  # identifiers of an account
_ENDS = ("account_id_l", "account_id_r")


def strongest_ties(subgraph: Subgraph) -> Subgraph:
    """Make the subgraph with all accounts, and of what ties them the strongest.

    Of each account the three identifiers with the most bits that another account here holds too are kept, and
    of the links a maximum spanning forest: the strongest ones that connect what all links connect. So there
    are at most four relations an account, where all links of a cluster grow with the square of its accounts.
    """
    edges = _edges(subgraph.edges)
    links = _links(subgraph.links)
    kept = set(zip(edges["kind"].to_pylist(), edges["value"].to_pylist(), strict=True))
    identifiers = [row for row in subgraph.identifiers if (row["kind"], row["value"]) in kept]
    left_out = subgraph.left_out
    if edges.num_rows < subgraph.edges.num_rows or links.num_rows < subgraph.links.num_rows:
        left_out = (*left_out, _sentence(subgraph, edges, links))
    return dataclasses.replace(subgraph, identifiers=identifiers, edges=edges, links=links, left_out=left_out)


def _edges(edges: pa.Table) -> pa.Table:
    """The strongest identifiers of each account, without those that are left with one account."""
    order = [
        ("bits", "descending"),
        ("kind", "ascending"),
        ("value", "ascending"),
        ("account_id", "ascending"),
    ]
    numbered = edges.append_column("at", pa.array(range(edges.num_rows), pa.int64())).sort_by(order)
    taken: Counter[str] = Counter()
    chosen: dict[tuple[str, str], list[int]] = {}
    columns = (numbered[name].to_pylist() for name in ("account_id", "kind", "value", "bits", "at"))
    for account, kind, value, bits, at in zip(*columns, strict=True):
        if bits > 0 and taken[account] < _PER_ACCOUNT:
            taken[account] += 1
            chosen.setdefault((kind, value), []).append(at)
    rows = sorted(at for held in chosen.values() if len(held) > 1 for at in held)
    return edges.take(pa.array(rows, pa.int64()))


def _links(links: pa.Table) -> pa.Table:
    """A maximum spanning forest of links that speak for one operator (Kruskal 1956), in their order."""
    numbered = links.append_column("at", pa.array(range(links.num_rows), pa.int64()))
    ordered = numbered.filter(pc.greater(numbered["bits"], 0.0)).sort_by(
        [("bits", "descending"), *((end, "ascending") for end in _ENDS)]
    )
    root: dict[str, str] = {}

    def root_of(name: str) -> str:
        while (above := root.get(name, name)) != name:
            root[name] = root.get(above, above)
            name = above
        return name

    rows = []
    columns = (ordered[name].to_pylist() for name in (*_ENDS, "at"))
    for left, right, at in zip(*columns, strict=True):
        ends = root_of(left), root_of(right)
        if ends[0] != ends[1]:
            root[ends[0]] = ends[1]
            rows.append(at)
    return links.take(pa.array(sorted(rows), pa.int64()))


def _sentence(subgraph: Subgraph, edges: pa.Table, links: pa.Table) -> str:
    n_edges, n_links = subgraph.edges.num_rows, subgraph.links.num_rows
    return (
        f"Of {n_edges:,} holdings of identifiers {edges.num_rows:,} are listed, of each account at most the "
        f"{_PER_ACCOUNT} with the most bits; of {n_links:,} links between accounts {links.num_rows:,}, the "
        "strongest that connect them. The formats json and graphml have all."
    )
