"""Plots of explanations and measures for notebooks, drawn with matplotlib on axes that the caller may give.

Each names its axes with their units and gives the axes back, so that a notebook changes what it wants. Names
from the data are no formulas. Needs `pip install graphlink[notebook]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib import pyplot as plt

from graphlink.core.errors import QuestionError
from graphlink.kinds.facets import FACETS
from graphlink.render.escape import shortened
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from graphlink.evaluation.calibration import Calibration
    from graphlink.explanations import PairExplanation
    from graphlink.result.result import Result
    from graphlink.storage.frames import Frame

_COLOURS = {facet.name: facet.colour for facet in FACETS}
_GREY, _RED = "#5b6674", "#b3261e"
_LETTERS = 34  # of a label
_MOST_LANES = 40  # accounts of a timeline
_LANE_INCHES, _BAR_INCHES = 0.2, 0.3


def plot_waterfall(pair: PairExplanation, axes: Axes | None = None) -> Axes:
    """Plot how the evidence of two accounts leads from the prior to the log2 odds of their link.

    Args:
        pair: What `explain_pair` gave.
        axes: Where to draw; None makes a figure.

    Returns:
        The axes: x in bits, a bar for the prior and one for each piece of evidence, in the order in which
        they are added. A bar begins where the one above it ends.
    """
    steps = [("prior", pair.prior_bits, _GREY)]
    steps += [
        (
            " ".join(filter(None, (one.kind.replace("_", " "), shortened(one.value, _LETTERS)))),
            one.contribution_bits,
            _COLOURS.get(one.facet, _GREY) if one.contribution_bits >= 0 else _RED,
        )
        for one in pair.evidence
    ]
    axes = axes or _axes(len(steps) * _BAR_INCHES + 1.4)
    reached = 0.0
    for place, (_, bits, colour) in enumerate(steps):
        axes.barh(place, bits, left=reached, color=colour)
        reached += bits
        offset, side = ((4, -3), "left") if bits >= 0 else ((-4, -3), "right")
        axes.annotate(f"{bits:+.1f}", (reached, place), xytext=offset, textcoords="offset points", ha=side)
    axes.axvline(0, color="#888", linewidth=0.8)
    axes.set_yticks(range(len(steps)), [label for label, *_ in steps], parse_math=False)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    left, right = (shortened(name, _LETTERS) for name in (pair.account_id_l, pair.account_id_r))
    axes.set(
        xlabel="log2 odds of one operator (bits); right of 0 likelier than not",
        ylabel="evidence",
    )
    axes.set_title(f"From the prior to the link of\n{left} and {right}", parse_math=False)
    return axes


@of_result
def plot_timeline(result: Result, cluster_id: str, axes: Axes | None = None) -> Axes:
    """Plot when the accounts of a cluster were opened, seen and closed.

    Args:
        result: A finished run.
        cluster_id: The cluster.
        axes: Where to draw; None makes a figure.

    Returns:
        The axes: x is the time in UTC, a row for each account in the order of the first sighting; of more
        than 40 the surest. A line goes from the first to the last sighting, dots are days with observations.

    Raises:
        NotFoundError: There is no such cluster.
    """
    members = _members(result, cluster_id)
    names = [row["account_id"] for row in members]
    seen = rows_of(result.table("observations", ["account_id", "seen_at"], {"account_id": names}))
    days = {(row["account_id"], row["seen_at"].date()) for row in seen if row["seen_at"] is not None}
    axes = axes or _axes(len(members) * _LANE_INCHES + 1.4)
    place = {name: i for i, name in enumerate(names)}
    for row in members:
        if row["first_seen"] is not None:
            ends = [row["first_seen"], row["last_seen"]]
            axes.plot(ends, [place[row["account_id"]]] * 2, color="#b9c6d6", linewidth=3, zorder=1)
    dots = sorted((day, place[name]) for name, day in days)
    axes.plot(
        [day for day, _ in dots], [lane for _, lane in dots], ".", color="#1f5fa8", label="seen on a day"
    )
    for column, mark, colour, label in (
        ("created_at", ">", "#1d7a46", "opened"),
        ("closed_at", "x", _RED, "closed"),
    ):
        dated = [(row[column], place[row["account_id"]]) for row in members if row[column] is not None]
        if dated:
            axes.plot(*zip(*dated, strict=True), mark, color=colour, label=label)
    axes.set_yticks(range(len(names)), [shortened(name, _LETTERS) for name in names], parse_math=False)
    axes.invert_yaxis()
    axes.tick_params(axis="x", rotation=30)
    axes.set(xlabel="time (UTC)", ylabel="account")
    axes.set_title(f"Accounts of {shortened(cluster_id, 40)}", parse_math=False)
    axes.legend(loc="best")
    return axes


def plot_sweep(
    swept: Frame,
    setting: str,
    *,
    unit: str = "",
    default: float | None = None,
    measures: Sequence[str] = ("precision", "recall"),
    axes: Axes | None = None,
) -> Axes:
    """Plot measures of runs over the values of one setting.

    Args:
        swept: A row per value of the setting, which is the index, with a column for each measure (0 to 1).
        setting: Its name.
        unit: Its unit, for the axis.
        default: Its default, which is marked.
        measures: The columns to draw.
        axes: Where to draw; None makes a figure.

    Returns:
        The axes: x is the setting, y the measures.

    Raises:
        QuestionError: The table has no such column.
    """
    if missing := [name for name in measures if name not in swept.columns]:
        raise QuestionError(f"measures: the table has no column {missing[0]!r}; it has {list(swept.columns)}")
    axes = axes or _axes(3.4)
    ordered = swept.sort_index()
    for name, mark in zip(measures, "osD^v" * len(measures), strict=False):
        axes.plot(ordered.index, ordered[name], f"{mark}-", label=name.replace("_", " "))
    if default is not None:
        axes.axvline(default, color="#888", linestyle=":", label="default")
    axes.set(
        xlabel=f"{setting} ({unit})" if unit else setting,
        ylabel="share (0 to 1)",
        ylim=(0, 1.05),
        title=f"Sweep of {setting}",
    )
    axes.legend(loc="best")
    return axes


def plot_calibration(calibrations: Calibration | Mapping[str, Calibration], axes: Axes | None = None) -> Axes:
    """Plot predicted probabilities against the share that is true.

    Args:
        calibrations: What `evaluate` measured of links or members; several by name are drawn together.
        axes: Where to draw; None makes a figure.

    Returns:
        The axes: x is the mean probability of a bin, y the share of it that is true; numbers are claims in
        the bin. On the dotted line probabilities are right; below it they are too high.
    """
    named: Mapping[str, Any] = (
        calibrations if isinstance(calibrations, Mapping) else {"predicted": calibrations}
    )
    axes = axes or _axes(5.0, 5.0)
    axes.plot([0, 1], [0, 1], color="#888", linestyle=":", label="perfect calibration")
    for name, one in named.items():
        bins = [row for row in one.bins if row.n]
        axes.plot([row.mean_probability for row in bins], [row.share_true for row in bins], "o-", label=name)
        for row in bins:
            axes.annotate(
                f"{row.n:,}",
                (row.mean_probability, row.share_true),
                xytext=(6, -12),
                textcoords="offset points",
            )
    axes.set(
        xlabel="mean predicted probability of a bin",
        ylabel="share of the bin that is true",
        xlim=(0, 1.02),
        ylim=(0, 1.05),
        title="Calibration (with claims per bin)",
    )
    axes.legend(loc="upper left")
    return axes


def _members(result: Result, cluster_id: str) -> list[dict[str, Any]]:
    """The surest accounts of a cluster with their times, in the order in which they were first seen."""
    result.check_cluster(cluster_id)
    columns = ["account_id", "probability"]
    sure = rows_of(result.table("membership", columns, {"cluster_id": [cluster_id]}))
    sure.sort(key=lambda row: (-row["probability"], row["account_id"]))
    names = [row["account_id"] for row in sure[:_MOST_LANES]]
    times = ["account_id", "created_at", "closed_at", "first_seen", "last_seen"]
    rows = rows_of(result.table("accounts", times, {"account_id": names}))
    return sorted(rows, key=lambda row: (row["first_seen"] is None, row["first_seen"], row["account_id"]))


def _axes(height: float, width: float = 8.0) -> Axes:
    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    return axes
