"""Of a file with one stray quote one line is given up, wherever it stands; of a sound file none."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.ingest.sources.quotes import GivenUp, count_lines, repair_quotes

WORDS = st.text(st.sampled_from("abc0 .-é"), min_size=1, max_size=8).map(lambda text: f"w{text}")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str, int]:
    n_columns = draw(st.integers(3, 6))
    rows = draw(st.lists(st.lists(WORDS, min_size=n_columns, max_size=n_columns), min_size=2, max_size=30))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    return rows, delimiter, draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from([0, 1]))


def written(rows: list[list[str]], delimiter: str, line_end: str, quoting: int) -> list[bytes]:
    """The lines of the rows as csv writes them."""
    lines = []
    for row in rows:
        text = io.StringIO()
        if quoting:
            csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerow(
                row
            )
        else:
            csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerow(row)
        lines.append(text.getvalue().encode())
    return lines


def mended(lines: list[bytes], delimiter: str, n_columns: int) -> tuple[tuple[GivenUp, ...], bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path, copy = Path(folder) / "a.csv", Path(folder) / "b.csv"
        path.write_bytes(b"".join(lines))
        given_up = repair_quotes(path, delimiter, n_columns, copy)
        assert copy.exists() == bool(given_up)
        return given_up, copy.read_bytes() if given_up else path.read_bytes()


@settings(deadline=None, max_examples=200)
@given(tables(), st.data())
def test_a_stray_quote_costs_its_line(
    table: tuple[list[list[str]], str, str, int], data: st.DataObject
) -> None:
    rows, delimiter, line_end, quoting = table
    lines = written(rows, delimiter, line_end, quoting)
    at = data.draw(st.integers(0, len(rows) - 1))
    stray = data.draw(st.integers(0, len(rows[0]) - 1))
    cells = [f'"{cell}"' if quoting else cell for cell in rows[at]]
    cells[stray] = f'"{rows[at][stray]}'
    lines[at] = (delimiter.join(cells) + line_end).encode()
    given_up, text = mended(lines, delimiter, len(rows[0]))
    if quoting and stray < len(rows[0]) - 1:
        # The next quote of the line itself closes it: a fault of one line, which the engine names.
        assert given_up == ()
    else:
        assert given_up == (GivenUp(sum(map(len, lines[:at])), 1),)
    kept = [line for i, line in enumerate(lines) if i != at]
    assert [line for line in text.splitlines(keepends=True) if not line.startswith(b"\xff")][-1:] == (
        kept[-1:] if given_up or at < len(lines) - 1 else lines[-1:]
    )
    assert len(text) == sum(map(len, lines))


@settings(deadline=None, max_examples=200)
@given(
    tables(), st.lists(st.sampled_from(["x\ny", 'say ""hi""\nthere', "one\r\ntwo\nthree", "\n"]), max_size=8)
)
def test_a_sound_file_is_left_alone(table: tuple[list[list[str]], str, str, int], cells: list[str]) -> None:
    rows, delimiter, line_end, quoting = table
    for row, cell in zip(rows, cells, strict=False):
        row[1] = cell
    lines = written(rows, delimiter, line_end, quoting)
    given_up, text = mended(lines, delimiter, len(rows[0]))
    assert given_up == ()
    assert text == b"".join(lines)


def test_lines_are_counted_only_where_there_are_quotes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for content, actual in (
        (b"a,b\n1,2\n", (0, 0, False)),
        (b'a,b\n"1",2', (2, 0, True)),
        (b'a,b\r\n\r\n"1",2\r\n3,4\n\n5,6\n', (6, 2, True)),
    ):
        path.write_bytes(content)
        assert tuple(count_lines(path)) == actual
