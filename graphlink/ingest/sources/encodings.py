"""Text in another encoding than UTF-8, distinguished from UTF-8 with damaged lines: no account is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.ingest.sources.quotes import text_pieces

if TYPE_CHECKING:
    from pathlib import Path

# A letter of ASCII next to a byte that is a letter in Latin-1 and its like, as in Jos\xe9; no noise of bits.
_WORD = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][A-Za-z]")
_NOT_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")


class Accents(NamedTuple):
    """Lines of a text that are not plain ASCII.

    Attributes:
        n_lines: All lines.
        n_valid: Those beyond ASCII that are UTF-8.
        n_words: Those that are not, and have words with letters of another encoding.
    """

    n_lines: int
    n_valid: int
    n_words: int

    @property
    def is_another_encoding(self) -> bool:
        """Whether the text as a whole is in another encoding: no line beyond ASCII is UTF-8."""
        return self.n_words > 0 and self.n_valid == 0


def count_accents(path: Path) -> Accents:
    """Count the lines of a text file, compressed or not, that are not plain ASCII.

    Raises:
        InputError: The file can't be read.
    """
    n_lines = n_valid = n_words = 0
    rest = b""
    for piece in text_pieces(path):
        whole, line_end, rest = (rest + piece).rpartition(b"\n")
        n_lines += whole.count(b"\n") + bool(line_end)
        valid, words = _count_lines(whole)
        n_valid, n_words = n_valid + valid, n_words + words
    valid, words = _count_lines(rest)
    return Accents(n_lines + bool(rest), n_valid + valid, n_words + words)


def _count_lines(text: bytes) -> tuple[int, int]:
    """Lines that are UTF-8 beyond ASCII, and lines of words in another encoding."""
    n_valid = n_words = 0
    if not text.isascii():
        for line in _NOT_ASCII.findall(text):
            try:
                line.decode()
                n_valid += 1
            except UnicodeDecodeError:
                n_words += _WORD.search(line) is not None
    return n_valid, n_words


def named_encoding(path: Path, accents: Accents) -> str:
    """The message for people: what is wrong with the text, how much of it, and how to convert it."""
    share = accents.n_words / max(accents.n_lines, 1)
    return (
        f"{path}: the text is not UTF-8: {accents.n_words:,} of {accents.n_lines:,} lines ({share:.1%}) have "
        "letters of another encoding, such as Latin-1, and none has one of UTF-8. Name it by encoding = "
        '"windows-1252" next to its path in graphlink.toml, or export the file as UTF-8'
    )
