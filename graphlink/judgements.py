"""Judgements: what analysts found of pairs, as labels that teach how telling the kinds are.

A judgement moves what every kind says of pairs like the judged one. It does not decide its own pair: links
stay what the evidence makes them, so a result can be held against the judgements.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from graphlink.engine import number
from graphlink.errors import InputError
from graphlink.files import refuse_lake_tables
from graphlink.folder import file_digest
from graphlink.kinds import pseudonym, read_key, shown

if TYPE_CHECKING:
    from graphlink.engine import Engine
    from graphlink.settings import Settings

_COLUMNS = ("account_id_l", "account_id_r", "verdict")
_VERDICTS = ("yes", "no", "unsure")


def read_judgements(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `judged` (l, r, is_same) from the file of judgements: account numbers l < r, and the verdict.

    Takes `account_numbers`. A pair judged unsure, or both yes and no, is left out, and so is one with an
    account that was not observed.

    Returns:
        Counts for the manifest: judgements, what was used, and why the others were not.

    Raises:
        InputError: The file can't be read, lacks a column or has a verdict that is none.
    """
    path = settings.judgements.path
    told = _read(Path(path)) if path else pa.table({name: pa.array([], pa.string()) for name in _COLUMNS})
    key_file = settings.pseudonymize.key_file
    if "account" in settings.pseudonymize.kinds:
        told = _hashed(told, read_key(key_file))
    engine.load("told_judgements", told)
    engine.make("numbered_judgements", _numbered_sql())
    engine.make(
        "judged",
        "SELECT l, r, bool_and(n.is_same) AS is_same FROM numbered_judgements n "
        "WHERE n.is_same IS NOT NULL GROUP BY l, r HAVING bool_and(n.is_same) = bool_or(n.is_same)",
    )
    facts: dict[str, object] = {
        "judgements": told.num_rows,
        "pairs_used": number(engine, "SELECT count(*) FROM judged"),
        "unsure": number(engine, "SELECT count(*) FROM told_judgements WHERE verdict = 'unsure'"),
        "of_unknown_accounts": told.num_rows - number(engine, "SELECT count(*) FROM numbered_judgements"),
        "contradicted": number(
            engine,
            "SELECT count(*) FROM (SELECT l, r FROM numbered_judgements GROUP BY l, r "
            "HAVING bool_and(is_same) <> bool_or(is_same))",
        ),
    }
    if path:
        facts["sha256"] = file_digest(Path(path))
    engine.drop("told_judgements", "numbered_judgements")
    return facts


def _numbered_sql() -> str:
    return """
        SELECT least(x.account_no, y.account_no) AS l, greatest(x.account_no, y.account_no) AS r,
               CASE j.verdict WHEN 'yes' THEN true WHEN 'no' THEN false END AS is_same
        FROM told_judgements j
        JOIN account_numbers x ON x.account_id = j.account_id_l
        JOIN account_numbers y ON y.account_id = j.account_id_r
        WHERE x.account_no <> y.account_no
    """


def _read(path: Path) -> pa.Table:
    """The three columns of the file as text, verdicts in small letters."""
    refuse_lake_tables([path])
    try:
        if path.suffix == ".parquet":
            table = pq.read_table(path)
        else:
            types = dict.fromkeys(_COLUMNS, pa.string())
            table = pyarrow.csv.read_csv(
                path, convert_options=pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
            )
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: {error}; expected Parquet or CSV with {', '.join(_COLUMNS)}") from error
    for name in _COLUMNS:
        if name not in table.column_names:
            has, expected = ", ".join(table.column_names), ", ".join(_COLUMNS)
            raise InputError(f"{path}: no column {name}; it has {has}; expected {expected}")
    columns = {name: pc.utf8_trim_whitespace(table[name].cast(pa.string())) for name in _COLUMNS}
    columns["verdict"] = pc.utf8_lower(columns["verdict"])
    found = columns["verdict"].to_pylist()
    for row, verdict in enumerate(found, 1):
        if verdict not in _VERDICTS:
            raise InputError(
                f"{path}: row {row}, column verdict: {shown(str(verdict))}; expected {', '.join(_VERDICTS)}"
            )
    return pa.table(columns)


def _hashed(told: pa.Table, key: bytes) -> pa.Table:
    """With the accounts hashed as the observations' were."""
    for name in ("account_id_l", "account_id_r"):
        hashed = [None if one is None else pseudonym(key, "account", one) for one in told[name].to_pylist()]
        told = told.set_column(told.column_names.index(name), name, pa.array(hashed, pa.string()))
    return told
