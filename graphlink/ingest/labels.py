"""Labels: the verdicts of analysts on pairs, from which the match weights of the kinds are learned.

A label moves the weight of every kind for pairs like the labelled one. It does not decide its own pair: links
depend on the evidence only, so a result can be compared with the labels.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from graphlink.core.errors import InputError
from graphlink.core.small_files import MOST_BYTES, read_regular
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS
from graphlink.core.tables.model import PAIR_LABELS
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds import pseudonym, read_key, shown
from graphlink.kinds.spelling import account_of
from graphlink.storage.files import refuse_lake_tables

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_COLUMNS = ("account_id_l", "account_id_r", "verdict")
_VERDICTS = ("yes", "no", "unsure")


@step(
    "labels",
    "read the verdicts of analysts on pairs",
    takes=(ACCOUNT_NUMBERS,),
    makes=(PAIR_LABELS,),
    share=0.001,
)
def read_labels(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `pair_labels` from the file of labels.

    A pair labelled unsure, or both yes and no, is left out, and so is one with an account that was not
    observed.

    Returns:
        Counts for the manifest: labels, what was used, and why the others were not.

    Raises:
        InputError: The file can't be read, lacks a column or has an unknown verdict.
    """
    path = settings.labels.path
    refuse_lake_tables([Path(path)] if path else [])
    content = read_regular(path, f"labels {path}", most_bytes=MOST_BYTES) if path else b""
    labels = (
        read_label_file(path, content)
        if path
        else pa.table({name: pa.array([], pa.string()) for name in _COLUMNS})
    )
    labels = labels.append_column("row_no", pa.array(range(1, labels.num_rows + 1), pa.int64()))
    key_file = settings.pseudonymize.key_file
    if "account" in settings.pseudonymize.kinds and not settings.labels.as_in_result:
        labels = _hash_accounts(labels, read_key(key_file))
    engine.load("given_labels", labels)
    engine.make("numbered_labels", _numbered_sql())
    engine.make(
        "pair_labels",
        "SELECT l, r, bool_and(n.is_same) AS is_same FROM numbered_labels n "
        "WHERE n.is_same IS NOT NULL GROUP BY l, r HAVING bool_and(n.is_same) = bool_or(n.is_same)",
    )
    facts: dict[str, object] = {
        "labels": labels.num_rows,
        "pairs_used": number(engine, "SELECT count(*) FROM pair_labels"),
        "unsure": number(engine, "SELECT count(*) FROM given_labels WHERE verdict = 'unsure'"),
        "of_unknown_accounts": labels.num_rows - number(engine, "SELECT count(*) FROM numbered_labels"),
        "contradicted": number(
            engine,
            "SELECT count(*) FROM (SELECT l, r FROM numbered_labels GROUP BY l, r "
            "HAVING bool_and(is_same) <> bool_or(is_same))",
        ),
    }
    facts["warnings"] = _warnings(engine, path, labels.num_rows)
    if path:
        facts["sha256"] = hashlib.sha256(content).hexdigest()
    return facts


def _warnings(engine: Sql, path: str, n: int) -> list[str]:
    """Warn of labels that are not used because an account is not in the data; without its name."""
    unknown = engine.rows(
        """
        SELECT count(DISTINCT u.row_no), count(DISTINCT u.account_id), min(u.row_no)
        FROM (SELECT row_no, account_id_l AS account_id FROM given_labels
              UNION ALL SELECT row_no, account_id_r FROM given_labels) u
        LEFT JOIN account_numbers a ON a.account_id = u.account_id
        WHERE a.account_id IS NULL
        """
    )[0]
    n_rows, n_accounts, first = (int(str(value or 0)) for value in unknown)
    if not n_rows:
        return []
    text = f"{n_rows:,} of {n:,} teach nothing, since {n_accounts:,} of their accounts are not in the data"
    return [f"labels {path}: {text}; the first is in row {first:,}"]


def _numbered_sql() -> str:
    return """
        SELECT least(x.account_no, y.account_no) AS l, greatest(x.account_no, y.account_no) AS r,
               CASE j.verdict WHEN 'yes' THEN true WHEN 'no' THEN false END AS is_same
        FROM given_labels j
        JOIN account_numbers x ON x.account_id = j.account_id_l
        JOIN account_numbers y ON y.account_id = j.account_id_r
        WHERE x.account_no <> y.account_no
    """


def read_label_file(path: str, content: bytes) -> pa.Table:
    """Read the columns account_id_l, account_id_r and verdict of a file as text, verdicts in lower case.

    Args:
        path: The file, for errors; its suffix tells Parquet from CSV.
        content: Its bytes.

    Raises:
        InputError: It can't be read, lacks a column or has an unknown verdict.
    """
    expected = ", ".join(_COLUMNS)
    try:
        if Path(path).suffix.lower() == ".parquet":
            table = pq.read_table(pa.BufferReader(content))
        else:
            types = dict.fromkeys(_COLUMNS, pa.string())
            table = pyarrow.csv.read_csv(
                pa.BufferReader(content),
                convert_options=pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True),
            )
        for name in _COLUMNS:
            if table.column_names.count(name) != 1:
                has = shown(", ".join(table.column_names), 200)
                raise InputError(f"{path}: no column {name}; it has {has}; expected {expected}")
        columns = {name: pc.utf8_trim_whitespace(table[name].cast(pa.string())) for name in _COLUMNS}
    except (OSError, pa.ArrowException) as error:
        # Arrow quotes the line that it can't read, and the line names accounts.
        known = re.search(
            r"(Row #\d+: )?Expected \d+ columns, got \d+|invalid UTF8 data|Empty CSV file", str(error)
        )
        reason = known[0] if known else "it can't be read"
        raise InputError(f"{path}: {reason}; expected Parquet or CSV with {expected}") from error
    for name in ("account_id_l", "account_id_r"):
        # Accounts are spelled as those of the observations are.
        spelled = [None if one is None else account_of(one) for one in columns[name].to_pylist()]
        columns[name] = pa.array(spelled, pa.string())
    columns["verdict"] = pc.utf8_lower(columns["verdict"])
    for row, verdict in enumerate(columns["verdict"].to_pylist(), 1):
        if verdict not in _VERDICTS:
            raise InputError(
                f"{path}: row {row}, column verdict: {shown(str(verdict))}; expected {', '.join(_VERDICTS)}"
            )
    return pa.table(columns)


def _hash_accounts(labels: pa.Table, key: bytes) -> pa.Table:
    """The labels with accounts hashed as those of the observations."""
    for name in ("account_id_l", "account_id_r"):
        hashed = [None if one is None else pseudonym(key, "account", one) for one in labels[name].to_pylist()]
        labels = labels.set_column(labels.column_names.index(name), name, pa.array(hashed, pa.string()))
    return labels
