"""Events of the audit log in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.team.answers.common import Activity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from graphlink.team.glasses import Glasses
    from graphlink.workspace.audit import Entry

_WORDS = {
    "case.opened": "opened the case: {title}",
    "case.comment": "commented: {text}",
    "case.assigned": "assigned it to {to}",
    "case.priority": "set the priority to {priority}",
    "case.status": "set the status to {status}: {why}",
    "case.alert": "alert {rule}: {text}",
    "case.merged": "merged it into case {into}: {why}",
    "case.joined": "merged case {from} into it: {why}",
    "case.linked": "linked it to case {to}: {why}",
    "case.split": "split case {to} off it",
    "case.lineage": "added K-{lineage}: {why}",
    "decision.proposed": "proposed to {action}: {why}",
    "decision.approved": "approved it: {why}",
    "decision.rejected": "rejected it: {why}",
    "decision.withdrawn": "withdrew it: {why}",
    "decision.exported": "exported it as {format}, export {export}",
    "appeal.decided": "recorded an appeal as {outcome}: {why}",
    "profile.read": "read the facts about an account",
    "value.revealed": "read a value of the kind {kind}: {why}",
    "label.made": "labelled it {verdict}: {why}",
    "label.reviewed": "reviewed it as {verdict}: {why}",
    "decision.reviewed": "reviewed it as {verdict}: {why}",
    "label.withdrawn": "withdrew it: {why}",
    "search.saved": "saved the search: {name}",
    "search.shared": "shared it with the team",
    "search.unshared": "kept it to themselves again",
    "search.deleted": "deleted it",
    "token.made": "made a token for {person} as {role}: {title}",
    "token.revoked": "revoked it",
}
_NOBODY = "unassigned it"
_UNSEEN = "stated what is shown once you have given your own verdict"


class _Given(dict[str, Any]):
    """A payload of which parts may have been erased."""

    def __missing__(self, key: str) -> str:
        return "?"


def words_of(action: str, payload: dict[str, Any], *, is_plain: bool) -> str:
    """An event in words, without who and when; what people wrote stands behind a colon, and only if plain."""
    if action == "case.assigned" and not payload.get("to"):
        return _NOBODY
    if action == "case.status" and payload.get("resolution"):
        payload = {**payload, "status": f"{payload['status']} ({payload['resolution']})"}
    if action == "case.alert":  # the text begins with its rule
        payload = {**payload, "text": str(payload.get("text", "?")).removeprefix(f"{payload.get('rule')}: ")}
    template = _WORDS.get(action)
    if template is None:
        return action.replace(".", " ").replace("_", " ")
    return (template if is_plain else template.partition(": ")[0]).format_map(_Given(payload))


def activity_of(log: Iterable[Entry], glasses: Glasses, hidden: Collection[int] = ()) -> list[Activity]:
    """Events as an answer.

    Args:
        log: The events.
        glasses: How the reader sees names and values.
        hidden: Events that would give away what the reader is to review without having seen it.
    """
    return [_activity(one, glasses, is_hidden=one.event.seq in hidden) for one in log]


def _activity(one: Entry, glasses: Glasses, *, is_hidden: bool) -> Activity:
    text = words_of(one.event.action, one.payload, is_plain=glasses.is_plain)
    return Activity(
        seq=one.event.seq,
        at=one.event.at,
        by=one.event.by,
        role=one.event.role,
        action=one.event.action,
        subject=one.event.subject,
        text=_UNSEEN if is_hidden else text,
        payload=one.payload if glasses.is_plain and not is_hidden else {},
    )
