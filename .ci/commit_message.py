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
    """What is wrong with a message, in words; empty when nothing is."""
    lines = [line for line in message.partition(_SCISSORS)[0].splitlines() if not line.startswith("#")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ["the message is empty"]
    subject, *body = lines
    if _EXEMPT.match(subject):
        return []
    found = []
    if not _SUBJECT.match(subject):
        found.append("the subject is not `scope: what`, with a scope in lower case")
    if len(subject) > LONGEST:
        found.append(f"the subject has {len(subject)} characters; at most {LONGEST}")
    if subject.endswith("."):
        found.append("the subject ends with a full stop")
    if not body:
        found.append("there is no body; say why, with figures before and after where something is measured")
    elif body[0].strip():
        found.append("the second line is not empty")
    return found


def main() -> int:
    """Print the faults of the message in the file that is named; 1 when there are any."""
    found = faults(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for fault in found:
        print(f"commit message: {fault}", file=sys.stderr)
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
