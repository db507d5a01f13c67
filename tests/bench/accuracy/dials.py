"""Where detection fails: one dial of a planted world turned at a time, and a picture per dial.

    python -m tests.bench.accuracy.dials run --to docs/red-team/dials.csv
    python -m tests.bench.accuracy.dials draw --read docs/red-team/dials.csv --to docs/red-team

`run` adds a line per setting of a dial and seed as soon as it is measured, and leaves out what the file has
already, so a run that was stopped goes on where it was. The worlds have a fifth of their accounts in farms,
twice the usual, so that every style has several farms. `draw` needs the dependency group `bench`.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import io
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.evaluation import evaluate_clusters
from graphlink.samples import DEFAULT_STYLES, FARM_STYLES, HONEST_STYLES, Dials, draw_world
from tests.bench.accuracy.ours import graphlink_on_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.evaluation import Measures

# Strangers to the truth whom nothing in the metadata tells from one operator.
RELATED = ("household", "reseller_customer")
UNRELATED = tuple(style for style in HONEST_STYLES if style not in RELATED)
FARMS = tuple(style for style in FARM_STYLES if style in DEFAULT_STYLES)
GROUPS = (*FARMS, "farms")  # whose recall is measured
BASE: Mapping[str, Any] = {"farm_share": 0.2}


@dataclass(frozen=True)
class Ladder:
    """A dial and the settings it is turned to.

    Attributes:
        name: The dial, or a name for several.
        axis: What the values are, with their unit.
        steps: Value on the axis and the dials that differ from the base.
        shown: The styles whose recall the picture shows; "farms" is all of them.
        is_log: Whether the axis is logarithmic.
    """

    name: str
    axis: str
    steps: tuple[tuple[float, Mapping[str, Any]], ...]
    shown: tuple[str, ...]
    is_log: bool = False


@dataclass(frozen=True)
class Point:
    """One world at one setting: what graphlink found.

    Attributes:
        dial: The ladder.
        value: Its value on the axis.
        seed: Seed of the world.
        pair_precision: Of pairs in one cluster, the share of one operator.
        unrelated: Share of honest accounts that share no card, home or office with strangers and are in a
            cluster with one all the same.
        related: The same of households and customers of one reseller.
        recall: B-cubed recall per style of farm, and over all farms.
        n: Accounts behind each.
    """

    dial: str
    value: float
    seed: int
    pair_precision: float
    unrelated: float
    related: float
    recall: Mapping[str, float] = field(default_factory=dict)
    n: Mapping[str, int] = field(default_factory=dict)

    def cells(self) -> dict[str, str]:
        """The point as a line of the table."""
        cells = {"dial": self.dial, "value": f"{self.value:g}", "seed": str(self.seed)}
        cells |= {name: f"{getattr(self, name):.4f}" for name in ("pair_precision", "unrelated", "related")}
        cells |= {f"recall_{style}": f"{self.recall[style]:.4f}" for style in GROUPS}
        return cells | {f"n_{style}": str(self.n[style]) for style in GROUPS}

    @classmethod
    def read(cls, cells: Mapping[str, str]) -> Point:
        """A point from a line of the table."""
        return cls(
            cells["dial"],
            float(cells["value"]),
            int(cells["seed"]),
            float(cells["pair_precision"]),
            float(cells["unrelated"]),
            float(cells["related"]),
            {style: float(cells[f"recall_{style}"]) for style in GROUPS},
            {style: int(cells[f"n_{style}"]) for style in GROUPS},
        )


def _turned(name: str, values: Sequence[float], **others: Any) -> tuple[tuple[float, dict[str, Any]], ...]:
    return tuple((value, {**others, name: value}) for value in values)


_ALONE = {"card_reuse": 1.0, "router_share": 1.0}
_TOGETHER: tuple[dict[str, Any], ...] = (
    {},
    {"card_reuse": 1.0},
    {"card_reuse": 1.0, "mixing": 0.95},
    {"card_reuse": 1.0, "mixing": 0.95, "router_share": 1.0, "exits_per_account": 16},
    {
        "card_reuse": 1.0, "mixing": 0.95, "router_share": 1.0, "exits_per_account": 16,
        "jitter_seconds": 3600.0, "replacement_hours": 96.0,
    },
)  # fmt: skip
LADDERS = (
    Ladder("together", "precautions taken together (0 none, 4 all)", tuple(enumerate(_TOGETHER)), GROUPS),
    Ladder(
        "card_reuse", "mean accounts on one card (1: none shared)",
        _turned("card_reuse", (1.0, 2.0, 4.0, 8.0)), ("servers", "rotating", "relay", "bought"), is_log=True,
    ),
    Ladder(
        "mixing", "share of requests through exits that homes use too",
        _turned("mixing", (0.0, 0.5, 0.75, 0.9, 1.0)), ("servers", "rotating", "bought", "mixed"),
    ),
    Ladder(
        "jitter_seconds", "standard deviation around a joint job, seconds (no card shared, no slips)",
        _turned("jitter_seconds", (10.0, 60.0, 300.0, 1200.0, 3600.0), **_ALONE), ("routed",), is_log=True,
    ),
    Ladder(
        "router_share", "share of requests that go through the router",
        _turned("router_share", (0.5, 0.9, 0.97, 1.0)), ("routed", "mixed"),
    ),
    Ladder(
        "exits_per_account", "addresses each account is pinned to",
        _turned("exits_per_account", (1, 2, 4, 8, 16)), ("servers", "rotating", "bought"), is_log=True,
    ),
    Ladder(
        "ban_rate", "bans per farm account and 30 days",
        _turned("ban_rate", (0.0, 0.2, 0.6, 1.5)), ("servers", "rotating", "relay", "mixed"),
    ),
    Ladder(
        "replacement_hours", "mean hours from a ban to the successor",
        _turned("replacement_hours", (1.0, 6.0, 24.0, 96.0)), ("relay", "mixed"), is_log=True,
    ),
    Ladder(
        "operator_size", "median accounts of a farm in a world of 20,000",
        _turned("operator_size", (8.0, 30.0, 100.0)), GROUPS, is_log=True,
    ),
    Ladder(
        "farm_share", "share of all accounts in farms",
        _turned("farm_share", (0.02, 0.1, 0.2, 0.4)), GROUPS,
    ),
    Ladder(
        "farm_moments", "rows of a farm account in the log over 60 days",
        _turned("farm_moments", (4.0, 12.0, 36.0)), GROUPS, is_log=True,
    ),
    Ladder(
        "listed_share", "share of shared infrastructure on reference lists",
        _turned("listed_share", (0.0, 0.6, 1.0)), ("routed", "mixed", "farms"),
    ),
    Ladder(
        "cron_share", "share of people whose calls are scheduled at a full hour",
        _turned("cron_share", (0.0, 0.02, 0.2, 0.5)), ("routed", "farms"),
    ),
    Ladder(
        "launch_jump", "usual days of activity packed into the day of a launch",
        _turned("launch_jump", (1.0, 3.0, 10.0, 30.0)), ("routed", "farms"), is_log=True,
    ),
    Ladder(
        "rhythm", "strength of the daily and weekly rhythm",
        _turned("rhythm", (0.0, 0.5, 1.0)), ("routed", "relay", "farms"),
    ),
    Ladder(
        "household_card_share", "share of households that pay with one card",
        _turned("household_card_share", (0.0, 0.3, 0.6, 1.0)), ("farms",),
    ),
)  # fmt: skip


def measure(seed: int, n_accounts: int, dials: Dials) -> Measures:
    """Draw a world, run graphlink over all its tables and score the clusters."""
    world = draw_world(seed, n_accounts, dials)
    with tempfile.TemporaryDirectory() as folder:
        membership = graphlink_on_world(world, Path(folder)).table("membership")
    return evaluate_clusters(membership, world.truth)


def point_of(dial: str, value: float, seed: int, measures: Measures) -> Point:
    """What of the measures the table keeps."""
    styles = {style.style: style for style in measures.styles}

    def mean(measure_name: str, names: Iterable[str]) -> float:
        some = [styles[name] for name in names if name in styles]
        n = sum(style.n_accounts for style in some)
        return (
            sum(getattr(style, measure_name) * style.n_accounts for style in some) / n if n else float("nan")
        )

    of = {name: (name,) for name in FARMS} | {"farms": FARMS}
    return Point(
        dial,
        value,
        seed,
        measures.pairs.precision,
        mean("share_with_stranger", UNRELATED),
        mean("share_with_stranger", RELATED),
        {group: mean("bcubed_recall", names) for group, names in of.items()},
        {
            group: sum(styles[name].n_accounts for name in names if name in styles)
            for group, names in of.items()
        },
    )


def run(file: Path, n_accounts: int, seeds: Sequence[int], ladders: Sequence[Ladder] = LADDERS) -> None:
    """Measure every step of every ladder that the file lacks, and add a line for each."""
    have = {(point.dial, point.value, point.seed) for point in read(file)}
    values: dict[tuple[Dials, int], Measures] = {}  # the base is a step of most ladders
    for ladder in ladders:
        for value, changed in ladder.steps:
            for seed in seeds:
                if (ladder.name, value, seed) in have:
                    continue
                dials, start = Dials(**{**BASE, **changed}), time.perf_counter()
                if (dials, seed) not in values:
                    values[dials, seed] = measure(seed, n_accounts, dials)
                _add(file, point_of(ladder.name, value, seed, values[dials, seed]))
                print(
                    f"{ladder.name} {value:g} seed {seed}: {time.perf_counter() - start:.0f} s",
                    file=sys.stderr,
                )


def _add(file: Path, point: Point) -> None:
    is_new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(point.cells()), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(point.cells())


def read(file: Path) -> list[Point]:
    """The points of a table; none when there is no file yet."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return [Point.read(cells) for cells in csv.DictReader(lines)]


def means(points: Iterable[Point]) -> list[Point]:
    """One point per dial and value: means over seeds, of styles weighted by their accounts; seed is 0."""
    grouped: dict[tuple[str, float], list[Point]] = defaultdict(list)
    for point in points:
        grouped[point.dial, point.value].append(point)
    return [_mean(some) for some in grouped.values()]


def _mean(points: Sequence[Point]) -> Point:
    n = {style: sum(point.n[style] for point in points) for style in GROUPS}
    recall = {
        style: sum(point.recall[style] * point.n[style] for point in points if point.n[style]) / n[style]
        if n[style]
        else float("nan")
        for style in GROUPS
    }
    shares = {
        name: sum(getattr(point, name) for point in points) / len(points)
        for name in ("pair_precision", "unrelated", "related")
    }
    return dataclasses.replace(points[0], seed=0, recall=recall, n=n, **shares)


def markdown(points: Iterable[Point]) -> str:
    """Means over seeds as a Markdown table."""
    columns = ("dial", "value", "pair P", "unrelated %", "related %", *GROUPS)
    lines = [columns, tuple("---" for _ in columns)]
    lines += [
        (
            point.dial,
            f"{point.value:g}",
            f"{point.pair_precision:.3f}",
            f"{100 * point.unrelated:.2f}",
            f"{100 * point.related:.1f}",
            *(f"{point.recall[style]:.2f}" for style in GROUPS),
        )
        for point in means(points)
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def draw(points: Sequence[Point], folder: Path, ladders: Sequence[Ladder] = LADDERS) -> list[Path]:
    """Draw a picture per dial: recall per style left, errors right; dots are worlds, lines their means."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for ladder in ladders:
        some = sorted((point for point in points if point.dial == ladder.name), key=lambda point: point.value)
        if some:
            drawn.append(_picture(ladder, some, folder / f"{ladder.name}.png"))
    return drawn


def _picture(ladder: Ladder, points: Sequence[Point], file: Path) -> Path:
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(8.4, 3.3), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2)
    for style in ladder.shown:
        colour = COLOURS[style]
        width = 2.6 if style == "farms" else 1.5
        left.plot(*_line(points, lambda point, s=style: point.recall[s]), color=colour, lw=width, label=style)
        left.scatter(
            [p.value for p in points], [p.recall[style] for p in points], s=9, color=colour, alpha=0.5
        )
    left.set(ylim=(-0.03, 1.03), ylabel="B-cubed recall: found of its operator")
    for name, label, colour in ERRORS:
        right.plot(*_line(points, lambda point, n=name: 100 * _error(point, n)), color=colour, label=label)
        right.scatter(
            [p.value for p in points], [100 * _error(p, name) for p in points], s=9, color=colour, alpha=0.5
        )
    right.set_ylabel("%")
    right.set_ylim(bottom=0)
    for side in (left, right):
        if ladder.is_log:
            side.set_xscale("log")
        values = sorted({point.value for point in points})
        side.set_xticks(values, [f"{value:g}" for value in values])
        side.minorticks_off()
        side.grid(alpha=0.25)
    # Beside and above, so that no legend hides a line.
    left.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8, frameon=False, handlelength=1.2)
    right.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=8, frameon=False, labelspacing=0.2)
    left.set_title(ladder.name, loc="left", fontweight="bold")
    figure.supxlabel(ladder.axis, fontsize=10)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(64).save(file, optimize=True)  # a third of the bytes
    return file


COLOURS = dict(
    zip(
        GROUPS,
        ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"),
        strict=True,
    )
)
ERRORS = (
    ("pair_precision", "pairs in one cluster that are wrong", "#d55e00"),
    ("unrelated", "unrelated honest accounts with a stranger", "#0072b2"),
    ("related", "households, reseller customers with a stranger", "#999999"),
)


def _error(point: Point, name: str) -> float:
    value: float = getattr(point, name)
    return 1 - value if name == "pair_precision" else value


def _line(points: Sequence[Point], measured: Any) -> tuple[list[float], list[float]]:
    line = sorted(means(points), key=lambda point: point.value)
    return [point.value for point in line], [measured(point) for point in line]


def main() -> None:
    """Measure, or draw what was measured and print its means."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy.dials")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="measure")
    running.add_argument("--to", type=Path, required=True, help="CSV that gets a line per world")
    running.add_argument("--accounts", type=int, default=6_000)
    running.add_argument("--seeds", type=int, nargs="+", default=[601, 602])
    names = [ladder.name for ladder in LADDERS]
    running.add_argument("--only", nargs="+", choices=names, default=names, help="these dials")
    drawing = commands.add_parser("draw", help="draw a picture per dial and print the table")
    drawing.add_argument("--read", type=Path, required=True, help="CSV of run")
    drawing.add_argument("--to", type=Path, required=True, help="folder of the pictures")
    options = parser.parse_args()
    if options.command == "run":
        ladders = [ladder for ladder in LADDERS if ladder.name in options.only]
        run(options.to, options.accounts, options.seeds, ladders)
    else:
        points = read(options.read)
        draw(points, options.to)
        print(markdown(points))


if __name__ == "__main__":
    main()
