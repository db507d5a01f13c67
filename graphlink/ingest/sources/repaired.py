"""CSV files in which a stray quote swallows rows -> copies without that quote."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink.engine.scratch import nameless_file
from graphlink.ingest.sources.quotes import Lines, repair_quotes
from graphlink.storage.files import COMPRESSED, peek_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.engine import Sql
    from graphlink.ingest.sources.staged import Staged


class Copy(NamedTuple):
    """The copy of a file whose stray quotes swallow nothing, with the lines given up by their place."""

    path: Path
    given_up: dict[int, int]


def swallowing_files(engine: Sql, staged: Staged, lines: Mapping[int, Lines]) -> list[int]:
    """The CSV files of which fewer rows were read or rejected than they have lines."""
    if not any(count.has_quotes for count in lines.values()):
        return []
    n_rows = {
        int(str(file)): int(str(n))
        for file, n in engine.rows(f"SELECT file, count(*) FROM {staged.table} GROUP BY file")
    }
    n_rejected = Counter(row.file for row in staged.rejected)
    return [
        i
        for i, count in lines.items()
        if count.has_quotes and count.n_lines - count.n_blank - 1 != n_rows.get(i, 0) + n_rejected[i]
    ]


def repaired_copies(
    paths: Sequence[Path], swallowing: Sequence[int], folder: Path, held: contextlib.ExitStack
) -> dict[int, Copy]:
    """Copies, by the place of their file, that are there as long as `held` is: raw values outlive no run."""
    copies: dict[int, Copy] = {}
    for i in swallowing:
        text = peek_file(paths[i])
        # The name decides the form and the delimiter tried first, so it stays; the copy is not compressed.
        name = paths[i].name
        while Path(name).suffix.lower() in COMPRESSED:
            name = Path(name).stem
        copy = folder / str(i) / name
        copy.parent.mkdir(parents=True)
        with contextlib.ExitStack() as own:
            if len(copies) < MOST_NAMELESS:
                own.enter_context(nameless_file(copy))
            given_up = repair_quotes(paths[i], text.delimiter, len(text.columns), copy)
            if given_up:
                copies[i] = Copy(copy, {lost.at: lost.n_lines for lost in given_up})
                held.push(own.pop_all())
    return copies


MOST_NAMELESS = 200  # copies that are held open: a process may open a thousand files
