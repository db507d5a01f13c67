"""How the accounts of a cluster call, beside what is usual; nothing of it links them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.wording.facts import fact_words
from graphlink.explanations.stored import rows_about
from graphlink.kinds import shown

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable

_LONGEST = 120  # characters of a name in a sentence, which may hold a value of the data


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the table `facts` with its words.

    `name` may hold a value of the data; `value_words`, `usual_words` and `ratio_words` have the intervals in
    brackets. `is_unusual` says whether it is pointed out, see `graphlink.core.wording.facts`.
    """

    measure: str
    fact: str
    category: str
    value: float
    usual: float | None
    ratio: float | None
    n_accounts: int
    n_usual: int
    name: str
    value_words: str
    usual_words: str
    ratio_words: str
    detail: str
    is_unusual: bool


def facts_of(result: Readable, cluster_id: str) -> tuple[Fact, ...]:
    """The facts of the cluster, the unusual ones first."""
    facts = []
    for row in rows_about(result, "facts", cluster_id):
        words = fact_words(row)
        facts.append(
            Fact(
                row["measure"], row["fact"], row["category"], row["value"], row["usual"], row["ratio"],
                row["n_accounts"], row["n_usual"], words.name, words.value, words.usual, words.ratio,
                row["detail"] or "", words.is_unusual,
            )
        )  # fmt: skip
    return tuple(sorted(facts, key=lambda fact: not fact.is_unusual))


def fact_sentence(fact: Fact) -> str:
    """An unusual fact in a sentence; empty of any other."""
    if not fact.is_unusual:
        return ""
    return f"Unusual: {shown(fact.name, _LONGEST)} {fact.value_words}, usual {fact.usual_words}."
