"""What shows openly whose an account is: from tables made by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from graphlink.core.settings import Settings
from graphlink.core.tables.ingest import ACCOUNT_KINDS, ACCOUNT_NUMBERS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS
from graphlink.engine.duck import DuckEngine
from graphlink.model.organisation_marks import mark_accounts
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    """Accounts a1 to a4: two under firm.example, a third with a mail at a domain of nobody else."""
    with DuckEngine(threads=1) as opened:
        load(opened, ACCOUNT_NUMBERS, "account_no account_id", [(i, f"a{i}") for i in range(1, 5)])
        opened.make("accounts", "SELECT account_id FROM account_numbers")
        load(opened, EVIDENCE_KINDS, "kind_no kind", [(0, "email_domain"), (1, "tenant")])
        load(opened, ACCOUNT_KINDS, "account_no kind_no", [(1, 0), (2, 0), (3, 0), (4, 1), (1, 1)])
        load(opened, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
            (1, 0, "email_domain", "firm.example", 2), (2, 1, "tenant", "T-7", 2)
        ])  # fmt: skip
        # In two windows.
        load(opened, WINDOW_INCIDENCE, "identifier_no window_no account_no", [
            (identifier, window, account)
            for identifier, account in ((1, 1), (1, 2), (2, 1), (2, 4)) for window in (1, 2)
        ])  # fmt: skip
        yield opened


def shown(engine: DuckEngine, *names: str) -> set[tuple[object, ...]]:
    """The values that accounts show: mark, account, value and holders."""
    mark_accounts(engine, dataclasses.replace(Settings(), organisation_names=names))
    return set(
        engine.rows("SELECT mark, account_no, value, degree FROM marked_accounts WHERE value IS NOT NULL")
    )


def test_a_shared_mail_domain_is_a_mark_and_one_of_nobody_else_shows_that_there_is_mail(
    engine: DuckEngine,
) -> None:
    assert shown(engine) == {("own_domain", account, "firm.example", 2) for account in (1, 2)}
    unshared = engine.rows("SELECT account_no FROM marked_accounts WHERE mark = 'own_domain' ORDER BY ALL")
    assert {account for (account,) in unshared} == {1, 2, 3}


def test_a_kind_that_names_an_organisation_is_a_mark(engine: DuckEngine) -> None:
    marks = {row for row in shown(engine, "tenant") if row[0] == "one_billing_parent"}
    assert marks == {("one_billing_parent", account, "T-7", 2) for account in (1, 4)}


def test_an_attribute_that_names_an_organisation_is_a_mark(engine: DuckEngine) -> None:
    engine.make(
        "accounts",
        "SELECT account_id, CASE account_no WHEN 4 THEN '' WHEN 3 THEN NULL ELSE ' Firm ' END AS parent "
        "FROM account_numbers",
    )
    marks = {row for row in shown(engine, "parent") if row[0] == "one_billing_parent"}
    assert marks == {("one_billing_parent", account, "parent=Firm", 2) for account in (1, 2)}
