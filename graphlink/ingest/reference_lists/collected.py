"""All reference lists of a run as one: the first line about a network counts, conflicts are listed."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.small_files import MOST_LARGE, open_regular
from graphlink.ingest.reference_lists.databases import open_database
from graphlink.ingest.reference_lists.lists import read_list
from graphlink.ingest.reference_lists.networks import Integers, Pile
from graphlink.ingest.reference_lists.read import N_NAMED, ReadList
from graphlink.ingest.reference_lists.types import Rejected, clean_type
from graphlink.kinds import clean_kind
from graphlink.storage.files import refuse_lake_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.settings import Reference, Settings


@dataclass(slots=True)
class ReferenceFile:
    """The facts of one of the files, for the manifest and for warnings.

    Attributes:
        path: Its path, as the settings name it.
        sha256: Its digest.
        database_type: Of a .mmdb; empty of a list.
        lines: Lines with content.
        networks: Networks that only this list names, or this one first.
        asns: Autonomous systems, counted in the same way.
        invalid_lines: Lines that can't be used.
        conflicts: Lines that contradict an earlier one, which counts.
        rejected: "file:line: reason" of the first invalid lines.
        conflicting: The same of the first conflicts.
    """

    path: str
    sha256: str
    database_type: str = ""
    lines: int = 0
    networks: int = 0
    asns: int = 0
    invalid_lines: int = 0
    conflicts: int = 0
    rejected: list[str] = field(default_factory=list)
    conflicting: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ReferenceLists:
    """The reference lists of a run, merged.

    Attributes:
        files: Facts about each file, in the order of the settings.
        entries: (label, type) that networks and autonomous systems point to by position.
        owners: Per entry, the file that it comes from.
        piles: Per IP version, the networks, each once.
        asns: Autonomous systems, such as AS64500, to entry.
        databases: The .mmdb files: position among the files, and path.
        hides: Whether messages hide addresses, because the settings hash them.
    """

    files: list[ReferenceFile] = field(default_factory=list)
    entries: list[tuple[str, str]] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    piles: dict[int, Pile] = field(default_factory=lambda: {4: Pile(4), 6: Pile(6)})
    asns: dict[str, int] = field(default_factory=dict)
    databases: list[tuple[int, Path]] = field(default_factory=list)
    hides: bool = False

    def entry_of(self, label: str, kind: str, owner: int) -> int:
        """Add an entry; the caller remembers its number."""
        self.entries.append((label, kind))
        self.owners.append(owner)
        return len(self.entries) - 1


def read_reference_lists(settings: Settings) -> ReferenceLists:
    """Read every reference list of the settings; invalid lines are collected, not fatal.

    A list is a CSV file with a header (network or cidr, address, ip, asn, or start and end; label; type; in
    any order), or, with label and type in the settings, one network a line or JSON. A network is CIDR, a
    single address, a range of two, or an autonomous system (AS64500). Text after # is a comment.

    Raises:
        InputError: A file can't be read, is no list, or has invalid lines only.
        SettingsError: The settings give an unknown type.
    """
    hidden = {clean_kind(name) for name in settings.pseudonymize.kinds}
    lists = ReferenceLists(hides="ip" in hidden)
    read: list[ReadList | None] = []
    for number, reference in enumerate(settings.references):
        _check_type(reference, number)
        path = Path(reference.path)
        refuse_lake_tables([path])
        file = ReferenceFile(reference.path, _digest(path))
        if path.suffix.lower() == ".mmdb":
            with open_database(path) as reader:
                file.database_type = str(reader.metadata().database_type)
            lists.databases.append((number, path))
            read.append(None)
        else:
            one = read_list(reference, hides=lists.hides)
            file.lines, file.invalid_lines = one.n_lines, one.n_rejected
            file.rejected = [
                f"{one.where(line)}: {why.message(hides=lists.hides)}" for line, why in one.rejected
            ]
            read.append(one)
        lists.files.append(file)
    _merge(lists, read)
    return lists


def _check_type(reference: Reference, number: int) -> None:
    if reference.type:
        try:
            clean_type(reference.type)
        except Rejected as rejected:
            raise SettingsError(f"references[{number + 1}]: type: {rejected.message()}") from None


def _digest(path: Path) -> str:
    with open_regular(path, f"reference list {path}", most_bytes=MOST_LARGE) as file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InputError(
                f"reference list {path}: {error.strerror}; name a file that you can read"
            ) from error


def _merge(lists: ReferenceLists, read: list[ReadList | None]) -> None:
    """Add what was read to the lists, each network once."""
    sources: dict[int, array[int]] = {4: array("q"), 6: array("q")}
    seen: dict[str, tuple[int, str]] = {}
    for number, one in enumerate(read):
        if one is None:
            continue
        offset = len(lists.entries)
        for label, kind in one.entries:
            lists.entry_of(label, kind, number)
        for version, pile in one.piles.items():
            pile.entries = array("q", (np.frombuffer(pile.entries, np.int64) + offset).tobytes())
            lists.piles[version].extend(pile)
            sources[version].extend(array("q", np.full(len(pile), number).tobytes()))
        for asn, entry, line in one.asns:
            _add_asn(lists, seen, asn, (entry + offset, number, one.where(line)))
    for version, pile in lists.piles.items():
        lists.piles[version] = _unique(lists, pile, np.frombuffer(sources[version], np.int64), _where(read))


def _where(read: list[ReadList | None]) -> Callable[[int, int], str]:
    def where(number: int, line: int) -> str:
        one = read[number]
        return one.where(line) if one else ""

    return where


def _add_asn(
    lists: ReferenceLists, seen: dict[str, tuple[int, str]], asn: str, entry_at: tuple[int, int, str]
) -> None:
    entry, number, where = entry_at
    first, first_where = seen.setdefault(asn, (entry, where))
    file = lists.files[number]
    if lists.entries[first] != lists.entries[entry]:
        _note_conflict(file, f"{where}: {asn} has another label or type in {first_where}, which counts")
    elif first_where == where:
        lists.asns[asn] = entry
        file.asns += 1


def _note_conflict(file: ReferenceFile, text: str) -> None:
    file.conflicts += 1
    if len(file.conflicting) < N_NAMED:
        file.conflicting.append(text)


def _unique(lists: ReferenceLists, pile: Pile, sources: Integers, where: Callable[[int, int], str]) -> Pile:
    """The networks of a pile, each once: the first counts, and contradicting ones are noted."""
    firsts = pile.firsts()
    entries = np.frombuffer(pile.entries, np.int64)
    numbers: dict[tuple[str, str], int] = {}
    same = np.array([numbers.setdefault(entry, len(numbers)) for entry in lists.entries], np.int64)
    is_first = firsts == np.arange(len(pile))
    for at in np.flatnonzero(same[entries] != same[entries[firsts]]).tolist():
        first = int(firsts[at])
        network = "the network" if lists.hides else str(pile.at(at))
        _note_conflict(
            lists.files[sources[at]],
            f"{where(int(sources[at]), pile.lines[at])}: {network} has another label or type in "
            f"{where(int(sources[first]), pile.lines[first])}, which counts",
        )
    for number, n in enumerate(np.bincount(sources[is_first], minlength=len(lists.files)).tolist()):
        lists.files[number].networks += n
    return pile.without(np.flatnonzero(~is_first))
