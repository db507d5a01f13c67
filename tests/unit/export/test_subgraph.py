"""Subgraphs: all of a small cluster, core and frontier of a large one, and what is left out, in figures."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from graphlink.core.errors import ResultError
from graphlink.core.schema import TABLES
from graphlink.export.page import review_page
from graphlink.export.subgraph import Limits, accounts_subgraph, cluster_subgraph, neighbourhood_subgraph
from graphlink.result.result import Result

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

WHEN = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
TYPES = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}


class Ring(Result):
    """A cluster of n accounts: each card ties two neighbours of a ring; the last tenth is fringe."""

    def __init__(self, n: int) -> None:
        names = [f"a{i:06}" for i in range(n)]
        pairs = sorted((min(a, b), max(a, b)) for a, b in zip(names, names[1:] + names[:1], strict=True))
        left, right = ([pair[i] for pair in pairs] for i in (0, 1))
        cards = [f"card-{i}" for i in range(n)]
        core = n - n // 10
        self._columns: dict[str, dict[str, object]] = {
            "accounts": {
                "account_id": names,
                "first_seen": WHEN,
                "last_seen": WHEN,
                "n": 1,
                "n_identifiers": 2,
            },
            "membership": {
                "account_id": names,
                "cluster_id": "C-1",
                "probability": 0.95,
                "role": ["core"] * core + ["fringe"] * (n - core),
                "constrained_by": None,
            },
            "clusters": {
                "cluster_id": ["C-1"],
                "n_accounts": n,
                "n_core": core,
                "n_constrained": 0,
                "n_links": n,
                "score": 0.95,
                "weakest_cut": 8.0,
                "weakest_cut_side": 1,
                "weakest_cut_is_bound": True,
                "hypothesis": "same_operator",
            },
            "links": {
                "account_id_l": left,
                "account_id_r": right,
                "bits": 4.0,
                "probability": 0.94,
                "n_facets": 1,
            },
            "evidence": {
                "account_id_l": left,
                "account_id_r": right,
                "kind": "payment",
                "value": cards,
                "facet": "payment",
                "bits": 16.0,
                "contribution_bits": 16.0,
                "n_windows": 1,
                "first_joint": WHEN,
                "last_joint": WHEN,
            },
            "identifiers": {
                "kind": "payment",
                "value": cards,
                "facet": "payment",
                "degree": 2,
                "p_exclusive": 0.9,
            },
            "reasons": {
                "cluster_id": ["C-1"],
                "rank": 1,
                "reason": "shared_identifier",
                "kind": "payment",
                "value": "card-0",
                "bits": 16.0,
                "detail": "ties 2",
            },
            "observations": {
                "account_id": left + right,
                "kind": "payment",
                "value": cards + cards,
                "seen_at": WHEN,
                "n": 1,
            },
        }
        tables = {spec.name: {"rows": 0} for spec in TABLES}
        super().__init__(Path("ring"), {"graphlink": "0", "settings": {}, "tables": tables, "steps": []})

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        spec = next(spec for spec in TABLES if spec.name == name)
        actual = self._columns.get(name, {})
        n = next((len(values) for values in actual.values() if isinstance(values, list)), 0)
        made = {}
        for column in spec.columns:
            values = actual.get(column.name)
            values = values if isinstance(values, list) else [values] * n
            made[column.name] = pa.array(values, TYPES[column.type])
        table = pa.table(made)
        for column_name, wanted in (where or {}).items():
            kept = pa.array(sorted(wanted), pa.string())
            table = table.filter(pc.is_in(table[column_name], value_set=kept))
        return table if columns is None else table.select(list(columns))


def test_a_small_cluster_is_whole() -> None:
    subgraph = cluster_subgraph(Ring(20), "C-1", Limits(100, 100))
    assert len(subgraph.accounts) == 20
    assert len(subgraph.identifiers) == 20
    assert subgraph.edges.num_rows == 40
    assert subgraph.left_out == ()
    assert sum(row["bits"] for row in subgraph.identifiers) == pytest.approx(20 * 16)


def test_a_large_cluster_is_core_and_frontier_and_states_so() -> None:
    subgraph = cluster_subgraph(Ring(1000), "C-1", Limits(100, 50))
    roles = [row["role"] for row in subgraph.accounts]
    assert len(roles) <= 100
    assert roles.count("core") >= 80
    assert "fringe" in roles
    text = " ".join(subgraph.left_out)
    assert "The cluster has 1,000 accounts" in text
    assert "of 900 core accounts" in text
    assert "further identifiers" in text
    assert f"Of its 1,000 links {subgraph.links.num_rows:,} are between accounts that are shown" in text


def test_identifiers_past_the_limit_are_counted_with_their_bits() -> None:
    subgraph = cluster_subgraph(Ring(20), "C-1", Limits(None, 5))
    assert len(subgraph.identifiers) == 5
    assert subgraph.edges.num_rows == 10
    assert subgraph.left_out == ("15 further identifiers with 75.0% of the bits are not drawn.",)


def test_a_neighbourhood_is_the_account_and_its_links() -> None:
    subgraph = neighbourhood_subgraph(Ring(20), "a000003")
    assert {row["account_id"] for row in subgraph.accounts} == {"a000002", "a000003", "a000004"}
    assert subgraph.cluster is None


def test_chosen_accounts() -> None:
    subgraph = accounts_subgraph(Ring(20), ["a000003", "a000004", "a000003"])
    assert subgraph.links.num_rows == 1
    with pytest.raises(ResultError, match="no account 'nobody'"):
        accounts_subgraph(Ring(20), ["nobody"])
    with pytest.raises(ResultError, match="at most 1 can be drawn"):
        accounts_subgraph(Ring(20), ["a000003", "a000004"], Limits(1))


@pytest.mark.slow
def test_the_page_of_a_large_cluster_states_what_it_leaves_out() -> None:
    ring = Ring(4000)
    text = review_page(ring, cluster_subgraph(ring, "C-1", Limits(60, 60))).decode()
    assert "Are these 4,000 accounts operated by one organisation?" in text
    assert "The cluster has 4,000 accounts; " in text
    assert "Losing 2 evidence items splits the cluster" in text  # it is searched whole
    assert len(text) < 1_000_000


def test_links_past_the_limit_are_left_out_with_their_evidence_and_reported() -> None:
    whole = cluster_subgraph(Ring(20), "C-1")
    part = cluster_subgraph(Ring(20), "C-1", Limits(links=5))
    assert part.links.num_rows == 5
    assert part.evidence.num_rows == 5
    assert part.links.column_names == whole.links.column_names
    assert part.evidence.column_names == whole.evidence.column_names
    pairs = part.links.select(["account_id_l", "account_id_r"]).to_pylist()
    assert part.evidence.select(["account_id_l", "account_id_r"]).to_pylist() == pairs
    (actual,) = part.left_out
    assert actual.startswith("Of 20 links between these accounts the 5 with the most bits are listed")
    assert part.identifiers == whole.identifiers
