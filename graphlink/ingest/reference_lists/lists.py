"""Reference lists that are text: CSV with a header, plain lines, ipset, Tor's exits, cloud providers' JSON.

What a line means is certain, or the line is rejected with its number and the reason; nothing is left out in
silence.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import InputError
from graphlink.core.small_files import open_regular, read_regular
from graphlink.ingest.reference_lists.networks import RANGE, networks_of
from graphlink.ingest.reference_lists.read import Lines, ReadList, without_comment
from graphlink.ingest.reference_lists.types import Rejected
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.core.settings import Reference

_COLUMNS = {
    **dict.fromkeys(("network", "cidr", "address", "ip", "asn", "prefix", "range"), "network"),
    **dict.fromkeys(("start", "start_ip", "range_start", "first"), "start"),
    **dict.fromkeys(("end", "end_ip", "range_end", "last"), "end"),
    **dict.fromkeys(("label", "name"), "label"),
    **dict.fromkeys(("type", "label_type"), "type"),
}
_COMMENTS = ("#", "//")
_SETTINGS = 'label = "NAME" and type = "TYPE" (such as vpn) beside its path in [[references]]'
_BATCH = 1 << 12  # lines that are split at a time
_LONGEST_LINE = 10_000  # characters; longer ones are split one by one, since csv has a limit for cells
_MOST_JSON = 256 << 20  # bytes: parsed as a whole, which takes some ten times as much
_NETWORKS_IN_JSON = re.compile(
    r"(?i)(ip_?v?[46]?_?)?(prefix(es)?|cidrs?|address(_?prefix)?(es)?|networks?|ranges?)"
)
# `add NAME NETWORK` of ipset, with or without a dash or two.
_IPSET = re.compile(r"(?:ipset +)?(?:--?)?(?:add|A) +\S+ +(\S+)(.*)")
# Lines of ipset and of the list of Tor's exits that name no network.
_NO_NETWORK = re.compile(
    r"(ipset +)?(--?)?(create|N|flush|destroy|COMMIT)\b.*|(ExitNode|Published|LastStatus) .*"
)
_TOR = re.compile(r"ExitAddress +(\S+)( .*)?")


def read_list(reference: Reference, *, hides: bool = False) -> ReadList:
    """Read a list that is text.

    Args:
        reference: Its path, and the label and type of what has none of its own.
        hides: Whether messages keep addresses to themselves.

    Raises:
        InputError: The file can't be read, is no list, lacks a label or type that settings could give, or has
            rejected lines only.
    """
    path = Path(reference.path)
    told = ReadList(path, (reference.label, reference.type))
    with open_regular(path, f"reference list {path}") as raw:
        start = raw.read(4).removeprefix(b"\xef\xbb\xbf").lstrip()
        raw.seek(0)
        if start.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK")):
            raise InputError(f"reference list {path}: it is packed; unpack it and name what was in it")
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"reference list {path}: the text is UTF-16; export it as UTF-8")
        if start.startswith((b"{", b"[")):
            _read_json(told)
        else:
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape")
            _read_text(told, text, hides=hides)
            text.detach()
    told.drop_faults()
    if told.n_rejected and told.n_rejected == told.n_lines:
        line, rejected = told.rejected[0]
        raise InputError(
            f"reference list {path}: no valid line; the first is {told.where(line)}: "
            f"{rejected.told(hides=hides)}"
        )
    return told


def _read_text(told: ReadList, text: Iterable[str], *, hides: bool) -> None:
    lines = _lines(text)
    first = next((line for line in lines if not line[1].startswith(";")), None)
    if first is None:
        if not all(told.default):
            raise InputError(
                f"reference list {told.path}: empty; the first line names network, label and type"
            )
        return
    columns, delimiter = _header(first[1])
    has_type = "type" in columns or bool(told.default[1])
    if columns and has_type:
        if delimiter != ";":
            lines = (line for line in lines if not line[1].startswith(";"))
        _add_rows(told, lines, delimiter, columns)
    elif not columns and all(told.default):
        _add_plain(told, itertools.chain([first], lines))
    else:
        found = "" if hides else f"; found {shown(first[1])}"
        raise InputError(
            f"reference list {told.path}, line {first[0]}: expected a header with the columns network (or "
            f"cidr, address, asn), label and type{found}; of a list without, such as one network a line, say "
            f"what its networks are: {_SETTINGS}"
        )


def _lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    # One physical line at a time: an unclosed quote spoils its own line and not the rest of the file.
    for number, line in enumerate(text, start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(_COMMENTS):
            yield number, stripped


# --- CSV ---------------------------------------------------------------------------------------------------


def _header(text: str) -> tuple[dict[str, int], str]:
    """The columns of a header and its delimiter; no columns when it is none."""
    for delimiter in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in _cells(text, delimiter)]
        except csv.Error:
            continue
        known = [_COLUMNS.get(name, "") for name in names]
        if "network" in known or {"start", "end"} <= set(known):
            return {name: i for i, name in reversed(list(enumerate(known))) if name}, delimiter
    return {}, ","


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], strict=True, delimiter=delimiter, skipinitialspace=True))


def _add_rows(
    told: ReadList, lines: Iterator[tuple[int, str]], delimiter: str, columns: dict[str, int]
) -> None:
    """Add the rows of a CSV list, many lines at a time; those without quotes are split together."""
    least = max(columns.values()) + 1
    while batch := list(itertools.islice(lines, _BATCH)):
        numbers, texts = [number for number, _ in batch], [text for _, text in batch]
        if '"' in "".join(texts) or max(map(len, texts)) > _LONGEST_LINE:
            rows = [_cells_or_fault(text, delimiter) for text in texts]
        else:
            rows = list(csv.reader(texts, delimiter=delimiter, skipinitialspace=True))
        wrong = [i for i, row in enumerate(rows) if len(row) < least]
        for i in wrong:
            told.reject(numbers[i], _fault_of(rows[i], least))
        if wrong:
            told.n_lines += len(wrong)
            numbers = [number for number, row in zip(numbers, rows, strict=True) if len(row) >= least]
            rows = [row for row in rows if len(row) >= least]
        told.add(_columns_of(numbers, rows, columns))


def _columns_of(numbers: list[int], rows: list[list[str]], columns: dict[str, int]) -> Lines:
    def column(name: str) -> list[str]:
        at = columns.get(name)
        return [""] * len(rows) if at is None else [row[at] for row in rows]

    if "network" in columns:
        networks = [text.strip() for text in column("network")]
    else:
        networks = [f"{a.strip()}-{b.strip()}" for a, b in zip(column("start"), column("end"), strict=True)]
    if any("#" in text for text in networks):
        networks = [without_comment(text) for text in networks]
    return Lines(numbers, networks, column("label"), column("type"))


def _cells_or_fault(text: str, delimiter: str) -> list[str]:
    """The cells of a line; none of one that is broken, which no line is otherwise."""
    try:
        return _cells(text, delimiter)
    except csv.Error:
        return []


def _fault_of(cells: list[str], least: int) -> Rejected:
    if not cells:
        return Rejected("a quote is not closed or not doubled, or a cell is longer than 131,072 characters")
    return Rejected(f"{len(cells)} columns; expected at least {least}")


# --- plain lines -------------------------------------------------------------------------------------------


def _add_plain(told: ReadList, lines: Iterator[tuple[int, str]]) -> None:
    while batch := list(itertools.islice(lines, _BATCH)):
        numbers, networks = [], []
        for line, text in batch:
            try:
                network = _plain_network(text)
            except Rejected as rejected:
                told.n_lines += 1
                told.reject(line, rejected)
                continue
            if network:
                numbers.append(line)
                networks.append(network)
        told.add(Lines(numbers, networks, [""] * len(numbers), [""] * len(numbers)))


def _plain_network(text: str) -> str:
    """The network of a plain line; empty when the line is one that names none, such as `create` of ipset.

    Raises:
        Rejected: There is more on the line than is understood.
    """
    bare = re.split(r"[#;]| //", text, maxsplit=1)[0].strip()
    if " " not in bare and "\t" not in bare:
        return bare
    if added := _IPSET.fullmatch(bare):
        if "nomatch" in added[2].split():
            raise Rejected("nomatch takes the network out of its set, which a list here can't")
        return added[1]
    if tor := _TOR.fullmatch(bare):
        return tor[1]
    if _NO_NETWORK.fullmatch(bare):
        return ""
    if RANGE.fullmatch(bare) or re.fullmatch(r"(?i)AS [0-9]+", bare):
        return bare
    raise Rejected(
        "text behind the network; put # before a comment, or give the list a header", f"found '{shown(text)}'"
    )


# --- JSON --------------------------------------------------------------------------------------------------


def _read_json(told: ReadList) -> None:
    """Add every network of a JSON document, such as the address ranges that a cloud provider publishes."""
    where = f"reference list {told.path}"
    if not all(told.default):
        raise InputError(f"{where}: a JSON document names no label and type; set {_SETTINGS}")
    try:
        document = json.loads(read_regular(told.path, where, most_bytes=_MOST_JSON))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{where}: it is no one JSON document ({error}); JSON lines are not read: make it a CSV file "
            "with the columns network, label and type, or a list with one network a line"
        ) from error
    told.counts_networks = True
    networks = []
    for text, is_network in _texts(document):
        if is_network or ("/" in text and _is_network(text)):
            networks.append(text.strip())
    empty = [""] * len(networks)
    told.add(Lines(range(1, len(networks) + 1), networks, empty, empty))
    if not told.n_lines:
        raise InputError(f"{where}: no network in the JSON document; expected such as prefixes or cidrs")


def _texts(document: object) -> Iterator[tuple[str, bool]]:
    """Every text of a document in order, and whether its key says that it is a network."""
    waiting: list[tuple[Any, bool]] = [(document, True)]
    while waiting:
        value, is_network = waiting.pop()
        if isinstance(value, str):
            yield value, is_network
        elif isinstance(value, list):
            waiting += [(one, is_network) for one in reversed(value)]
        elif isinstance(value, dict):
            waiting += [
                (one, _NETWORKS_IN_JSON.fullmatch(key) is not None) for key, one in reversed(value.items())
            ]


def _is_network(text: str) -> bool:
    try:
        return bool(networks_of(text.strip()))
    except Rejected:
        return False
