"""Settings: one frozen value per run, read from `graphlink.toml`, with a fingerprint.

Every setting has a meaning in the data, a unit and a default that works unconfigured.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import re
import tomllib
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphlink.core.arguments import checked
from graphlink.core.cleanings import refusal_of
from graphlink.core.credentials import redacted_repr
from graphlink.core.errors import SettingsError
from graphlink.core.kind_names import EXPECTED, kind_name, kind_or_account
from graphlink.core.ranges import check_fields, made_from, path_field, ranged, shown
from graphlink.core.small_files import read_regular

DEFAULT_ABUSE = ("banned", "suspended")
"""Words of the status column that mean "closed for abuse" where the settings name none."""

_MOST_BYTES = 64 << 20  # of a settings file: a million overrides
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([KMGT]i?B|%)", re.IGNORECASE)
_MEMORY_RANGE = (1e6, 1e15)  # bytes; below it the engine can't start, and no machine has more
_YEARS = (1970, 2200)  # of `now`
# Nearer to 0 or 1 the odds are no longer exact.
_LEAST = 1e-9
_MOST = 1 - _LEAST
_SHORTEST_WINDOW = 0.001  # days; times are whole seconds in most logs


def _check(name: str, value: object, wanted: str, *, is_right: bool) -> None:
    """Raise an error that names a setting, its value and the accepted range, unless it is right."""
    if not is_right:
        raise SettingsError(f"{name}: expected {wanted}, found {shown(value)}")


def _check_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            "time_zone: expected a zone of the tz database, such as UTC or Europe/Berlin, found "
            + shown(name)
        ) from None


@dataclass(frozen=True, slots=True)
class Source:
    """A source of observations: files, a database table or query.

    A long source has one identifier per row (`kind` and `value` name its columns); a wide source has several
    (`kinds` maps each kind to its column).

    Attributes:
        path: File, folder or glob (Parquet, CSV, JSON lines, also compressed), relative to the settings file,
            or a URL.
        database: DuckDB or SQLite file, or a postgresql:// URL, also as libpq's `host=... dbname=...`,
            instead of a path.
        table: Table of the database.
        query: Query of the database, instead of a table.
        name: Name in messages; for a frame, the name under which it is passed.
        account: Column with the account.
        time: Column with the time; empty when the source has none.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us, epoch_ns; empty for ISO 8601.
        time_zone: Time zone of times without one, such as Europe/Berlin.
        count: Column with the number of times; if empty each row counts once, except in a long source with
            a column n.
        kind: Column with the kind, in a long source.
        value: Column with the value, in a long source.
        kinds: Kind to column, in a wide source.
    """

    path: str = path_field()
    database: str = path_field()
    table: str = ""
    query: str = ""
    name: str = ""
    account: str = "account_id"
    time: str = "seen_at"
    time_format: str = ""
    time_zone: str = "UTC"
    count: str = ""
    kind: str = "kind"
    value: str = "value"
    kinds: dict[str, str] = field(default_factory=dict)

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        _check_zone(self.time_zone)


@dataclass(frozen=True, slots=True)
class AccountSource:
    """The optional table of accounts.

    Attributes:
        path: File, folder or glob, relative to the settings file, or a URL.
        database: DuckDB or SQLite file, or a postgresql:// URL, also as libpq's `host=... dbname=...`,
            instead of a path.
        table: Table of the database.
        query: Query of the database, instead of a table.
        name: Name in messages; for a frame, the name under which it is passed.
        account: Column with the account.
        created_at: Column with the time it was opened.
        closed_at: Column with the time it was closed or banned.
        status: Column with the status that the provider gives it.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us, epoch_ns; empty for ISO 8601.
        time_zone: Time zone of times without one.
        attributes: Further columns, copied to the result unchanged.
        abuse: Column to the values that mean "closed for abuse", such as
            { state = ["banned"], close_reason = ["tos", "fraud"] }; an account was closed for abuse when any
            of these columns has one of these values, in any case. If empty, "banned" and "suspended" in the
            column of the status.
    """

    path: str = path_field()
    database: str = path_field()
    table: str = ""
    query: str = ""
    name: str = ""
    account: str = "account_id"
    created_at: str = "created_at"
    closed_at: str = "closed_at"
    status: str = "status"
    time_format: str = ""
    time_zone: str = "UTC"
    attributes: tuple[str, ...] = ()
    abuse: dict[str, tuple[str, ...]] = field(default_factory=dict)

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        _check_zone(self.time_zone)
        for column, words in self.abuse.items():
            is_right = bool(words) and all(isinstance(word, str) and word.strip() for word in words)
            _check(f"abuse.{column}", words, 'words that mean abuse, such as ["banned"]', is_right=is_right)

    @property
    def abuse_words(self) -> dict[str, tuple[str, ...]]:
        """Column to the values that mean "closed for abuse"; the default where none are set."""
        return self.abuse or {self.status: DEFAULT_ABUSE}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference list.

    Attributes:
        path: CSV of network (CIDR, address, range or ASN), label and type; a list with one network a line
            (plain, .netset, ipset) or a cloud provider's JSON, with label and type here; or a MaxMind-format
            .mmdb file.
        label: Label of its networks, for a list without labels.
        type: Type of its networks, such as vpn or hosting.
    """

    path: str = path_field()
    label: str = ""
    type: str = ""

    def __post_init__(self) -> None:
        check_fields(self)

    __repr__ = redacted_repr


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that analysts gave to pairs of accounts.

    Attributes:
        path: CSV or Parquet of account_id_l, account_id_r and verdict: yes (one operator), no or unsure.
    """

    path: str = path_field()

    def __post_init__(self) -> None:
        check_fields(self)

    __repr__ = redacted_repr


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
            _check("kinds", given, EXPECTED, is_right=bool(name))
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
    p_exclusive: float | None = ranged(None, _LEAST, _MOST, "(probability)")
    ignore: bool = False
    clean: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if refusal := refusal_of(self.clean or ()):
            raise SettingsError(f"clean: {refusal}")
        is_window = not self.window_days or self.window_days >= _SHORTEST_WINDOW
        wanted = f"0 for no window, or {_SHORTEST_WINDOW} days or more"
        _check("window_days", self.window_days, wanted, is_right=is_window)


_KIND = re.compile(r"[a-z0-9_.-]{1,64}")


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
                _check(f"{name}.{kind}", kind, 'the name of a kind, or "account"', is_right=is_name)
                is_filled = all(value.strip() for value in values)
                _check(f"{name}.{kind}", "", "values that are not empty", is_right=is_filled)
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
    p_exclusive: float | None = ranged(None, _LEAST, _MOST, "(probability)")
    label: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        _check("kind", self.kind, "a kind, such as ip", is_right=bool(kind_name(self.kind)))
        object.__setattr__(self, "kind", kind_name(self.kind))
        _check("value", "", "the value of an identifier", is_right=bool(self.value))
        _check(
            "p_exclusive",
            None,
            "a probability, or a label",
            is_right=self.p_exclusive is not None or bool(self.label),
        )


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Parameters of the model: from co-presence to links and clusters.

    Attributes:
        prior_bits: log2 odds that two accounts drawn at random have one operator; a constant, so that
            unrelated accounts change nothing. -12 is one pair in 4,096.
        pair_budget: Maximum number of pairs (of accounts, per identifier and window) in a run; beyond
            it the largest blocks make none, and are reported.
        max_block_size: Maximum number of accounts on a value in one window that make candidate pairs.
        candidate_probability: Minimum probability of a candidate pair: the prior of the kind divided among
            the accounts.
        min_probability: Minimum probability of a reported link.
        cluster_probability: Minimum probability of links, and of merges of groups, that form clusters.
        resolution_bits: Resolution of community detection: mean bits per pair of accounts that keep two
            groups together.
        core_probability: Minimum membership probability of core members; others are fringe.
    """

    prior_bits: float = ranged(-12.0, -64, -0.001, "bits")
    pair_budget: int = ranged(20_000_000, 1, 10**12, "pairs")
    max_block_size: int = ranged(128, 2, 100_000, "accounts")
    candidate_probability: float = ranged(0.005, _LEAST, _MOST, "(probability)")
    min_probability: float = ranged(0.1, _LEAST, _MOST, "(probability)")
    cluster_probability: float = ranged(0.9, _LEAST, _MOST, "(probability)")
    resolution_bits: float = ranged(0.1, 0.001, 1000, "bits")
    core_probability: float = ranged(0.9, _LEAST, _MOST, "(probability)")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The engine of a run and its limits; they do not change the result.

    Attributes:
        memory: Memory limit, such as 4GB; if empty, the engine's default (80 % of the machine).
        threads: Number of threads; 0 for every core.
        folder: Folder for temporary files; if empty, the system's.
        name: duckdb (built in) or spark (needs `graphlink[spark]`); if empty, duckdb.
        remote: URL of a Spark Connect server, such as sc://host:15002; if empty, Spark is started on this
            machine.
        warehouse: Folder for intermediate tables on Spark, on any path that Spark can write; if empty, a
            temporary folder of this machine, which a remote Spark can't read.
        largest_component: Maximum number of links of a connected component whose communities a Spark worker
            finds; larger ones are processed on the machine that started the run. 0 means 10,000,000, about
            3 GB of a worker.
    """

    memory: str = ""
    threads: int = ranged(0, 0, 1024, "threads", "0 for every core")
    folder: str = path_field()
    name: str = ""
    remote: str = ""
    warehouse: str = path_field()
    largest_component: int = ranged(0, 0, 2**31 - 1, "links", "0 for 10,000,000")

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        is_known = self.name in ("", "duckdb", "spark")
        _check("name", self.name, "duckdb or spark", is_right=is_known)
        is_remote = not self.remote or (self.remote.startswith("sc://") and self.name == "spark")
        _check("remote", self.remote, "sc://host:port, with the engine spark", is_right=is_remote)
        _check(
            "memory",
            self.memory,
            "a size such as 4GB, 500MB or 80%: 1% to 100%, or 1MB to 1000TB",
            is_right=not self.memory or _is_memory(self.memory),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that determines a result, apart from the input.

    Attributes:
        sources: Sources of observations.
        accounts: The optional table of accounts.
        references: Reference lists.
        labels: Labels of pairs that help to learn match weights; optional.
        pseudonymize: Kinds that are hashed on ingest.
        kinds: Per kind, settings that differ from its defaults.
        placeholders: Changes to the built-in list of placeholders.
        overrides: Knowledge of single identifiers.
        model: Parameters of the model.
        engine: The engine and its limits; not part of the fingerprint.
        seed: Random seed.
        now: Times more than a day after this moment (ISO 8601) are rejected as future; if empty, the current
            time.
    """

    sources: tuple[Source, ...] = ()
    accounts: AccountSource | None = None
    references: tuple[Reference, ...] = ()
    labels: Labels = Labels()
    pseudonymize: Pseudonymize = Pseudonymize()
    kinds: dict[str, KindSettings] = field(default_factory=dict)
    placeholders: Placeholders = Placeholders()
    overrides: tuple[Override, ...] = ()
    model: ModelSettings = ModelSettings()
    engine: EngineSettings = EngineSettings()
    seed: int = ranged(1, 0, 2**31 - 1, "")
    now: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        names = [
            kind_name(name) or name for name in self.kinds
        ]  # invalid names are refused when they are used
        _check("kinds", list(self.kinds), "each kind once", is_right=len(set(names)) == len(names))
        if names != list(self.kinds):
            object.__setattr__(self, "kinds", dict(zip(names, self.kinds.values(), strict=True)))
        _check(
            "now",
            self.now,
            f"a time in ISO 8601 from {_YEARS[0]} to {_YEARS[1]}, such as 2026-01-31T00:00:00Z",
            is_right=not self.now or _is_now(self.now),
        )

    def fingerprint(self) -> str:
        """Digest of all settings that determine a result; those of the engine do not."""
        values = dataclasses.asdict(self)
        del values["engine"]
        for kind in values["kinds"].values():
            if not kind["clean"]:  # the same as a file without it
                del kind["clean"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


@checked
def read_settings(path: str | Path) -> Settings:
    """Make settings from a TOML file; paths in it are relative to the file.

    Raises:
        SettingsError: The file is missing, is not TOML, or names a setting that does not exist.
    """
    path = Path(path)
    remedy = "`graphlink init FILES...` writes a settings file"
    content = read_regular(path, most_bytes=_MOST_BYTES, error=SettingsError, mend=remedy)
    try:
        values = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except RecursionError:
        raise SettingsError(f"{path}: tables or lists are nested too deep") from None
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise SettingsError(f"{path}: {error}") from error
    return settings_from(values, str(path))


def settings_from(values: dict[str, Any], where: str = "settings") -> Settings:
    """Make settings from a mapping, as parsed from TOML; every name, type and range is checked.

    Raises:
        SettingsError: Names the setting, its value and what is accepted.
    """
    return made_from(Settings, values, where)


def _is_memory(text: str) -> bool:
    parts = _MEMORY.fullmatch(text)
    if parts is None:
        return False
    amount, unit = float(parts[1]), parts[2].upper()
    if unit == "%":
        return 1 <= amount <= 100
    base = 1024 if "I" in unit else 1000
    n_bytes = amount * float(base ** ("KMGT".index(unit[0]) + 1))
    return _MEMORY_RANGE[0] <= n_bytes <= _MEMORY_RANGE[1]


def _is_now(text: str) -> bool:
    try:
        return _YEARS[0] <= datetime.datetime.fromisoformat(text).year <= _YEARS[1]
    except ValueError:
        return False
