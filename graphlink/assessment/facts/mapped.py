"""Measures of mapped facts: categories with their lift, scores above a threshold, amounts per day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.assessment.facts.measures import Measure, Name, Ratio, Total
from graphlink.core.schema import ACCOUNTS
from graphlink.core.settings.facts import DEFAULT_THRESHOLD, type_of_fact
from graphlink.core.sql import quoted_name, quoted_text
from graphlink.engine import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphlink.assessment.facts.accounts import Called
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

    Numbers = NDArray[np.int64]

_MOST_LISTED = 3  # categories of a cluster and fact
_LEAST_MEMBERS = 2  # in a category: what one account alone has says nothing of a cluster
_MOST_VALUES = 1_000  # different values of an attribute that is a category at all
_LONGEST_VALUE = 128  # characters


def number_measures(engine: Sql, settings: Settings, called: Called) -> Iterator[Measure]:
    """List the measures of amounts and scores, from `fact_days`."""
    totals = engine.rows("SELECT fact, sum(total)::DOUBLE FROM fact_days GROUP BY fact ORDER BY fact")
    for fact, total in totals:
        name = str(fact)
        rows = engine.arrow(
            "SELECT f.account_no, sum(f.n)::BIGINT AS n, sum(f.total)::DOUBLE AS total, "
            "sum(f.n_above)::BIGINT AS n_above FROM fact_days f "
            "JOIN compared c ON c.account_no = f.account_no "
            f"WHERE f.fact = {quoted_text(name)} GROUP BY f.account_no ORDER BY f.account_no"
        )
        n, amounts, above = (called.spread(rows, column) for column in ("n", "total", "n_above"))
        if type_of_fact(name, settings.facts) == "score":
            declared = settings.facts[name].threshold if name in settings.facts else None
            threshold = DEFAULT_THRESHOLD if declared is None else declared
            detail = f"share of calls whose score is {threshold:g} or more"
            yield Ratio(
                name=Name("score_share", name, "", detail),
                called=called, known=n > 0, above=above, below=n, has_ratio=True,
            )  # fmt: skip
            continue
        yield Total(
            name=Name("amount_per_day", name, "", "amount per day of all its accounts together"),
            called=called, known=n > 0, amounts=amounts, unit=max(called.days, 1.0),
        )  # fmt: skip
        yield Total(
            name=Name("share_of_amount", name, "", "its share of the amount of all accounts"),
            called=called, known=n > 0, amounts=amounts, unit=float(str(total or 0.0)),
        )  # fmt: skip


class Categories:
    """The leading category of each account, of one fact: that of most of its calls.

    Args:
        name: The measure, the fact and what is said of it.
        called: The accounts.
        leading: Number of the category of each account; -1 where it has none.
        words: The categories by number.
    """

    def __init__(self, name: Name, called: Called, leading: Numbers, words: list[str]) -> None:
        self._name, self._called, self._leading, self._words = name, called, leading, words
        self._measures: dict[int, Measure] = {}

    def measures(self, cluster: tuple[str, int, int]) -> Iterator[Measure]:
        """List the measures of the categories that most members of a cluster have."""
        _, begin, end = cluster
        own = self._leading[begin:end]
        found, counts = np.unique(own[own >= 0], return_counts=True)
        for i in np.lexsort((found, -counts))[:_MOST_LISTED].tolist():
            if counts[i] >= _LEAST_MEMBERS:
                yield self._measure(int(found[i]))

    def _measure(self, category: int) -> Measure:
        if category not in self._measures:
            known = self._leading >= 0
            self._measures[category] = Ratio(
                name=self._name._replace(category=self._words[category]),
                called=self._called, known=known, above=(self._leading == category).astype(float),
                below=known.astype(float), has_ratio=True, is_of_accounts=True,
            )  # fmt: skip
        return self._measures[category]


def fact_categories(engine: Sql, called: Called) -> Iterator[Categories]:
    """List the categories of mapped facts, from `fact_hours`."""
    words = {
        int(str(no)): (str(fact), str(word))
        for no, fact, word in engine.rows("SELECT category_no, fact, category FROM fact_categories")
    }
    for fact in sorted({fact for fact, _ in words.values()}):
        rows = engine.arrow(
            "SELECT account_no, arg_max(category_no, n * 100000.0 - category_no) AS category_no FROM ("
            "SELECT h.account_no, h.category_no, sum(h.n)::BIGINT AS n FROM fact_hours h "
            "JOIN fact_categories k ON k.category_no = h.category_no "
            f"JOIN compared c ON c.account_no = h.account_no WHERE k.fact = {quoted_text(fact)} "
            "GROUP BY h.account_no, h.category_no) GROUP BY account_no"
        )
        listed = sorted(no for no, (of, _) in words.items() if of == fact)
        leading = np.full(len(called.numbers), -1)
        leading[called.places(rows)] = np.searchsorted(listed, rows.column("category_no").to_numpy())
        detail = "share of its accounts most of whose calls have this category"
        yield Categories(
            Name("category_share", fact, "", detail), called, leading, [words[no][1] for no in listed]
        )


def attribute_categories(engine: Sql, called: Called) -> Iterator[Categories]:
    """List the attributes of accounts that are categories: with few different values."""
    for attribute in engine.columns("accounts"):
        if attribute in ACCOUNTS.column_names:
            continue
        value = f"trim({quoted_name(attribute)}::VARCHAR)"
        is_short = f"length({value}) BETWEEN 1 AND {_LONGEST_VALUE}"
        shown = f"SELECT account_id, {value} AS value FROM accounts WHERE {is_short}"
        n_values = number(engine, f"SELECT count(DISTINCT value) FROM ({shown})")
        if not 0 < n_values <= _MOST_VALUES:
            continue
        rows = engine.arrow(
            f"SELECT c.account_no, s.value FROM ({shown}) s "
            "JOIN account_numbers a ON a.account_id = s.account_id "
            "JOIN compared c ON c.account_no = a.account_no"
        )
        encoded = rows.column("value").combine_chunks().dictionary_encode()
        words = np.array(encoded.dictionary.to_pylist(), object)
        order = np.argsort(words)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        leading = np.full(len(called.numbers), -1)
        leading[called.places(rows)] = rank[encoded.indices.to_numpy()]
        detail = "share of its accounts that have this attribute of the table of accounts"
        yield Categories(
            Name("attribute_share", attribute, "", detail),
            called,
            leading,
            [str(word) for word in words[order]],
        )
