"""What methods are tried on: observations and their truth, from folders or drawn as planted worlds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphlink.samples import World

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sightings:
    """Observations as integer codes: one entry per distinct account, identifier and moment.

    Attributes:
        accounts: Name of each account code.
        kinds: Name of each kind code.
        values: Value of each identifier code.
        kind_of: Kind of each identifier.
        account: Account of each sighting.
        identifier: Identifier of each sighting.
        seconds: Unix time of each sighting; NaN when it has none.
        n: How many times.
    """

    accounts: list[str]
    kinds: list[str]
    values: list[str]
    kind_of: Codes
    account: Codes
    identifier: Codes
    seconds: Floats
    n: Floats

    @property
    def n_accounts(self) -> int:
        return len(self.accounts)

    def of_kinds(self, kinds: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Which sightings are of one of these kinds."""
        chosen = np.isin(self.kind_of, [self.kinds.index(kind) for kind in kinds if kind in self.kinds])
        return np.asarray(chosen[self.identifier])


@dataclass(frozen=True)
class Trial:
    """A set of observations with its truth; trials of one family differ in their seed only."""

    family: str
    name: str
    observations: pa.Table
    truth: pa.Table

    @cached_property
    def sightings(self) -> Sightings:
        return coded(self.observations)


def read_trial(folder: Path) -> Trial:
    """A trial from a folder with observations.parquet and truth.parquet."""
    tables = [pq.read_table(folder / f"{name}.parquet") for name in ("observations", "truth")]
    return Trial(folder.name, folder.name, *tables)


def draw_trial(n_accounts: int, seed: int) -> Trial:
    """A planted world at default dials."""
    from graphlink.samples import draw_world

    world = draw_world(seed, n_accounts)
    return Trial(
        f"planted {n_accounts:,}", f"planted {n_accounts:,} seed {seed}", world.observations(), world.truth
    )


def sample_of(text: str) -> World:
    """The planted sample that SCENARIO:ACCOUNTS:SEED names."""
    from graphlink.samples import draw_world
    from graphlink.samples.scenarios import scenarios

    name, n_accounts, seed = text.split(":")
    return draw_world(int(seed), int(n_accounts), scenarios[name])


def sample_trial(text: str) -> Trial:
    """The planted sample that SCENARIO:ACCOUNTS:SEED names, as a trial of its own family."""
    world = sample_of(text)
    return Trial(text, text, world.observations(), world.truth)


def coded(observations: pa.Table) -> Sightings:
    """The observations as codes, accounts in sorted order so that row order changes nothing."""
    account, accounts = _encoded(observations.column("account_id"))
    kind, kinds = _encoded(observations.column("kind"))
    value, values = _encoded(observations.column("value"))
    key, identifier = np.unique(kind * len(values) + value, return_inverse=True)
    moments: Any = pc.cast(observations.column("seen_at"), pa.timestamp("us", "UTC"))
    micro = pc.fill_null(pc.cast(pc.cast(moments, pa.int64()), pa.float64()), float("nan"))
    return Sightings(
        accounts,
        kinds,
        [values[i] for i in (key % len(values)).tolist()],
        key // len(values),
        account,
        identifier.ravel().astype(np.int64),
        np.asarray(micro.to_numpy(), dtype=np.float64) / 1e6,
        np.asarray(observations.column("n").to_numpy(), dtype=np.float64),
    )


def _encoded(column: Any) -> tuple[Codes, list[str]]:
    encoded = pa.array(
        column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    ).dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    return rank[codes], [names[i] for i in order]
