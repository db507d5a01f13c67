"""Reference lists that are one JSON document, such as the ranges that cloud providers publish."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from graphlink.core.errors import InputError
from graphlink.core.small_files import read_regular
from graphlink.ingest.reference_lists.list_format import ReferenceFormat
from graphlink.ingest.reference_lists.networks import networks_of
from graphlink.ingest.reference_lists.read import Lines, ReadList
from graphlink.ingest.reference_lists.types import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

LABEL_SETTINGS = 'label = "NAME" and type = "TYPE" (such as vpn) next to its path in [[references]]'


_MOST_JSON = 256 << 20  # bytes: parsed as a whole, which takes some ten times as much


_NETWORKS_IN_JSON = re.compile(
    r"(?i)(ip_?v?[46]?_?)?(prefix(es)?|cidrs?|address(_?prefix)?(es)?|networks?|ranges?)"
)


def read_json(target: ReadList, _: BinaryIO) -> None:
    """Add every network of a JSON document, such as the address ranges that a cloud provider publishes."""
    where = f"reference list {target.path}"
    if not all(target.default):
        raise InputError(f"{where}: a JSON document names no label and type; set {LABEL_SETTINGS}")
    try:
        document = json.loads(read_regular(target.path, where, most_bytes=_MOST_JSON))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{where}: it is no one JSON document ({error}); of JSON lines each needs an ip or "
            "a network; or make it a CSV file "
            "with the columns network, label and type, or a list with one network a line"
        ) from error
    target.counts_networks = True
    networks = []
    for text, is_network in _texts(document):
        if is_network or ("/" in text and _is_network(text)):
            networks.append(text.strip())
    empty = [""] * len(networks)
    target.add(Lines(range(1, len(networks) + 1), networks, empty, empty))
    if not target.n_lines:
        raise InputError(f"{where}: no network in the JSON document; expected such as prefixes or cidrs")


def _texts(document: object) -> Iterator[tuple[str, bool]]:
    """Every text of a document in order, and whether its key is that of a network."""
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


JSON = ReferenceFormat(
    "json",
    "One JSON document, such as the ranges that cloud providers publish",
    lambda start, _: start.lstrip().startswith((b"{", b"[")),
    read_json,
)
