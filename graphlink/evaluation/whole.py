"""A whole result against known truth: its clusters and its links."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from graphlink.core.errors import InputError
from graphlink.evaluation.calibration import Calibration, evaluate_links
from graphlink.evaluation.clusters import Measures, evaluate_clusters
from graphlink.evaluation.representation import Representation

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS = ("account_id", "operator_id", "operator", "style")


@dataclass(frozen=True, slots=True, repr=False)
class Evaluation(Representation):
    """A result against known truth.

    Attributes:
        clusters: How well its clusters are the operators.
        links: Whether its probabilities of links are right.
    """

    clusters: Measures
    links: Calibration


def evaluate_tables(table: Callable[[str], pa.Table], truth: pa.Table) -> Evaluation:
    """Measure a result against known truth.

    Args:
        table: Gives membership, clusters and links by name.
        truth: account_id, operator_id (or operator), optionally style; one row per account.

    Raises:
        InputError: A column is missing, an account is there twice, or no account of the truth is in the
            result.
    """
    measures = evaluate_clusters(table("membership"), truth, clusters=table("clusters"))
    return Evaluation(measures, evaluate_links(table("links"), truth))


def read_truth_file(path: str | Path) -> pa.Table:
    """Read the truth from a file; identifiers in a CSV stay text, "007" too.

    Raises:
        InputError: The file is missing, or is neither Parquet nor CSV.
    """
    path = Path(path)
    try:
        if path.suffix != ".csv":
            return pa.parquet.read_table(path)
        types = pa.csv.ConvertOptions(column_types=dict.fromkeys(_TEXTS, pa.string()))
        return pa.csv.read_csv(path, convert_options=types)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: {error}; expected Parquet or .csv with account_id and operator_id"
        ) from error
