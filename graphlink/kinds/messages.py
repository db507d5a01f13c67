"""Values in messages: short, escaped, without card numbers."""

from __future__ import annotations

from graphlink.kinds.card_numbers import is_card_number


def shown(value: str, longest: int = 60) -> str:
    """Make a text for a message from any value: one short line, escaped, without card numbers."""
    head = value[: 4 * longest]
    # A card number cut in two by the shortening would slip through, so the longer head is looked at.
    if is_card_number(head, is_payment=True):
        return "a card number"
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)
    return escaped if len(escaped) <= longest else escaped[: longest - 1] + "…"
