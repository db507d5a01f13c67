"""A large result for the bench: planted operators among strangers, run through graphlink as any input is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink import run
from graphlink.core.settings import EngineSettings
from graphlink.engine.duck import DuckEngine

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

N_OBSERVATIONS = 10  # of each account
_LARGEST, _MIDDLE, _USUAL = 25_000, 500, 12
_OPERATED = 0.15  # of the accounts
_MEMORY = "4GB"  # of the engine, so that it can be made beside other work
_GROUP = 20  # accounts of an operator on one address


def make_result(folder: Path, n_accounts: int = 1_000_000) -> Result:
    """Make a result with one operator of 25,000 accounts, four of 500 and many of 12, if accounts suffice.

    Args:
        folder: Where its input and the result go.
        n_accounts: Accounts; each has 10 observations in 60 days.
    """
    source = folder / "observations.parquet"
    with DuckEngine(_MEMORY) as engine:
        engine.make("placed", _accounts_sql(n_accounts))
        engine.write_parquet(_observations_sql(n_accounts), source)
    return run(source, out=folder / "result", limits=EngineSettings(memory=_MEMORY))


def _accounts_sql(n_accounts: int) -> str:
    """Query of each account's operator (null for most) and its place among that one's accounts."""
    largest = min(_LARGEST, n_accounts // 40)
    middle = min(_MIDDLE, n_accounts // 40)
    rest = largest + 4 * middle
    return f"""
        SELECT i, 'a-' || substr(md5(i::VARCHAR), 1, 14) AS account_id,
               CASE WHEN i < {largest} THEN 0
                    WHEN i < {rest} THEN 1 + (i - {largest}) // {middle}
                    WHEN i < {int(_OPERATED * n_accounts)} THEN 5 + (i - {rest}) // {_USUAL} END AS operator,
               CASE WHEN i < {largest} THEN {largest} WHEN i < {rest} THEN {middle} ELSE {_USUAL} END AS size
        FROM range({n_accounts}) t(i)
    """


def _observations_sql(n_accounts: int) -> str:
    """Query of the observations: operators share addresses and cards within days, strangers seldom."""
    address = "({0} // 65536 % 200 + 11) || '.' || ({0} // 256 % 256) || '.' || ({0} % 256) || '.7'"
    of_group = address.format(f"(5000000 + i // {_GROUP})")
    of_operator = address.format(f"(5000000 + (i - i % size + hash(i, 4) % size) // {_GROUP})")
    anywhere = address.format(f"(hash(i, j % 2) % {n_accounts})::BIGINT")
    return f"""
        SELECT account_id,
               CASE WHEN j < 5 THEN 'ip' WHEN j < 7 THEN 'client' WHEN j < 9 THEN 'payment' ELSE 'api_key' END
                   AS kind,
               CASE WHEN j < 3 AND operator IS NOT NULL THEN {of_group}
                    WHEN j = 3 AND operator IS NOT NULL THEN {of_operator}
                    WHEN j < 5 THEN {anywhere}
                    WHEN j < 7 THEN 'sdk/' || (hash(i, j) % 300)
                    WHEN j = 7 AND operator IS NOT NULL THEN 'card-' || operator || '-' || (i // 10)
                    WHEN j = 8 AND operator IS NOT NULL THEN 'card-' || operator || '-' || ((i + 5) // 10)
                    WHEN j < 9 THEN 'card-' || md5(i::VARCHAR)
                    ELSE 'key-' || md5(i::VARCHAR) END AS value,
               TIMESTAMPTZ '2026-03-02 00:00:00+00' + to_seconds(
                   CASE WHEN operator IS NOT NULL AND j < 4
                        THEN hash(operator) % 5000000 + hash(i, j) % 172800
                        ELSE hash(i, j, 1) % 5184000 END::BIGINT) AS seen_at,
               1 + (hash(i, j, 2) % 5)::BIGINT AS n
        FROM placed, range({N_OBSERVATIONS}) t(j)
    """
