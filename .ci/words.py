"""Check that texts, comments and names use the field's words: `python .ci/words.py`.

`.ci/words.txt` has one rule per line: a regular expression, the replacement, and the maximum number of uses
in all files (0 by default; the number only falls). The exit code is 1 when there are more.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_name("words.txt")
_NO_TEXT = frozenset((".png", ".parquet", ".svg", ".json", ".csv", ""))
_NOT_OURS = frozenset(("node_modules", "static", "build", "dist", "__pycache__", "graphlink-demo"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A word to replace.

    Attributes:
        word: The word, as a whole.
        instead: What to write.
        most: Maximum number of uses in all files together.
    """

    word: re.Pattern[str]
    instead: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a word of the list.

    Attributes:
        path: The file.
        line: Number of the line.
        text: The word as written.
    """

    path: str
    line: int
    text: str


def read_rules(text: str) -> tuple[list[Rule], list[str]]:
    """Read the list: the rules, and patterns of paths that are not checked (lines that start with !)."""
    rules, exempt = [], []
    for line in text.splitlines():
        if line.startswith("!"):
            exempt.append(line[1:].strip())
        elif line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" -> ")
            instead, _, most = rest.partition(" ; at most ")
            pattern = re.compile(rf"(?<![A-Za-z]){word}(?![A-Za-z])", re.IGNORECASE)
            rules.append(Rule(pattern, instead, int(most or 0)))
    return rules, exempt


def uses(rule: Rule, texts: Mapping[str, str]) -> list[Use]:
    """Every use of a word in texts by path."""
    return [
        Use(path, number, match.group())
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        for match in rule.word.finditer(line)
    ]


def faults(rules: Sequence[Rule], texts: Mapping[str, str]) -> list[str]:
    """Words that are used too often, with their replacement."""
    listed = []
    for rule in rules:
        all_uses = uses(rule, texts)
        if len(all_uses) > rule.most:
            listed += [f"{use.path}:{use.line}: {use.text!r}; write {rule.instead}" for use in all_uses]
            listed.append(f"{rule.word.pattern}: {len(all_uses)} times, at most {rule.most}")
    return listed


def files_of(root: Path) -> list[str]:
    """The paths of a checkout: by git; without git all that is neither hidden, installed nor built."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in paths
        if not _NOT_OURS.intersection(path.parts) and not any(map(_is_hidden, path.parts))
    )


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in (".ci", ".github", ".pre-commit-config.yaml")


def texts_of(root: Path, exempt: Sequence[str]) -> dict[str, str]:
    """The text files of a checkout by path, without those that are not checked."""
    return {
        name: (root / name).read_text(encoding="utf-8", errors="replace")
        for name in files_of(root)
        if Path(name).suffix not in _NO_TEXT
        and (root / name).is_file()
        and not any(fnmatch.fnmatchcase(name, pattern) for pattern in exempt)
    }


def main() -> int:
    """Print each use of a word that is used too often; 1 if there is any."""
    rules, exempt = read_rules(LIST.read_text(encoding="utf-8"))
    listed = faults(rules, texts_of(ROOT, exempt))
    print("\n".join(listed))
    return min(len(listed), 1)


if __name__ == "__main__":
    sys.exit(main())
