"""Redaction: the same result with its values replaced, for readers who may not see them.

A profile says what becomes of accounts, identifiers, attributes, labels and times. It is applied to the
tables as they are read, before anything is explained or drawn, so what is rendered from a redacted result
can't hold a raw value. What a profile does not name is left out: text in a column unknown here becomes null.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.errors import ResultError, SettingsError
from graphlink.kinds import pseudonym
from graphlink.result import Result
from graphlink.schema import EXPLAINED_TABLES, LISTED_AS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

PLAIN, PSEUDONYM, PREFIX, NONE = "plain", "pseudonym", "prefix", "none"
_CHOICES = {
    "accounts": (PLAIN, PSEUDONYM),
    "others": (PLAIN, PSEUDONYM),
    "kinds": (PLAIN, PSEUDONYM, PREFIX),
    "labels": (PLAIN, "type", NONE),
    "times": (PLAIN, "day", NONE),
    "provenance": (PLAIN, "digests", NONE),
}
_SHORTEST, _LONGEST = 8, 26  # characters of a pseudonym; each is 5 bits
_TAG = 8  # characters that keep the addresses of one prefix apart
_IPV4_PREFIX, _IPV6_PREFIX = 24, 48
_TIME = pa.timestamp("us", "UTC")
# Text that graphlink itself writes; all other text is the data's.
_OWN_TEXT = frozenset(
    {
        *("kind", "facet", "facets", "role", "hypothesis", "also_explained_by", "reason", "label_type"),
        *("evidence", "signal", "rival", "weakest_cut_kind"),
    }
)
# Tables with one of these columns are wholly in graphlink's own words, their sentences too.
_OWN_TABLES = frozenset({"evidence", "signal"})
# Identifiers, with the column of their kind.
_IDENTIFIERS = {"value": "kind", "weakest_cut_value": "weakest_cut_kind"}
_ACCOUNT_COLUMNS = frozenset({"account_id", "account_id_l", "account_id_r", "component_id", "strongest"})
_ENDS = ("account_id_l", "account_id_r")
# Sentences of reasons that are made of numbers and graphlink's own words.
_SAFE_REASONS = ("joint_behaviour", "further_identifiers", "differing_values", "prior")
_EXPLAINED = frozenset(spec.name for spec in EXPLAINED_TABLES)
_DIGEST = re.compile("[0-9a-f]{64}")


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name}: expected {', '.join(choices)}, found {value!r}")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a reader may see.

    Attributes:
        name: Its name, shown to readers.
        accounts: plain or pseudonym.
        others: What becomes of values of kinds that `kinds` does not name: plain or pseudonym.
        kinds: Kind to plain, pseudonym, or prefix (addresses only: /24, /48, and a tag that keeps the
            addresses of one prefix apart).
        attributes: Columns of accounts that are shown beside its times and counts, such as status; None
            shows all.
        labels: Of reference lists: plain, type (such as vpn) or none.
        times: plain, day (the time of day is cut off) or none.
        provenance: Of the input: plain (names and digests), digests or none.
        length: Characters of a pseudonym, 8 to 26; each is 5 bits. A shorter one is the start of a longer.
    """

    name: str
    accounts: str = PSEUDONYM
    others: str = PSEUDONYM
    kinds: dict[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] | None = ()
    labels: str = NONE
    times: str = NONE
    provenance: str = NONE
    length: int = _LONGEST

    def __post_init__(self) -> None:
        for name in ("accounts", "others", "labels", "times", "provenance"):
            _check_choice(name, getattr(self, name), _CHOICES[name])
        for kind, rule in self.kinds.items():
            _check_choice(f"kinds.{kind}", rule, _CHOICES["kinds"])
        if not _SHORTEST <= self.length <= _LONGEST:
            raise SettingsError(f"length: expected {_SHORTEST} to {_LONGEST}, found {self.length}")

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown as it is."""
        return (
            {self.accounts, self.others, *self.kinds.values(), self.labels, self.times, self.provenance}
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
        kept = sorted(kind for kind, rule in self.kinds.items() if rule == PLAIN)
        cut = sorted(kind for kind, rule in self.kinds.items() if rule == PREFIX)
        told = (
            (self.accounts == PSEUDONYM, "Accounts and clusters are shown under keyed pseudonyms."),
            (
                self.others == PSEUDONYM,
                "Identifiers are shown as keyed fingerprints: equal ones are one identifier.",
            ),
            (
                bool(cut),
                f"Shown as a network, with a tag for each address of it: {', '.join(cut)}.",
            ),
            (
                bool(kept) and self.others == PSEUDONYM,
                f"Shown as they are, because many share them: {', '.join(kept)}.",
            ),
            (
                self.attributes is not None,
                f"Of the accounts' attributes only {', '.join(self.attributes)} are shown."
                if self.attributes
                else "Attributes and states of accounts are left out.",
            ),
            (self.labels == "type", "Of reference lists only the type of an entry is shown."),
            (self.labels == NONE, "Entries of reference lists are left out."),
            (self.times == "day", "Times are cut to the day."),
            (self.times == NONE, "Times are left out."),
            (self.provenance == "digests", "Input files are named by their digests only."),
            (self.provenance == NONE, "Where the input came from is left out."),
        )
        return tuple(sentence for is_told, sentence in told if is_told)


INVESTIGATOR = Profile("investigator", PLAIN, PLAIN, {}, None, PLAIN, PLAIN, PLAIN)
LEGAL = Profile(
    "legal",
    kinds={"ip": PREFIX, "ip_64": PREFIX, "ip_prefix": PLAIN, "asn": PLAIN, "country": PLAIN},
    labels="type",
    times=PLAIN,
    provenance="digests",
    length=12,
)
PARTNER = Profile("partner")
PROFILES = {profile.name: profile for profile in (INVESTIGATOR, LEGAL, PARTNER)}


def read_profile(name: str) -> Profile:
    """Make a profile from its name, or from a TOML file with the fields of `Profile`.

    What the file does not say is redacted as for a partner.

    Raises:
        SettingsError: There is no such profile or file, or the file says what a profile can't have.
    """
    if name in PROFILES:
        return PROFILES[name]
    path = Path(name)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"no profile {name!r}; there are {', '.join(PROFILES)}, or a TOML file"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    names = {one.name for one in fields(Profile)}
    unknown = sorted(set(told) - names)
    if unknown:
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(names))}")
    try:
        given: dict[str, Any] = {key: _told(key, value) for key, value in told.items()}
        return Profile(**{"name": path.stem, **given})
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None


def redact(result: Result, profile: Profile, key: bytes | None = None) -> Result:
    """Make a result that reads as the profile allows; every value it gives is redacted already.

    It has the tables and columns of the result (attributes that are not shown are gone), with rows in the
    order of the replaced values: the order of the raw ones would tell about them. Questions to it are asked
    with replaced values too; `name_of_account` and `name_of_cluster` tell them.

    Args:
        result: A finished run.
        profile: What may be seen.
        key: Key of the pseudonyms. The same key gives the same pseudonyms, whatever the result.

    Raises:
        SettingsError: The profile needs a key and there is none.
    """
    if profile.is_plain:
        return result
    if profile.needs_key and key is None:
        raise SettingsError(
            f"profile {profile.name}: replaces values by keyed fingerprints, which need a key; "
            "make one with `(umask 077; head -c 32 /dev/urandom | base64 > key)` and add --key-file key"
        )
    return Redacted(result, profile, key or b"")


class Redacted(Result):
    """A result whose values are replaced as they are read; made by `redact`."""

    def __init__(self, result: Result, profile: Profile, key: bytes) -> None:
        self._raw = result
        self.profile = profile
        self._key = key
        self._values: dict[tuple[str, str], str] = {}
        self._raw_names: dict[str, dict[str, str]] = {}
        super().__init__(Path(f"{profile.name}-view"), self._manifest(result.manifest))

    def verify(self, tables: Collection[str] | None = None) -> dict[str, bool]:
        """Make sure that the tables of the raw result are what its run wrote.

        Raises:
            ResultError: A table is not what the run wrote.
        """
        return self._raw.verify(tables)

    def check_whole(self) -> None:
        """Make sure that the raw result is one that a run may have written.

        Raises:
            ResultError: It is not.
        """
        self._raw.check_whole()

    def name_of_account(self, account_id: str) -> str:
        """The name under which an account is shown."""
        if self.profile.accounts == PLAIN:
            return account_id
        return self._pseudonym("account", account_id)

    def name_of_cluster(self, cluster_id: str) -> str:
        """The name under which a cluster is shown: its id is a digest of an account anybody could try."""
        if self.profile.accounts == PLAIN:
            return cluster_id
        return "C-" + pseudonym(self._key, "cluster", cluster_id)[:10]

    def name_of_value(self, kind: str, value: str) -> str:
        """The name under which an identifier is shown."""
        if not value:  # joint behaviour has none
            return value
        known = self._values.get((kind, value))
        if known is None:
            known = self._values[kind, value] = self._named(kind, value)
        return known

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table as Arrow, its values replaced; `where` holds replaced values.

        Raises:
            ResultError: There is no such table or column, or the file can't be read.
        """
        found = self._redacted(name, self._candidates(name, dict(where or {})))
        for column in (*(columns or ()), *(where or ())):
            if column not in found.column_names:
                raise ResultError(f"{name}: no column {column!r}; it has {', '.join(found.column_names)}")
        for column, values in (where or {}).items():
            kept = pa.array(sorted(set(values)), pa.string())
            found = found.filter(pc.is_in(found[column], value_set=kept))
        order = [(column, "ascending") for column in _order_of(name, found)]
        found = found.sort_by(order)
        return found if columns is None else found.select(list(columns))

    def _candidates(self, name: str, where: dict[str, Collection[str]]) -> pa.Table:
        """Raw rows, no fewer than those asked for: narrowed by what has one raw value per replaced one."""
        ends = [end for end in _ENDS if end in where]
        pushed = {
            column: [raw[value] for value in where[column] if value in raw]
            for column in where
            if column not in _ENDS and (raw := self._raw_of(column)) is not None
        }
        if not ends:
            return self._raw.table(name, where=pushed)
        # The lesser account of a pair may be the greater one under its replaced name.
        accounts = self._raw_of("account_id")
        if accounts is None:
            return self._raw.table(name, where={**pushed, **{end: where[end] for end in ends}})
        if len(ends) == 2:
            either = {accounts[value] for end in ends for value in where[end] if value in accounts}
            return self._raw.table(name, where={**pushed, **dict.fromkeys(_ENDS, either)})
        one = {accounts[value] for value in where[ends[0]] if value in accounts}
        left = self._raw.table(name, where={**pushed, _ENDS[0]: one})
        right = self._raw.table(name, where={**pushed, _ENDS[1]: one})
        is_twice = pc.is_in(right[_ENDS[0]], value_set=pa.array(sorted(one), pa.string()))
        return pa.concat_tables([left, right.filter(pc.invert(is_twice))])

    def _raw_of(self, column: str) -> dict[str, str] | None:
        """Replaced to raw names of accounts or clusters; of what stays as it is, None for no narrowing."""
        name_of, source = {
            "account_id": (self.name_of_account, "accounts"),
            "component_id": (self.name_of_account, "accounts"),
            "cluster_id": (self.name_of_cluster, "clusters"),
        }.get(column, (None, ""))
        if name_of is None or self.profile.accounts == PLAIN:
            return None
        if source not in self._raw_names:
            own = "account_id" if source == "accounts" else "cluster_id"
            names = self._raw.table(source, [own])[own].to_pylist()
            self._raw_names[source] = {name_of(name): name for name in names}
        return self._raw_names[source]

    def _redacted(self, name: str, table: pa.Table) -> pa.Table:
        made = {
            column: self._column(table, column)
            for column in table.column_names
            if name != "accounts" or self._is_shown(column)
        }
        if name == "reasons":
            made["detail"] = self._details(table)
        if name in _EXPLAINED:
            made["detail"] = self._labelled(table["detail"])
        if set(_ENDS) <= set(made):
            left, right = (made[end] for end in _ENDS)
            is_right = pc.less(left, right)
            made[_ENDS[0]] = pc.if_else(is_right, left, right)
            made[_ENDS[1]] = pc.if_else(is_right, right, left)
        return pa.table(made)

    def _is_shown(self, column: str) -> bool:
        """Whether a column of accounts is there at all: its own ones are, attributes when they are named."""
        own = next(spec for spec in TABLES if spec.name == "accounts").column_names
        return column in own or self._is_attribute_shown(column)

    def _is_attribute_shown(self, column: str) -> bool:
        return self.profile.attributes is None or column in self.profile.attributes

    def _column(self, table: pa.Table, column: str) -> pa.ChunkedArray:
        values = table[column]
        if column in _ACCOUNT_COLUMNS:
            return _mapped(values, self.name_of_account)
        if column == "cluster_id":
            return _mapped(values, self.name_of_cluster)
        if _IDENTIFIERS.get(column) in table.column_names:
            return self._identifiers(table[_IDENTIFIERS[column]], values)
        if pa.types.is_timestamp(values.type):
            return self._times(values)
        if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
            return values
        return values if self._is_text_shown(table, column) else _nulls(values)

    def _is_text_shown(self, table: pa.Table, column: str) -> bool:
        if column == "label":
            return self.profile.labels == PLAIN
        if column == "label_type":
            return self.profile.labels != NONE
        if column in _OWN_TEXT or (column == "detail" and _OWN_TABLES & set(table.column_names)):
            return True
        if "n_identifiers" in table.column_names:  # the table of accounts
            return self._is_attribute_shown(column)
        if "row_number" in table.column_names:  # the table of what was set aside
            return self.profile.provenance == PLAIN
        return False

    def _times(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if self.profile.times == PLAIN:
            return values
        if self.profile.times == NONE:
            return _nulls(values)
        day = 24 * 60 * 60 * 1_000_000
        numbers = values.cast(_TIME).cast(pa.int64())
        return pc.multiply(pc.divide(numbers, day), day).cast(_TIME)

    def _identifiers(self, kinds: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
        kind, value = (column.combine_chunks().dictionary_encode() for column in (kinds, values))
        kind_numbers, value_numbers = (
            part.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            for part in (kind, value)
        )
        n_values = len(value.dictionary) + 1
        pairs, places = np.unique(kind_numbers * n_values + value_numbers, return_inverse=True)
        names, texts = kind.dictionary.to_pylist(), value.dictionary.to_pylist()
        told = []
        for pair in pairs.tolist():
            k, v = divmod(pair + 1, n_values)  # shifted, so that null (-1) is the 0 of its kind
            told.append(None if v == 0 or k < 0 else self.name_of_value(names[k], texts[v - 1]))
        return pa.chunked_array([pa.array(told, pa.string()).take(pa.array(places.ravel()))])

    def _details(self, reasons: pa.Table) -> pa.Array:
        """The sentences of reasons, made again where the first ones name a label."""
        values = [value for value in reasons["value"].to_pylist() if value]
        held = self._raw.table("identifiers", ["kind", "value", "degree"], {"value": values})
        degree = {(row["kind"], row["value"]): row["degree"] for row in held.to_pylist()}
        details = []
        for row in reasons.select(["reason", "kind", "value", "n_accounts", "detail"]).to_pylist():
            n_holders = degree.get((row["kind"], row["value"]))
            if row["reason"] in _SAFE_REASONS or self.profile.labels == PLAIN:
                details.append(row["detail"])
            elif row["n_accounts"] is None or n_holders is None:
                details.append(None)
            else:
                details.append(f"ties {row['n_accounts']:,} of its accounts; {n_holders:,} hold it in all")
        return pa.array(details, pa.string())

    def _labelled(self, details: pa.ChunkedArray) -> pa.ChunkedArray:
        """Sentences made in advance, without the label that some end with: what is before it is our own."""
        if self.profile.labels == PLAIN:
            return details
        told = details.combine_chunks().dictionary_encode()
        kept = [detail.partition(LISTED_AS)[0] for detail in told.dictionary.to_pylist()]
        return pa.chunked_array([pa.array(kept, pa.string()).take(told.indices)])

    def _named(self, kind: str, value: str) -> str:
        rule = self.profile.kinds.get(kind, self.profile.others)
        if rule == PLAIN:
            return value
        network = _network_of(value) if rule == PREFIX else None
        if network is None:
            return self._pseudonym(kind, value)
        return f"{network}~{pseudonym(self._key, kind, value)[:_TAG]}"

    def _pseudonym(self, kind: str, value: str) -> str:
        return pseudonym(self._key, kind, value)[: self.profile.length]

    def _manifest(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """What may be told of the run: versions, the model's settings, counts; no names of the input."""
        settings = manifest.get("settings", {})
        told = {name: manifest[name] for name in ("format", "graphlink", "versions") if name in manifest}
        told["settings"] = {name: settings[name] for name in ("model", "seed", "kinds") if name in settings}
        told["tables"] = {name: {"rows": facts["rows"]} for name, facts in manifest["tables"].items()}
        told["steps"] = [self._step(step) for step in manifest.get("steps", ())]
        told["redacted"] = {"profile": self.profile.name, "what": list(self.profile.sentences())}
        if self.profile.provenance != NONE:
            told["fingerprint"] = manifest.get("fingerprint", "")
            told["inputs"] = sorted(set(_digests_in(manifest.get("steps", ()))))
        if self.profile.times == PLAIN:
            clock = manifest.get("this_run", {})
            told["this_run"] = {name: clock[name] for name in ("started_at", "finished_at") if name in clock}
        return told

    def _step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        facts = {name: fact for name, fact in step.get("facts", {}).items() if _is_number(fact)}
        capped = step.get("facts", {}).get("capped")
        if capped is not None:
            facts["capped"] = [self._capped(kind) for kind in capped]
        return {"step": step["step"], "rows": dict(step.get("rows", {})), "facts": facts}

    def _capped(self, kind: Mapping[str, Any]) -> dict[str, Any]:
        numbers = {name: fact for name, fact in kind.items() if _is_number(fact)}
        largest = [
            {
                "value": self.name_of_value(kind["kind"], one["value"]),
                **{name: fact for name, fact in one.items() if _is_number(fact)},
            }
            for one in kind.get("largest", ())
        ]
        return {"kind": kind["kind"], **numbers, "largest": largest}


def _told(name: str, value: object) -> object:
    """A value of a TOML file in the type that the profile has."""
    if name == "attributes" and value == "all":
        return None
    wanted: dict[str, type] = {"attributes": list, "kinds": dict, "length": int}
    expected = wanted.get(name, str)
    if type(value) is not expected:
        raise SettingsError(f"{name}: expected {expected.__name__}, found {value!r}")
    return tuple(str(one) for one in value) if isinstance(value, list) else value


def _network_of(value: str) -> str | None:
    """The network of an address, or of a narrower network; None for what is no address."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    length = _IPV4_PREFIX if network.version == 4 else _IPV6_PREFIX
    return str(network.supernet(new_prefix=length) if network.prefixlen > length else network)


def _order_of(name: str, table: pa.Table) -> Sequence[str]:
    key = next((spec.key for spec in (*TABLES, *EXPLAINED_TABLES) if spec.name == name), ())
    return key or table.column_names


def _mapped(values: pa.ChunkedArray, name_of: Callable[[str], str]) -> pa.ChunkedArray:
    encoded = values.combine_chunks().dictionary_encode()
    names = pa.array([name_of(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([names.take(encoded.indices)])


def _nulls(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(values), values.type)])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _digests_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [digest for inner in value.values() for digest in _digests_in(inner)]
    if isinstance(value, list | tuple):
        return [digest for inner in value for digest in _digests_in(inner)]
    return [value] if isinstance(value, str) and _DIGEST.fullmatch(value) else []
