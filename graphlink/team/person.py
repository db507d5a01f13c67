"""Who a request comes from: alone on this machine, by a proxy's header, by a token, or signed in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from graphlink.workspace.roles import LOCAL, rights_of
from graphlink.workspace.tokens import PREFIX, token_of

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from graphlink.explorer.guard import Access
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.team_settings import TeamSettings

Way = Literal["local", "proxy", "token", "sign_in"]
LONGEST_NAME = 320
"""Characters of a name: an e-mail address has at most as many."""


class Person(NamedTuple):
    """Who a request comes from.

    Attributes:
        name: The name that changes carry.
        roles: The roles.
        way: How the person is known.
        token: The number of the token, if by one.
    """

    name: str
    roles: tuple[str, ...]
    way: Way
    token: int | None = None

    @property
    def rights(self) -> frozenset[str]:
        """What the roles allow."""
        return rights_of(self.roles)

    @property
    def acting(self) -> str:
        """The role as events state it."""
        roles = ", ".join(self.roles)
        return f"{roles} (token {self.token})" if self.token is not None else roles


class Known(Protocol):
    """Knows people by the headers of their requests."""

    def person_of(self, headers: Headers) -> Person | None:
        """The person, or None for a request of nobody known."""


@dataclass(frozen=True)
class LocalUser:
    """Whoever holds the secrets that the server printed is the user who started it.

    Attributes:
        access: The secrets.
        name: The name of the user in the operating system.
    """

    access: Access
    name: str

    def person_of(self, headers: Headers) -> Person | None:
        """The local user, for requests with the cookie or the printed token."""
        return Person(self.name, (LOCAL,), "local") if self.access.knows(headers) else None


@dataclass(frozen=True)
class ProxyHeaders:
    """Whom a proxy names; for servers that only the proxy can reach, by a socket of the file system.

    Attributes:
        user_header: The header with the name of the user.
        groups_header: The header with the groups, by commas; empty for none.
        settings: Which roles they have.
    """

    user_header: str
    groups_header: str
    settings: TeamSettings

    def person_of(self, headers: Headers) -> Person | None:
        """Whom the proxy names; None if it names nobody, or several, or lists groups more than once."""
        names = headers.getlist(self.user_header)
        if len(names) != 1 or not is_name(names[0]):
            return None
        listed = headers.getlist(self.groups_header) if self.groups_header else []
        if len(listed) > 1:  # a proxy that adds its header to a browser's would let the browser choose
            return None
        groups = [group.strip() for header in listed for group in header.split(",")]
        name = names[0].strip()
        return Person(name, self.settings.roles_of(name, groups), "proxy")


@dataclass(frozen=True)
class Tokens:
    """Scripts by their tokens; other requests are known in another way.

    Attributes:
        folder: The workspace that keeps the tokens.
        rest: Knows whoever has none.
    """

    folder: Folder
    rest: Known

    def person_of(self, headers: Headers) -> Person | None:
        """The person of a token; one that is invalid is nobody, whatever else the request holds."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        given = given.strip()
        if scheme.lower() != "bearer" or not given.startswith(PREFIX):
            return self.rest.person_of(headers)
        with self.folder.store.read() as rows:
            token = token_of(rows, given)
        return Person(token.person, (token.role,), "token", token.number) if token is not None else None


def is_name(text: str) -> bool:
    """Whether a text that a proxy or a provider sends can be the name of a person."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()
