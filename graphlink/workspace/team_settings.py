"""The settings of a team, in the table [team] of `workspace.toml`: who has which role, and sees what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError, WorkspaceError
from graphlink.result.profiles import LEGAL, Profile, read_profile
from graphlink.workspace.roles import ROLES, checked_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SignIn:
    """A provider of OpenID Connect.

    Attributes:
        issuer: Its address; its metadata is read from `/.well-known/openid-configuration` below it.
        client_id: What it knows this server as.
        name_claim: The claim that names a person.
        groups_claim: The claim that lists the groups.
        hours: Hours until somebody signs in again.
    """

    issuer: str
    client_id: str
    name_claim: str = "email"
    groups_claim: str = "groups"
    hours: int = 10

    def __post_init__(self) -> None:
        for name in ("issuer", "client_id", "name_claim", "groups_claim"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise WorkspaceError(f"team.sign_in.{name}: expected a text, found {value!r}")
        if type(self.hours) is not int or not 1 <= self.hours <= 168:  # a week
            raise WorkspaceError(f"team.sign_in.hours: expected 1 to 168, found {self.hours!r}")


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """Who has which role, and what those see who may not see values.

    Attributes:
        people: Name to roles.
        groups: Group of the proxy or the provider to roles.
        profile: The redaction profile of roles without the right `values.plain`.
        sign_in: The provider of OpenID Connect, if people sign in here.
    """

    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    profile: Profile = LEGAL
    sign_in: SignIn | None = None

    def roles_of(self, name: str, groups: Iterable[str]) -> tuple[str, ...]:
        """The roles of somebody by name and groups, in the order of ROLES."""
        held = set(self.people.get(name, ()))
        for group in groups:
            held.update(self.groups.get(group, ()))
        return tuple(role for role in ROLES if role in held)


def team_from(values: object, where: Path) -> TeamSettings:
    """The settings in the table [team].

    Args:
        values: The table.
        where: The file, for messages.

    Raises:
        WorkspaceError: A setting is unknown or of the wrong type, or there is no such role or profile.
    """
    if not isinstance(values, dict):
        raise WorkspaceError(f"{where}: team: expected a table")
    if unknown := sorted(set(values) - {"people", "groups", "profile", "sign_in"}):
        raise WorkspaceError(
            f"{where}: unknown setting team.{unknown[0]}; expected people, groups, profile, sign_in"
        )
    try:
        return TeamSettings(
            _roles(values.get("people", {}), "team.people"),
            _roles(values.get("groups", {}), "team.groups"),
            _profile(values.get("profile", LEGAL.name), where.parent),
            _sign_in(values["sign_in"]) if "sign_in" in values else None,
        )
    except (WorkspaceError, SettingsError) as error:
        raise WorkspaceError(f"{where}: {error}") from None


def _roles(values: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(values, dict):
        raise WorkspaceError(f'{where}: expected a table such as "ts-leads" = ["lead"]')
    made = {}
    for name, roles in values.items():
        listed = [roles] if isinstance(roles, str) else roles
        if not isinstance(listed, list) or not all(isinstance(role, str) for role in listed):
            raise WorkspaceError(f"{where}.{name}: expected a role or a list of roles, found {roles!r}")
        made[name] = tuple(checked_role(role, f"{where}.{name}") for role in listed)
    return made


def _profile(name: object, folder: Path) -> Profile:
    if not isinstance(name, str):
        raise WorkspaceError(f"team.profile: expected a name or a file, found {name!r}")
    return read_profile(folder / name if name.endswith(".toml") else name)


def _sign_in(values: Mapping[str, Any]) -> SignIn:
    known = SignIn.__dataclass_fields__
    if not isinstance(values, dict) or (set(values) - set(known)):
        raise WorkspaceError(f"team.sign_in: expected a table of {', '.join(known)}")
    if missing := [name for name in ("issuer", "client_id") if name not in values]:
        raise WorkspaceError(f"team.sign_in.{missing[0]} is missing")
    return SignIn(**values)
