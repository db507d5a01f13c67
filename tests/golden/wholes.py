"""Whole inputs and digests of whole results, for the comparison of today's results with recorded ones.

Settings are written in the words of the recorded versions; `test_equal.py` translates them into today's.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import itertools
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from graphlink.samples import Dials, FarmShares, draw_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.samples import World

SAMPLE = Path(__file__).parents[2] / "data" / "sample"

_HIDING = Dials(
    days=45,
    farms=FarmShares(servers=0.05, rotating=0.35, routed=0.2, relay=0.2, mixed=0.1, bought=0.1),
    mixing=0.9,
    router_share=0.99,
    card_reuse=1.5,
    exits_per_account=2,
    jitter_seconds=600.0,
    ban_rate=0.6,
    replacement_hours=12.0,
)
WORLDS = {"plain": (101, 2_500, Dials()), "hiding": (202, 3_000, _HIDING)}
"""Seed, accounts and dials of each planted world."""

INPUTS = ("sample", *WORLDS)

_SETTINGS = """\
now = "{now}"

[[sources]]
path = "{requests}"
account = "account_id"
time = "at"
count = "n"
kinds = {{ ip = "ip", client = "client", api_key = "api_key" }}

[[sources]]
path = "payments.parquet"
account = "account_id"
time = "at"
kinds = {{ payment = "card", email = "email" }}

[accounts]
path = "accounts.parquet"
attributes = ["country", "plan"]

[[references]]
path = "references.csv"
"""

# The two most frequent addresses: one is declared shared, the block of the other one operator's own.
_KNOWN = """
[labels]
path = "judged.csv"

[[overrides]]
kind = "ip"
value = "{shared}"
p_exclusive = 0.02
label = "known exit"

[[overrides]]
kind = "ip"
value = "{own}/24"
p_exclusive = 0.9
"""

_UNUSABLE = (
    "a-rejected,yesterday,203.0.113.7,web/1,,1\n"
    ",2026-03-05T10:00:00Z,203.0.113.8,web/1,,1\n"
    "a-rejected,2026-03-05T10:00:00Z,not an address,web/1,,1\n"
)


def write_input(name: str, folder: Path) -> Path:
    """Write the files of an input into a folder; gives the settings file."""
    folder.mkdir(parents=True)
    settings = folder / "graphlink.toml"
    if name == "sample":
        for path in SAMPLE.iterdir():
            if path != SAMPLE / settings.name:
                (folder / path.name).write_bytes(path.read_bytes())
        text = _SETTINGS.format(now="2026-04-01T00:00:00+00:00", requests="requests.csv")
    else:
        world = draw_world(*WORLDS[name])
        world.write(folder, requests_format="csv" if name == "hiding" else "parquet")
        requests = "requests.csv" if name == "hiding" else "requests.parquet"
        text = _SETTINGS.format(now=world.end.isoformat(), requests=requests)
        if name == "hiding":
            with (folder / requests).open("a", encoding="utf-8") as file:
                file.write(_UNUSABLE)
        else:
            text += _known(world, folder / "judged.csv")
    settings.write_text(text, encoding="utf-8")
    return settings


def _known(world: World, judged: Path) -> str:
    """What analysts know of a world: writes the judged pairs, gives the settings of two addresses."""
    operators: dict[str, list[str]] = {}
    for row in world.truth.to_pylist():
        operators.setdefault(row["operator_id"], []).append(row["account_id"])
    groups = [accounts for accounts in operators.values() if len(accounts) > 1][:40]
    lines = [f"{a[0]},{a[1]},yes" for a in groups]
    lines += [f"{a[0]},{b[1]},no" for a, b in itertools.pairwise(groups)]
    judged.write_text("account_id_l,account_id_r,verdict\n" + "\n".join(lines) + "\n", encoding="utf-8")
    counts = Counter(ip for ip in world.requests["ip"].to_pylist() if "." in ip)
    shared, own = sorted(counts, key=lambda ip: (-counts[ip], ip))[:2]
    return _KNOWN.format(shared=shared, own=own.rsplit(".", 1)[0] + ".0")


def digest_input(settings: Path) -> str:
    """Digest of the tables of an input as they are read, whatever wrote them."""
    parts = [
        repr(_read(path).to_pydict())
        for path in sorted(settings.parent.iterdir())
        if path.suffix in (".csv", ".parquet")
    ]
    return _short("\n".join(parts))


def _read(path: Path) -> pa.Table:
    return pa.csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)


@dataclasses.dataclass(frozen=True)
class Translation:
    """Names of a result as the recorded versions have them; the default changes none.

    Attributes:
        table: Recorded name of a table.
        column: Recorded name of a column, from the recorded name of its table and today's of the column.
        value: Recorded form of a text in a column, from the recorded names of both.
        fact: Recorded form of a step's name and facts.
    """

    table: Callable[[str], str] = lambda name: name
    column: Callable[[str, str], str] = lambda _table, column: column
    value: Callable[[str, str, str], str] = lambda _table, _column, value: value
    fact: Callable[[Any], Any] = lambda fact: fact


SAME = Translation()

ROUNDED = " to six digits"
"""Ends the key of a digest of numbers to six digits."""

# Only the numbers of these are compared where their wording changed.
SENTENCES = ("detail",)
# Split by this column, so that a difference names the rows that it is in.
_SPLIT = {"signals": "signal"}


def digest_result(folder: Path, names: Translation = SAME) -> dict[str, Any]:
    """Digest every column of a result's tables, in the order of their rows, and every fact of its run.

    Returns:
        By `table.column`, `table[part].column` where a table is split, and `run/step/fact`; for sentences
        also `table.column numbers`, of their numbers alone; for numbers also
        with `ROUNDED`; per table `table.columns` and `table.rows`.
    """
    digests: dict[str, Any] = {}
    for path in sorted(folder.glob("*.parquet")):
        table = names.table(path.stem)
        columns = {
            column: [
                names.value(table, column, value) if isinstance(value, str) else value for value in values
            ]
            for column, values in (
                (names.column(table, name), values)
                for name, values in pq.read_table(path).to_pydict().items()
            )
        }
        digests[f"{table}.columns"] = ",".join(columns)
        for part, rows in _parts(table, columns):
            digests |= dict(_column_digests(part, rows))
    for step in json.loads((folder / "run.json").read_text(encoding="utf-8"))["steps"]:
        made = names.fact(step)
        for name, fact in {**made["facts"], "rows": made["rows"]}.items():
            is_short = isinstance(fact, int | str)
            digests[f"run/{made['step']}/{name}"] = fact if is_short else _short(repr(_ordered(fact)))
    return digests


def _parts(table: str, columns: dict[str, list[Any]]) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    if table not in _SPLIT:
        yield table, columns
        return
    keys = columns[_SPLIT[table]]
    for key in sorted(set(keys)):
        kept = [row for row, of in enumerate(keys) if of == key]
        yield f"{table}[{key}]", {name: [values[row] for row in kept] for name, values in columns.items()}


def _column_digests(table: str, columns: dict[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    yield f"{table}.rows", len(next(iter(columns.values())))
    for column, values in columns.items():
        yield f"{table}.{column}", _short("\n".join(map(_exact, values)))
        if any(isinstance(value, float) for value in values):
            yield f"{table}.{column}{ROUNDED}", _short("\n".join(map(_rounded, values)))
        if column in SENTENCES:
            numbers = (" ".join(re.findall(r"\d+(?:[.,]\d+)*", value or "")) for value in values)
            yield f"{table}.{column} numbers", _short("\n".join(numbers))


def _exact(value: Any) -> str:
    """A value as text, different for any two values; `repr` of a float gives every bit of it."""
    return value.isoformat() if isinstance(value, datetime.datetime) else repr(value)


def _rounded(value: Any) -> str:
    """A value as text, numbers to six digits: the same on processors whose last digits differ."""
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _ordered(fact: Any) -> Any:
    """A fact with the keys of its objects in order, numbers to six digits."""
    if isinstance(fact, float):
        return _rounded(fact)
    if isinstance(fact, dict):
        return {key: _ordered(fact[key]) for key in sorted(fact)}
    return [_ordered(one) for one in fact] if isinstance(fact, list) else fact


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
