"""How far results hang on each elicited number: halved and doubled, on planted worlds.

    python -m tests.bench.accuracy.sensitivity --out docs/sensitivity.md
    python -m tests.bench.accuracy.sensitivity --worlds default gateway --only lockstep hypotheses

One process: each world is drawn and run once, and all its tables are kept. For a number that differs only the
steps are taken again that read its group, and those that take what these make. A number is halved and
doubled within its range, a probability or share by its odds; of a grid each value is.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import GraphlinkError
from graphlink.core.parameters import Parameter, Parameters, listed, replaced, source_of
from graphlink.core.ranges import range_of
from graphlink.core.settings import ModelSettings, Settings, read_settings
from graphlink.engine.duck import DuckEngine
from graphlink.evaluation import evaluate_clusters
from graphlink.pipeline import steps
from graphlink.samples import draw_world
from graphlink.samples.scenarios import scenarios
from graphlink.task import located

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from graphlink.engine.stage import Step
    from graphlink.samples import World

N_ACCOUNTS, SEED = 1_500, 901
WORLDS = ("default", "gateway")  # two scenarios take some twenty minutes; `--worlds` names others
UNREAD = ("signals", "reasons", "facts")  # steps whose tables are not looked at here
UNMEASURED = ("facts", "priority")  # describe and order clusters: nothing that is measured here reads them
INGEST = ("observations", "reference_lists", "routers")  # kinds are read there, their numbers do not matter
SURE = 0.05  # false discovery rate of the clusters that are counted as sure
ODDS = ("(probability)", "(share)")  # units of numbers that are scaled by their odds
Value = float | tuple[float, ...]


HEAD = """\
# Sensitivity to elicited numbers

Written by `python -m tests.bench.accuracy.sensitivity --out docs/sensitivity.md`{dated}. Every elicited
number of [docs/model.md](model.md) is halved and doubled within its range (a probability or share by its
odds; a number that is 0 stays), all others at their defaults, and the model is fitted again. Worlds of
{drawn}: {worlds}.

Left out are `priority.*` and `facts.*`, which order and describe clusters: nothing that is measured here
depends on them.

## With the defaults

| world | pair precision | pair recall | honest with a stranger | clusters of FDR <= 5 % | one operator |
|---|---|---|---|---|---|"""
MOVES = """
## What moves

Differences to the defaults, averaged over the worlds; honest accounts in percentage points.

| number | | value | pair precision | pair recall | honest with a stranger | FDR <= 5 % | one operator |
|---|---|---|---|---|---|---|---|"""


class Outcome(NamedTuple):
    """What is measured of one world.

    Attributes:
        precision: Share of the pairs in clusters that are of one operator.
        recall: Share of the pairs of one operator that are in one cluster.
        accused: Share of honest accounts in a cluster with a stranger.
        sure: Clusters of a false discovery rate of at most 5 %.
        operators: Clusters for which one operator is the likeliest hypothesis.
    """

    precision: float
    recall: float
    accused: float
    sure: int
    operators: int


class Variation(NamedTuple):
    """An elicited number with another value.

    Attributes:
        name: Its group and name.
        default: Its default.
        label: Halved or doubled.
        value: The value.
    """

    name: str
    default: Value
    label: str
    value: Value


def elicited(parameters: Sequence[Parameter]) -> list[Parameter]:
    """The elicited numbers, those of `[model]` among them."""
    settings = [
        Parameter(f"model.{part.name}", default, default, limits, source_of(part))
        for part in dataclasses.fields(ModelSettings)
        if (limits := range_of(part)) is not None and isinstance(default := part.default, int | float)
    ]
    return [one for one in (*settings, *parameters) if one.source.origin == "elicited"]


def measured(numbers: Sequence[Parameter]) -> list[Parameter]:
    """Without the numbers that no outcome depends on, since none of the steps looked at reads them."""
    return [one for one in numbers if one.name.partition(".")[0] not in UNMEASURED]


def variations(one: Parameter) -> list[Variation]:
    """A number halved and doubled within its range, without what leaves it as it is."""
    made = []
    for label, factor in (("halved", 0.5), ("doubled", 2.0)):
        values = one.default if isinstance(one.default, tuple) else (one.default,)
        moved = tuple(_scaled(one, value, factor) for value in values)
        value: Value = moved if isinstance(one.default, tuple) else moved[0]
        if value != one.default:
            made.append(Variation(one.name, one.default, label, value))
    return made


def _scaled(one: Parameter, value: float, factor: float) -> float:
    if one.range.unit in ODDS:
        odds = factor * value / (1.0 - value) if value < 1.0 else float("inf")
        scaled = odds / (1.0 + odds) if odds < float("inf") else 1.0
    else:
        scaled = value * factor
    limited = min(max(scaled, one.range.lowest), one.range.highest)
    return round(limited) if isinstance(value, int) else limited


def with_value(settings: Settings, variation: Variation) -> Settings:
    """The settings with another value for one number."""
    group, _, name = variation.name.partition(".")
    if group == "model":
        changed: dict[str, Any] = {name: variation.value}
        return dataclasses.replace(settings, model=dataclasses.replace(settings.model, **changed))
    parameters = replaced(settings.parameters, {variation.name: variation.value})
    return dataclasses.replace(settings, parameters=parameters)


def traced(parameters: Parameters) -> tuple[Parameters, set[str]]:
    """The same parameters, and the set of the groups that are read of them from now on."""
    groups = {part.name: getattr(parameters, part.name) for part in dataclasses.fields(parameters)}
    read: set[str] = set()

    class Traced(Parameters):
        def __getattribute__(self, name: str) -> Any:
            if name in groups:
                read.add(name)
            return super().__getattribute__(name)

    copy = Traced(**groups)
    read.clear()
    return copy, read


class Laboratory:
    """A world with all tables of its run, in which steps are taken again under other numbers.

    Args:
        world: The world.
        folder: Gets its tables.
        engine: Keeps the tables of the run.
    """

    def __init__(self, world: World, folder: Path, engine: DuckEngine) -> None:
        file = world.write(folder)
        self.settings = located(read_settings(file), folder)
        self._truth, self._engine = world.truth, engine
        self._steps = [step for step in steps() if step.name not in UNREAD]
        self._readers: dict[str, set[str]] = {"model": {step.name for step in self._steps} - {*INGEST}}
        for step in self._steps:
            parameters, read = traced(self.settings.parameters)
            step(engine, dataclasses.replace(self.settings, parameters=parameters))
            for group in read if step.name not in INGEST else ():
                self._readers.setdefault(group, set()).add(step.name)
        self.base = self._measured()

    @property
    def groups(self) -> frozenset[str]:
        """The groups of numbers that the steps read."""
        return frozenset(self._readers)

    def outcomes(self, variations: Sequence[Variation]) -> Iterator[tuple[Variation, Outcome | str]]:
        """The outcome of each variation, or why it has none; those that the same steps read come together."""
        for readers, following in self._by_readers(variations).items():
            affected = self._affected(readers)
            for variation in following:
                try:
                    self._take(affected, with_value(self.settings, variation))
                    yield variation, self._measured()
                except GraphlinkError as error:
                    yield variation, str(error)
            self._take(affected, self.settings)

    def _by_readers(self, variations: Sequence[Variation]) -> dict[frozenset[str], list[Variation]]:
        by_readers: dict[frozenset[str], list[Variation]] = {}
        for one in variations:
            readers = self._readers.get(one.name.partition(".")[0], set())
            by_readers.setdefault(frozenset(readers), []).append(one)
        return by_readers

    def _affected(self, readers: Collection[str]) -> list[Step[...]]:
        """The steps that read a group and all that take what they make, at any distance."""
        made: set[str] = set()
        affected = []
        for step in self._steps:
            if step.name in readers or made & {spec.name for spec in step.takes}:
                affected.append(step)
                made |= {spec.name for spec in step.makes}
        return affected

    def _take(self, chosen: Sequence[Step[...]], settings: Settings) -> None:
        for step in chosen:
            step(self._engine, settings)

    def _measured(self) -> Outcome:
        membership = self._engine.arrow("SELECT account_id, cluster_id FROM membership")
        measures = evaluate_clusters(membership, self._truth)
        sure, operators = self._engine.rows(
            f"SELECT count(*) FILTER (fdr <= {SURE}), count(*) FILTER (hypothesis = 'same_operator') "
            "FROM clusters"
        )[0]
        return Outcome(
            measures.pairs.precision, measures.pairs.recall, measures.wrongly_flagged_rate,
            int(str(sure)), int(str(operators)),
        )  # fmt: skip


@contextmanager
def laboratory(name: str, n_accounts: int, seed: int) -> Iterator[Laboratory]:
    """A world by the name of its scenario."""
    with tempfile.TemporaryDirectory() as folder, DuckEngine(threads=1) as engine:
        yield Laboratory(draw_world(seed, n_accounts, scenarios[name]), Path(folder), engine)


def measure(
    worlds: Sequence[str],
    chosen: Sequence[Variation],
    *,
    n_accounts: int = N_ACCOUNTS,
    seed: int = SEED,
    report: Callable[[str], None] = lambda _: None,
    done: Callable[[dict[str, Outcome], dict[Variation, dict[str, Outcome | str]]], None] | None = None,
) -> tuple[dict[str, Outcome], dict[Variation, dict[str, Outcome | str]]]:
    """Measure all variations on all worlds.

    Args:
        worlds: Names of scenarios.
        chosen: The variations.
        n_accounts: Accounts of each world.
        seed: Its seed.
        report: Is given a line after each world.
        done: Is given the outcomes so far after each world.

    Returns:
        The outcomes of the defaults, and of each variation.
    """
    bases: dict[str, Outcome] = {}
    table: dict[Variation, dict[str, Outcome | str]] = {one: {} for one in chosen}
    for name in worlds:
        started = time.perf_counter()
        with laboratory(name, n_accounts, seed) as world:
            bases[name] = world.base
            for variation, outcome in world.outcomes(chosen):
                table[variation][name] = outcome
        report(f"{name}: {len(chosen)} variations in {time.perf_counter() - started:.0f} s")
        if done is not None:
            done(bases, table)
    return bases, table


def page(
    bases: Mapping[str, Outcome],
    table: Mapping[Variation, Mapping[str, Outcome | str]],
    drawn: str,
    day: str | None = None,
) -> str:
    """The page with all tables; of each variation the differences, worlds averaged, the largest first.

    Args:
        bases: World to the outcome of the defaults.
        table: Variation to its outcomes, or why there is none.
        drawn: What the worlds are, in words.
        day: When it was measured.
    """
    shifts = {one: _mean_shift(bases, outcomes) for one, outcomes in table.items()}
    moving = sorted(
        (one for one, shift in shifts.items() if _size(shift)),
        key=lambda one: (-_size(shifts[one]), one.name, one.label),
    )
    still = sorted({one.name for one in shifts} - {one.name for one in moving})
    failed = [
        f"- `{one.name}` {one.label} in {world}: {outcome}"
        for one, outcomes in table.items()
        for world, outcome in outcomes.items()
        if isinstance(outcome, str)
    ]
    parts = [
        HEAD.format(drawn=drawn, worlds=", ".join(bases), dated=f" on {day}" if day else ""),
        *(_base_row(name, one) for name, one in bases.items()),
        MOVES,
        *(_row(one, shifts[one]) for one in moving),
        "\n## What moves nothing here\n",
        "Neither halved nor doubled: " + (", ".join(f"`{name}`" for name in still) or "none") + ".",
        *(["\n## What failed\n", *failed] if failed else []),
    ]
    return "\n".join(parts) + "\n"


def _base_row(name: str, one: Outcome) -> str:
    shares = f"{one.precision:.3f} | {one.recall:.3f} | {one.accused:.2%}"
    return f"| {name} | {shares} | {one.sure} | {one.operators} |"


def _mean_shift(bases: Mapping[str, Outcome], outcomes: Mapping[str, Outcome | str]) -> tuple[float, ...]:
    shifts = [
        [b - a for a, b in zip(bases[name], outcome, strict=True)]
        for name, outcome in outcomes.items()
        if isinstance(outcome, Outcome)
    ]
    return tuple(sum(column) / len(shifts) for column in zip(*shifts, strict=True)) or (0.0,) * len(
        Outcome._fields
    )


def _size(shift: Sequence[float]) -> float:
    """How much moves: shares as they are, ten clusters as much as a whole share."""
    return round(sum(abs(one) for one in shift[:3]) + sum(abs(one) for one in shift[3:]) / 10, 9)


def _row(one: Variation, shift: Sequence[float]) -> str:
    precision, recall, accused, sure, operators = shift
    return (
        f"| `{one.name}` | {one.label} | {_plain(one.default)} -> {_plain(one.value)} | {precision:+.3f} | "
        f"{recall:+.3f} | {100 * accused:+.2f} | {sure:+.1f} | {operators:+.1f} |"
    )


def _plain(value: Value) -> str:
    return ", ".join(map(_plain, value)) if isinstance(value, tuple) else f"{value:g}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="file to write; standard output without it")
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=sorted(scenarios))
    parser.add_argument("--accounts", type=int, default=N_ACCOUNTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", nargs="+", metavar="GROUP", help="groups of parameters, such as lockstep")
    given: Any = parser.parse_args(arguments)
    numbers = measured(elicited(listed(Settings().parameters)))
    day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    chosen = [
        variation
        for one in numbers
        if not given.only or one.name.partition(".")[0] in given.only
        for variation in variations(one)
    ]
    drawn = f"{given.accounts:,} accounts, seed {given.seed}"

    def write(bases: dict[str, Outcome], table: dict[Variation, dict[str, Outcome | str]]) -> None:
        """Write what is known so far: an interrupted bench leaves the worlds that were done."""
        if given.out is not None:
            given.out.write_text(page(bases, table, drawn, day), encoding="utf-8")

    bases, table = measure(
        given.worlds, chosen, n_accounts=given.accounts, seed=given.seed, done=write,
        report=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    if given.out is None:
        print(page(bases, table, drawn, day))


if __name__ == "__main__":
    main()
