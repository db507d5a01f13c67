"""One page of facts about one account, for a statement of reasons or an answer to an appeal.

It states what the holder can contest: what the account used together with how many others, and when. It has
no score, and no name of another account.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import QuestionError
from graphlink.core.wording import appeal as wording
from graphlink.explanations.returns import RETURN_LAG
from graphlink.export.page.inline import own_file, render_page
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

_ENDS = ("account_id_l", "account_id_r")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about an account.

    Attributes:
        text: The fact in words.
        value: The identifier of the account that it is about; empty of a behaviour.
    """

    text: str
    value: str = ""


@of_result
def appeal_page(result: Result, subgraph: Subgraph, redacted: tuple[str, ...] = ()) -> bytes:
    """Make the page of the account that a subgraph is around.

    Args:
        result: The result that it was taken from, redacted the same way.
        subgraph: The account, and all it is linked to.
        redacted: What was replaced or left out, in sentences.

    Raises:
        QuestionError: The subgraph is not of one account, or that account is in no cluster.
    """
    if subgraph.what != "neighbourhood":
        raise QuestionError("an appeal is of one account; name it with --account")
    rows = {row["account_id"]: row for row in subgraph.accounts}
    own = rows[subgraph.name]
    if own["cluster_id"] is None:
        raise QuestionError("the account is in no cluster, so nothing here speaks for a restriction of it")
    mates = {
        name: row for name, row in rows.items() if row["cluster_id"] == own["cluster_id"] and row is not own
    }
    facts = [*_opened(own, mates.values()), *shared_facts(subgraph, mates)]
    values = {
        "title": f"Facts about account {own['account_id']}",
        "account": own["account_id"],
        "own": [
            ("Opened", _day(own.get("created_at"))),
            ("Closed", _day(own.get("closed_at"))),
            ("Status", own.get("status") or ""),
            ("First seen in the data", _day(own.get("first_seen"))),
            ("Last seen in the data", _day(own.get("last_seen"))),
        ],
        "facts": facts,
        "automated": wording.AUTOMATED,
        "not_used": wording.NOT_USED,
        "left_out": []
        if not subgraph.left_out
        else ["Counts are of the strongest links only, so at least these."],
        "redacted": redacted,
        "fingerprint": str(result.manifest.get("fingerprint", "")),
    }
    return render_page("appeal.html.j2", [], own_file("page.css"), values).encode()


def shared_facts(subgraph: Subgraph, mates: Mapping[str, Any]) -> list[Fact]:
    """What the account used or did together with others of its cluster, what most share first."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows_of(subgraph.evidence):
        ends = {row[end] for end in _ENDS}
        if subgraph.name in ends and ends & mates.keys() and row["contribution_bits"] > 0:
            found.setdefault((row["kind"], row["value"]), []).append(row)
    (own,) = (row for row in subgraph.accounts if row["account_id"] == subgraph.name)
    used = {
        (row["kind"], row["value"]): (row["first_seen"], row["last_seen"])
        for row in rows_of(subgraph.edges)
        if row["account_id"] == subgraph.name
    }
    facts = []
    for (kind, value), rows in sorted(found.items(), key=lambda one: (-len(one[1]), one[0])):
        joint = [(row["first_joint"], row["last_joint"]) for row in rows]
        days = _own_days(own, [used[kind, value]] if (kind, value) in used else joint)
        state = wording.shared_fact if value else wording.behaviour_fact
        facts.append(Fact(state(kind, len(rows), *days), value))
    return facts


def _own_days(own: Mapping[str, Any], spans: Sequence[tuple[Any, Any]]) -> tuple[str, str]:
    """The first and the last day of some spans, as far as the account was there.

    The joint time of two accounts that did something one after the other lies between them, and so may lie
    before the later one was opened: its holder would read of days on which there was no account.
    """
    known = [span for span in spans if all(isinstance(end, dt.datetime) for end in span)]
    begins = [own[name] for name in ("created_at", "first_seen") if isinstance(own.get(name), dt.datetime)]
    if not known or not begins:
        return "", ""
    first = max(min(begins), min(begin for begin, _ in known))
    return _day(first), _day(max(first, *(end for _, end in known)))


def _opened(own: Mapping[str, Any], mates: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """That the account was opened soon after another was closed for abuse, where it was."""
    opened = own.get("created_at")
    if not isinstance(opened, dt.datetime):
        return []
    closings = [
        row["closed_at"]
        for row in mates
        if row.get("is_abuse")
        and isinstance(row.get("closed_at"), dt.datetime)
        and dt.timedelta(0) <= opened - row["closed_at"] <= RETURN_LAG
    ]
    return [Fact(wording.opened_fact(_day(opened), _day(max(closings))))] if closings else []


def _day(time: object) -> str:
    return f"{time:%Y-%m-%d}" if isinstance(time, dt.datetime) else ""
