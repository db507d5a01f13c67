"""Who holds each identifier, computed once per index instead of in a scan of observations per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.observations import Observations

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

_N_ROWS = 1 << 22  # read at once, so that copies of columns stay small


@dataclass(frozen=True)
class Holders:
    """The accounts of each identifier in order, one identifier after another from `starts`.

    Memory is 4 bytes per account and identifier and 8 per identifier.
    """

    starts: Longs
    accounts: Ints

    def of(self, identifier: int) -> Longs:
        """The accounts that hold an identifier."""
        return self.accounts[self.starts[identifier] : self.starts[identifier + 1]].astype(np.int64)

    def n_of(self, identifiers: Longs) -> int:
        """How many there are of several identifiers, one that holds two of them counted twice."""
        return int((self.starts[identifiers + 1] - self.starts[identifiers]).sum())


def find_holders(observations: Observations, evidence: Evidence, n_identifiers: int) -> Holders:
    """Find who holds each identifier: as observed, and as the evidence ties them.

    Args:
        observations: The observations by account.
        evidence: The evidence; that of behaviors, which has no identifier, ties nobody to one.
        n_identifiers: How many identifiers there are.
    """
    n_accounts = max(len(observations.starts) - 1, 1)
    keys = [np.empty(0, np.int64), *_observed(observations, n_accounts), *_tied(evidence, n_accounts)]
    pairs = np.unique(np.concatenate(keys))
    starts = np.searchsorted(pairs, np.arange(n_identifiers + 1, dtype=np.int64) * n_accounts)
    pairs %= n_accounts
    return Holders(starts.astype(np.int64), pairs.astype(np.int32))


def _observed(observations: Observations, n_accounts: int) -> list[Longs]:
    keys_of_batches = []
    for at in range(0, len(observations.identifier), _N_ROWS):
        identifier = observations.identifier[at : at + _N_ROWS]
        rows = np.flatnonzero(identifier >= 0)
        account = np.searchsorted(observations.starts, rows + at, side="right") - 1
        keys_of_batches.append(np.unique(identifier[rows].astype(np.int64) * n_accounts + account))
    return keys_of_batches


def _tied(evidence: Evidence, n_accounts: int) -> list[Longs]:
    keys_of_batches = []
    for at in range(0, len(evidence.identifier), _N_ROWS):
        identifier = evidence.identifier[at : at + _N_ROWS].astype(np.int64)
        rows = np.flatnonzero(identifier >= 0)
        keys = identifier[rows] * n_accounts
        ends = [end[at : at + _N_ROWS][rows] for end in (evidence.left, evidence.right)]
        keys_of_batches.append(np.unique(np.concatenate([keys + end for end in ends])))
    return keys_of_batches
