"""The content of a list, collected many lines at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from graphlink.ingest.reference_lists.networks import Pile, networks_of, packed_networks
from graphlink.ingest.reference_lists.types import Rejected, clean_label, clean_type
from graphlink.kinds import KINDS, UncleanValue, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

N_NAMED = 20  # rejected lines that are named; the rest is counted
_FEW = 32  # lines that are added one by one


class Lines(NamedTuple):
    """Lines of a list as columns: their numbers, and their cells as the list has them."""

    numbers: Sequence[int]
    networks: Sequence[str]
    labels: Sequence[str]
    kinds: Sequence[str]


@dataclass(slots=True)
class ReadList:
    """The content of a list.

    Attributes:
        path: Its file.
        default: Label and type, from the settings, of lines without.
        n_lines: Lines with content: no comment, no header.
        entries: (label, type) that networks and autonomous systems point to by position.
        piles: Per IP version, its networks.
        asns: Autonomous systems, such as AS64500, to entry and line.
        n_rejected: Lines that can't be used.
        rejected: Line and reason of the first of them.
        hides: Whether messages hide addresses.
        counts_networks: Whether a line here is the number of a network in a document that has no lines.
    """

    path: Path
    default: tuple[str, str] = ("", "")
    n_lines: int = 0
    entries: list[tuple[str, str]] = field(default_factory=list)
    piles: dict[int, Pile] = field(default_factory=lambda: {4: Pile(4), 6: Pile(6)})
    asns: list[tuple[str, int, int]] = field(default_factory=list)
    n_rejected: int = 0
    rejected: list[tuple[int, Rejected]] = field(default_factory=list)
    hides: bool = False
    counts_networks: bool = False
    _known: dict[str, dict[str, int]] = field(default_factory=dict)
    _refused: dict[tuple[str, str], Rejected] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, lines: Lines) -> None:
        """Add lines, or reject them."""
        self.n_lines += len(lines.numbers)
        known = self._known
        labelled = zip(lines.labels, lines.kinds, strict=True)
        try:
            entries: list[int | Rejected] = [known[kind][label] for label, kind in labelled]
        except KeyError:  # new to the list, or refused
            entries = [self._entry_of(*one) for one in zip(lines.labels, lines.kinds, strict=True)]
        self._add(lines.numbers, lines.networks, entries)

    def _entry_of(self, label: str, kind: str) -> int | Rejected:
        known = self._known.setdefault(kind, {})
        entry = known.get(label, self._refused.get((label, kind)))
        if entry is None:
            entry = self._entry(label, kind)
            if isinstance(entry, int):
                known[label] = entry
            else:
                self._refused[label, kind] = entry
        return entry

    def _add(
        self, numbers: Sequence[int], networks: Sequence[str], entries: Sequence[int | Rejected]
    ) -> None:
        """Add lines together, or where one of them is odd, one half and the other."""
        if len(numbers) <= _FEW:
            for line, network, entry in zip(numbers, networks, entries, strict=True):
                self._add_one(line, network, entry)
            return
        ints = [entry for entry in entries if isinstance(entry, int)]
        if len(ints) == len(entries) and (packed := packed_networks(networks)):
            for version, at, addresses, lengths in packed:
                pile = self.piles[version]
                pile.packed += addresses
                pile.lengths += lengths
                is_all = len(at) == len(numbers)
                pile.entries.extend(ints if is_all else [ints[i] for i in at])
                pile.lines.extend(numbers if is_all else [numbers[i] for i in at])
            return
        half = len(numbers) // 2
        self._add(numbers[:half], networks[:half], entries[:half])
        self._add(numbers[half:], networks[half:], entries[half:])

    def _add_one(self, line: int, network: str, entry: int | Rejected) -> None:
        if isinstance(entry, Rejected):
            self.reject(line, entry)
            return
        try:
            if network.isdigit() or network[:2].upper() == "AS":
                self.asns.append((_asn(network), entry, line))
                return
            for one in networks_of(network):
                self.piles[4 if len(one.packed) == 4 else 6].add(one, entry, line)
        except Rejected as rejected:
            self.reject(line, rejected)

    def reject(self, line: int, reason: Rejected) -> None:
        """Count a line as rejected, and name it when it is among the first."""
        self.n_rejected += 1
        if len(self.rejected) < N_NAMED:
            self.rejected.append((line, reason))

    def where(self, line: int) -> str:
        """The place of a line in messages."""
        return f"{self.path}, network {line}" if self.counts_networks else f"{self.path}:{line}"

    def drop_faults(self) -> None:
        """Reject the networks that label nothing; they are looked at as columns, when all are there."""
        for version, pile in self.piles.items():
            faults = pile.faults()
            self.n_rejected += len(faults)
            self.rejected += [(pile.lines[at], pile.fault_at(at)) for at in faults[:N_NAMED].tolist()]
            self.piles[version] = pile.without(faults)
        self.rejected = sorted(self.rejected, key=lambda line_and_reason: line_and_reason[0])[:N_NAMED]

    def _entry(self, label: str, kind: str) -> int | Rejected:
        try:
            cleaned = clean_type(without_comment(kind) or self.default[1])
            labelled = clean_label(label if label.strip() else self.default[0], cleaned), cleaned
        except Rejected as rejected:
            return rejected
        entry = self._numbers.setdefault(labelled, len(self.entries))
        if entry == len(self.entries):
            self.entries.append(labelled)
        return entry


def without_comment(cell: str) -> str:
    """A cell without its comment, the text after #."""
    return cell.partition("#")[0].strip() if "#" in cell else cell.strip()


def _asn(text: str) -> str:
    try:
        return KINDS["asn"].clean(text)
    except UncleanValue as error:
        raise Rejected(f"network: {error.remedy}", f"found '{shown(text)}'") from error
