"""Which tables a query reads."""

from __future__ import annotations

import pytest

from graphlink.core.errors import EngineError
from graphlink.engine.queries import tables_of


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1", ""),
        ("SELECT kinds.x, 'FROM exclusivity' FROM (SELECT 1 AS x) kinds", ""),
        ("SELECT * EXCLUDE (x) FROM a JOIN b USING (y) WHERE z NOT IN (SELECT z FROM c)", "a b c"),
        ("SELECT * FROM a ASOF LEFT JOIN b ON a.x >= b.x SEMI JOIN c ON c.x = a.x", "a b c"),
        ("SELECT x, (SELECT count(*) FROM b) FROM a, c QUALIFY row_number() OVER (ORDER BY x) = 1", "a b c"),
        ("WITH a AS (SELECT * FROM b) SELECT * FROM a JOIN c ON true", "b c"),
        # A CTE sees those before it, and behind its own name the table.
        ("WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b", "a"),
        ("WITH b AS (SELECT * FROM c), c AS (SELECT 1) SELECT * FROM b JOIN c ON true", "c"),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", "a"),
        ("SELECT * FROM a UNION ALL SELECT * FROM (SELECT * FROM b)", "a b"),
        ("SELECT 1 FROM duckdb_tables() WHERE table_name = 'a'", ""),
    ],
)
def test_tables_are_read_off_the_syntax_tree(sql: str, tables: str) -> None:
    assert tables_of(sql) == frozenset(tables.split())


def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(EngineError, match="can't be read"):
        tables_of("DROP TABLE a")
