"""Rules that explanations keep in any world: pieces add up, sentences are safe, what is left alone stays."""

from __future__ import annotations

import itertools
import json
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from graphlink import read_result, run
from graphlink.core.parameters import Hypotheses
from graphlink.explanations import (
    doubt_of,
    estimate_collateral,
    explain_cluster,
    explain_member,
    explain_pair,
    find_breaks,
    find_paths,
    read_surroundings,
    try_without,
)
from graphlink.explanations.corroboration import dependants_of, with_dependants
from graphlink.explanations.reweighing import read_evidence_graph
from graphlink.explanations.stored import (
    identifiers_known,
    links_of,
    log_odds,
    members_of,
    settings_of,
)
from graphlink.samples import draw_world
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations import Explanation
    from graphlink.result.result import Result

TOLERANCE = 1e-6
EVIL = "<b>$x$=1+1\u202e\u200b\U000e0041'\"" + "x" * 10
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.fixture(scope="module", params=[11, 12])
def result(request: pytest.FixtureRequest) -> Result:
    """A world whose accounts and cards have hostile names."""
    seen = draw_world(request.param, 400).observations().to_pydict()
    seen["account_id"] = [name + EVIL for name in seen["account_id"]]
    return run(pa.table(seen))


@pytest.mark.slow
def test_the_pieces_of_a_pair_add_up_to_its_bits(result: Result) -> None:
    links = rows_of(result.table("links"))
    assert len(links) > 20
    for link in links[:: max(1, len(links) // 15)]:
        explanation = explain_pair(result, link["account_id_r"], link["account_id_l"])
        assert explanation.prior_bits + sum(
            step.contribution_bits for step in explanation.evidence
        ) == pytest.approx(link["bits"], abs=TOLERANCE)
        assert explanation.evidence[-1].total_bits == pytest.approx(link["bits"], abs=TOLERANCE)
        assert explanation.evidence[-1].probability == pytest.approx(link["p_direct"], abs=TOLERANCE)
        assert explanation.p_direct is not None
        assert explanation.p_via_cluster is not None
        both = 1 - (1 - explanation.p_direct) * (1 - explanation.p_via_cluster)
        one = both * (1 - explanation.p_apart)
        concluded = one / (1 + one) if explanation.is_explained else one
        assert explanation.probability == pytest.approx(concluded, abs=TOLERANCE)
        check_words(explanation)


def test_the_parts_of_a_cluster_add_up_to_its_links(result: Result) -> None:
    for row in rows_of(result.table("clusters"))[:5]:
        explanation = explain_cluster(result, row["cluster_id"])
        assert explanation.n_links == row["n_links"]
        assert explanation.bits == pytest.approx(
            row["mean_bits"] * row["n_links"], abs=TOLERANCE * explanation.n_links
        )
        by_facet = sum(facet.bits for facet in explanation.facets)
        assert explanation.prior_bits + by_facet == pytest.approx(
            explanation.bits, abs=TOLERANCE * explanation.n_links
        )
        assert sum(span.bits for span in explanation.weeks) == pytest.approx(
            by_facet, abs=TOLERANCE * explanation.n_links
        )
        assert sum(facet.share for facet in explanation.facets) == pytest.approx(1)
        check_words(explanation)


def test_the_identifiers_of_a_cluster_add_up_to_its_facets(result: Result) -> None:
    for row in rows_of(result.table("clusters"))[:8]:
        explanation = explain_cluster(result, row["cluster_id"])
        by_facet = sum(facet.bits for facet in explanation.facets)
        listed = sum(one.bits for one in explanation.identifiers)
        assert listed + explanation.rest_bits == pytest.approx(by_facet, abs=TOLERANCE * explanation.n_links)
        assert (len(explanation.identifiers) < explanation.n_identifiers) or abs(explanation.rest_bits) < 1e-4
        for facet in explanation.facets:
            if len(explanation.identifiers) == explanation.n_identifiers:
                own = sum(one.bits for one in explanation.identifiers if one.facet == facet.facet)
                assert own == pytest.approx(facet.bits, abs=TOLERANCE * explanation.n_links)


def test_what_separates_the_hypotheses_adds_up_to_their_probabilities(result: Result) -> None:
    doubt = Hypotheses().doubt
    for row in rows_of(result.table("clusters")):
        explanation = explain_cluster(result, row["cluster_id"])
        sums = [
            math.fsum(getattr(one, f"bits_{rival.hypothesis}") for one in explanation.hypothesis_evidence)
            for rival in explanation.rivals
        ]
        weights = [2.0 ** (bits - max(sums)) for bits in sums]
        for weight, rival in zip(weights, explanation.rivals, strict=True):
            share = doubt + (1 - len(sums) * doubt) * weight / sum(weights)
            assert rival.probability == pytest.approx(share, abs=1e-5)
        likeliest = max(explanation.rivals, key=lambda rival: rival.probability or 0.0)
        assert explanation.hypothesis == likeliest.hypothesis
        assert math.fsum(one.bits for one in explanation.hypothesis_evidence) >= -1e-6


@pytest.mark.slow
def test_the_ties_of_a_member_add_up_to_its_links_and_to_its_probability(result: Result) -> None:
    prior = settings_of(result).model.prior_bits
    members = rows_of(result.table("membership"))
    placed = [row for row in members if row["cluster_id"] is not None]
    assert len(placed) > 10
    for row in placed[:: max(1, len(placed) // 25)]:
        explanation = explain_member(result, row["account_id"])
        links = rows_of(links_of(result, row["account_id"], members_of(result, row["cluster_id"])))
        assert explanation.n_links == len(links)
        bits = sum(link["bits"] for link in links)
        ties = sum(tie.total_bits for tie in explanation.ties)
        assert prior * len(links) + ties == pytest.approx(bits, abs=TOLERANCE * len(links))
        assert sum(tie.n_links for tie in explanation.independent) == len(links)
        assert explanation.by_ties == pytest.approx(
            1 - math.prod(1 - tie.probability for tie in explanation.independent), abs=TOLERANCE
        )
        assert explanation.by_ties is not None
        assert explanation.stays is not None
        assert explanation.by_ties * explanation.stays == pytest.approx(row["probability"], abs=TOLERANCE)
        # The run repeats itself 16 times.
        assert explanation.stays * 16 == pytest.approx(round(explanation.stays * 16), abs=1e-3)
        assert explanation.role == (
            "core" if row["probability"] >= explanation.core_probability else "fringe"
        )
        check_words(explanation)


def test_an_account_in_no_cluster_has_nothing_that_holds_it(result: Result) -> None:
    outside = [row for row in rows_of(result.table("membership")) if row["cluster_id"] is None]
    for row in outside[:5]:
        explanation = explain_member(result, row["account_id"])
        assert (explanation.independent, explanation.by_ties, explanation.stays, explanation.drop) == (
            (),
            None,
            None,
            (),
        )
        check_words(explanation)


def test_what_falls_off_is_all_that_does_not_hang_together(result: Result) -> None:
    settings = settings_of(result)
    prior, joining_odds = settings.model.prior_bits, settings.parameters.exclusivity.joining_odds
    clusters = sorted(rows_of(result.table("clusters")), key=lambda row: -row["n_accounts"])
    for row in clusters[:6]:
        actual = find_breaks(result, row["cluster_id"])
        evidence_graph = with_dependants(
            read_evidence_graph(result, members_of(result, row["cluster_id"]), prior), joining_odds
        )
        sets = [((piece,), piece.falls_off, piece.n_links) for piece in actual.singles]
        sets.append((actual.smallest, actual.falls_off, actual.n_links))  # type: ignore[arg-type]  # told of either sort
        for pieces, falls_off, n_links in sets:
            gone = {(piece.kind, piece.value) for piece in pieces}
            numbers = [i for i, piece in enumerate(evidence_graph.items) if (piece.kind, piece.value) in gone]
            along = dependants_of(evidence_graph, numbers)
            is_gone = np.isin(evidence_graph.item, [*numbers, *along])
            bits = evidence_graph.bits_without(is_gone)
            graph: nx.Graph[str] = nx.Graph()
            graph.add_nodes_from(evidence_graph.accounts)
            for (left, right), holds in zip(evidence_graph.ends.tolist(), (bits > 0).tolist(), strict=True):
                if holds:
                    graph.add_edge(evidence_graph.accounts[left], evidence_graph.accounts[right])
            parts = sorted((len(part) for part in nx.connected_components(graph)), reverse=True)
            assert [part.n_accounts for part in falls_off] == parts[1:]
            assert sum(part.n_accounts for part in falls_off) + parts[0] == actual.n_accounts
            assert n_links == int(((evidence_graph.bits > 0) & (bits <= 0)).sum())
        if actual.singles:
            assert (actual.smallest[0].kind, actual.smallest[0].value) == (
                actual.singles[0].kind,
                actual.singles[0].value,
            )
            assert actual.is_exact
        check_words(actual)


def test_collateral_adds_up_over_clusters_and_accounts_outside(result: Result) -> None:
    clusters = {row["cluster_id"]: row for row in rows_of(result.table("clusters"))}
    members = rows_of(result.table("membership"))
    named = [row for row in members if row["cluster_id"] is not None][::2] + members[::17]
    by_name = {row["account_id"]: row for row in named}
    hub = max(rows_of(result.table("identifiers")), key=lambda row: row["degree"])
    for identifiers in ([], [(hub["kind"], hub["value"])]):
        listed = estimate_collateral(result, list(by_name), identifiers)
        assert listed.n_core + listed.n_fringe + listed.n_outside == listed.n_accounts
        assert sum(one.n_hit for one in listed.clusters) + listed.n_outside == listed.n_accounts
        p_via_cluster = sum(one.expected_wrong for one in listed.clusters)
        assert p_via_cluster + listed.n_outside == pytest.approx(listed.expected_wrong)
        assert listed.least_wrong <= listed.expected_wrong <= listed.most_wrong
        assert listed.n_outside <= listed.n_likely_honest <= listed.n_accounts
        check_words(listed)
    right = sum(
        row["probability"] * (1 - doubt_of(clusters[row["cluster_id"]]))
        for row in by_name.values()
        if row["cluster_id"]
    )
    listed = estimate_collateral(result, list(by_name))
    assert listed.expected_wrong == pytest.approx(len(by_name) - right)


def test_the_hops_of_a_path_multiply_to_its_probability(result: Result) -> None:
    bits = {(row["account_id_l"], row["account_id_r"]): row["bits"] for row in rows_of(result.table("links"))}
    cluster = max(rows_of(result.table("clusters")), key=lambda row: row["n_accounts"])["cluster_id"]
    names = members_of(result, cluster)
    for end in names[1 : len(names) : max(1, len(names) // 4)]:
        paths = find_paths(result, names[0], end, 4)
        assert paths.strongest
        assert 1 <= len(paths.shortest) <= 4
        for path in (*paths.strongest, *paths.shortest):
            assert path.probability == pytest.approx(math.prod(hop.probability for hop in path.hops))
            assert path.weakest.probability == min(hop.probability for hop in path.hops)
            assert [node.account_id for node in path.nodes] == [names[0], *(hop.end for hop in path.hops)]
            for hop in path.hops:
                assert hop.start is not None
                assert hop.end is not None
                assert hop.bits == bits[min(hop.start, hop.end), max(hop.start, hop.end)]
        hops = [len(path.hops) for path in paths.shortest]
        assert hops == sorted(hops)
        check_words(paths)


def test_a_pair_without_a_link_misses_at_least_what_a_run_keeps(result: Result) -> None:
    linked = {(row["account_id_l"], row["account_id_r"]) for row in rows_of(result.table("links"))}
    names = result.table("accounts", ["account_id"])["account_id"].to_pylist()
    pairs = [(a, b) for a, b in itertools.pairwise(names) if (min(a, b), max(a, b)) not in linked][:8]
    least = -log_odds(settings_of(result).model.min_probability)
    for pair in pairs:
        explanation = explain_pair(result, *pair)
        assert explanation.missing_is_bound
        assert explanation.missing_bits_even == pytest.approx(max(0.0, least))
        assert explanation.missing_bits_sure == pytest.approx(least + log_odds(0.9))
        check_words(explanation)


@pytest.mark.slow
def test_chance_is_rarer_the_fewer_hold_an_identifier_and_the_fewer_an_account_holds(result: Result) -> None:
    shown: dict[tuple[str, int, int], list[tuple[int, float]]] = {}
    known = identifiers_known(
        result, {(row["kind"], row["value"]) for row in rows_of(result.table("identifiers"))}
    )
    for link in rows_of(result.table("links"))[::7]:
        pair = (link["account_id_l"], link["account_id_r"])
        held = rows_of(result.held(pair, {kind for kind, _ in known}))
        for step in explain_pair(result, *pair).evidence:
            if not step.value:
                assert step.chance == 2.0 ** -max(0.0, step.bits)
            elif step.chance is not None and step.degree is not None:
                assert 0 < step.chance <= 1
                n, m = (
                    sum(
                        row["account_id"] == name
                        and row["kind"] == step.kind
                        and (row["kind"], row["value"]) in known
                        for row in held
                    )
                    for name in pair
                )
                shown.setdefault((step.kind, n * m, 0), []).append((step.degree, step.chance))
    assert shown
    for seen in shown.values():
        chances = [chance for _, chance in sorted(seen)]
        assert chances == sorted(chances)


@pytest.mark.slow
def test_groups_after_a_change_hold_each_account_once(result: Result) -> None:
    cluster = max(rows_of(result.table("clusters")), key=lambda row: row["n_accounts"])["cluster_id"]
    names = set(members_of(result, cluster))
    first = explain_cluster(result, cluster)
    changes: list[dict[str, Any]] = [
        {"identifiers": [(one.kind, one.value)]} for one in first.identifiers[:4]
    ]
    changes += [{"kinds": [kind]} for kind in sorted({one.kind for one in first.identifiers})]
    timed = [week.start for week in first.weeks if week.start]
    changes += [{"since": timed[len(timed) // 2]}, {"until": timed[len(timed) // 2]}]
    changes += [{"resolution_bits": bits} for bits in (0.5, 6.0)] + [{"cluster_probability": 0.99}]
    around = read_surroundings(result, cluster)
    for change in changes:
        actual = try_without(result, cluster, **change, surroundings=around)
        assert actual.without or "resolution_bits" in change or "cluster_probability" in change
        sizes = [group.n_accounts for group in actual.after]
        assert all(len(group.accounts) == group.n_accounts for group in actual.after)  # none is cut short
        held = [name for group in actual.after for name in group.accounts]
        assert len(held) == len(set(held)) == sum(sizes)
        if actual.is_changed:
            stays = names & set(held)
            assert len(stays) + actual.falls_out.n_accounts == len(names)
            assert stays.isdisjoint(actual.falls_out.accounts)
        else:
            assert actual.falls_out.n_accounts == 0
        check_words(actual)
    assert result.table("links").equals(read_result(result.path).table("links"))


@pytest.mark.slow
def test_nothing_left_out_changes_nothing(result: Result) -> None:
    cluster = max(rows_of(result.table("clusters")), key=lambda row: row["n_accounts"])["cluster_id"]
    actual = try_without(result, cluster)
    assert (actual.is_reproduced, actual.is_changed, actual.falls_out.n_accounts) == (True, False, 0)
    kinds = {one.kind for one in explain_cluster(result, cluster).identifiers}
    gone = try_without(result, cluster, kinds=kinds)
    assert (gone.is_changed, gone.after) == (True, ())
    check_words(actual)
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
        assert not re.search(r"(?<![\d,.])1 (accounts|links|rows|items)\b", sentence)
    assert json.loads(json.dumps(told.as_dict(), allow_nan=False))["sentences"] == list(told.sentences)
    page = told._repr_html_()
    assert "<b>=1" not in page
    assert "\u202e" not in page
    assert page.startswith('<div class="tex2jax_ignore mathjax_ignore">')
