"""Reference lists of one network a line: bare, of ipset, of Tor's exits."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from graphlink.ingest.reference_lists.csv_lists import BATCH
from graphlink.ingest.reference_lists.networks import RANGE
from graphlink.ingest.reference_lists.read import Lines, ReadList
from graphlink.ingest.reference_lists.types import Rejected
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

# `add NAME NETWORK` of ipset, with or without a dash or two.
_IPSET = re.compile(r"(?:ipset +)?(?:--?)?(?:add|A) +\S+ +(\S+)(.*)")


# Lines of ipset and of the list of Tor's exits that name no network.
_NO_NETWORK = re.compile(
    r"(ipset +)?(--?)?(create|N|flush|destroy|COMMIT)\b.*|(ExitNode|Published|LastStatus) .*"
)


_TOR = re.compile(r"ExitAddress +(\S+)( .*)?")


def add_plain(target: ReadList, lines: Iterator[tuple[int, str]]) -> None:
    """Add the networks of lines, each alone on its line."""
    while batch := list(itertools.islice(lines, BATCH)):
        numbers, networks = [], []
        for line, text in batch:
            try:
                network = _plain_network(text)
            except Rejected as rejected:
                target.n_lines += 1
                target.reject(line, rejected)
                continue
            if network:
                numbers.append(line)
                networks.append(network)
        target.add(Lines(numbers, networks, [""] * len(numbers), [""] * len(numbers)))


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
