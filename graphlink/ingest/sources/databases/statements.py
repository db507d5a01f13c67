"""A query that is sent to a server whose dialect is not known: one statement that only reads, or a refusal.

Servers differ in what ends a string or a comment, so that a text that looks like a string to one is code to
another. What is read differently is therefore refused, with what to write instead; what is left is cut into
words and signs in one way. Functions can't be judged by their names: an account that may only read is the
second line of defence.
"""

from __future__ import annotations

import re

from graphlink.core.errors import InputError

_FIRST = ("SELECT", "WITH", "VALUES", "TABLE", "FROM")
_WRITING = (
    *(
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "INTO",
        "OUTFILE",
        "DROP",
        "CREATE",
        "ALTER",
        "TRUNCATE",
        "EXEC",
    ),
    *("EXECUTE", "CALL", "PROCEDURE", "GRANT", "REVOKE", "DENY", "BACKUP", "RESTORE", "BULK", "DBCC", "KILL"),
    *("SHUTDOWN", "RECONFIGURE", "WRITETEXT", "UPDATETEXT", "DECLARE", "WAITFOR"),
)
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|--(?=[ \t\r\n])[^\n\\]*|--\Z|/\*(?![!+M])(?:(?!/\*|\*/)[\s\S])*\*/)"""
    r"""|(?P<string>'(?:[^'\\]|'')*')"""
    r"""|(?P<name>"(?:[^"\\]|"")*"|`[^`\\]*`)"""
    r"""|(?P<word>[^\W\d][\w$]*)"""
    r"""|(?P<number>(?:0[xX][0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.]))"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>;)"""
    r"""|(?P<sign>-(?!-|>>)|/(?![*/])|[+*%<>=!~^&|?:,.@])"""
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_PLAIN_TEXT = re.compile(r"'[\w .:/-]*'")  # no end of a name, to a dialect in which [ begins one
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")
_REMEDIES = {
    "'": "a string that is not closed or holds a backslash; write a quote in it twice, as in \"it''s\"",
    '"': "a quoted name that is not closed or holds a backslash",
    "`": "a quoted name that is not closed or holds a backslash",
    "-": "-- without a space behind it, which some databases read as two signs",
    "/": "a comment /* */ that is not closed, holds another one, or is a hint; write it behind --",
    "#": "the sign #, which begins a comment in some databases",
    "$": "the sign $, which begins a string in some databases",
    "\\": "a backslash, which databases read differently",
}


def checked_query(query: str, name: str) -> str:
    """A query without the semicolon that people end it with.

    Args:
        query: The query of the settings.
        name: The source's name in messages.

    Raises:
        InputError: It is not one statement that only reads; the message says what was found, and nothing of
            its texts.
    """
    fault = _fault_of(query)
    if fault:
        raise InputError(
            f"{name}: the query is refused: {fault}; expected one SELECT (or WITH ... SELECT) that only reads"
        )
    return query.rstrip().removesuffix(";")


def _fault_of(query: str) -> str:
    if _CONTROL.search(query):
        return "it holds a control character"
    opened: list[str] = []
    at, n_words, is_ended = 0, 0, False
    while at < len(query):
        token = _TOKEN.match(query, at)
        if token is None:
            return f"it holds {_REMEDIES.get(query[at], f'the sign {query[at]!r}')}"
        at, kind, text = token.end(), token.lastgroup, token[0]
        if kind == "space" and not ("[" in opened and text.strip()):
            continue
        if is_ended:
            return "it holds a second statement"
        is_ended = kind == "end"
        if fault := _fault_of_token(str(kind), text, opened, n_words):
            return fault
        n_words += 1
    if opened:
        return f"a bracket {opened[-1]} is not closed"
    return "" if n_words - is_ended else "it is empty"


def _fault_of_token(kind: str, text: str, opened: list[str], n_words: int) -> str:
    """What is wrong with a token, if anything; brackets are added to and taken from those that are open."""
    if n_words == 0 and text != "(" and text.upper() not in _FIRST:
        return f"it begins with {text[:20]!r}" if kind == "word" else "it begins with no word"
    if kind == "word" and text.upper() in _WRITING:
        return f"it holds {text.upper()}; a column of this name is written in quotes"
    if kind == "open":
        opened.append(text)
    elif kind == "close" and (not opened or opened.pop() != _CLOSES[text]):
        return f"a bracket {text} closes nothing"
    return _fault_of_text(kind, text, opened)


def _fault_of_text(kind: str, text: str, opened: list[str]) -> str:
    """What is wrong with a comment, a string or a quoted name to some databases, if anything."""
    if kind == "space":
        return "a comment stands between [ and ], which begin and end a name in some databases"
    if kind not in ("string", "name"):
        return ""
    if "'''" in text or '"""' in text:
        return "it has three quotes in a row, which begin a string in some databases"
    if "[" in opened and not _PLAIN_TEXT.fullmatch(text):
        return "a quote stands between [ and ], which begin and end a name in some databases"
    return ""
