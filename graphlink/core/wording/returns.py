"""What is said of accounts that were opened after others of their cluster were closed."""

from __future__ import annotations

import datetime as dt

from graphlink.core.wording.figures import counted, mean_words

SOON_AFTER = (
    "New accounts that were opened within three days after another account of the cluster was closed for "
    "abuse (for any reason where no reason is known), and how many such accounts are expected by chance: at "
    "random moments of the data. Shown for six hours instead where chance explains that less."
)
CAME_BACK = (
    "Accounts, new or not, that were opened within three days after another account of the cluster was "
    "closed for abuse (for any reason where no reason is known)"
)
ABOVE_CHANCE = (
    "More new accounts were opened within six hours or three days after a closing than chance gives with a "
    "probability of 5%: the holders of closed accounts may have come back."
)


def soon_after_figure(lag_s: int, n_within: int, by_chance: float | None) -> str:
    """How many new accounts were opened soon after a closing, in a cell, next to what chance gives.

    Args:
        lag_s: The lag that chance explains least, on which a mark in the cell rests.
        n_within: New accounts opened within it.
        by_chance: How many of these are expected by chance; None where that is not known.
    """
    if not n_within:
        return "0"
    chance = "chance not known" if by_chance is None else f"{mean_words(by_chance)} by chance"
    return f"{n_within:,} in {within_words(lag_s)} ({chance})"


def within_words(lag_s: int) -> str:
    """A lag in words: `6 hours`, `3 days`."""
    return counted(lag_s // 86_400, "day") if lag_s >= 86_400 else counted(lag_s // 3_600, "hour")


def returned_phrase(lag_s: int, n_within: int, by_chance: float) -> str:
    """Accounts that may have come back, in short."""
    return (
        f"{counted(n_within, 'account')} opened within {within_words(lag_s)} after a closing "
        f"({mean_words(by_chance)} expected by chance)"
    )


def soon_after_sentence(lag_s: int, n_within: int, by_chance: float | None, *, is_above_chance: bool) -> str:
    """How many new accounts were opened soon after a closing, and what may be made of it; empty for none."""
    if not n_within:
        return ""
    opened = (
        f"{counted(n_within, 'account')} {'was' if n_within == 1 else 'were'} opened within "
        f"{within_words(lag_s)} after another account of the cluster was closed for abuse (for any reason "
        "where no reason is known)"
    )
    if by_chance is None:
        return f"{opened}; how many are expected by chance is not known."
    means = (
        "the holders of closed accounts may have come back"
        if is_above_chance
        else "that is no sign of a return"
    )
    are = "is" if by_chance < 0.05 else "are"
    return f"{opened}; {mean_words(by_chance)} {are} expected by chance: {means}."


def tied_by_words(kind: str, value: str, n_members: int) -> str:
    """What ties an account that joined to members of its cluster; empty where nothing does."""
    tie = f"{kind.replace('_', ' ')} {value}".strip()
    return f"{tie} with {counted(n_members, 'member')}" if tie else ""


def lag_words(closed: dt.datetime, opened: dt.datetime) -> str:
    """How long after a closing an account was opened: `3 d 4 h`, `5 h 10 min`, `12 min`.

    Two times that are whole days say no more than how many days lie between them.
    """
    minutes = max(0, int((opened - closed).total_seconds())) // 60
    hours, days = minutes // 60, minutes // 1440
    if closed.time() == opened.time() == dt.time():
        return counted(days, "day") if days else "same day"
    if hours >= 48:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min" if minutes else "under a minute"
