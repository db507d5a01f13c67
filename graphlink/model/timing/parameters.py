"""Types, units of time and parameters that several behaviours use."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HOUR, DAY = 3_600, 86_400
SCALES = (10, 40, 160, 600)  # seconds by which two starts may differ and still coincide
NEAR, FAR = 1_800, 7_200  # shifts of the null within the hours around
LEAST_DAYS = 3  # coincidences must be on as many days
LEAST_BITS = 0.5  # behaviours with fewer are left out
FALSE_DISCOVERY = 0.05  # Benjamini and Hochberg's q, over all pairs that were tested
SILENCE = 600  # seconds without activity after which the next is a new start
