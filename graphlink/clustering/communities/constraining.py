"""Labels as constraints of the partition: read, applied and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.constraints import Constrained, PairLabels
from graphlink.core.constraint_names import APPLIED, CANNOT_LINK, CONFLICT, MUST_LINK
from graphlink.core.tables.clusters import CONSTRAINED_ACCOUNTS
from graphlink.core.wording.figures import counted

if TYPE_CHECKING:
    from graphlink.engine import Sql


def read_pair_labels(engine: Sql) -> PairLabels:
    """The labelled pairs, in order."""
    table = engine.arrow("SELECT l, r, is_same FROM pair_labels ORDER BY l, r")
    lesser, greater, is_same = (column.to_numpy(zero_copy_only=False) for column in table.columns)
    return PairLabels(lesser.astype(np.int64), greater.astype(np.int64), is_same.astype(bool))


def load_constraints(engine: Sql, labels: PairLabels, constrained: Constrained) -> None:
    """Make `constraints` and `constrained_accounts`: what became of each label, and whom labels moved."""
    engine.load(
        "numbered_constraints",
        pa.table(
            {
                "l": pa.array(labels.lesser, pa.int32()),
                "r": pa.array(labels.greater, pa.int32()),
                "constraint_type": pa.array(np.where(labels.is_same, MUST_LINK, CANNOT_LINK), pa.string()),
                "outcome": pa.array(constrained.outcomes, pa.string()),
                "cut_bits": pa.array(constrained.cut_bits, pa.float64(), mask=np.isnan(constrained.cut_bits)),
            }
        ),
    )
    engine.make(
        "constraints",
        "SELECT a.account_id AS account_id_l, b.account_id AS account_id_r, n.constraint_type, n.outcome, "
        "n.cut_bits FROM numbered_constraints n JOIN account_numbers a ON a.account_no = n.l "
        "JOIN account_numbers b ON b.account_no = n.r",
    )
    moved = np.flatnonzero(constrained.constrained_by)
    columns = {"account_no": moved, "constrained_by": constrained.constrained_by[moved]}
    engine.load("constrained_accounts", CONSTRAINED_ACCOUNTS.arrow_table(columns))


def constraint_facts(labels: PairLabels, constrained: Constrained, path: str) -> dict[str, object]:
    """What the labels did to the partition, for the manifest; nothing without labels."""
    if not len(labels.lesser):
        return {}
    applied = [
        is_same for is_same, one in zip(labels.is_same.tolist(), constrained.outcomes, strict=True)
        if one == APPLIED
    ]  # fmt: skip
    n_conflicts = constrained.outcomes.count(CONFLICT)
    warning = (
        f"labels {path}: {counted(n_conflicts, 'pair')} labelled no, but tied by a chain of labels yes; the "
        "accounts stay together; the table constraints lists them (outcome conflict)"
    )
    return {
        "must_links_applied": sum(applied),
        "cannot_links_applied": len(applied) - sum(applied),
        "constraints_in_conflict": n_conflicts,
        "accounts_constrained": int(np.count_nonzero(constrained.constrained_by)),
        "warnings": [warning] if n_conflicts else [],
    }
