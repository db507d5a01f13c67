"""Settings: one frozen value per run, read from `graphlink.toml`, with a fingerprint.

Every setting has a meaning in the data, a unit and a default that works unconfigured.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
import tomllib
import types
import typing
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from graphlink.errors import SettingsError

T = TypeVar("T")

_MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", re.IGNORECASE)


def _check(name: str, value: object, wanted: str, *, is_right: bool) -> None:
    """Name a setting that is out of its range, what was found and what would do."""
    if not is_right:
        raise SettingsError(f"{name}: expected {wanted}, found {value!r}")


def _check_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"time_zone: expected a zone of the tz database, such as UTC or Europe/Berlin, found {name!r}"
        ) from None


@dataclass(frozen=True, slots=True)
class Source:
    """Where observations come from: files, a database table or query.

    A long source has one identifier per row (`kind` and `value` name its columns); a wide source has several
    (`kinds` maps each kind to its column).

    Attributes:
        path: File, folder or glob (Parquet, CSV, JSON lines, also compressed), relative to the settings file,
            or the address of one.
        database: DuckDB or SQLite file, or a postgresql:// address, instead of a path.
        table: Table of the database.
        query: Query of the database, instead of a table.
        name: Name in messages; of a frame, the name it is handed over under.
        account: Column with the account.
        time: Column with the time; empty when the source has none.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us; empty for ISO 8601.
        time_zone: Zone of times that carry none, such as Europe/Berlin.
        count: Column with the number of times; empty means each row counts once, but for a long source with a
            column n.
        kind: Column with the kind, in a long source.
        value: Column with the value, in a long source.
        kinds: Kind to column, in a wide source.
    """

    path: str = ""
    database: str = ""
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

    def __post_init__(self) -> None:
        _check_zone(self.time_zone)


@dataclass(frozen=True, slots=True)
class AccountSource:
    """The optional table of accounts.

    Attributes:
        path: File, folder or glob, relative to the settings file, or the address of one.
        database: DuckDB or SQLite file, or a postgresql:// address, instead of a path.
        table: Table of the database.
        query: Query of the database, instead of a table.
        name: Name in messages; of a frame, the name it is handed over under.
        account: Column with the account.
        created_at: Column with the time it was opened.
        closed_at: Column with the time it was closed or banned.
        status: Column with the provider's word for its state.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us; empty for ISO 8601.
        time_zone: Zone of times that carry none.
        attributes: Further columns, carried through to the result as they are.
    """

    path: str = ""
    database: str = ""
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

    def __post_init__(self) -> None:
        _check_zone(self.time_zone)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference list.

    Attributes:
        path: CSV of network (CIDR, address or ASN), label and type; or a MaxMind-format .mmdb file.
    """

    path: str = ""


@dataclass(frozen=True, slots=True)
class Judgements:
    """What analysts found of pairs of accounts.

    Attributes:
        path: CSV or Parquet of account_id_l, account_id_r and verdict: yes (one operator), no or unsure.
    """

    path: str = ""


@dataclass(frozen=True, slots=True)
class Pseudonymize:
    """What is replaced by keyed hashes at the door.

    Attributes:
        kinds: The kinds whose values are; "account" for the accounts themselves.
        key_file: File with the key, relative to the settings file; the key is never written anywhere.
    """

    kinds: tuple[str, ...] = ()
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class KindSettings:
    """What a user may say of one kind; what is not said is the kind's own (see `graphlink.kinds`).

    Attributes:
        facet: Group of kinds that fail together.
        window_days: Two accounts are together on a value only when both held it within such a window.
        private: Prior probability that two accounts, the only ones on a value, have one operator.
        ignore: Leaves the kind out.
    """

    facet: str | None = None
    window_days: float | None = None
    private: float | None = None
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """What is known of one identifier and stands over what is estimated of it.

    Attributes:
        kind: Its kind.
        value: Its value, as the source has it; of kind ip also a block such as 203.0.113.0/24.
        private: Probability that two of its holders have one operator; left out, the estimate stands.
        label: What it is called in the result.
    """

    kind: str = ""
    value: str = ""
    private: float | None = None
    label: str = ""

    def __post_init__(self) -> None:
        _check("kind", self.kind, "a kind, such as ip", is_right=bool(self.kind))
        _check("value", "", "the value of an identifier", is_right=bool(self.value))
        if self.private is not None:
            is_probability = 0 < self.private < 1
            _check("private", self.private, "a probability above 0 and below 1", is_right=is_probability)
        _check(
            "private",
            None,
            "a probability, or a label",
            is_right=self.private is not None or bool(self.label),
        )


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What decides how sharing becomes links and clusters.

    Attributes:
        prior_bits: log2 odds that two accounts drawn at random have one operator; a constant, so that
            unrelated volume changes nothing. -12 is one pair in 4,096.
        pair_budget: Most pairs (of accounts, per identifier and window) that a run may make; the largest
            values make none past it, and are named.
        largest_cell: Accounts together on a value in a window beyond which they make no candidate pairs.
        candidate_probability: Nor do they where its kind's prior, shared out among them, is below this.
        min_probability: Links below it are not reported.
        cluster_probability: Links and joins of groups below it hold no cluster together.
        resolution_bits: Mean bits between two groups of accounts, per pair of them, that hold them together.
        core_probability: Membership probability from which a member is core rather than fringe.
    """

    prior_bits: float = -12.0
    pair_budget: int = 20_000_000
    largest_cell: int = 128
    candidate_probability: float = 0.005
    min_probability: float = 0.1
    cluster_probability: float = 0.9
    resolution_bits: float = 0.1
    core_probability: float = 0.9

    def __post_init__(self) -> None:
        for name in ("candidate_probability", "min_probability", "cluster_probability", "core_probability"):
            value = getattr(self, name)
            _check(name, value, "a probability above 0 and below 1", is_right=0 < value < 1)
        is_prior = math.isfinite(self.prior_bits) and self.prior_bits < 0
        _check("prior_bits", self.prior_bits, "a number below 0, such as -12.0", is_right=is_prior)
        is_resolution = math.isfinite(self.resolution_bits) and self.resolution_bits > 0
        _check(
            "resolution_bits", self.resolution_bits, "a number above 0, such as 0.1", is_right=is_resolution
        )
        _check("pair_budget", self.pair_budget, "a whole number above 0", is_right=self.pair_budget > 0)
        _check("largest_cell", self.largest_cell, "a whole number above 1", is_right=self.largest_cell > 1)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What a run may use of the machine; it decides no result.

    Attributes:
        memory: Memory limit of the engine, such as 4GB; empty leaves it to the engine (80 % of the machine).
        threads: Threads of the engine; 0 takes every core.
        folder: Folder for its temporary files; empty takes the system's.
        name: duckdb, which is built in, or spark, which takes `graphlink[spark]`; empty means duckdb.
        remote: Address of a Spark Connect server, such as sc://host:15002; empty starts Spark here.
        warehouse: Folder for the tables of a run on Spark, on any path that Spark writes; empty takes a
            temporary one of this machine, which a Spark elsewhere does not see.
        largest_component: Links of a connected part up to which a worker of Spark finds its communities;
            larger ones are left to the machine that started the run. 0 means 10,000,000, for some 3 GB of a
            worker.
    """

    memory: str = ""
    threads: int = 0
    folder: str = ""
    name: str = ""
    remote: str = ""
    warehouse: str = ""
    largest_component: int = 0

    def __post_init__(self) -> None:
        is_known = self.name in ("", "duckdb", "spark")
        _check("name", self.name, "duckdb or spark", is_right=is_known)
        is_remote = not self.remote or (self.remote.startswith("sc://") and self.name == "spark")
        _check("remote", self.remote, "sc://host:port, with the engine spark", is_right=is_remote)
        is_memory = not self.memory or (
            _MEMORY.fullmatch(self.memory) is not None and re.search("[1-9]", self.memory) is not None
        )
        _check("memory", self.memory, "a size such as 4GB, 500MB or 80%", is_right=is_memory)
        _check("threads", self.threads, "a whole number, or 0 for every core", is_right=self.threads >= 0)
        is_size = self.largest_component >= 0
        _check("largest_component", self.largest_component, "a whole number, or 0", is_right=is_size)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a result, apart from the input.

    Attributes:
        sources: Where observations come from.
        accounts: The optional table of accounts.
        references: Reference lists.
        judgements: Labels that teach how telling the kinds are; none are needed.
        pseudonymize: What is hashed at the door.
        kinds: Per kind, what differs from its own defaults.
        overrides: What is known of single identifiers.
        model: How sharing becomes links and clusters.
        engine: Which engine, and its limits; not part of the fingerprint.
        seed: Seed of everything random.
        now: Times more than a day after this moment (ISO 8601) are in the future and set aside; empty means
            the clock.
    """

    sources: tuple[Source, ...] = ()
    accounts: AccountSource | None = None
    references: tuple[Reference, ...] = ()
    judgements: Judgements = Judgements()
    pseudonymize: Pseudonymize = Pseudonymize()
    kinds: dict[str, KindSettings] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    model: ModelSettings = ModelSettings()
    engine: EngineSettings = EngineSettings()
    seed: int = 1
    now: str = ""

    def fingerprint(self) -> str:
        """Digest of everything here that decides a result; the engine's limits do not."""
        told = dataclasses.asdict(self)
        del told["engine"]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def read_settings(path: str | Path) -> Settings:
    """Make settings from a TOML file; paths in it are relative to the file.

    Raises:
        SettingsError: The file is missing, is not TOML, or names a setting that does not exist.
    """
    path = Path(path)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(f"no settings file {path}; `graphlink init FILES...` writes one") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return settings_from(told, str(path))


def settings_from(told: dict[str, Any], where: str = "settings") -> Settings:
    """Make settings from a mapping as TOML gives it; every name and type is checked.

    Raises:
        SettingsError: Names the setting, what was found and what exists.
    """
    return _made(Settings, told, where)


def _made(kind: type[T], told: object, where: str) -> T:
    if not isinstance(told, dict):
        raise SettingsError(f"{where}: expected a table of settings, found {told!r}")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(told) - set(hints))
    if unknown:
        raise SettingsError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(hints))}")
    values = {name: _value(hints[name], given, f"{where}: {name}") for name, given in told.items()}
    try:
        return kind(**values)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def _value(hint: Any, given: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [argument for argument in arguments if argument is not types.NoneType]
        return _value(inner[0], given, where)
    if origin is tuple:
        if not isinstance(given, list | tuple):
            raise SettingsError(f"{where}: expected a list, found {given!r}")
        return tuple(_value(arguments[0], item, f"{where}[{i + 1}]") for i, item in enumerate(given))
    if origin is dict:
        if not isinstance(given, dict):
            raise SettingsError(f"{where}: expected a table, found {given!r}")
        return {str(name): _value(arguments[1], item, f"{where}.{name}") for name, item in given.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return given if isinstance(given, hint) else _made(hint, given, where)
    if hint is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    if type(given) is not hint:
        raise SettingsError(f"{where}: expected {hint.__name__}, found {given!r}")
    return given
