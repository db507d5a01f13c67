"""A cluster in a notebook: inert, in a frame of its own, with what saving it would save."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import html5lib
import pandas as pd
import pytest

from graphlink import run
from graphlink.core.errors import ResultError
from graphlink.notebook.widget import STATIC, WARNING, ClusterView, show_cluster
from graphlink.result.redaction import PROFILES, redact

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from graphlink.result.result import Result

HOSTILE = '"></iframe><script>parent.x()</script><img src=x onerror=x()>$\\href{javascript:x()}{y}$\u202e'


@pytest.fixture(scope="module")
def hostile_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Six accounts with hostile names that share three instruments with hostile values, among strangers."""
    rows = [
        (f"{i}{HOSTILE}", kind, f"{kind}-{HOSTILE}", f"2026-03-{day:02d}T10:00:00Z")
        for i in range(6)
        for kind in ("payment", "api_key", "badge")
        for day in (1, 9)
    ]
    # What all accounts share says nothing of any two of them.
    rows += [(f"stranger{i}", "payment", f"own-{i}", "2026-03-01T10:00:00Z") for i in range(600)]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])
    return run(frame, out=tmp_path_factory.mktemp("hostile") / "result")


def elements(text: str) -> list[Element]:
    listed: list[Element] = list(html5lib.parse(text, namespaceHTMLElements=False).iter())
    return listed


def test_the_view_is_a_warning_and_one_frame_without_rights(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    view = show_cluster(sample_result, cluster, height=500, live=False)
    parsed = elements(view._repr_html_())
    assert [one.tag for one in parsed] == ["html", "head", "body", "p", "strong", "iframe"]
    assert parsed[4].text == WARNING
    frame = parsed[5].attrib
    assert frame["sandbox"] == "allow-scripts"
    assert frame["height"] == "500"
    assert "src" not in frame
    assert frame["srcdoc"] == view.page
    policy = next(
        one.attrib["content"]
        for one in elements(view.page)
        if one.attrib.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert sample_result.members(cluster)["account_id"].iloc[0] in view.page
    assert WARNING in repr(view)


@pytest.mark.slow
def test_hostile_names_are_inert(hostile_result: Result) -> None:
    view = show_cluster(hostile_result, hostile_result.clusters["cluster_id"].iloc[0], live=False)
    outer = elements(view._repr_html_())
    assert [one.tag for one in outer] == ["html", "head", "body", "p", "strong", "iframe"]
    inner = elements(view.page)
    scripts = [one.attrib.get("type") for one in inner if one.tag == "script"]
    n_own = 3 if (STATIC / "page-parts.js").is_file() else 2
    assert scripts == ["application/json", *[None] * n_own]
    assert not [one for one in inner if one.tag == "iframe" or "onerror" in one.attrib]
    assert "\u202e" not in view.page
    for text in (repr(view), repr(hostile_result), hostile_result._repr_html_()):
        assert "<script" not in text
        assert "\u202e" not in text


def test_a_redacted_view_has_no_raw_name_and_states_so(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    redacted = redact(sample_result, PROFILES["legal"], b"k" * 32)
    name: str = redacted.name_of_cluster(cluster)  # type: ignore[attr-defined]  # what is redacted has names
    view = show_cluster(redacted, name, live=False)
    members = sample_result.members(cluster)["account_id"]
    assert not [name for name in members if name in view._repr_html_()]
    assert "redacted for the profile legal" in view._repr_html_()
    assert WARNING not in view._repr_html_()


def test_a_large_cluster_is_cut_and_states_so(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    n = int(sample_result.clusters["n_accounts"].iloc[0])
    actual = f"The cluster has {n} accounts; 4 are shown"
    assert actual in show_cluster(sample_result, cluster, most=4, live=False).page


def test_no_cluster_is_an_error_that_states_which(sample_result: Result) -> None:
    with pytest.raises(ResultError, match="no cluster 'C-none'"):
        show_cluster(sample_result, "C-none")


def test_without_anywidget_the_page_is_shown_and_asking_for_the_widget_is_an_error(
    sample_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "graphlink.notebook.live", raising=False)
    monkeypatch.setattr("graphlink.notebook.widget._can_live", lambda: False)
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    assert isinstance(show_cluster(sample_result, cluster), ClusterView)
    with pytest.raises(ResultError, match=r"pip install 'graphlink\[notebook\]'"):
        show_cluster(sample_result, cluster, live=True)
