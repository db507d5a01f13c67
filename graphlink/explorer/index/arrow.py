"""Arrays as columns of Arrow, made from buffers: `pa.array` imports pandas, which takes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Flags


def arrow_ints(numbers: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Numbers as Arrow. Made from a buffer, because `pa.array` imports pandas, which takes a second."""
    return _arrow(np.ascontiguousarray(numbers, np.int64), pa.int64(), missing)


def arrow_floats(numbers: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Numbers as Arrow; see `arrow_ints`."""
    return _arrow(np.ascontiguousarray(numbers, np.float64), pa.float64(), missing)


def _arrow(whole: NDArray[Any], data_type: pa.DataType, missing: Flags | None) -> pa.Array:
    bits = None
    if missing is not None and missing.any():
        bits = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(data_type, len(whole), [bits, pa.py_buffer(whole)])


def arrow_texts(texts: Sequence[str | None]) -> pa.Array:
    """Texts as Arrow; see `arrow_ints`."""
    encoded = [b"" if text is None else text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    bits = pa.py_buffer(np.packbits([text is not None for text in texts], bitorder="little"))
    buffers = [bits, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)
