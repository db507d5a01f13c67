"""The pyvis network of a cluster: all of pyvis works on it, and its page runs and loads nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyvis.network import Network

from graphlink.core.errors import QuestionError
from graphlink.export.page.inline import vis_script

if TYPE_CHECKING:
    from graphlink import Result
    from graphlink.export.page.pyvis_network import ClusterNetwork

MARKUP = "</script><script>window.__pwn=1</script>"


@pytest.fixture
def cluster(sample_result: Result) -> str:
    return str(sample_result.clusters["cluster_id"][0])


@pytest.fixture
def network(sample_result: Result, cluster: str) -> ClusterNetwork:
    return sample_result.pyvis(cluster)


def drawn(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'id="graph-data">(.*?)</script>', page, re.DOTALL)
    data: dict[str, Any] = json.loads(text)
    return data


def test_it_is_a_pyvis_network_with_the_nodes_of_the_graph(
    sample_result: Result, cluster: str, network: ClusterNetwork
) -> None:
    assert isinstance(network, Network)
    assert set(network.get_nodes()) == set(sample_result.graph(cluster))
    account = f"account:{sample_result.members(cluster)['account_id'][0]}"
    assert network.neighbors(account) == {
        end for edge in network.edges for end in (edge["from"], edge["to"]) if account in edge.values()
    } - {account}
    assert network.get_node(account)["title"].startswith("account ")
    assert network.left_out == ()


def test_what_is_changed_is_drawn(network: ClusterNetwork) -> None:
    network.add_node("mine", label="mine")
    network.get_node("mine")["color"] = "red"
    network.add_edge("mine", network.get_nodes()[0])
    network.toggle_physics(True)
    network.height = "400px"
    page = network.generate_html()
    data = drawn(page)
    assert data["nodes"][-1] | {"color": "red", "label": "mine"} == data["nodes"][-1]
    assert data["edges"][-1]["from"] == "mine"
    assert data["options"]["physics"]["enabled"] is True
    assert '"height":"400px"' in page
    network.set_options('{"nodes": {"shape": "box"}}')
    assert drawn(network.generate_html())["options"] == {"nodes": {"shape": "box"}}


def test_text_stays_text_and_nothing_is_loaded(network: ClusterNetwork) -> None:
    network.add_node(MARKUP, label=MARKUP, title=MARKUP)
    network.heading = MARKUP
    page = network.generate_html()
    assert page.replace(vis_script(), "").count("<script") == 4
    assert MARKUP not in page
    assert drawn(page)["nodes"][-1]["label"] == MARKUP
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; script-src")
    assert not re.search(r"<(link|img|iframe)|src=[\"']?http", page)
    assert 'sandbox="allow-scripts"' in network._repr_html_()


@pytest.mark.parametrize("kind", [str, Path])
def test_the_page_is_written_to_text_and_paths(network: ClusterNetwork, tmp_path: Path, kind: Any) -> None:
    network.write_html(kind(tmp_path / "n.html"))
    assert (tmp_path / "n.html").read_text("utf-8") == network.generate_html()
    with pytest.raises(QuestionError, match=r"ends in \.html, found 'n\.htm'"):
        network.write_html(kind(tmp_path / "n.htm"))


def test_a_large_cluster_is_cut_and_says_so(sample_result: Result, cluster: str) -> None:
    network = sample_result.pyvis(cluster, most=4)
    assert len([node for node in network.get_nodes() if node.startswith("account:")]) == 4
    assert "accounts; 4 are shown" in network.left_out[0]
    assert network.left_out[0] in network.generate_html()
