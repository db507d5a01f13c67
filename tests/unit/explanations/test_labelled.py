"""What every face says of clusters that labels of analysts changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pytest

import graphlink
from graphlink import EngineSettings, explanations
from graphlink.core.settings import Labels, Settings
from graphlink.explorer.cluster_rows import cluster_row
from graphlink.explorer.index import Index
from graphlink.export.page import review_page
from graphlink.export.subgraph import cluster_subgraph
from graphlink.report import write_report
from graphlink.result.redaction import LEGAL, redact
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result

BECAUSE = "because of labels of analysts"


class Labelled(NamedTuple):
    """A result with labels, and the accounts that they name."""

    result: Result
    without: Result  # the same input without labels
    parted: tuple[str, str]  # of one cluster, labelled no
    joined: tuple[str, str]  # a member and an account of no cluster, labelled yes
    alone: tuple[str, str]  # of no cluster, labelled yes

    def cluster_of(self, account: str) -> str | None:
        row = self.result.membership.set_index("account_id").loc[account]
        return None if pd.isna(row["cluster_id"]) else str(row["cluster_id"])


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    folder = tmp_path_factory.mktemp("labelled")
    frame = draw_world(7, 700).observations().to_pandas()
    one = EngineSettings(threads=1)
    without = graphlink.run(frame, out=folder / "without", limits=one)
    of = without.membership.set_index("account_id")["cluster_id"]
    clusters = without.clusters["cluster_id"].tolist()
    alone = sorted(of[of.isna()].index)
    (x, *_, y), (member, *_) = (sorted(of[of == cluster].index) for cluster in clusters[:2])
    rows = [(x, y, "no"), (member, alone[0], "yes"), (alone[1], alone[2], "yes"), (x, alone[3], "unsure")]
    path = folder / "labels.csv"
    pd.DataFrame(rows, columns=["account_id_l", "account_id_r", "verdict"]).to_csv(path, index=False)
    result = graphlink.run(frame, settings=Settings(labels=Labels(str(path))), out=folder / "r", limits=one)
    return Labelled(result, without, (x, y), (member, alone[0]), (alone[1], alone[2]))


def test_the_manifest_counts_what_labels_moved(labelled: Labelled) -> None:
    (facts,) = (one["facts"] for one in labelled.result.manifest["steps"] if one["step"] == "communities")
    assert (facts["must_links_applied"], facts["cannot_links_applied"]) == (2, 1)
    assert (facts["constraints_in_conflict"], facts["warnings"]) == (0, [])
    assert facts["accounts_constrained"] == len(labelled.result.membership.dropna(subset=["constrained_by"]))


def test_links_and_their_evidence_are_those_without_labels(labelled: Labelled) -> None:
    for name in ("links", "evidence"):
        assert labelled.result.table(name).equals(labelled.without.table(name))


def test_a_member_by_label_is_explained_so(labelled: Labelled) -> None:
    member, came = labelled.joined
    cluster = labelled.cluster_of(member)
    explanation = explanations.explain_member(labelled.result, came)
    assert explanation.constrained_by == "must_link"
    assert f"Labels of analysts put it into {cluster} (must-link)" in " ".join(explanation.sentences)
    assert "Labels" not in " ".join(explanations.explain_member(labelled.result, member).sentences)


def test_an_account_that_a_label_took_out_is_explained_so(labelled: Labelled) -> None:
    moved = labelled.result.membership.set_index("account_id")["constrained_by"]
    (out,) = (account for account in labelled.parted if moved[account] == "cannot_link")
    sentences = explanations.explain_member(labelled.result, out).sentences
    assert "took it out of the cluster that its evidence alone puts it in" in " ".join(sentences)


def test_a_cluster_with_such_a_member_says_so_in_every_face(labelled: Labelled, tmp_path: Path) -> None:
    cluster = labelled.cluster_of(labelled.joined[0])
    assert cluster is not None
    assert BECAUSE in " ".join(explanations.explain_cluster(labelled.result, cluster).sentences)
    page = review_page(labelled.result, cluster_subgraph(labelled.result, cluster)).decode()
    assert BECAUSE in page
    write_report(labelled.result, tmp_path / "report")
    assert BECAUSE in (tmp_path / "report" / "clusters" / f"{cluster}.html").read_text(encoding="utf-8")
    assert "must_link" in (tmp_path / "report" / "members.csv").read_text(encoding="utf-8")
    index = Index(labelled.result)
    index.read()
    row = cluster_row(index, index.clusters.names.number(cluster))
    assert row["n_constrained"] == 1
    assert BECAUSE in row["words"]["constraint_sentence"]


def test_clusters_that_labels_did_not_change_say_nothing_of_them(labelled: Labelled) -> None:
    clusters = labelled.result.clusters
    for cluster in clusters[clusters["n_constrained"] == 0]["cluster_id"][:3]:
        assert "label" not in " ".join(explanations.explain_cluster(labelled.result, cluster).sentences)


def test_a_cluster_by_labels_alone_is_explained_by_every_explanation(labelled: Labelled) -> None:
    """It has no link: nothing may take that for granted."""
    cluster = labelled.cluster_of(labelled.alone[0])
    assert cluster is not None
    assert cluster == labelled.cluster_of(labelled.alone[1])
    result = labelled.result
    assert "There is no evidence for it." in explanations.explain_cluster(result, cluster).sentences
    assert "do not connect all of its accounts" in explanations.find_breaks(result, cluster).sentences[0]
    assert explanations.estimate_collateral(result, list(labelled.alone)).n_accounts == 2
    assert b"</html>" in review_page(result, cluster_subgraph(result, cluster))


def test_a_what_if_keeps_the_labels(labelled: Labelled) -> None:
    for account in (*labelled.parted, labelled.joined[0], labelled.alone[0]):
        cluster = labelled.cluster_of(account)
        if cluster is not None:
            nothing_left_out = explanations.try_without(labelled.result, cluster)
            assert nothing_left_out.is_reproduced, account
            assert not nothing_left_out.is_changed, account


def test_a_redacted_result_keeps_the_words_of_constraints(labelled: Labelled) -> None:
    redacted = redact(labelled.result, LEGAL, b"k" * 32)
    rows = redacted.table("constraints").to_pylist()
    assert {row["constraint_type"] for row in rows} == {"must_link", "cannot_link"}
    assert {row["outcome"] for row in rows} == {"applied"}
    assert not any(account in json.dumps(rows) for account in labelled.parted)
    assert labelled.result.verify()
    labelled.result.check_whole()
