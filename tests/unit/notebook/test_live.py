"""The live widget of a cluster: its traits hold the picture, and say what saving them would save."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import html5lib
import pytest

from graphlink.core.errors import ResultError
from graphlink.notebook.widget import WARNING, show_cluster
from graphlink.result.redaction import PROFILES, redact

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

pytest.importorskip("anywidget", reason="anywidget is not installed (graphlink[notebook])")
live = pytest.importorskip("graphlink.notebook.live", reason="needs the extra notebook: anywidget, traitlets")


@pytest.fixture(autouse=True)
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that stands for the built one: what it draws is a matter of the browser's tests."""
    path = tmp_path / "widget.js"
    path.write_text("export default { render() {} };", encoding="ascii")
    monkeypatch.setattr(live, "BUNDLE", path)
    return path


def test_traits_hold_the_picture_of_the_cluster(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    widget = show_cluster(sample_result, cluster, height=500, live=True)
    members = set(sample_result.members(cluster)["account_id"])
    assert {node["label"] for node in widget.nodes if node["type"] == "account"} == members
    ids = {node["id"] for node in widget.nodes}
    assert len(ids) == len(widget.nodes)
    assert {edge[end] for edge in widget.edges for end in ("source", "target")} <= ids
    assert sum(node["n_edges"] for node in widget.nodes) == 2 * len(widget.edges)
    assert len({(node["x"], node["y"]) for node in widget.nodes}) == len(widget.nodes)
    assert (widget.title, widget.cluster_id, widget.height) == (cluster, cluster, 500)
    state = widget.get_state()
    assert json.loads(json.dumps(state["nodes"])) == widget.nodes
    assert state["_esm"].startswith("export default")
    assert widget.note == WARNING
    assert WARNING in repr(widget)


def test_the_same_cluster_is_drawn_the_same_way(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    first, second = (show_cluster(sample_result, cluster, live=True) for _ in range(2))
    assert first.nodes == second.nodes
    assert first.edges == second.edges


def test_what_is_selected_comes_back_as_accounts(sample_result: Result) -> None:
    widget = show_cluster(sample_result, sample_result.clusters["cluster_id"].iloc[0], live=True)
    widget.set_state({"selected": ["a:x:1", "i:ip:203.0.113.7", "a:y"]})
    assert widget.accounts == ["x:1", "y"]


def test_a_cut_and_a_redaction_are_reported(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    assert "4 are shown" in show_cluster(sample_result, cluster, most=4, live=True).note
    redacted = redact(sample_result, PROFILES["legal"], b"k" * 32)
    name: str = redacted.name_of_cluster(cluster)  # type: ignore[attr-defined]  # what is redacted has names
    widget = show_cluster(redacted, name, live=True)
    assert "redacted for the profile legal" in widget.note
    text = json.dumps([widget.nodes, widget.edges, widget.title])
    assert not [name for name in sample_result.members(cluster)["account_id"] if name in text]


def test_a_bundle_that_was_not_built_is_reported(sample_result: Result, bundle: Path) -> None:
    bundle.unlink()
    with pytest.raises(ResultError, match="not built"):
        show_cluster(sample_result, sample_result.clusters["cluster_id"].iloc[0], live=True)


def test_a_picture_is_left_where_no_widget_draws(
    sample_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    widget = show_cluster(sample_result, cluster, live=True)
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr(live, "display", lambda data, **_: outputs.append(data))
    widget._ipython_display_()
    still, interactive = outputs
    assert "application/vnd.jupyter.widget-view+json" in interactive
    (image,) = html5lib.parse(still["text/html"], namespaceHTMLElements=False).iter("img")
    assert image.attrib["data-graphlink-still"] == widget.still_id
    kind, _, data = image.attrib["src"].partition(";base64,")
    assert kind == "data:image/svg+xml"
    drawing = ElementTree.fromstring(base64.b64decode(data))
    shapes = [one for one in drawing.iter() if one.tag.endswith(("circle", "rect"))]
    assert len(shapes) >= len(sample_result.members(cluster))
    assert "--g-network" in "".join(one.text or "" for one in drawing.iter() if one.tag.endswith("style"))
    assert "still" not in widget.get_state()  # the picture is not sent to the widget as well
