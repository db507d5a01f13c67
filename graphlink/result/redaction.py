"""Redaction: the same result with its values replaced, for readers who may not see them.

A profile says what becomes of accounts, identifiers, attributes, labels and times. It is applied to the
tables as they are read, before anything is explained or drawn, so what is rendered from a redacted result
can't hold a raw value. What a profile does not name is left out: text in a column unknown here becomes null.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.schema import EXPLAINED_TABLES, LISTED_AS, TABLES
from graphlink.kinds import pseudonym
from graphlink.result.coarsening import COUNTS, LAG, band_count, band_counts, band_lags, cut_times
from graphlink.result.profiles import (
    BANDS,
    INVESTIGATOR,
    LEGAL,
    NONE,
    PARTNER,
    PLAIN,
    PREFIX,
    PROFILES,
    PUBLIC,
    SERVICES,
    Profile,
    read_profile,
)  # fmt: skip
from graphlink.result.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["INVESTIGATOR", "LEGAL", "PARTNER", "PROFILES", "Profile", "Redacted", "read_profile", "redact"]

_TAG = 8  # characters that keep the addresses of one prefix apart
_IPV4_PREFIX, _IPV6_PREFIX = 24, 48
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
# Counts of holders in sentences that were made in advance.
_HELD = re.compile("[0-9][0-9,]*(?= hold it in all| others? held it too)")


@checked
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
        self._public: dict[str, frozenset[str]] = {}
        self._public_labels: frozenset[str] | None = None
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

    @checked
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
        found = self._coarse(name, self._named_rows(name, where))
        for column in (*(columns or ()), *(where or ())):
            if column not in found.column_names:
                raise ResultError(f"{name}: no column {column!r}; it has {', '.join(found.column_names)}")
        found = found.sort_by([(column, "ascending") for column in _order_of(name, found)])
        return found if columns is None else found.select(list(columns))

    def sightings(self, where: Mapping[str, Collection[str]]) -> pa.Table:
        """The observations with replaced values, but exact counts and times: cut after adding up."""
        return self._named_rows("observations", where)

    def edges_of(self, evidence: pa.Table) -> pa.Table:
        """Make the edges that some evidence stands for; what is added up is made coarse afterwards."""
        return self._coarse("edges", super().edges_of(evidence))

    def _named_rows(self, name: str, where: Mapping[str, Collection[str]] | None) -> pa.Table:
        """Rows of a table with replaced values, their numbers and times as they are."""
        found = self._redacted(name, self._candidates(name, dict(where or {})))
        for column, values in (where or {}).items():
            if column in found.column_names:
                kept = pa.array(sorted(set(values)), pa.string())
                found = found.filter(pc.is_in(found[column], value_set=kept))
        return found

    def _coarse(self, name: str, table: pa.Table) -> pa.Table:
        """A table with coarse counts, lags and times; observations of one cut time are one."""
        made = {column: self._coarse_column(table[column], column) for column in table.column_names}
        if name == "observations" and self._is_coarse():
            times = pa.table({**made, "n": table["n"]})
            summed = times.group_by([c for c in times.column_names if c != "n"], use_threads=False)
            added = summed.aggregate([("n", "sum")]).rename_columns({"n_sum": "n"})
            made = {column: added[column] for column in table.column_names}
            made["n"] = self._coarse_column(made["n"], "n")
        return pa.table(made)

    def _is_coarse(self) -> bool:
        return self.profile.counts == BANDS or self.profile.times != PLAIN

    def _coarse_column(self, values: pa.ChunkedArray, column: str) -> pa.ChunkedArray:
        if pa.types.is_timestamp(values.type):
            return self._times(values)
        if column == LAG and self.profile.times == NONE:
            return _nulls(values)
        if self.profile.counts == PLAIN or not pa.types.is_integer(values.type):
            return values
        return band_counts(values) if column in COUNTS else band_lags(values) if column == LAG else values

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
        if name == "identifiers" and self.profile.labels == PUBLIC:
            is_service = pc.is_in(table["label_type"], value_set=pa.array(sorted(SERVICES)))
            made["label"] = pc.if_else(is_service, table["label"], pa.scalar(None, pa.string()))
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
        if column == "is_abuse" and not self._is_attribute_shown(
            "status"
        ):  # it says of a state what that was
            return _nulls(values)
        if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
            return values
        return values if self._is_text_shown(table, column) else _nulls(values)

    def _is_text_shown(self, table: pa.Table, column: str) -> bool:
        if column == "label":  # those of public services are seen to by `_redacted`
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
        return _nulls(values) if self.profile.times == NONE else cut_times(values, self.profile.times)

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
        """The sentences of reasons, made again where the first ones name a label or a count."""
        values = [value for value in reasons["value"].to_pylist() if value]
        columns = ["kind", "value", "degree", "label", "label_type"]
        held = self._raw.table("identifiers", columns, {"value": values})
        known = {(row["kind"], row["value"]): row for row in held.to_pylist()}
        details = []
        for row in reasons.select(["reason", "kind", "value", "n_accounts", "detail"]).to_pylist():
            identifier = known.get((row["kind"], row["value"]))
            if row["reason"] in _SAFE_REASONS or (self.profile.labels, self.profile.counts) == (PLAIN, PLAIN):
                details.append(row["detail"])
            elif row["n_accounts"] is None or identifier is None:
                details.append(None)
            else:
                n_holders, label = self._count(identifier["degree"]), self._label(identifier)
                said = f"ties {row['n_accounts']:,} of its accounts; {n_holders:,} hold it in all"
                details.append(f"{said}{LISTED_AS}{label}" if label else said)
        return pa.array(details, pa.string())

    def _count(self, count: int) -> int:
        return count if self.profile.counts == PLAIN else band_count(count)

    def _label(self, identifier: Mapping[str, Any]) -> str | None:
        """The label of an identifier as far as it is shown."""
        is_shown = self.profile.labels == PLAIN or (
            self.profile.labels == PUBLIC and identifier["label_type"] in SERVICES
        )
        return identifier["label"] if is_shown else None

    def _labelled(self, details: pa.ChunkedArray) -> pa.ChunkedArray:
        """Sentences made in advance, with the counts and labels that are shown: all else is our own words."""
        told = details.combine_chunks().dictionary_encode()
        kept = [self._said_again(detail) for detail in told.dictionary.to_pylist()]
        return pa.chunked_array([pa.array(kept, pa.string()).take(told.indices)])

    def _said_again(self, detail: str) -> str:
        said, listed, label = detail.partition(LISTED_AS)
        said = _HELD.sub(lambda n: f"{self._count(int(n[0].replace(',', ''))):,}", said)
        is_shown = self.profile.labels == PLAIN or label in self._labels_of_services()
        return said + listed + label if is_shown else said

    def _labels_of_services(self) -> frozenset[str]:
        """The labels that name public services, and nothing else."""
        if self._public_labels is None:
            found: frozenset[str] = frozenset()
            if self.profile.labels == PUBLIC:
                rows = self._raw.table("identifiers", ["label", "label_type"]).to_pylist()
                others = {row["label"] for row in rows if row["label_type"] not in SERVICES}
                found = frozenset(row["label"] for row in rows if row["label"]) - others
            self._public_labels = found
        return self._public_labels

    def _named(self, kind: str, value: str) -> str:
        rule = self.profile.kinds.get(kind, self.profile.others)
        if rule == PLAIN or (rule == PUBLIC and value in self._public_values(kind)):
            return value
        network = _network_of(value) if rule == PREFIX else None
        if network is None:
            return self._pseudonym(kind, value)
        return f"{network}~{pseudonym(self._key, kind, value)[:_TAG]}"

    def _public_values(self, kind: str) -> frozenset[str]:
        """The values of a kind that many accounts hold, or that a list names as a public service."""
        if kind not in self._public:
            columns = ["value", "degree", "label_type"]
            rows = self._raw.table("identifiers", columns, {"kind": [kind]})
            is_held = pc.greater_equal(rows["degree"], self.profile.public_from)
            is_service = pc.is_in(rows["label_type"], value_set=pa.array(sorted(SERVICES)))
            self._public[kind] = frozenset(rows.filter(pc.or_(is_held, is_service))["value"].to_pylist())
        return self._public[kind]

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
                **{
                    name: self._count(fact) if name in COUNTS else fact
                    for name, fact in one.items()
                    if _is_number(fact)
                },
            }
            for one in kind.get("largest", ())
        ]
        return {"kind": kind["kind"], **numbers, "largest": largest}


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
