"""What is known of kinds and single identifiers, and which values name nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graphlink.core.cleanings import refusal_of
from graphlink.core.errors import SettingsError
from graphlink.core.kind_names import EXPECTED, kind_name, kind_or_account
from graphlink.core.ranges import check_fields, path_field, ranged
from graphlink.core.settings.checks import LEAST, MOST, check_setting

_KIND = re.compile(r"[a-z0-9_.-]{1,64}")
_SHORTEST_WINDOW = 0.001  # days; times are whole seconds in most logs


@dataclass(frozen=True, slots=True)
class Pseudonymize:
    """Values that are replaced by keyed hashes on ingest.

    Attributes:
        kinds: Kinds whose values are replaced; "account" for account ids.
        key_file: File with the key, relative to the settings file; the key itself is never written.
    """

    kinds: tuple[str, ...] = ()
    key_file: str = path_field()

    def __post_init__(self) -> None:
        check_fields(self)
        names = tuple(kind_or_account(name) for name in self.kinds)
        for name, given in zip(names, self.kinds, strict=True):
            check_setting("kinds", given, EXPECTED, is_right=bool(name))
        # One spelling from here on: the list is compared with the kinds in tables.
        object.__setattr__(self, "kinds", tuple(dict.fromkeys(names)))


@dataclass(frozen=True, slots=True)
class KindSettings:
    """Settings of one kind; those that are not set are its defaults (see `graphlink.kinds`).

    Attributes:
        facet: Group of kinds that fail together.
        window_days: Length of a window; two accounts are co-present on a value only if both held it in
            one window.
        p_exclusive: Prior probability that two accounts, the only holders of a value, have one operator.
        ignore: Exclude the kind.
        clean: Cleaning steps for values of an open kind, in order, such as `["upper", "digits"]`.
    """

    facet: str | None = None
    window_days: float | None = ranged(
        None, 0, 36_500, "days", f"0 for no window, else {_SHORTEST_WINDOW} or more"
    )
    p_exclusive: float | None = ranged(None, LEAST, MOST, "(probability)")
    ignore: bool = False
    clean: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if refusal := refusal_of(self.clean or ()):
            raise SettingsError(f"clean: {refusal}")
        is_window = not self.window_days or self.window_days >= _SHORTEST_WINDOW
        wanted = f"0 for no window, or {_SHORTEST_WINDOW} days or more"
        check_setting("window_days", self.window_days, wanted, is_right=is_window)


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Changes to the list of placeholders and test values (see `graphlink.kinds.placeholders`).

    Attributes:
        keep: Per kind, and for "account", values to accept although the built-in list rejects them, such as
            `keep = {badge = ["0"]}`; compared as a whole, in any case.
        reject: Per kind, and for "account", further values to reject as placeholders.
    """

    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reject: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self)
        for name, listed in (("keep", self.keep), ("reject", self.reject)):
            for kind, values in listed.items():
                is_name = _KIND.fullmatch(kind.strip().lower()) is not None
                check_setting(f"{name}.{kind}", kind, 'the name of a kind, or "account"', is_right=is_name)
                is_filled = all(value.strip() for value in values)
                check_setting(f"{name}.{kind}", "", "values that are not empty", is_right=is_filled)
        for kind in sorted(set(self.keep) & set(self.reject)):
            both = {value.strip().lower() for value in self.keep[kind]}
            both &= {value.strip().lower() for value in self.reject[kind]}
            if both:
                raise SettingsError(f"{kind}: {min(both)!r} is both kept and rejected; leave one out")


@dataclass(frozen=True, slots=True)
class Override:
    """Knowledge of one identifier, which overrides its estimate.

    Attributes:
        kind: Its kind.
        value: Its value, as in the source; for kind ip also a block such as 203.0.113.0/24.
        p_exclusive: Probability that two of its holders have one operator; if omitted, the estimate is used.
        label: Its label in the result.
    """

    kind: str = ""
    value: str = ""
    p_exclusive: float | None = ranged(None, LEAST, MOST, "(probability)")
    label: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        check_setting("kind", self.kind, "a kind, such as ip", is_right=bool(kind_name(self.kind)))
        object.__setattr__(self, "kind", kind_name(self.kind))
        check_setting("value", "", "the value of an identifier", is_right=bool(self.value))
        check_setting(
            "p_exclusive",
            None,
            "a probability, or a label",
            is_right=self.p_exclusive is not None or bool(self.label),
        )
