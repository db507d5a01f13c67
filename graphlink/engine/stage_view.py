"""An engine as a step sees it: the tables that the step declares and its own temporaries, no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from graphlink.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from graphlink.core.stages import TableSpec
    from graphlink.engine import FileSet, Reader, RejectedRow, Store, StoredFile


class Declared(Protocol):
    """What a view needs of a step: its name and the tables that it takes and makes."""

    @property
    def name(self) -> str: ...

    @property
    def takes(self) -> Sequence[TableSpec]: ...

    @property
    def makes(self) -> Sequence[TableSpec]: ...


class StageView:
    """A `Reader` through which a step makes its tables and its temporaries.

    Args:
        engine: The engine.
        step: The step.
        checks: Whether undeclared tables are refused and what was made is held against its contract.
    """

    def __init__(self, engine: Reader, step: Declared, *, checks: bool) -> None:
        self._engine, self._step, self._checks = engine, step, checks
        self._takes = frozenset(spec.name for spec in step.takes)
        self._makes = frozenset(spec.name for spec in step.makes)
        self._temporaries: dict[str, None] = {}

    @property
    def is_distributed(self) -> bool:
        return self._engine.is_distributed

    @property
    def n_threads(self) -> int:
        return self._engine.n_threads

    @property
    def here(self) -> Reader:
        """This view; or the engine of this machine beside a distributed one, whose tables are its own."""
        here = self._engine.here
        return self if here is self._engine else here

    @property
    def store(self) -> Store | None:
        """The store of the engine, whose reading makes tables too."""
        return None if self._engine.store is None else _StoreView(self._engine.store, self._enter)

    @property
    def folder(self) -> Path:
        return self._engine.folder

    def import_table(self, name: str) -> None:
        if self._engine.here is not self._engine:
            self._enter(name)
        self._engine.import_table(name)

    def load(self, name: str, table: pa.Table) -> None:
        self._enter(name)
        self._engine.load(name, table)

    def load_batches(self, name: str, batches: pa.RecordBatchReader) -> None:
        self._enter(name)
        self._engine.load_batches(name, batches)

    def make(self, name: str, sql: str) -> None:
        self._enter(name)
        self._read(sql)
        self._engine.make(name, sql)

    def make_by(
        self, name: str, sql: str, group: str, function: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> dict[int, int]:
        self._enter(name)
        self._read(sql)
        return self._engine.make_by(name, sql, group, function, schema)

    def define(self, name: str, sql: str) -> None:
        self._enter(name)
        self._read(sql)
        self._engine.define(name, sql)

    def rename(self, name: str, new_name: str) -> None:
        """Rename a table: so a step passes on one that it takes and no later step does."""
        self._see(name)
        self._enter(new_name)
        self._temporaries.pop(name, None)
        self._engine.rename(name, new_name)

    def drop(self, *names: str) -> None:
        for name in names:
            if self._checks and name in self._takes:
                raise TableError(f"step {self._step.name} drops {name}, which is not its own")
            self._temporaries.pop(name, None)
        self._engine.drop(*names)

    def has(self, name: str) -> bool:
        return self._engine.has(name)

    def columns(self, name: str) -> dict[str, str]:
        self._see(name)
        return self._engine.columns(name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        self._read(sql)
        return self._engine.rows(sql)

    def arrow(self, sql: str) -> pa.Table:
        self._read(sql)
        return self._engine.arrow(sql)

    def append(self, name: str, sql: str) -> None:
        if self._checks and name not in self._makes and name not in self._temporaries:
            raise TableError(f"step {self._step.name} adds to {name}, which it does not make")
        self._read(sql)
        self._engine.append(name, sql)

    def read_files(self, name: str, files: FileSet, select: str) -> list[RejectedRow]:
        self._enter(name)
        return self._engine.read_files(name, files, select)

    def file_columns(self, path: Path) -> dict[str, str]:
        return self._engine.file_columns(path)

    def read_database(self, name: str, path: Path, query: str) -> None:
        self._enter(name)
        self._engine.read_database(name, path, query)

    def query_files(
        self, name: str, tables: Mapping[str, Sequence[tuple[FileSet, str]]], query: str
    ) -> list[str]:
        self._enter(name)
        return self._engine.query_files(name, tables, query)

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


class _StoreView:
    """A `Store` through which a step reads its tables and its temporaries."""

    def __init__(self, store: Store, enter: Callable[[str], None]) -> None:
        self._store, self._enter = store, enter

    def list_stored(self, address: str) -> list[StoredFile]:
        return self._store.list_stored(address)

    def stored_columns(self, path: str) -> dict[str, str]:
        return self._store.stored_columns(path)

    def read_stored(self, name: str, files: Sequence[tuple[int, str]], columns: Sequence[str]) -> bool:
        self._enter(name)
        return self._store.read_stored(name, files, columns)

    def catalog_columns(self, table: str, query: str, where: str) -> list[tuple[str, str]]:
        return self._store.catalog_columns(table, query, where)

    def read_catalog(self, name: str, source: tuple[str, str, str], columns: Sequence[str]) -> None:
        self._enter(name)
        self._store.read_catalog(name, source, columns)

    def write_stored(self, sql: str, address: str) -> None:
        self._store.write_stored(sql, address)
