"""Bars of text: in proportion, within the width, and safe to print."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphlink.render.text_bars import text_bars


def test_bars_are_in_proportion_to_the_largest() -> None:
    assert text_bars([("ip", 10.0), ("email", 5.0), ("asn", 0.0), ("town", -2.5)], width=33) == [
        "ip       10.0 ███████████████████",
        "email     5.0 ██████████",
        "asn       0.0",
        "town     -2.5 ▒▒▒▒▒",
    ]
    assert text_bars([]) == []


@given(st.lists(st.tuples(st.text(max_size=60), st.floats(-999, 9999)), max_size=20), st.integers(40, 200))
def test_no_line_is_wider_than_asked(rows: list[tuple[str, float]], width: int) -> None:
    lines = text_bars(rows, width=width)
    assert len(lines) == len(rows)
    assert all(len(line) <= width for line in lines)
    assert all("\x1b" not in line and "\n" not in line for line in lines)
