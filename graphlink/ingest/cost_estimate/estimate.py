"""The cost of a run before it starts: rows, pairs, memory and time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from graphlink.core.settings import EngineSettings, Settings, Source
from graphlink.ingest.cost_estimate.machine import (
    about_words,
    memory_limit_mib,
    memory_mib,
    size_words,
    time_words,
)
from graphlink.ingest.cost_estimate.pairs import Expected, expect_pairs, load_cells
from graphlink.ingest.cost_estimate.samples import Sample, draw_sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.engine import Reader

# Fitted to planted worlds of 1, 10 and 100 million observations with 1.4, 7.8 and 22 million pairs and what
# each shares, which took 8, 51 and 429 s of two cores; memory to the first two, the third had a limit.
_BASE_MIB = 250
_BASE_SECONDS = 2.0
_MIB_PER_OBSERVATION = 170e-6
_SECONDS_PER_OBSERVATION = 3.7e-6
_MIB_PER_PAIR = 170e-6
_SECONDS_PER_PAIR = 2e-6
BASIS = (
    f"{_BASE_SECONDS:.0f} s and {_BASE_MIB} MiB; "
    f"a million observations {_SECONDS_PER_OBSERVATION * 1e6:.1f} s and "
    f"{_MIB_PER_OBSERVATION * 1e6:.0f} MiB more, "
    f"a million pairs {_SECONDS_PER_PAIR * 1e6:.0f} s and {_MIB_PER_PAIR * 1e6:.0f} MiB; "
    "as measured once on two cores"
)
_NOT_SAMPLED = "databases, queries and lake tables are not sampled"
_NAMED_KINDS = 12


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The cost of a run, estimated from a sample of its input.

    Attributes:
        rows: Rows of the sources, about.
        sampled: Rows that were looked at.
        observations: Cells with an identifier, about.
        kinds: Kinds of the sample, with the wider ones that are derived from others.
        pairs: Pairs of accounts, per identifier and window, that the run would compare, about.
        pairs_left_out: Pairs beyond what the settings allow to be compared, about.
        seconds: Time, about.
        memory_mib: Memory, about.
        limit_mib: Memory that the engine may use; beyond it spills to disk.
        machine_mib: Memory of the machine; None where it is unknown.
        not_looked_at: Sources that can't be sampled before they are read: databases, queries and lake tables.
    """

    rows: int
    sampled: int
    observations: int
    kinds: tuple[str, ...]
    pairs: int
    pairs_left_out: int
    seconds: float
    memory_mib: int
    limit_mib: int | None
    machine_mib: int | None
    not_looked_at: tuple[str, ...] = ()

    def warnings(self) -> tuple[str, ...]:
        """Warnings before the run starts, each with a remedy."""
        texts = []
        if self.machine_mib is not None and self.memory_mib > self.machine_mib:
            texts.append(
                f"about {size_words(self.memory_mib)} are more than the {size_words(self.machine_mib)} of "
                "this machine: it would spill to disk, take much longer, and may fail; split the input, such "
                "as into shorter spans of time, take a machine with more memory, or a cluster: --engine spark"
            )
        elif self.limit_mib is not None and self.memory_mib - _BASE_MIB > self.limit_mib:
            texts.append(
                f"about {size_words(self.memory_mib - _BASE_MIB)} are more than the engine's limit of "
                f"{size_words(self.limit_mib)}: what is beyond it spills to disk, which takes longer; "
                "--memory sets the limit"
            )
        if self.not_looked_at:
            texts.append(f"not counted, because {_NOT_SAMPLED}: {', '.join(self.not_looked_at)}")
        return tuple(texts)

    def summary(self) -> str:
        """The estimate for people, in one line; empty where it is not possible."""
        if not self.observations:
            return " ".join(self.lines())
        minimum = "at least " if self.not_looked_at else ""
        doubt = "" if self.sampled >= self.rows else ", could be off by 3x either way"
        return (
            f"expected: {minimum}{time_words(self.seconds)} and {size_words(self.memory_mib)} of memory for "
            f"{about_words(self.rows)} rows and {about_words(self.pairs)} pairs{doubt}"
        )

    def lines(self) -> tuple[str, ...]:
        """The estimate for people, in lines, with its basis; none where it is not possible.

        Without an identifier in the sample the run itself reports the fault.
        """
        if not self.observations:
            if self.not_looked_at:
                return (f"rows, pairs, time and memory are not known: {_NOT_SAMPLED}",)
            return ()
        named = ", ".join(self.kinds[:_NAMED_KINDS]) or "no kind"
        named += f" and {len(self.kinds) - _NAMED_KINDS} kinds more" if len(self.kinds) > _NAMED_KINDS else ""
        left_out = (
            f"; {about_words(self.pairs_left_out)} too common to compare" if self.pairs_left_out else ""
        )
        doubt = "" if self.sampled >= self.rows else "; could be off by 3x either way"
        machine = "" if self.machine_mib is None else f" of {size_words(self.machine_mib)}"
        minimum, memory = "at least " if self.not_looked_at else "", size_words(self.memory_mib)
        return (
            f"estimated from a sample of {self.sampled:,} rows:",
            f"  rows    {about_words(self.rows)}: {about_words(self.observations)} observations of {named}",
            f"  pairs   {about_words(self.pairs)} to compare{left_out}{doubt}",
            f"  takes   {minimum}{time_words(self.seconds)} and {memory}{machine} memory",
            f"          ({BASIS})",
        )

    def as_dict(self) -> dict[str, object]:
        """The estimate as plain values."""
        return {**asdict(self), "warnings": self.warnings(), "basis": BASIS}


def estimate_run(
    engine: Reader, settings: Settings, frames: Mapping[str, object] | None = None
) -> CostEstimate:
    """Sample the input and estimate the cost of a run over it.

    Args:
        engine: Where the sample is processed; its tables are dropped.
        settings: As the run would get them.
        frames: Frames by name, as the run would get them.

    Raises:
        InputError: The input can't be read.
        SettingsError: A setting is wrong.
    """
    frames = dict(frames or {})
    if settings.accounts is None or not settings.accounts.is_located:
        frames.pop(settings.accounts.name if settings.accounts else "accounts", None)
    sources = [(source, frames.pop(source.name, None)) for source in settings.sources]
    sources += [(Source(name=name), frame) for name, frame in frames.items()]
    places = [(source, frame) for source, frame in sources if not _is_unknown(source)]
    looks: list[Sample] = []
    try:
        looks += [
            draw_sample(engine, source, frame, f"cost_sample_{i}") for i, (source, frame) in enumerate(places)
        ]
        kinds = load_cells(engine, settings, looks)
        expected = expect_pairs(engine, settings.model, looks)
    finally:
        staged = [f"cost_sample_{i}" for i in range(len(places))]
        engine.drop("cost_cells", "cost_incidence", "cost_raw", "cost_names", "cost_kinds", *staged)
    unknown = tuple(source.name or source.table or "a query" for source, _ in sources if _is_unknown(source))
    return _made(settings.engine, looks, tuple(kinds), expected, unknown)


def _is_unknown(source: Source) -> bool:
    """Whether a source can't be sampled before it is read as a whole."""
    return bool(source.database or source.table or source.query or source.format)


def _made(
    limits: EngineSettings,
    looks: Sequence[Sample],
    kinds: tuple[str, ...],
    expected: Expected,
    unknown: tuple[str, ...],
) -> CostEstimate:
    observations, pairs, left_out = expected
    machine = memory_mib()
    return CostEstimate(
        rows=sum(look.n_rows for look in looks),
        sampled=sum(look.n_sampled for look in looks),
        observations=round(observations),
        kinds=kinds,
        pairs=round(pairs),
        pairs_left_out=round(left_out),
        seconds=round(_BASE_SECONDS + observations * _SECONDS_PER_OBSERVATION + pairs * _SECONDS_PER_PAIR, 1),
        memory_mib=round(_BASE_MIB + observations * _MIB_PER_OBSERVATION + pairs * _MIB_PER_PAIR),
        limit_mib=memory_limit_mib(limits.memory, machine),
        machine_mib=machine,
        not_looked_at=unknown,
    )
