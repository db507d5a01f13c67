"""Access logs of web servers in the combined or common format, one request per line.

The formats of Apache (`%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`) and nginx (`combined`), also
with the host in front (vhost_combined), or a quoted list of forwarded addresses behind.
"""

from __future__ import annotations

import re

COLUMNS = (
    "remote_addr",
    "remote_ident",
    "remote_user",
    "time_local",
    "request",
    "status",
    "body_bytes_sent",
    "http_referer",
    "http_user_agent",
    "http_x_forwarded_for",
)
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
# For RE2 as well as for Python.
PATTERN = (
    r"^(?:\S+:\d+ )?(\S+) (\S+) (\S+|\"[^\"]*\") \[([^\]]+)\] "
    rf"{_QUOTED} (\d{{3}}) (\d+|-)(?: {_QUOTED} {_QUOTED})?(?: {_QUOTED})?(?: .*)?$"
)
_COMPILED = re.compile(PATTERN)


def parse_line(line: str) -> dict[str, str]:
    """The columns of a line, without those that it does not have; none where it is no such line."""
    match = _COMPILED.match(line)
    return {name: text for name, text in zip(COLUMNS, match.groups(), strict=True) if text} if match else {}


def is_access_log(head: str) -> bool:
    """Whether most of the first lines of a file are those of an access log."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    return bool(lines) and 2 * sum(bool(parse_line(line)) for line in lines) > len(lines)
