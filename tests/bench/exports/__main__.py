"""Times exports and reports of drawn results: `python -m tests.bench.exports [pages] [large] [report]`.

`pages`: bytes of the page of 1,000 and of 5,000 nodes, and milliseconds until Chromium has drawn it, from the
opening of the file on. `large`: a cluster of 25,000 accounts in every format. `report`: a report of 1,000
clusters. Each figure is the median of three, with the load of the machine beside it.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.exports.drawn import Size, draw_result

REPEATS = 3
FORMATS = ("html", "graphml", "gexf", "csv", "xlsx", "json", "parquet", "neo4j", "stix", "misp")
_DRAWN = """
new MutationObserver((_, watching) => {
  if (!document.documentElement || !document.documentElement.dataset.drawn) return;
  watching.disconnect();
  requestAnimationFrame(() => { window.drawnAfter = performance.now(); });
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def graphlink(*arguments: object) -> float:
    """Run the command; tell the seconds it took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "graphlink", *map(str, arguments), "--quiet"], check=True)
    return time.perf_counter() - started


def time_pages(folder: Path) -> None:
    for n in (500, 2500):
        result = draw_result(folder / f"pages-{n}", Size(1, n, n, 6))
        page = folder / f"{n}.html"
        seconds = graphlink("export", result.path, "--cluster", "C-0000000000", "--most", n, "--out", page)
        drawn = [milliseconds_to_draw(page) for _ in range(REPEATS)]
        size, middle = page.stat().st_size / 1e6, statistics.median(drawn)
        print(f"{2 * n:,} nodes: {size:.2f} MB, drawn after {middle:,.0f} ms (made in {seconds:.1f} s)")


def milliseconds_to_draw(page: Path) -> float:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.add_init_script(_DRAWN)
        opened.goto(page.as_uri())
        opened.wait_for_function("window.drawnAfter", timeout=60_000)
        actual: float = opened.evaluate("window.drawnAfter")
        browser.close()
    return actual


def time_large(folder: Path) -> None:
    result = draw_result(folder / "large", Size(1, 25_000, 25_000, 10))
    links = result.manifest["tables"]["links"]["rows"]
    print(f"a cluster of 25,000 accounts with {links:,} links:")
    for form in FORMATS:
        out = folder / f"large.{form}"
        actual = (
            "export",
            result.path,
            "--cluster",
            "C-0000000000",
            "--format",
            form,
            "--out",
            out,
            "--overwrite",
        )
        seconds = statistics.median(graphlink(*actual) for _ in range(REPEATS))
        files = [out] if out.is_file() else list(out.iterdir())
        print(f"  {form}: {seconds:.1f} s, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
    print(f"  most memory of any: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MiB")


def time_report(folder: Path) -> None:
    result = draw_result(folder / "many", Size(1000, 20, 20, 6))
    actual = ("report", result.path, "--out", folder / "report", "--overwrite")
    seconds = statistics.median(graphlink(*actual) for _ in range(REPEATS))
    size = sum(file.stat().st_size for file in (folder / "report").rglob("*") if file.is_file())
    print(f"a report of 1,000 clusters: {seconds:.1f} s, {size / 1e6:.1f} MB")


TIMED = {"pages": time_pages, "large": time_large, "report": time_report}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for chosen in sys.argv[1:] or TIMED:
            TIMED[chosen](Path(name))
    print(f"load {os.getloadavg()[0]:.2f}")
