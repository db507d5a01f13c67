"""A step of a run, and the engine as it sees it: the tables it declares and its own temporaries, no others.

`@step` makes a `Step` of a function. Called with an engine, it hands the function a `StageView` of it, which
drops the step's temporaries when it is done. With GRAPHLINK_CHECK in the environment it also refuses what the
step does not declare, and holds what was made against its contract; tests always run so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec

from graphlink.core.errors import GraphlinkError, TableError
from graphlink.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from graphlink.core.stages import TableSpec
    from graphlink.engine import FileSet, RejectedRow, StoredFile

CHECK = "GRAPHLINK_CHECK"
"""The variable of the environment that, set to anything, has every step checked against what it declares."""

P = ParamSpec("P")
_Function = Callable[Concatenate[Engine, P], dict[str, object]]


class Step(Generic[P]):
    """A step of a run: a function with the tables that it takes and makes.

    Attributes:
        name: Its name.
        about: What it does, for people.
        function: The function, which gives facts for the manifest.
        takes: The tables it reads.
        makes: The tables it makes, each whole.
        counted: Those of them whose rows the manifest tells.
        share: What part of a typical run's time it takes, measured against the other steps' shares.
    """

    def __init__(  # noqa: PLR0913 - one per attribute
        self,
        function: _Function[P],
        name: str,
        about: str,
        *,
        takes: tuple[TableSpec, ...] = (),
        makes: tuple[TableSpec, ...] = (),
        counted: tuple[TableSpec, ...] = (),
        share: float = 0.0,
    ) -> None:
        self.name, self.about, self.function = name, about, function
        self.takes, self.makes, self.share = takes, makes, share
        self.counted = counted or makes[:1]
        self.__doc__ = function.__doc__

    def __repr__(self) -> str:
        return f"<step {self.name}>"

    def __call__(self, engine: Engine, *args: P.args, **kwargs: P.kwargs) -> dict[str, object]:
        """Run the function over an engine."""
        with self.view(engine) as stage:
            return self.function(stage, *args, **kwargs)

    @contextmanager
    def view(self, engine: Engine) -> Iterator[StageView]:
        """View an engine as the function sees it; its temporaries are dropped at the end.

        Raises:
            TableError: With checks, a table is undeclared or not as declared.
        """
        stage = StageView(engine, self, checks=bool(os.environ.get(CHECK)))
        try:
            yield stage
        except BaseException:
            # What made it fail may keep it from dropping, too, and is what is to be seen.
            with suppress(GraphlinkError):
                stage.drop_temporaries()
            raise
        stage.drop_temporaries()
        stage.check_made()


def step(
    name: str,
    about: str,
    *,
    takes: tuple[TableSpec, ...] = (),
    makes: tuple[TableSpec, ...] = (),
    counted: tuple[TableSpec, ...] = (),
    share: float = 0.0,
) -> Callable[[_Function[P]], Step[P]]:
    """Declare a function to be a step of a run; see `Step`."""

    def declared(function: _Function[P]) -> Step[P]:
        return Step(function, name, about, takes=takes, makes=makes, counted=counted, share=share)

    return declared


class StageView:
    """An `Engine` through which a step makes its tables and its temporaries.

    Args:
        engine: The engine.
        step: The step, or anything with the tables that it takes and makes.
        checks: Whether undeclared tables are refused and what was made is held against its contract.
    """

    def __init__(self, engine: Engine, step: Step[...], *, checks: bool) -> None:
        self._engine, self._step, self._checks = engine, step, checks
        self._takes = frozenset(spec.name for spec in step.takes)
        self._makes = frozenset(spec.name for spec in step.makes)
        self._temporaries: dict[str, None] = {}

    @property
    def version(self) -> str:
        """See `Engine.version`."""
        return self._engine.version

    @property
    def is_distributed(self) -> bool:
        """See `Engine.is_distributed`."""
        return self._engine.is_distributed

    @property
    def here(self) -> Engine:
        """See `Engine.here`; tables of an engine of this machine beside a distributed one are unseen."""
        here = self._engine.here
        return self if here is self._engine else here

    @property
    def folder(self) -> Path:
        """See `Engine.folder`."""
        return self._engine.folder

    def import_table(self, name: str) -> None:
        """See `Engine.import_table`."""
        if self._engine.here is not self._engine:
            self._enter(name)
        self._engine.import_table(name)

    def load(self, name: str, table: pa.Table) -> None:
        """See `Engine.load`."""
        self._enter(name)
        self._engine.load(name, table)

    def load_batches(self, name: str, batches: pa.RecordBatchReader) -> None:
        """See `Engine.load_batches`."""
        self._enter(name)
        self._engine.load_batches(name, batches)

    def make(self, name: str, sql: str) -> None:
        """See `Engine.make`."""
        self._enter(name)
        self._read(sql)
        self._engine.make(name, sql)

    def make_by(
        self, name: str, sql: str, group: str, function: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> dict[int, int]:
        """See `Engine.make_by`."""
        self._enter(name)
        self._read(sql)
        return self._engine.make_by(name, sql, group, function, schema)

    def define(self, name: str, sql: str) -> None:
        """See `Engine.define`."""
        self._enter(name)
        self._read(sql)
        self._engine.define(name, sql)

    def rename(self, name: str, new_name: str) -> None:
        """See `Engine.rename`; so a step passes on a table that it takes and no later step does."""
        self._see(name)
        self._enter(new_name)
        self._temporaries.pop(name, None)
        self._engine.rename(name, new_name)

    def drop(self, *names: str) -> None:
        """See `Engine.drop`."""
        for name in names:
            if self._checks and name in self._takes:
                raise TableError(f"step {self._step.name} drops {name}, which is not its own")
            self._temporaries.pop(name, None)
        self._engine.drop(*names)

    def has(self, name: str) -> bool:
        """See `Engine.has`."""
        return self._engine.has(name)

    def columns(self, name: str) -> dict[str, str]:
        """See `Engine.columns`."""
        self._see(name)
        return self._engine.columns(name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """See `Engine.rows`."""
        self._read(sql)
        return self._engine.rows(sql)

    def arrow(self, sql: str) -> pa.Table:
        """See `Engine.arrow`."""
        self._read(sql)
        return self._engine.arrow(sql)

    def append(self, name: str, sql: str) -> None:
        """See `Engine.append`."""
        if self._checks and name not in self._makes and name not in self._temporaries:
            raise TableError(f"step {self._step.name} adds to {name}, which it does not make")
        self._read(sql)
        self._engine.append(name, sql)

    def read_files(self, name: str, files: FileSet, select: str) -> list[RejectedRow]:
        """See `Engine.read_files`."""
        self._enter(name)
        return self._engine.read_files(name, files, select)

    def file_columns(self, path: Path) -> dict[str, str]:
        """See `Engine.file_columns`."""
        return self._engine.file_columns(path)

    def list_stored(self, address: str) -> list[StoredFile]:
        """See `Engine.list_stored`."""
        return self._engine.list_stored(address)

    def stored_columns(self, path: str) -> dict[str, str]:
        """See `Engine.stored_columns`."""
        return self._engine.stored_columns(path)

    def read_stored(self, name: str, files: Sequence[tuple[int, str]], columns: Sequence[str]) -> bool:
        """See `Engine.read_stored`."""
        self._enter(name)
        return self._engine.read_stored(name, files, columns)

    def read_database(self, name: str, path: Path, query: str) -> None:
        """See `Engine.read_database`."""
        self._enter(name)
        self._engine.read_database(name, path, query)

    def read_parquet(self, name: str, path: Path) -> None:
        """See `Engine.read_parquet`."""
        self._enter(name)
        self._engine.read_parquet(name, path)

    def write_parquet(self, sql: str, path: Path) -> None:
        """See `Engine.write_parquet`."""
        self._read(sql)
        self._engine.write_parquet(sql, path)

    def write_stored(self, sql: str, address: str) -> None:
        """See `Engine.write_stored`."""
        self._read(sql)
        self._engine.write_stored(sql, address)

    def close(self) -> None:
        """See `Engine.close`; a step leaves that to those who opened it."""
        raise TableError(f"step {self._step.name} closes an engine that is not its own")

    def drop_temporaries(self) -> None:
        """Drop what the step made for itself alone."""
        self._engine.drop(*self._temporaries)
        self._temporaries.clear()

    def check_made(self) -> None:
        """Raise unless what the step made is as it declares, where steps are checked.

        Keys and rules are looked at by an engine of this machine only: a distributed one takes long to start.
        """
        if not self._checks:
            return
        for spec in self._step.makes:
            if not self._engine.has(spec.name):
                raise TableError(f"step {self._step.name} did not make {spec.name}")
            spec.check_made(self._engine)
            if not self._engine.is_distributed:
                spec.check_rows(self._engine)

    def _enter(self, name: str) -> None:
        """Note a table that is about to be made: one that is not declared is the step's own."""
        if name in self._makes:
            return
        is_new = name not in self._temporaries
        if self._checks and is_new and (name in self._takes or self._engine.has(name)):
            raise TableError(f"step {self._step.name} makes {name}, which is another's")
        self._temporaries[name] = None

    def _see(self, name: str) -> None:
        known = name in self._takes or name in self._makes or name in self._temporaries
        if self._checks and not known:
            raise TableError(f"step {self._step.name} reads {name}, which it does not declare")

    def _read(self, sql: str) -> None:
        if self._checks:
            # Imported here, because it is of no use elsewhere.
            from graphlink.engine.queries import tables_of

            for name in sorted(tables_of(sql)):
                self._see(name)
