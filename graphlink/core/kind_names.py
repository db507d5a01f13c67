"""Names of kinds: one form of each, whoever spells it."""

from __future__ import annotations

import re

ALIASES = {"device": "client"}  # what users call a kind that has another name here
ACCOUNT = "account"  # what settings call the accounts themselves, where they may name them beside kinds
_ACCOUNTS = frozenset(("accounts", "account_id", "account_ids"))
_NAME = re.compile(r"[a-z0-9_.-]{1,64}")
EXPECTED = "name a kind with 1 to 64 of the characters a-z 0-9 _ . -"


def kind_name(name: str) -> str:
    """The name of a kind in small letters, aliases resolved; empty where it is none."""
    folded = name.strip().lower()
    return ALIASES.get(folded, folded) if _NAME.fullmatch(folded) else ""


def kind_or_account(name: str) -> str:
    """The same where accounts may be meant too; they are `account`."""
    kind = kind_name(name)
    return ACCOUNT if kind in _ACCOUNTS else kind
