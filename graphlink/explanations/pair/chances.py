"""How likely two accounts share an identifier by chance (configuration model)."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explanations.stored import identifiers_known
from graphlink.storage.arrow_values import numbers_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable


def chances_of(
    result: Readable,
    seen: list[dict[str, Any]],
    pair: tuple[str, str],
    known: dict[tuple[str, str], dict[str, Any]],
) -> dict[tuple[str, str], float]:
    """How likely two accounts that hold as many identifiers share one held by as few (configuration model).

    An account holds an identifier in proportion to how many do; of accounts that hold n and m of a kind,
    n * m * sum(degree ** 2) / sum(degree) ** 2 are expected to be shared, the first sum over those held by as
    few (Newman, Strogatz and Watts 2001).
    """
    kinds = {kind for kind, _ in known}
    if not kinds:
        return {}
    held = {(row["account_id"], row["kind"], row["value"]) for row in seen if row["kind"] in kinds}
    is_shared = identifiers_known(result, {(kind, value) for _, kind, value in held})
    counts = Counter((account, kind) for account, kind, value in held if (kind, value) in is_shared)
    chances = {}
    for kind in sorted(kinds):
        column = result.table("identifiers", ["degree"], {"kind": [kind]})["degree"]
        degrees = numbers_of(column, np.int64).astype(np.float64)
        n = math.prod(counts[account, kind] for account in pair)
        for identifier, about in known.items():
            if identifier[0] == kind and n:
                rarer = degrees[degrees <= about["degree"]]
                expected = n * float((rarer**2).sum()) / float(degrees.sum()) ** 2
                chances[identifier] = -math.expm1(-expected)
    return chances
