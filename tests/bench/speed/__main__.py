"""Measures speed: `python -m tests.bench.speed [PART...] [--millions 1 10] [--to docs/speed]`.

Writes the figures as JSON and as a table into the page beside the folder, and draws the growth. G is what
DuckDB takes to group a Parquet file by account, kind and value with the least and greatest time and a count:
the least that any method has to do. Each repeat takes both sides of a ratio one after the other, so that what
else the machine does weighs on both. Each is a process of its own.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import tempfile
from pathlib import Path

from tests.bench.speed.comparisons import PARTS, Figure, Query

_MARK = re.compile("(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL)


def main() -> None:
    """Measure what is asked for, and write it down after each part."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is")
    parser.add_argument("--millions", nargs="+", type=float, default=[1.0], help="of observations")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", default="8GB", help="limit of the engine")
    parser.add_argument("--folder", type=Path, help="for worlds and results, kept; else a temporary one")
    parser.add_argument("--to", type=Path, default=Path("docs/speed"), help="folder of figures.json")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {min(unknown)!r}; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="graphlink-bench-") as place:
        folder = options.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        actual = Query(options.repeats, options.memory, folder)
        for part in options.parts or PARTS:
            for figure in PARTS[part](actual, options.millions):
                print(" | ".join(figure[1:]), flush=True)
                _keep(options.to, figure)


def _keep(folder: Path, figure: Figure) -> None:
    """Put a figure among those measured before; the same one measured anew takes its place."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["figures"] if path.exists() else []
    rows = [row for row in rows if row["what"] != figure.what]
    rows.append(figure._asdict() | {"day": datetime.datetime.now(tz=datetime.UTC).date().isoformat()})
    machine = {"processors": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "figures": rows}, indent=1) + "\n", encoding="utf-8")
    page = folder.with_suffix(".md")
    if page.exists():
        text = page.read_text(encoding="utf-8")
        page.write_text(_MARK.sub(lambda _: _table(rows), text), encoding="utf-8")
    growth = [json.loads(row["detail"]) for row in rows if row["part"] == "growth" and row["detail"]]
    if growth:
        _draw(growth, folder / "growth.svg")


def _table(rows: list[dict[str, str]]) -> str:
    """The figures as Markdown, each with its day and the part of this program that measures it."""
    lines = ["| what | aim | measured | detail | load | part | day |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row['what']} | {row['aim']} | {row['measured']} | "
        f"{'' if row['part'] == 'growth' else row['detail']} | {row['load']} | "
        f"`{_part_of(row)}` | {row['day']} |"
        for row in rows
    ]
    if any(row["part"] == "growth" for row in rows):
        lines += ["", "![Seconds of a run by observations](speed/growth.svg)"]
    return "\n".join(lines) + "\n"


def _part_of(row: dict[str, str]) -> str:
    """The part to name on the command line; one part may give several kinds of figures."""
    return {
        "G": "grouping",
        "growth": "grouping",
        **dict.fromkeys(("networkx", "igraph", "splink"), "peers"),
    }.get(row["part"], row["part"])


def _draw(points: list[dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "graphlink"  # the same figures give the same file
    from matplotlib import pyplot as plt

    points.sort(key=lambda point: point["rows"])
    rows, seconds = ([point[name] for point in points] for name in ("rows", "seconds"))
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    axes.loglog(rows, seconds, "o-", label="measured")
    ideal = [seconds[-1] * (n / rows[-1]) ** 1.1 for n in rows]
    axes.loglog(rows, ideal, "--", color="grey", label="exponent 1.1")
    axes.set(xlabel="observations", ylabel="seconds of a run")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
