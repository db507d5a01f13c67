"""What is gathered while the sources are read: kinds, cells, warnings, and what is hashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError, SettingsError
from graphlink.kinds import kind_of, known_kinds, read_key
from graphlink.kinds.pseudonyms import hashed_kinds

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Reader
    from graphlink.ingest.observations.read_before import Earlier
    from graphlink.ingest.sources.staged import Staged
    from graphlink.kinds import Kind

MOST_KINDS = 1000  # distinct kinds of one run


@dataclass(frozen=True, slots=True)
class Cells:
    """A query of cells: row, account, kind_no, value, seen_at, n; of one kind, or of several.

    Attributes:
        sql: The query.
        kind_no: The kind, if it is one.
        column: The column of the values.
        later: The query of the same cells at the last time of rows that stand for several; empty without.
    """

    sql: str
    kind_no: int | None = None
    column: str = ""
    later: str = ""


class FactCells(NamedTuple):
    """A query of the cells of a fact (row, account, seen_at, n, raw), with its name, column and type."""

    sql: str
    fact: str
    column: str
    type: str


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A staged source, its cells and facts, and the query of the rows whose kind can't be used (if long)."""

    staged: Staged
    cells: list[Cells]
    bad_kinds: str = ""
    facts: tuple[FactCells, ...] = ()


@dataclass
class Intake:
    """What is gathered while the sources are read."""

    engine: Reader
    settings: Settings
    key: bytes | None
    hashed: frozenset[str]
    kinds: list[Kind] = field(default_factory=list)
    unclean_kinds: set[int] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    earlier: Earlier | None = None

    def __post_init__(self) -> None:
        if self.earlier:
            self.warnings += self.earlier.warnings

    def has_read(self, number: int) -> bool:
        """Whether an earlier run has read every file of a source."""
        known = self.earlier and self.earlier.before.get(number)
        return bool(known and known.is_whole)

    def files_read(self, number: int) -> frozenset[str]:
        """Names of the files of a source that an earlier run has read."""
        known = self.earlier and self.earlier.before.get(number)
        return known.names if known else frozenset()

    def number_of(self, name: str, where: str) -> int:
        """The number of a kind, which is added when it is new."""
        kind = kind_of(name, self.settings)
        names = [known.name for known in self.kinds]
        if kind.name in names:
            return names.index(kind.name)
        self.kinds.append(kind)
        if len(self.kinds) > MOST_KINDS:
            raise InputError(too_many_kinds(len(self.kinds), where))
        return len(self.kinds) - 1


def hashing_of(settings: Settings) -> tuple[bytes | None, frozenset[str]]:
    """The key and the kinds that are hashed on ingest."""
    pseudonyms = settings.pseudonymize
    if not pseudonyms.kinds:
        return None, frozenset()
    hashed = frozenset(pseudonyms.kinds)
    for kind in known_kinds():
        for wider, _ in kind.generalizations_sql:
            if wider in hashed and kind.name not in hashed:
                raise SettingsError(
                    f"pseudonymize.kinds: {wider} follows from {kind.name}, which is not; add {kind.name}"
                )
    if not pseudonyms.key_file:
        raise SettingsError("pseudonymize: no key_file; name the file that holds the key")
    # Kinds derived from a hashed kind are hashed too where a source has a column of them.
    return read_key(pseudonyms.key_file), hashed_kinds(settings)


def too_many_kinds(n_kinds: int, where: str) -> str:
    """The message of more kinds than are read."""
    return (
        f"{where}: {n_kinds:,} kinds, at most {MOST_KINDS:,} are read; look whether the columns of kind and "
        "value are swapped, or whether the kind's name contains the value"
    )


def is_hashing_accounts(intake: Intake) -> bool:
    """Whether accounts are hashed as they are read."""
    return "account" in intake.hashed
