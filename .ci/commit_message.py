"""Check a commit message: `scope: what` within 72 characters, then a body with why and figures.

`python .ci/commit_message.py FILE` reads the message from a file, as a commit-msg hook does.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LONGEST = 72
_SUBJECT = re.compile(r"[a-z0-9][a-z0-9 ,._/-]*: \S")
# What git and tools write by themselves.
_EXEMPT = re.compile(r"(Merge|Revert) |(fixup|squash|amend)! ")
_SCISSORS = "# ------------------------ >8 ------------------------"


def faults(message: str) -> list[str]:
    """The faults of a message, as sentences; empty if there are none."""
    lines = [line for line in message.partition(_SCISSORS)[0].splitlines() if not line.startswith("#")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ["the message is empty"]
    subject, *body = lines
    if _EXEMPT.match(subject):
        return []
    listed = []
    if not _SUBJECT.match(subject):
        listed.append("the subject is not `scope: what`, with a scope in lower case")
    if len(subject) > LONGEST:
        listed.append(f"the subject has {len(subject)} characters; at most {LONGEST}")
    if subject.endswith("."):
        listed.append("the subject ends with a full stop")
    if not body:
        listed.append("there is no body; explain why, with figures before and after if something is measured")
    elif body[0].strip():
        listed.append("the second line is not empty")
    return listed


def main() -> int:
    """Print the faults of the message in the named file; 1 if there are any."""
    listed = faults(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for fault in listed:
        print(f"commit message: {fault}", file=sys.stderr)
    return min(len(listed), 1)


if __name__ == "__main__":
    sys.exit(main())
