"""What shows openly whose an account is: a mail domain, a billing parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.kind_names import kind_name
from graphlink.core.organisations import ONE_PARENT, OWN_DOMAIN
from graphlink.core.schema import ACCOUNTS
from graphlink.core.sql import quoted_name, quoted_text
from graphlink.core.tables.ingest import ACCOUNT_KINDS, ACCOUNT_NUMBERS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS, MARKED_ACCOUNTS
from graphlink.engine import number
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_MAIL = ("email_domain", "email")  # of either a domain is known


@step(
    "organisation_marks",
    "find what shows openly whose an account is",
    takes=(SHARED_IDENTIFIERS, WINDOW_INCIDENCE, ACCOUNT_KINDS, ACCOUNT_NUMBERS, ACCOUNTS, EVIDENCE_KINDS),
    makes=(MARKED_ACCOUNTS,),
    share=0.005,
)
def mark_accounts(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `marked_accounts`: accounts with what shows openly whose they are, or could.

    `settings.organisation_names` are kinds and attributes of accounts that name an organisation.

    Returns:
        Counts for the manifest.
    """
    engine.make("marked_accounts", _marked_sql(engine, settings.organisation_names))
    return {"accounts_marked": number(engine, "SELECT count(DISTINCT account_no) FROM marked_accounts")}


def _marked_sql(engine: Sql, organisation_names: tuple[str, ...]) -> str:
    """Query of the accounts with a mark: its value (null where nobody else has it) and all its holders."""
    kinds = sorted({kind_name(name) or name for name in organisation_names})
    attributes = set(engine.columns("accounts")) - set(ACCOUNTS.column_names)
    parts = [_of_kinds(OWN_DOMAIN, ("email_domain",), _MAIL), _of_kinds(ONE_PARENT, kinds, kinds)]
    parts += [
        f"""
        SELECT '{ONE_PARENT}' AS mark, n.account_no, {quoted_text(name + "=")} || a.text AS value,
               count(*) OVER (PARTITION BY a.text) AS degree
        FROM (SELECT account_id, trim({quoted_name(name)}::VARCHAR) AS text FROM accounts) a
        JOIN account_numbers n ON n.account_id = a.account_id
        WHERE a.text <> ''
        """
        for name in organisation_names
        if name in attributes
    ]
    return " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)


def _of_kinds(mark: str, kinds: Iterable[str], able: Iterable[str]) -> str:
    """Query of the accounts with a value of some kinds, shared or not."""
    of, known = (", ".join(map(quoted_text, names)) or "NULL" for names in (kinds, able))
    return f"""
        SELECT '{mark}' AS mark, h.account_no, i.value, i.degree
        FROM (SELECT DISTINCT w.account_no, w.identifier_no FROM window_incidence w
              JOIN (SELECT identifier_no FROM shared_identifiers WHERE kind IN ({of})) s
                   ON s.identifier_no = w.identifier_no) h
        JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        UNION ALL
        SELECT '{mark}', a.account_no, NULL, NULL
        FROM account_kinds a JOIN evidence_kinds k ON k.kind_no = a.kind_no
        WHERE k.kind IN ({known})
    """
