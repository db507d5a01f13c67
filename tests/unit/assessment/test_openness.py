"""What openly shows that accounts are one organisation's: from tables made by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from graphlink.assessment.hypotheses.descriptions import closures_sql, members_sql
from graphlink.assessment.openness import marks_sql
from graphlink.core.schema import ACCOUNTS, MEMBERSHIP
from graphlink.core.settings import Settings
from graphlink.core.tables.clusters import EVIDENCE_COMMUNITIES
from graphlink.core.tables.ingest import ACCOUNT_KINDS, ACCOUNT_NUMBERS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS
from graphlink.engine.duck import DuckEngine
from graphlink.model.organisation_marks import mark_accounts
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    """Six members of C-1: four under firm.example, one at post.example and one without mail."""
    with DuckEngine(threads=1) as opened:
        names = [f"a{i}" for i in range(1, 10)]
        load(opened, ACCOUNT_NUMBERS, "account_no account_id", list(enumerate(names, 1)))
        load(opened, MEMBERSHIP, "account_id cluster_id role", [
            (name, "C-1" if i <= 6 else None, "core" if i <= 6 else "none") for i, name in enumerate(names, 1)
        ])  # fmt: skip
        opened.make("accounts", "SELECT account_id, NULL::BOOLEAN AS is_abuse FROM account_numbers")
        load(
            opened, EVIDENCE_KINDS, "kind_no kind", [(0, "email"), (1, "email_domain"), (2, "billing_parent")]
        )
        load(opened, ACCOUNT_KINDS, "account_no kind_no", [(i, 0) for i in range(1, 6)])
        load(opened, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
            (1, 1, "email_domain", "firm.example", 5), (2, 1, "email_domain", "post.example", 900),
        ])  # fmt: skip
        load(opened, EVIDENCE_COMMUNITIES, "account_no community_no", [(i, 1) for i in range(1, 7)])
        # In two windows, and one holder outside the cluster.
        held = [(1, account) for account in (1, 2, 3, 4, 7)] + [(2, 5), (2, 8)]
        load(opened, WINDOW_INCIDENCE, "identifier_no window_no account_no", [
            (identifier, window, account) for identifier, account in held for window in (1, 2)
        ])  # fmt: skip
        yield opened


NAMES = ("organisation", "billing_parent")


def marks(engine: DuckEngine) -> dict[str, tuple[object, ...]]:
    mark_accounts(engine, dataclasses.replace(Settings(), organisation_names=NAMES))
    engine.make("members", members_sql())
    engine.make("cluster_marks", marks_sql("members", "cluster_id"))
    rows = engine.rows("SELECT mark, n_able, n_members, shown FROM cluster_marks")
    return {str(row[0]): row[1:] for row in rows}


def test_the_own_domain_is_the_one_whose_holders_are_members(engine: DuckEngine) -> None:
    assert marks(engine) == {"own_domain": (5, 4, pytest.approx(3 * 4 / 5))}


def test_a_domain_of_an_organisation_of_several_clusters_is_its_own(engine: DuckEngine) -> None:
    """Account 7 holds the domain of C-1 too, in a community that is wholly under it."""
    load(engine, EVIDENCE_COMMUNITIES, "account_no community_no", [
        (i, 7 if i == 7 else 1) for i in range(1, 8)
    ])  # fmt: skip
    load(engine, ACCOUNT_KINDS, "account_no kind_no", [(i, 0) for i in (1, 2, 3, 4, 5, 7)])
    assert marks(engine) == {"own_domain": (5, 4, pytest.approx(3 * (4 * 4 / 5 + 1) / 5))}


def test_an_attribute_of_the_accounts_names_an_organisation(engine: DuckEngine) -> None:
    engine.make(
        "accounts",
        "SELECT account_id, NULL::BOOLEAN AS is_abuse, "
        "CASE WHEN account_no <= 5 THEN ' Firm ' WHEN account_no = 6 THEN '' END AS organisation "
        "FROM account_numbers",
    )
    assert marks(engine)["one_billing_parent"] == (5, 5, 4.0)


def test_an_open_kind_names_an_organisation(engine: DuckEngine) -> None:
    load(engine, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
        (3, 2, "billing_parent", "Firm", 3)
    ])  # fmt: skip
    load(engine, WINDOW_INCIDENCE, "identifier_no account_no", [(3, 1), (3, 2), (3, 9)])
    load(engine, ACCOUNT_KINDS, "account_no kind_no", [(account, 2) for account in (1, 2, 3, 9)])
    assert marks(engine)["one_billing_parent"] == (3, 2, pytest.approx(1 * 2 / 3))


def test_closings_for_abuse_are_counted_where_they_are_known(engine: DuckEngine) -> None:
    load(engine, ACCOUNTS, "account_id is_abuse", [
        ("a1", True), ("a2", False), ("a3", None), ("a4", False), ("a5", True), ("a6", None), ("a7", True)
    ])  # fmt: skip
    engine.make("members", members_sql())
    engine.make("cluster_closures", closures_sql())
    assert engine.rows("SELECT n_known, n_closed FROM cluster_closures") == [(4, 2)]
