"""Types and units of time that several behaviours use; the numbers are `graphlink.core.parameters.timing`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HOUR, DAY = 3_600, 86_400
