"""Rules that explanations keep in any world: pieces add up, sentences are safe, what is left alone stays."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink import run
from graphlink.explanations import (
    estimate_collateral,
    explain_cluster,
    explain_member,
    explain_pair,
    find_breaks,
    find_paths,
    try_without,
)
from graphlink.folder import rows_of
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from graphlink.explanations import Explanation
    from graphlink.result import Result

TOLERANCE = 1e-6
EVIL = "<b>=1+1\u202e\u200b\U000e0041'\"" + "x" * 10
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.fixture(scope="module", params=[11, 12])
def result(request: pytest.FixtureRequest) -> Result:
    """A world whose accounts and cards have hostile names."""
    seen = draw_world(request.param, 400).observations().to_pydict()
    seen["account_id"] = [name + EVIL for name in seen["account_id"]]
    return run(pa.table(seen))


def test_the_pieces_of_a_pair_add_up_to_its_bits(result: Result) -> None:
    links = rows_of(result.table("links"))
    assert len(links) > 20
    for link in links[:: max(1, len(links) // 15)]:
        told = explain_pair(result, link["account_id_r"], link["account_id_l"])
        assert told.prior_bits + sum(step.counted_bits for step in told.evidence) == pytest.approx(
            link["bits"], abs=TOLERANCE
        )
        assert told.evidence[-1].total_bits == pytest.approx(link["bits"], abs=TOLERANCE)
        assert told.evidence[-1].probability == pytest.approx(link["direct"], abs=TOLERANCE)
        assert told.direct is not None
        assert told.by_cluster is not None
        both = 1 - (1 - told.direct) * (1 - told.by_cluster)
        assert told.probability == pytest.approx(both, abs=TOLERANCE)
        check_words(told)


def test_the_parts_of_a_cluster_add_up_to_its_links(result: Result) -> None:
    for row in rows_of(result.table("clusters"))[:5]:
        told = explain_cluster(result, row["cluster_id"])
        assert told.n_links == row["n_links"]
        assert told.bits == pytest.approx(row["mean_bits"] * row["n_links"], abs=TOLERANCE * told.n_links)
        by_facet = sum(facet.bits for facet in told.facets)
        assert told.prior_bits + by_facet == pytest.approx(told.bits, abs=TOLERANCE * told.n_links)
        assert sum(span.bits for span in told.weeks) == pytest.approx(by_facet, abs=TOLERANCE * told.n_links)
        assert sum(facet.share for facet in told.facets) == pytest.approx(1)
        check_words(told)


def test_nothing_left_out_changes_nothing(result: Result) -> None:
    cluster = max(rows_of(result.table("clusters")), key=lambda row: row["n_accounts"])["cluster_id"]
    told = try_without(result, cluster)
    assert (told.is_reproduced, told.is_changed, told.falls_out.n_accounts) == (True, False, 0)
    kinds = {one.kind for one in explain_cluster(result, cluster).identifiers}
    gone = try_without(result, cluster, kinds=kinds)
    assert (gone.is_changed, gone.after) == (True, ())
    check_words(told)
    check_words(gone)


def test_every_explanation_is_json_and_safe_to_read(result: Result) -> None:
    cluster = max(rows_of(result.table("clusters")), key=lambda row: row["n_accounts"])["cluster_id"]
    first, *_, last = result.table("membership", where={"cluster_id": [cluster]})["account_id"].to_pylist()
    breaks = find_breaks(result, cluster)
    assert sum(part.n_accounts for part in breaks.falls_off) >= 1
    check_words(breaks)
    check_words(find_breaks(result, cluster, first))
    check_words(explain_member(result, last))
    check_words(find_paths(result, first, last))
    hit = estimate_collateral(result, [first, last])
    assert hit.n_accounts == hit.n_core + hit.n_fringe == 2
    assert hit.least_wrong <= hit.most_wrong
    check_words(hit)


def check_words(told: Explanation) -> None:
    assert told.sentences
    for sentence in told.sentences:
        assert not UNSEEN & {unicodedata.category(letter) for letter in sentence}
        assert sentence.endswith(".")
        assert not re.search(r"(?<![\d,.])1 (accounts|links|rows|pieces)\b", sentence)
    assert json.loads(json.dumps(told.as_dict(), allow_nan=False))["sentences"] == list(told.sentences)
    page = told._repr_html_()
    assert "<b>=1" not in page
    assert "\u202e" not in page
