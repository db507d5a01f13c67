"""Texts of TOML and of comments in it, from names that files hold."""

from __future__ import annotations

import json
import re


def toml_text(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's but for DEL and lone surrogates."""
    plain = text.encode("utf-8", errors="replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(name: str) -> str:
    """A key of TOML."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_text(name)


def listed(names: list[str], most: int = 20) -> str:
    """Names of columns in a comment."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(toml_text(name) for name in names[:most]) + more


def share_of(n: int, n_all: int) -> str:
    """A share in words: 3 of 20 (15 %)."""
    percent = 100 * n / n_all
    is_exact = 1 <= percent <= 99 or n in (0, n_all)
    return f"{n:,} of {n_all:,} ({percent:.0f} %)" if is_exact else f"{n:,} of {n_all:,}"
