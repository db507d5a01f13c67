"""The explorer's guard for several people: who asks is known before any route is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse

from graphlink.core.errors import WorkspaceError
from graphlink.explorer.guard import Guard, refusal
from graphlink.team.api import PERSON

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

    from graphlink.explorer.guard import Access
    from graphlink.team.person import Known

SIGN_IN = "/sign-in"
SIGN_IN_PATHS = (SIGN_IN, f"{SIGN_IN}/callback")


class TeamGuard(Guard):
    """Refuses requests of nobody known, and leaves who it is in the scope of the others.

    Args:
        app: What is guarded.
        access: The names that the server answers to, and the secrets of the local user.
        known: Knows people by their requests.
        is_local: Whether the printed link opens the page.
        signs_in: Whether people sign in here.
    """

    def __init__(
        self, app: ASGIApp, access: Access, known: Known, *, is_local: bool, signs_in: bool = False
    ) -> None:
        super().__init__(app, access)
        self._known = known
        self._is_local = is_local
        self._signs_in = signs_in

    def opening(self, scope: Scope) -> ASGIApp | None:
        """The answer to the printed link, where there is one."""
        return super().opening(scope) if self._is_local else None

    async def unknown(self, scope: Scope) -> ASGIApp | None:
        """The refusal of a request of nobody known; None for one whose person is left in the scope."""
        if self._signs_in and scope["path"] in SIGN_IN_PATHS:
            return None
        try:
            person = await to_thread.run_sync(self._known.person_of, Headers(scope=scope))
        except WorkspaceError:
            return refusal(503, "busy", "the workspace's database can't be read; try again")
        if person is None:
            return self._nobody(scope)
        if person.roles:
            scope[PERSON] = person
            return None
        # Known by name only: neither data nor the page itself is for whom the settings give no role.
        if scope["path"] == "/":
            return HTMLResponse(_NO_ROLE, 403)
        return refusal(403, "no_role", "you have no role in this workspace; ask its administrator for one")

    def _nobody(self, scope: Scope) -> ASGIApp:
        if scope["path"] != "/":
            return refusal(401, "no_person", "sign in first, or send a valid token")
        if self._signs_in:
            return RedirectResponse(SIGN_IN, 303)
        return HTMLResponse(_NO_LINK if self._is_local else _NO_PERSON, 401)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>graphlink</title></head>
<body><h1>{title}</h1>
<p>{text}</p></body></html>
"""
_NO_LINK = _PAGE.format(
    title="This page needs its link",
    text="Open the link that <code>graphlink serve</code> printed. It works once, in one browser; start the "
    "command again for another.",
)
_NO_ROLE = _PAGE.format(
    title="You have no role here", text="Ask the administrator of this workspace for a role in its settings."
)
_NO_PERSON = _PAGE.format(
    title="Nobody is signed in",
    text="The proxy before this server did not state who you are. Sign in there, then load this page again.",
)
