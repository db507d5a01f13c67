"""Plots of a notebook: what they show is what the explanations hold, and names are no formulas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from graphlink import evaluate, explain_pair
from graphlink.core.errors import NotFoundError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.result.result import Result

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
mpl = pytest.importorskip("matplotlib", reason="matplotlib is not installed (graphlink[notebook])")
plots = pytest.importorskip("graphlink.notebook.plots", reason="needs the extra notebook: matplotlib")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Draw without a screen, and close every figure."""
    mpl.use("Agg")
    yield
    plots.plt.close("all")


def test_a_waterfall_ends_at_the_bits_of_the_link(sample_result: Result) -> None:
    link = sample_result.links.sort_values("bits").iloc[-1]
    pair = explain_pair(sample_result, link["account_id_l"], link["account_id_r"])
    axes = plots.plot_waterfall(pair)
    bars = axes.patches
    assert len(bars) == 1 + len(pair.evidence)
    assert sum(bar.get_width() for bar in bars) == pytest.approx(link["bits"], abs=0.01)
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert [bar.get_x() for bar in bars[1:]] == pytest.approx(ends[:-1])
    assert axes.get_yticklabels()[0].get_text() == "prior"


def test_a_timeline_has_a_row_for_each_account(sample_result: Result) -> None:
    cluster = sample_result.clusters["cluster_id"].iloc[0]
    axes = plots.plot_timeline(sample_result, cluster)
    members = set(sample_result.members(cluster)["account_id"])
    assert {label.get_text() for label in axes.get_yticklabels()} <= members
    assert len(axes.get_yticklabels()) == min(40, len(members))
    assert not any(label.get_parse_math() for label in axes.get_yticklabels())
    with pytest.raises(NotFoundError):
        plots.plot_timeline(sample_result, "C-none")


def test_a_sweep_draws_measures_in_order_of_the_setting_and_marks_the_default() -> None:
    swept = pd.DataFrame({"precision": [0.9, 0.8], "recall": [0.5, 0.7]}, index=[0.9, 0.5])
    axes = plots.plot_sweep(swept, "cluster_probability", unit="probability", default=0.9)
    precision, recall, default = axes.lines
    assert list(precision.get_xdata()) == [0.5, 0.9]
    assert list(recall.get_ydata()) == [0.7, 0.5]
    assert set(default.get_xdata()) == {0.9}
    assert axes.get_xlabel() == "cluster_probability (probability)"
    with pytest.raises(QuestionError, match="no column 'f1'"):
        plots.plot_sweep(swept, "cluster_probability", measures=["f1"])


def test_a_calibration_draws_every_bin_with_its_number(sample_result: Result) -> None:
    links = evaluate(sample_result, pd.read_parquet(SAMPLE / "truth.parquet")).links
    bins = [one for one in links.bins if one.n]
    axes = plots.plot_calibration({"links": links})
    _, line = axes.lines
    assert list(line.get_ydata()) == [one.share_true for one in bins]
    assert [text.get_text() for text in axes.texts] == [f"{one.n:,}" for one in bins]
