"""The numbers of one page agree, in any world; and a claim has the same words wherever it is made."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from graphlink import run
from graphlink.cli import commands
from graphlink.core import wording
from graphlink.explanations import (
    MOST_LINKS,
    doubt_of,
    estimate_collateral,
    explain_cluster,
    explain_pair,
    find_breaks,
    find_loss,
    searched_clusters,
    try_without,
)
from graphlink.explanations.stored import log_odds, members_of, probability_of
from graphlink.explorer.guard import Access
from graphlink.explorer.index import Index
from graphlink.explorer.server import make_app
from graphlink.export.page import review_page
from graphlink.export.subgraph import cluster_subgraph
from graphlink.report import write_report
from graphlink.samples import draw_world
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.result.result import Result

PORT = 8127
TOLERANCE = 1e-6
SHARE = st.floats(0.0, 1.0)


@pytest.fixture(scope="module", params=[21, 22])
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("wording")
    return run(draw_world(request.param, 600).write(out / "sample"), out=out / "result")


@pytest.fixture(scope="module")
def clusters(result: Result) -> list[dict[str, Any]]:
    rows = rows_of(result.table("clusters"))
    assert {bool(row["also_explained_by"]) for row in rows} == {True, False}
    return rows


@pytest.fixture(scope="module")
def pages(result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The pages of a report, by cluster."""
    folder = write_report(result, tmp_path_factory.mktemp("report") / "report").folder
    data = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {page["entry"]["cluster_id"]: page for page in data["clusters"]}


@pytest.fixture(scope="module")
def client(result: Result, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    index = Index(result)
    index.read()
    access = Access(PORT)
    headers = {"Authorization": f"Bearer {access.token}"}
    app = make_app(index, access, tmp_path_factory.mktemp("static"))
    return TestClient(app, f"http://127.0.0.1:{PORT}", headers=headers)


def shell(*told: object) -> str:
    """What the command prints, on both of its ways out."""
    answer = CliRunner().invoke(commands, [str(word) for word in told])
    assert answer.exit_code == 0, answer.output
    return answer.stdout + answer.stderr


def one_organisation(row: dict[str, Any]) -> float:
    """The probability that one organisation operates a cluster, openly or not."""
    p: float = row["p_same_operator"] + row["p_openly_one_organisation"]
    return p


def page_of(result: Result, cluster: str) -> str:
    text = review_page(result, cluster_subgraph(result, cluster)).decode()
    return html.unescape(re.sub(r"<[^>]*>", "", text))


# ------------------------------------------------------------------------------------------------ numbers


@pytest.mark.slow
def test_collateral_holds_with_all_that_its_page_states(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    for row in clusters:
        names = members_of(result, row["cluster_id"])
        hit = estimate_collateral(result, names)
        (own,) = hit.clusters
        assert own.doubt >= max(1 - one_organisation(row), row["fdr"]) - TOLERANCE
        assert hit.least_wrong <= hit.expected_wrong <= hit.most_wrong
        # That the whole cluster is wrong is likelier than the tail: then all of it is in the interval.
        assert hit.most_wrong == len(names)
        assert hit.expected_wrong >= own.doubt * len(names) - TOLERANCE
        text = " ".join(hit.law)
        if row["also_explained_by"]:
            assert own.doubt == 1.0
            assert hit.n_harmless == len(names)
            assert "cannot be estimated" in text
            assert "likely" not in text.replace("how likely", "")
        else:
            shares = [float(share) / 100 for share in re.findall(r"([\d.]+)% likely", text)]
            assert len(shares) in (0, 2)
            if shares:
                assert sum(shares) <= 1 + TOLERANCE
                assert shares[1] == pytest.approx(own.doubt, abs=0.00051)
                assert shares[0] >= (1 - own.doubt) * hit.level - 0.0011
            (mean,) = re.findall(r"[Oo]n average (?:fewer than )?([\d.,]+\d)", text)
            assert float(mean.replace(",", "")) == pytest.approx(hit.expected_wrong, abs=0.1001)


def test_collateral_of_everybody_covers_each_cluster_that_may_be_wrong(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    accounts = [row["account_id"] for row in rows_of(result.table("membership"))]
    hit = estimate_collateral(result, accounts)
    largest = max(row["n_accounts"] for row in clusters if not row["also_explained_by"])
    assert hit.most_wrong >= hit.n_outside + hit.n_harmless + largest
    assert hit.least_wrong <= hit.expected_wrong <= hit.most_wrong
    assert hit.n_accounts == len(accounts)


def test_the_false_discovery_rate_is_the_mean_doubt_of_the_list(clusters: list[dict[str, Any]]) -> None:
    ranked = sorted(clusters, key=lambda row: row["fdr"])
    for i, row in enumerate(ranked):
        above = [one for one in ranked if one["fdr"] <= row["fdr"]]
        one_of = [one_organisation(one) for one in above]
        least = [max(1 - p, 1 - one["score"]) for p, one in zip(one_of, above, strict=True)]
        doubts = [1.0 if one["also_explained_by"] else d for one, d in zip(above, least, strict=True)]
        assert row["fdr"] >= sum(doubts) / len(doubts) - TOLERANCE
        assert doubt_of(row) >= row["fdr"] - TOLERANCE
        actual = wording.fdr_sentence(row["fdr"], row["also_explained_by"])
        if row["also_explained_by"]:
            assert not re.search(r"\d", actual)
        else:
            (most,) = re.findall(r"at most ([\d.]+)%", actual)
            assert float(most) / 100 >= row["fdr"] - TOLERANCE
        assert i == 0 or row["fdr"] >= ranked[i - 1]["fdr"]


@pytest.mark.slow
def test_shares_of_one_base_are_the_same_everywhere(
    result: Result, clusters: list[dict[str, Any]], pages: dict[str, dict[str, Any]], client: TestClient
) -> None:
    for row in clusters:
        name = row["cluster_id"]
        shares = {(one.kind, one.value): one.share for one in explain_cluster(result, name).identifiers}
        assert sum(shares.values()) <= 1 + TOLERANCE
        ties = {(tie["kind"], tie["value"]): tie["share"] for tie in pages[name]["ties"]}
        answer = client.get(f"/api/v1/clusters/{name}").json()
        reasons = {(one["kind"], one["value"]): one["share"] for one in answer["reasons"] if one["value"]}
        for key, share in {**ties, **reasons}.items():
            if key in shares:
                assert share == pytest.approx(shares[key], abs=1e-4)
        assert sum(one["share"] for one in answer["reasons"]) <= 1 + TOLERANCE


@pytest.mark.slow
def test_what_show_states_of_one_identifier_is_what_break_finds(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    hanging = [row for row in clusters if row["weakest_cut_identifiers"] == 1 and row["weakest_cut_kind"]]
    assert hanging
    for row in hanging:
        name = row["cluster_id"]
        actual = find_loss(result, name, row["weakest_cut_kind"], row["weakest_cut_value"] or "")
        assert actual is not None
        singles = [
            one
            for one in find_breaks(result, name).singles
            if (one.kind, one.value) == (actual.kind, actual.value)
        ]
        assert singles == ([actual] if actual.n_accounts else [])
        outcome = wording.loss_sentence(
            f"{actual.kind.replace('_', ' ')} {actual.value}".strip(), actual.n_accounts, row["n_accounts"]
        )
        assert outcome in shell("show", result.path, name)
        if actual.n_accounts:
            assert outcome in shell("break", result.path, name) or len(find_breaks(result, name).singles) > 5


def test_a_pair_states_what_its_probability_is_made_of(result: Result) -> None:
    links = rows_of(result.table("links"))
    mixed = [row for row in links if row["probability"] > 0.9 and row["bits"] < log_odds(0.9)]
    assert mixed
    for link in mixed[:10]:
        explanation = explain_pair(result, link["account_id_l"], link["account_id_r"])
        assert explanation.p_direct == pytest.approx(probability_of(link["bits"]))
        words = [wording.format_probability(p) for p in (link["probability"], probability_of(link["bits"]))]
        assert f"p(one operator) {words[0]}: {words[1]} from what the two share" in explanation.headline
        (missing,) = [one for one in explanation.as_dict()["missing"] if "of 0.9" in one]
        assert missing == (
            f"What the two share is by itself {log_odds(0.9) - link['bits']:.1f} bits short of a probability "
            f"of 0.9; with their ties through others it is {words[0]}."
        )
        assert explanation.sentences_against[1].startswith(("Both are in C-", "Against:", "Nothing"))


# -------------------------------------------------------------------------------------------------- words


@pytest.mark.slow
def test_a_claim_has_the_same_words_everywhere(
    result: Result, clusters: list[dict[str, Any]], pages: dict[str, dict[str, Any]], client: TestClient
) -> None:
    harmless = [row for row in clusters if row["also_explained_by"]]
    others = [row for row in clusters if not row["also_explained_by"]]
    for row in (*harmless[:3], *others[:3]):
        name = row["cluster_id"]
        words = wording.cluster_words(row)
        response = client.get(f"/api/v1/clusters/{name}").json()["cluster"]["words"]
        assert {claim: response[claim] for claim in words} == words
        terminal = shell("why", result.path, name)
        page = page_of(result, name)
        report = " ".join(pages[name]["sure"] + pages[name]["against"])
        for claim in ("fdr_sentence", "harmless_sentence", "chance_sentence", "weakest_cut_sentence"):
            for face in (terminal, page, report):
                assert words[claim] in face
        assert words["fdr_sentence"] in shell("show", result.path, name)
        assert words["fdr"] in page
        assert words["weakest_cut"] in page
        law = estimate_collateral(result, members_of(result, name)).law
        body = {"accounts": members_of(result, name), "identifiers": []}
        answer = client.post("/api/v1/collateral", json=body).json()
        assert answer["law"] == list(law)
        for sentence in law:
            assert sentence in shell("collateral", result.path, *members_of(result, name))
            assert sentence in page
            assert sentence in " ".join(pages[name]["collateral"])
    response = client.get("/api/v1/summary").json()["definitions"]
    assert {key: response[key] for key in wording.definitions()} == wording.definitions()


def test_where_a_harmless_reading_makes_the_rate_a_constant_people_read_the_word(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    n = sum(bool(row["also_explained_by"]) for row in clusters)
    assert shell("clusters", result.path).count(wording.HARMLESS_WORD) == n
    data = json.loads(shell("clusters", result.path, "--format", "json"))
    assert all(isinstance(row["fdr"], float) for row in data)


@given(SHARE)
def test_at_most_stays_true(share: float) -> None:
    assert float(wording.at_most_percent(share).rstrip("%")) / 100 >= share - 1e-8
    assert float(wording.floor_percent(share).rstrip("%")) / 100 <= share + 1e-8


@given(st.floats(0.001, 1.0), SHARE)
def test_the_two_cases_add_up_to_one_at_most(doubt: float, share: float) -> None:
    actual = wording.whole_law_sentence(9, 2, (1 - doubt) * share, doubt, 1.0)
    assert sum(float(one) for one in re.findall(r"([\d.]+)% likely", actual)) <= 100 + 1e-6


@pytest.mark.parametrize(
    ("value", "baseline", "n_accounts", "is_notable"),
    [
        (0.013, 0.0426, 180, False),  # a third, and noise
        (0.5, 0.06, 12, True),
        (0.5, 0.06, 1, False),
        (0.0, 0.3, 20, True),
        (16.0, 4.0, 5, True),
        (5.0, 4.0, 500, False),
        (0.4, None, 9, False),
        (None, 0.4, 9, False),
        (0.0, 0.0, 9, False),
    ],
)
def test_a_difference_that_is_noise_is_not_pointed_out(
    value: float | None, baseline: float | None, n_accounts: int, *, is_notable: bool
) -> None:
    assert wording.is_notable(value, baseline, n_accounts) is is_notable


def test_what_is_capped_made_pairs_and_what_is_a_hub_did_not() -> None:
    assert wording.reach_sentence(False, False, 5, 5) == ""
    assert "proposed no pairs" in wording.reach_sentence(True, True, 12, 900)
    capped = wording.reach_sentence(False, True, 4_000, 9_000)
    assert "4,000 of 9,000 possible pairs were scored" in capped


def test_a_cut_that_is_a_bound_is_an_upper_one() -> None:
    assert wording.cut_sentence(23.87, 1, is_bound=True).endswith("is at most 23.9 bits.")
    assert wording.cut_figure(23.87, is_bound=False) == "23.9 bits"


@pytest.mark.slow
def test_what_is_left_out_states_how_many_stay_and_who_joined(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    changed = 0
    for row in clusters[:8]:
        reasons = rows_of(result.table("reasons", where={"cluster_id": [row["cluster_id"]]}))
        first = next(one for one in reasons if one["value"])
        actual = try_without(result, row["cluster_id"], [(first["kind"], first["value"])])
        own = [group for group in actual.after if group.n_own]
        if not actual.is_changed or not own:
            continue
        changed += 1
        assert sum(group.n_own for group in own) + actual.falls_out.n_accounts == row["n_accounts"]
        for group in own[:10]:
            joined = group.n_accounts - group.n_own
            listed = [one for one in actual.sentences if f"in a group of {group.n_accounts:,}" in one]
            if joined or len(own) == 1:
                assert any(f"{group.n_own:,} of its {row['n_accounts']:,} account" in one for one in listed)
            assert not joined or any("joined by" in one for one in listed)
    assert changed


def test_why_not_leads_with_what_speaks_against(result: Result) -> None:
    link = rows_of(result.table("links"))[0]
    pair = (link["account_id_l"], link["account_id_r"])
    lines = shell("why-not", result.path, *pair).splitlines()
    assert "p(one operator)" in lines[0]
    assert lines[1].startswith(
        ("Both are in C-", "Against:", "Nothing in the result is evidence against it.")
    )
    shares = [i for i, line in enumerate(lines) if line.startswith("They share")]
    against = [i for i, line in enumerate(lines) if line.startswith("Against:")]
    assert not shares or not against or max(against) < min(shares)


@pytest.mark.slow
def test_a_pair_states_what_is_doubtful_about_its_cluster(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    for row in clusters:
        members = members_of(result, row["cluster_id"])
        links = result.table("links", where=dict.fromkeys(("account_id_l", "account_id_r"), members))
        link = rows_of(links.slice(0, 1))[0]
        explanation = explain_pair(result, link["account_id_l"], link["account_id_r"])
        is_doubtful = bool(row["also_explained_by"]) or one_organisation(row) < 0.9
        for each in (explanation.sentences, explanation.sentences_against):
            doubt = [one for one in each if one.startswith(f"Both are in {row['cluster_id']}")]
            assert bool(doubt) == is_doubtful
            assert not row["also_explained_by"] or "a harmless reading explains it too" in doubt[0]
            # What another piece already counts is not evidence against the pair.
            assert not [one for one in each if one.startswith("Against:") and "of which" in one]


def test_the_terminal_has_the_figures_of_the_sentences(
    result: Result, clusters: list[dict[str, Any]]
) -> None:
    shown = shell("clusters", result.path, "--top", "500")
    for row in clusters:
        line = next(one for one in shown.splitlines() if row["cluster_id"] in one)
        assert f" {wording.fdr_figure(row['fdr'], row['also_explained_by'])} " in line
        assert f" {wording.chance_figure(row['expected_by_chance'])} " in line
        hit = shell("collateral", result.path, *members_of(result, row["cluster_id"]))
        assert ("no estimate  " in hit) == bool(row["also_explained_by"])


@pytest.mark.parametrize("bits", [-0.0, -0.04, 0.0, 0.04])
def test_no_bits_have_a_sign_of_zero(bits: float) -> None:
    assert wording.format_bits(bits) == "+0.0 bits"


def test_other_is_no_argument_by_that_name(result: Result, clusters: list[dict[str, Any]]) -> None:
    assert wording.evidence_name("other") == "shared things of other kinds"
    for row in clusters[:6]:
        actual = shell("show", result.path, row["cluster_id"], "--part", "separates")
        assert not re.search(r"^ other ", actual, re.MULTILINE)
        assert not re.search(r"\bother \(", " ".join(explain_cluster(result, row["cluster_id"]).sentences))


def test_one_limit_states_which_clusters_are_searched_for_what_breaks_them() -> None:
    rows = [{"cluster_id": f"C-{n}", "n_links": n} for n in (11_000, 300, MOST_LINKS + 1, 900)]
    assert searched_clusters(rows) == {"C-11000", "C-300", "C-900"}  # 151 accounts have 11,325 pairs
    many = [{"cluster_id": f"C-{n}", "n_links": 5_000} for n in range(500)]
    few = [{"cluster_id": "C-few", "n_links": 10}]
    chosen = searched_clusters([*many, *few])
    assert chosen >= {"C-0", "C-1", "C-few"}
    assert len(chosen) < 100


def test_no_more_is_claimed_than_the_numbers_state(
    clusters: list[dict[str, Any]], pages: dict[str, dict[str, Any]]
) -> None:
    for row in clusters:
        is_sure = one_organisation(row) >= 0.9 and not row["also_explained_by"]
        assert (
            pages[row["cluster_id"]]["claim"] == "One organisation probably operates these accounts."
        ) == (is_sure and row["hypothesis"] == "same_operator")
