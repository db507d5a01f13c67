"""Who may do what: the roles of a team and their rights, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterable

VIEWER, INVESTIGATOR, LEAD, ADMIN, AUDITOR = "viewer", "investigator", "lead", "admin", "auditor"
ROLES = (VIEWER, INVESTIGATOR, LEAD, ADMIN, AUDITOR)
LOCAL = "local"
"""The role of whoever works alone on this machine, without a sign-in: every right."""

_READERS = (VIEWER, INVESTIGATOR, LEAD, AUDITOR)
_WORKERS = (INVESTIGATOR, LEAD)
RIGHTS: dict[str, tuple[str, ...]] = {
    "self.read": ROLES,
    "result.read": _READERS,
    "work.read": _READERS,
    "values.plain": (INVESTIGATOR, LEAD, AUDITOR),
    "values.reveal": _READERS,
    "cases.work": _WORKERS,
    "cases.assign": (LEAD,),
    "labels.write": _WORKERS,
    "searches.keep": _READERS,
    "searches.share": _WORKERS,
    "organisations.read": (INVESTIGATOR, LEAD, AUDITOR),
    "organisations.write": _WORKERS,
    "decisions.propose": _WORKERS,
    "decisions.decide": (LEAD,),
    "decisions.export": (LEAD,),
    "appeals.work": (LEAD,),
    "activity.read": (LEAD, AUDITOR),
    "audit.verify": (LEAD, AUDITOR),
    "tokens.manage": (ADMIN,),
}
"""Right -> the roles that have it. Nobody may delete; who manages the access sees no case by that alone."""


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """The rights of somebody who has some roles."""
    held = set(roles)
    if LOCAL in held:
        return frozenset(RIGHTS)
    return frozenset(right for right, having in RIGHTS.items() if held & set(having))


def checked_role(role: str, where: str = "role") -> str:
    """A role that there is.

    Raises:
        WorkspaceError: There is none of this name.
    """
    if role not in ROLES:
        raise WorkspaceError(f"{where}: expected {', '.join(ROLES)}, found {role!r}")
    return role
