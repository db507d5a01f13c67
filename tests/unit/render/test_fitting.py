"""Columns that fit a terminal: what is folded, what is dropped, and in which order."""

from __future__ import annotations

import pytest

from graphlink.render.fitting import GAP, Column, broken_header, fit_columns

COLUMNS = (
    Column("cluster_id", 12, is_text=False),
    Column("score", 6, is_text=False),
    Column("detail", 90, is_text=True),
    Column("last_seen", 16, is_text=False),
)


def line(widths: dict[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def test_what_fits_is_shown_whole() -> None:
    fit = fit_columns(COLUMNS, (), 200)
    assert fit.widths == {"cluster_id": 12, "score": 6, "detail": 90, "last_seen": 16}
    assert fit.dropped == ()


def test_text_is_folded_before_a_column_is_dropped() -> None:
    fit = fit_columns(COLUMNS, (), 80)
    assert fit.dropped == ()
    assert line(fit.widths) == 80
    assert fit.widths["detail"] == 80 - 12 - 6 - 16 - 3 * GAP


@pytest.mark.parametrize(
    ("keep", "dropped"),
    [
        ((), ("last_seen",)),
        (("cluster_id", "last_seen", "detail"), ("score",)),
        (("detail",), ("last_seen",)),
    ],
)
def test_columns_are_dropped_from_the_right_and_the_kept_ones_last(
    keep: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    fit = fit_columns(COLUMNS, keep, 12 + 16 + 24 + 2 * GAP)
    assert fit.dropped == dropped
    assert list(fit.widths) == [column.name for column in COLUMNS if column.name not in dropped]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100])
def test_an_id_is_never_narrowed_and_no_line_is_too_long(width: int) -> None:
    fit = fit_columns(COLUMNS, ("cluster_id",), width)
    assert fit.widths["cluster_id"] == 12
    assert line(fit.widths) <= width


def test_a_column_wider_than_the_terminal_is_narrowed_rather_than_lost() -> None:
    fit = fit_columns((Column("account_id", 100, is_text=False),), (), 40)
    assert fit.widths == {"account_id": 40}


def test_chosen_columns_are_narrowed_and_not_dropped() -> None:
    fit = fit_columns(COLUMNS, (), 30, drops=False)
    assert fit.dropped == ()
    assert line(fit.widths) <= 30


def test_headers_break_after_underscores_and_keep_a_count_whole() -> None:
    assert broken_header("expected_by_chance", 9) == "expected_\nby_chance"
    assert broken_header("n_accounts", 10) == "n_accounts"
    assert Column("n_accounts", 2, is_text=False).least == 10
