"""Tables of planted worlds as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from graphlink.samples import World


def frame(table: Any) -> pd.DataFrame:
    """A table as a frame."""
    made: pd.DataFrame = table.to_pandas()
    return made


def rows_of(world: World, table: str, *styles: str) -> pd.DataFrame:
    """Rows of a table with their truth, of accounts of these styles."""
    rows = frame(getattr(world, table)).merge(frame(world.truth), on="account_id")
    return rows[rows["style"].isin(styles)]


def shares_of(world: World) -> pd.Series[float]:
    """Share of the accounts by style."""
    return frame(world.truth)["style"].value_counts(normalize=True)
