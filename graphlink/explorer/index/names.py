"""Distinct texts by number: searched by name, beginning and content."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.explorer.index.arrow import arrow_ints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray


_FEW = 300  # texts up to which looking each up is quicker than going through all


class Names:
    """Distinct texts in the order of their UTF-8 bytes, numbered from 0."""

    def __init__(self, values: pa.Array) -> None:
        _, ends, content = values.buffers()
        first, last = values.offset, values.offset + len(values)
        self._ends = np.frombuffer(ends, np.int32)[first : last + 1] if len(values) else np.zeros(1, np.int32)
        # All of them as one, which is searched many times as fast as each; the texts lie in the same bytes.
        self._content = b"" if content is None else content.to_pybytes()
        buffers = [None, pa.py_buffer(self._ends), pa.py_buffer(self._content)]
        self.values = pa.Array.from_buffers(pa.string(), len(values), buffers)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: int) -> str:
        return str(self.values[number].as_py())

    def texts(self, numbers: Iterable[int] | NDArray[Any]) -> list[str]:
        """The texts of numbers."""
        named: list[str] = self.values.take(arrow_ints(np.asarray(numbers, np.int64))).to_pylist()
        return named

    def number(self, text: str, start: int = 0, stop: int | None = None) -> int:
        """The number of a text; -1 when it is not there."""
        place = self.place(text, start, stop)
        there = place < (len(self) if stop is None else stop) and self[place] == text
        return place if there else -1

    def numbers(self, texts: Collection[str], start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """The numbers of those of some texts that are there, ascending."""
        end = len(self) if stop is None else stop
        wanted = set(texts)
        if len(wanted) <= _FEW:
            places = (self.number(text, start, end) for text in wanted)
            return np.array(sorted(place for place in places if place >= 0), np.int64)
        # As bytes: who asks may write what is no text, which is not there.
        known = pa.array([text.encode("utf-8", "surrogatepass") for text in wanted], pa.binary())
        found = pc.is_in(self.values.view(pa.binary()).slice(start, end - start), value_set=known)
        return start + np.flatnonzero(found.to_numpy(zero_copy_only=False))

    def place(self, text: str, start: int = 0, stop: int | None = None) -> int:
        """Where a text is, or would be."""
        # Code points sort as their UTF-8 bytes do.
        return bisect.bisect_left(self, text, start, len(self) if stop is None else stop)

    def prefixed(self, prefix: str, start: int = 0, stop: int | None = None) -> range:
        """The numbers of the texts that begin so."""
        end = len(self) if stop is None else stop
        least = self.place(prefix, start, end)
        beyond = bisect.bisect_left(
            self,
            True,
            least,
            end,
            key=lambda text: not text.startswith(prefix),
        )
        return range(least, beyond)

    def containing(self, text: str, start: int = 0, stop: int | None = None, most: int = 1_000) -> list[int]:
        """The numbers of the first texts that hold a text somewhere."""
        ends, content = self._ends, self._content
        wanted = text.encode("utf-8", "replace")
        at, beyond = int(ends[start]), int(ends[len(self) if stop is None else stop])
        numbers: list[int] = []
        while wanted and len(numbers) < most and (at := content.find(wanted, at, beyond)) >= 0:
            number = int(np.searchsorted(ends, at, side="right")) - 1
            # One that begins in a text and ends in the next is in neither.
            is_inside = at + len(wanted) <= ends[number + 1]
            if is_inside:
                numbers.append(number)
            at = int(ends[number + 1]) if is_inside else at + 1
        return numbers
