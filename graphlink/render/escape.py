"""Text from the data made safe to show: the one home of these rules for terminals, CSV and pages.

Account names, user agents and the like are chosen by the people under investigation. They may hold escape
sequences that rewrite a terminal, marks that reverse the reading order, letters of no width that make two
names look alike, and formulas that a spreadsheet runs.
"""

from __future__ import annotations

import unicodedata

# Controls, formats (bidi marks, zero-width joiners, tags), surrogates, private use, unassigned and
# non-characters, and the two separators that break a line.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def visible(text: str) -> str:
    """The text with every character that can't be seen, or moves others, replaced by its code: `<U+202E>`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"<U+{ord(letter):04X}>" if unicodedata.category(letter) in _UNSEEN else letter for letter in text
    )


def shortened(text: str, width: int) -> str:
    """The visible text, cut to a number of characters with an ellipsis."""
    text = visible(text[: width * 4])
    return text if len(text) <= width else text[: width - 1] + "…"


def guarded(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs: an apostrophe before what starts like a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
