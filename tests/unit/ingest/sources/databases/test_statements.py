"""A query for a server of unknown dialect is one statement that only reads, however the server reads it."""

from __future__ import annotations

import pytest

from graphlink.core.errors import InputError
from graphlink.ingest.sources.databases.statements import checked_query


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "select a, b from t where c = 'it''s; DELETE' -- all of it",
        "WITH t AS (SELECT 1 AS a) SELECT * FROM t",
        "(SELECT 1) UNION ALL (SELECT 2)",
        'SELECT "delete", "semi;colon", `a;b` FROM "t;t"',
        "SELECT a /* a note; with a DELETE */ FROM t -- the end",
        "SELECT a[1], b['key'], {'x': 1} FROM t WHERE n >= 1.5e3 AND m::text <> 'x' || 'y'",
        "VALUES (1, 'a')",
        "SELECT replace(a, 'x', 'y') AS updated_at FROM t FOR SYSTEM_TIME AS OF '2026-01-01'",
        "SELECT\r\n1",
        "SELECT größe FROM t --",
    ],
)
def test_what_only_reads_is_sent_as_it_is(query: str) -> None:
    assert checked_query(query, "log") == query
    assert checked_query(query.removesuffix("--") + "\n;\n", "log") == query.removesuffix("--") + "\n"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "it is empty"),
        ("-- nothing", "it is empty"),
        (";", "it begins with no word"),
        ("DELETE FROM t", "it begins with 'DELETE'"),
        ("(DELETE FROM t)", "it holds DELETE"),
        ("CALL emptied()", "it begins with 'CALL'"),
        ("EXPLAIN ANALYZE DELETE FROM t", "it begins with 'EXPLAIN'"),
        ("BEGIN SELECT 1; END", "it begins with 'BEGIN'"),
        ("COPY t TO '/tmp/x'", "it begins with 'COPY'"),
        ("SET x = 1", "it begins with 'SET'"),
        ("SELECT 1; DELETE FROM t", "a second statement"),
        ("SELECT 1;;", "a second statement"),
        ("SELECT 1) AS b; DROP TABLE t; SELECT * FROM (SELECT 1", "closes nothing"),
        ("SELECT (1]", "closes nothing"),
        ("SELECT (1", "is not closed"),
        ("WITH z AS (DELETE FROM t RETURNING *) SELECT * FROM z", "it holds DELETE"),
        ("WITH z AS (INSERT INTO t VALUES (1)) SELECT 1", "it holds INSERT"),
        ("WITH z AS (SELECT 1) UPDATE t SET a = 1", "it holds UPDATE"),
        ("WITH z AS (SELECT 1) MERGE t USING z ON true", "it holds MERGE"),
        ("SELECT 1 INTO more FROM t", "it holds INTO"),
        ("SELECT 1 FROM t into outfile '/tmp/x'", "it holds INTO"),
        # What one dialect reads as a string or a comment, and another as code.
        ("SELECT '\\'; DELETE FROM t --'", "a backslash"),
        ('SELECT "\\"; DELETE FROM t --"', "a backslash"),
        ("SELECT 1 # '\n; DELETE FROM t # '", "the sign #"),
        ("SELECT 1 --1; DELETE FROM t", "-- without a space"),
        ("SELECT 1 /* /* */ ; DELETE FROM t */", "holds another one"),
        ("SELECT 1 /*! ; DELETE FROM t */", "a comment"),
        ("SELECT 1 /*M! ; DELETE FROM t */", "a comment"),
        ("SELECT 1 /* never closed", "a comment"),
        ("SELECT $$ ; DELETE FROM t $$", "the sign $"),
        ("SELECT $tag$ ; DELETE FROM t $tag$", "the sign $"),
        ("SELECT ['] ; DELETE FROM t --']", "between [ and ]"),
        ("SELECT 1 AS [-- ] ; INSERT INTO u VALUES (1); SELECT 1 AS [x\n]", "between [ and ]"),
        # Several statements without a semicolon between them, and other languages' ways into one.
        ("SELECT 1 DROP TABLE t", "it holds DROP"),
        ("SELECT 1 EXEC emptied", "it holds EXEC"),
        ("SELECT 1 ->> DROP TABLE t", "-- without a space"),
        ("WITH p AS PROCEDURE () AS 'BEGIN DROP TABLE t; END' CALL p()", "it holds PROCEDURE"),
        ("SELECT 1 // '\n; DROP TABLE t // '", "a comment"),
        ("SELECT '''a'b'''; DROP TABLE x; SELECT '''c'd'''", "three quotes"),
        ("SELECT 1 FROM t --\u00a0 INTO OUTFILE '/tmp/x'", "-- without a space"),
        ("SELECT 1INTO evil FROM t", "the sign '1'"),
        ("SELECT 1 FROM t -- \\\n '\nINSERT INTO u SELECT * -- '", "a backslash"),
        ("SELECT 'never closed", "a string that is not closed"),
        ("SELECT `never closed", "a quoted name"),
        ("SELECT 1 -- \r ' \n ; DELETE FROM t --\r '", "a control character"),
        ("SELECT 1 -- \u2028; DELETE FROM t", "a control character"),
        ("SELECT 1\x00", "a control character"),
    ],
)
def test_what_may_do_more_is_refused_with_the_reason(query: str, reason: str) -> None:
    with pytest.raises(InputError, match=r"^log: the query is refused: ") as caught:
        checked_query(query, "log")
    assert reason in str(caught.value)


def test_the_refusal_quotes_no_text_of_the_query() -> None:
    with pytest.raises(InputError) as caught:
        checked_query("SELECT 'person@mail.example' ; SELECT 2", "log")
    assert "person" not in str(caught.value)


def test_a_long_query_is_checked_in_linear_time() -> None:
    query = "SELECT " + ", ".join(f"'{'x' * 50}' /* {'*' * 50} */" for _ in range(5000))
    assert checked_query(query, "log") == query
