"""Links: the evidence of a pair adds up to its bits, and further identifiers of a kind count half each."""

from __future__ import annotations

import pyarrow as pa
import pytest

import graphlink
from graphlink import EngineSettings, Result

AT = "2026-03-02T10:00:00Z"
NAMES = ("account_id", "kind", "value")


@pytest.fixture(scope="module")
def result() -> Result:
    """Two accounts with three keys in common, among others with keys of their own."""
    rows = [(account, "api_key", f"key-of-the-crew-{i}") for account in "ab" for i in range(3)]
    rows += [(f"s{i:02}", "api_key", f"own-key-{i:02}") for i in range(20)]
    rows += [(f"s{i:02}", "ip", f"203.0.113.{i % 7}") for i in range(20)]
    table = {**dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True)), "seen_at": [AT] * len(rows)}
    return graphlink.run(pa.table(table), limits=EngineSettings(threads=1))


def test_the_contributions_and_the_prior_add_up_to_the_bits(result: Result) -> None:
    evidence = result.table("evidence").to_pandas()
    totals = evidence.groupby(["account_id_l", "account_id_r"])["contribution_bits"].sum()
    links = result.links.set_index(["account_id_l", "account_id_r"])
    assert len(links) > 0
    assert (links["bits"] - (totals - 12.0).reindex(links.index)).abs().max() < 1e-6


def test_identifiers_of_a_kind_count_a_half_a_quarter_and_the_rest(result: Result) -> None:
    rows = [row for row in result.table("evidence").to_pylist() if row["account_id_l"] == "a"]
    assert len({row["bits"] for row in rows}) == 1
    shares = sorted((row["contribution_bits"] / row["bits"] for row in rows), reverse=True)
    assert shares == pytest.approx([0.5, 0.25, 0.25], rel=1e-6)  # three keys say no more than one


def test_the_direct_probability_is_what_the_bits_state(result: Result) -> None:
    links = result.links
    assert (links["p_direct"] - 1 / (1 + 2.0 ** -links["bits"])).abs().max() < 1e-9
    both_false = (1 - links["p_direct"]) * (1 - links["p_via_cluster"])
    one = (1 - both_false) * (1 - links["p_apart"])
    expected = one.where(~links["is_explained"], one / (1 + one))
    assert (links["probability"] - expected).abs().max() < 1e-9
