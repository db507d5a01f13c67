"""Columns of facts that `graphlink init` suggests: by name, if the values fit; never as identifiers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from graphlink.core.settings import read_settings
from graphlink.ingest.suggest_settings import suggest_settings
from graphlink.pipeline import check

if TYPE_CHECKING:
    from pathlib import Path


def suggested(folder: Path, columns: dict[str, list[str]]) -> dict[str, str]:
    """The facts that are suggested for a log of these columns; the settings are read and checked too."""
    rows = {
        "account_id": ["a1", "b2", "c3"],
        "seen_at": ["2026-03-01T09:30:00Z"] * 3,
        "client_ip": ["8.8.8.8", "8.8.4.4", "9.9.9.9"],
        **columns,
    }
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(rows), *zip(*rows.values(), strict=True)])
    (folder / "graphlink.toml").write_text(suggest_settings([folder / "log.csv"]), encoding="utf-8")
    settings = read_settings(folder / "graphlink.toml")
    facts = check(settings)
    assert facts["rows_rejected"] == 0
    (source,) = settings.sources
    assert not {*source.facts.values()} & {*source.kinds.values()}
    return source.facts


def test_columns_with_the_names_of_facts_are_suggested(tmp_path: Path) -> None:
    columns = {
        "model": ["m-1", "m-1", "m-2"],
        "output_tokens": ["12", "3.5", "400"],
        "path": ["/v1/chat", "/v1/chat", "/console"],
        "country": ["DE", "US", "US"],
        "risk_score": ["0.1", "0", "1"],
    }
    assert suggested(tmp_path, columns) == {
        "model": "model",
        "tokens": "output_tokens",
        "pathway": "path",
        "country": "country",
        "score": "risk_score",
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("tokens", ["tok_1", "tok_2", "tok_3"]),  # secrets, not numbers
        ("score", ["80", "90", "10"]),  # needs a threshold, which nobody can guess
        ("model", ["", "", ""]),
        ("device_model", ["x", "y", "z"]),
    ],
)
def test_a_column_whose_values_do_not_fit_is_not(tmp_path: Path, name: str, values: list[str]) -> None:
    assert suggested(tmp_path, {name: values}) == {}


def test_urls_with_ids_are_no_pathway(tmp_path: Path) -> None:
    rows = [f"a{i},2026-03-01T09:30:00Z,8.8.{i}.1,/user/{i}" for i in range(60)]
    (tmp_path / "log.csv").write_text("account_id,seen_at,client_ip,path\n" + "\n".join(rows) + "\n")
    text = suggest_settings([tmp_path / "log.csv"])
    assert "[sources.facts]" not in text
    assert '# "path" is named like pathway, but its values do not fit' in text
