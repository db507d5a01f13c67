"""Profiles: what readers of a redacted result may see, and why that much.

A profile names what becomes of accounts, identifiers, attributes, labels, counts and times. What it does not
name is left out or replaced: `Profile()` shows least.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from graphlink.core.arguments import checked
from graphlink.core.errors import SettingsError
from graphlink.kinds.listed_types import LISTED_TYPES

PLAIN, PSEUDONYM, PREFIX, PUBLIC, NONE = "plain", "pseudonym", "prefix", "public", "none"
BANDS = "bands"
_CHOICES = {
    "accounts": (PLAIN, PSEUDONYM),
    "others": (PLAIN, PSEUDONYM, PUBLIC),
    "kinds": (PLAIN, PSEUDONYM, PREFIX, PUBLIC),
    "labels": (PLAIN, PUBLIC, "type", NONE),
    "counts": (PLAIN, BANDS),
    "times": (PLAIN, "day", "month", NONE),
    "provenance": (PLAIN, "digests", NONE),
}
SERVICES = frozenset(one.name for one in LISTED_TYPES if one.is_service)
"""Types of reference lists whose labels name a service that is sold to the public, and no customer of it."""
_SHORTEST, LONGEST = 8, 26  # characters of a pseudonym; each is 5 bits
# A value is a public word from so many holders on. Statistical offices publish cells of 3 to 20 people; words
# of an export are joined to other logs, so it is more: within the house ten times as many, outside a hundred.
_PUBLIC_WITHIN, _PUBLIC_OUTSIDE = 100, 1_000
_PUBLIC_NOTE = (
    "Shown as they are where at least {:,} accounts hold them or a reference list names them as a public "
    "service: {}."
)
_LABELS_NOTE = (
    f"Labels of reference lists are shown for public services ({', '.join(sorted(SERVICES))}); of other "
    "entries only the type."
)
_BANDS_NOTE = (
    "Counts of accounts, identifiers and pairs are rounded up to 1, 2, 5, 10, 20, 50 and so on, times "
    "between sightings to a minute, ten, an hour, six, a day, a week, 30 or 90 days, or years; sizes of "
    "clusters are exact."
)


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name}: expected {', '.join(choices)}, found {value!r}")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a reader may see.

    Attributes:
        name: Its name, shown to readers.
        accounts: plain or pseudonym.
        others: What becomes of values of kinds that `kinds` does not name: plain, pseudonym or public.
        kinds: Kind to plain, pseudonym, prefix (addresses only: /24, /48, and a tag that keeps the addresses
            of one prefix apart), or public: as it is where at least `public_from` accounts hold it or a
            reference list names it as a public service (`SERVICES`), else a pseudonym. For kinds whose values
            are words, such as user agents; never for what a person owns, however many share it.
        public_from: Accounts that hold a value from which it is a public word: it points at none of them.
        attributes: Columns of accounts that are shown with its times and counts, such as status; None
            shows all.
        labels: Of reference lists: plain, public (the type of every entry, and the label of `SERVICES`), type
            (such as vpn) or none.
        counts: plain, or bands: counts of accounts, identifiers and pairs are rounded up to 1, 2, 5, 10, 20,
            50 ..., lags to a minute, ten, an hour, six, a day, a week, 30 or 90 days, a year. Exact ones are
            nearly as good as a name for who has any log. Sizes of clusters stay exact: their members are
            listed.
        times: plain, day, month (in UTC) or none. Plain times with seconds single out nearly every account.
        provenance: Of the input: plain (names and digests), digests or none.
        length: Characters of a pseudonym, 8 to 26; each is 5 bits. A shorter one is the start of a longer.
    """

    name: str
    accounts: str = PSEUDONYM
    others: str = PSEUDONYM
    kinds: dict[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] | None = ()
    labels: str = NONE
    counts: str = BANDS
    times: str = NONE
    provenance: str = NONE
    public_from: int = _PUBLIC_OUTSIDE
    length: int = LONGEST

    def __post_init__(self) -> None:
        for name in ("accounts", "others", "labels", "counts", "times", "provenance"):
            _check_choice(name, getattr(self, name), _CHOICES[name])
        for kind, rule in self.kinds.items():
            _check_choice(f"kinds.{kind}", rule, _CHOICES["kinds"])
        if not _SHORTEST <= self.length <= LONGEST:
            raise SettingsError(f"length: expected {_SHORTEST} to {LONGEST}, found {self.length}")
        if self.public_from < 2:
            raise SettingsError(f"public_from: expected 2 or more, found {self.public_from}")

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown as it is."""
        return (
            {self.accounts, self.others, *self.kinds.values(), self.labels, self.counts, self.times}
            | {self.provenance}
            == {PLAIN}
        ) and self.attributes is None

    @property
    def needs_key(self) -> bool:
        """Whether something is replaced by a keyed hash."""
        return {self.accounts, self.others, *self.kinds.values()} != {PLAIN}

    def sentences(self) -> tuple[str, ...]:
        """What was replaced and left out, for the reader of an export."""
        if self.is_plain:
            return ()
        public = sorted(kind for kind, rule in self.kinds.items() if rule == PUBLIC)
        if self.others == PUBLIC:
            public = ["kinds not named here", *public]
        kept = sorted(kind for kind, rule in self.kinds.items() if rule == PLAIN)
        cut = sorted(kind for kind, rule in self.kinds.items() if rule == PREFIX)
        rules = (
            (self.accounts == PSEUDONYM, "Accounts and clusters are shown under keyed pseudonyms."),
            (
                self.others != PLAIN,
                "Identifiers are shown as keyed fingerprints: equal ones are one identifier.",
            ),
            (
                bool(cut),
                f"Shown as a network, with a tag for each address of it: {', '.join(cut)}.",
            ),
            (
                bool(kept) and self.others != PLAIN,
                f"Shown as they are, because many share them: {', '.join(kept)}.",
            ),
            (bool(public), _PUBLIC_NOTE.format(self.public_from, ", ".join(public))),
            (
                self.attributes is not None,
                f"Of the attributes of accounts only these are shown: {', '.join(self.attributes)}."
                if self.attributes
                else "Attributes and states of accounts are left out.",
            ),
            (self.labels == "type", "Of reference lists only the type of an entry is shown."),
            (self.labels == NONE, "Entries of reference lists are left out."),
            (self.labels == PUBLIC, _LABELS_NOTE),
            (self.counts == BANDS, _BANDS_NOTE),
            (self.times == "day", "Times are cut to the day, in UTC."),
            (self.times == "month", "Times are cut to the month, in UTC."),
            (self.times == NONE, "Times are left out."),
            (
                self.provenance == "digests",
                "Input files are named by their SHA-256 only: who has such a file can tell.",
            ),
            (self.provenance == NONE, "Where the input came from is left out."),
        )
        return tuple(sentence for applies, sentence in rules if applies)


INVESTIGATOR = Profile("investigator", PLAIN, PLAIN, {}, None, PLAIN, PLAIN, PLAIN, PLAIN)
LEGAL = Profile(
    "legal",
    kinds={
        "ip": PREFIX,
        "ip_64": PREFIX,
        "ip_prefix": PLAIN,
        "asn": PLAIN,
        "country": PLAIN,
        **dict.fromkeys(("client", "router", "email_domain"), PUBLIC),
    },
    attributes=("status",),
    labels=PUBLIC,
    times="day",
    provenance="digests",
    public_from=_PUBLIC_WITHIN,
    length=12,
)
# A mail domain that a thousand accounts hold may still be one company's, which is no partner's business.
PARTNER = Profile("partner", kinds=dict.fromkeys(("client", "router"), PUBLIC), labels=PUBLIC)
PROFILES = {profile.name: profile for profile in (INVESTIGATOR, LEGAL, PARTNER)}


@checked
def read_profile(name: str | Path) -> Profile:
    """Make a profile from its name, or from a TOML file with the fields of `Profile`.

    Settings missing from the file default to those for a partner.

    Raises:
        SettingsError: There is no such profile or file, or the file has an invalid setting.
    """
    if isinstance(name, str) and name in PROFILES:
        return PROFILES[name]
    path = Path(name)
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(
            f"no profile {str(name)!r}; there are {', '.join(PROFILES)}, or a TOML file"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    names = {one.name for one in fields(Profile)}
    unknown = sorted(set(entries) - names)
    if unknown:
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(names))}")
    try:
        given: dict[str, Any] = {key: _typed(key, value) for key, value in entries.items()}
        return Profile(**{"name": path.stem, **given})
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None


def _typed(name: str, value: object) -> object:
    """A value of a TOML file in the type that the profile has."""
    if name == "attributes" and value == "all":
        return None
    wanted: dict[str, type] = {"attributes": list, "kinds": dict, "length": int, "public_from": int}
    expected = wanted.get(name, str)
    if type(value) is not expected:
        raise SettingsError(f"{name}: expected {expected.__name__}, found {value!r}")
    return tuple(str(one) for one in value) if isinstance(value, list) else value
