"""Schemas of logs and tables: the suggestion is right for each and runs as it is, or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import settings_from
from graphlink.ingest.suggest_settings import suggest
from graphlink.pipeline import check
from tests.schemas import N_ACCOUNTS, N_ROWS, SCHEMAS, Outcome, Schema, outcome_of, suggested

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_a_schema_is_suggested_right(schema: Schema, tmp_path: Path) -> None:
    assert outcome_of(schema, tmp_path) == Outcome("right", "")


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_the_suggestion_for_a_schema_reads_every_row(schema: Schema, tmp_path: Path) -> None:
    settings = settings_from(suggested(schema, tmp_path) | {"now": "2026-06-01T00:00:00Z"})
    facts: Any = check(settings)
    assert facts["sources"][0]["rows_read"] == N_ROWS
    assert facts["n_accounts"] == N_ACCOUNTS
    for kind in schema.right.kinds:
        assert facts["kinds"][kind]["accounts"] == N_ACCOUNTS
        assert facts["kinds"][kind]["first_seen"][:8] == "2026-03-"
    # Of the log of a cloud the provider's own services have no address.
    n_without_address = 4 if "CloudTrail" in schema.name else 0
    assert facts["sources"][0]["rows_rejected"] == n_without_address


def test_a_log_without_accounts_is_refused_and_no_column_stands_for_them(tmp_path: Path) -> None:
    """A load balancer knows keys, traces and ports of its clients, but none is an account."""
    names = "type,time,client_ip,client_port,target_ip,user_agent,trace_id,api_key_id"
    lines = [
        f"https,2026-03-01T10:{i:02}:00.5Z,93.184.1.{i % 9},{1024 + i},10.0.0.1,curl/8.{i % 4},"
        f"Root=1-{i:08x},key_{i % 7}"
        for i in range(60)
    ]
    (tmp_path / "alb.csv").write_text("\n".join([names, *lines]), encoding="utf-8")
    with pytest.raises(InputError, match=r"alb\.csv: left out: no column looks like an account"):
        suggest([tmp_path / "alb.csv"])
