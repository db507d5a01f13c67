"""The tables of a result with their values replaced as they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.result.coarsening import COUNTS, LAG, band_counts, band_figures, band_lags, cut_times
from graphlink.result.profiles import BANDS, NONE, PLAIN, PUBLIC, SERVICES, Profile
from graphlink.result.redaction.manifest import redact_manifest
from graphlink.result.redaction.names import Names
from graphlink.result.redaction.sentences import Sentences
from graphlink.result.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

# Text that graphlink itself writes; all other text is the data's.
_OWN_TEXT = frozenset(
    {
        *("kind", "facet", "facets", "role", "hypothesis", "also_explained_by", "reason", "label_type"),
        *("evidence", "signal", "rival", "weakest_cut_kind", "at_kind"),
        *("constrained_by", "constraint_type", "outcome"),
        *("measure", "fact", "category"),  # of facts; categories that are not shown have no rows
    }
)
# Tables with one of these columns are wholly in graphlink's own words, their sentences too.
_OWN_TABLES = frozenset({"evidence", "signal", "measure"})
# Identifiers, with the column of their kind.
_IDENTIFIERS = {"value": "kind", "weakest_cut_value": "weakest_cut_kind", "at_value": "at_kind"}
_ACCOUNT_COLUMNS = frozenset({"account_id", "account_id_l", "account_id_r", "component_id", "strongest"})
_ENDS = ("account_id_l", "account_id_r")
_EXPLAINED = frozenset(spec.name for spec in EXPLAINED_TABLES)
_KNOWN = frozenset(spec.name for spec in TABLES) | _EXPLAINED


@checked
def redact(result: Result, profile: Profile, key: bytes | None = None) -> Result:
    """Make a result that reads as the profile allows; every value it gives is redacted already.

    It has the tables and columns of the result (attributes that are not shown are gone), with rows in the
    order of the replaced values: the order of the raw ones would leak information. Queries take replaced
    values too; `name_of_account` and `name_of_cluster` return them.

    Args:
        result: A finished run.
        profile: What may be seen.
        key: Key of the pseudonyms. The same key gives the same pseudonyms, whatever the result.

    Returns:
        A result that is read like any other, with redacted values.

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
        self._names = Names(result, profile, key)
        self._sentences = Sentences(result, profile)
        manifest = redact_manifest(result.manifest, profile, self._names)
        super().__init__(Path(f"{profile.name}-view"), manifest)

    def verify(self, tables: Collection[str] | None = None) -> dict[str, bool]:
        """Make sure that the tables of the raw result are what its run wrote.

        Raises:
            ResultError: A table is not what the run wrote.
        """
        return self._raw.verify(tables)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Self:  # noqa: ARG002 - as of a result
        """Refuse: what is replaced is replaced as it is read, so there is no folder to copy.

        Raises:
            ResultError: Always.
        """
        raise ResultError(f"{path}: a redacted result is a view, and no folder; export it, or write a report")

    def check_whole(self) -> None:
        """Make sure that the raw result is one that a run may have written.

        Raises:
            ResultError: It is not.
        """
        self._raw.check_whole()

    def name_of_account(self, account_id: str) -> str:
        """The name under which an account is shown."""
        return self._names.account(account_id)

    def name_of_cluster(self, cluster_id: str) -> str:
        """The name under which a cluster is shown: its id is a digest of an account anybody could try."""
        return self._names.cluster(cluster_id)

    def name_of_value(self, kind: str, value: str) -> str:
        """The name under which an identifier is shown."""
        return self._names.value(kind, value)

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
        if name not in _KNOWN:
            raise ResultError(f"table {name!r}: no profile says what readers may see of a plugin's table")
        rows = self._coarse(name, self._named_rows(name, where))
        for column in (*(columns or ()), *(where or ())):
            if column not in rows.column_names:
                raise ResultError(f"{name}: no column {column!r}; it has {', '.join(rows.column_names)}")
        rows = rows.sort_by([(column, "ascending") for column in _order_of(name, rows)])
        return rows if columns is None else rows.select(list(columns))

    def sightings(self, where: Mapping[str, Collection[str]]) -> pa.Table:
        """The observations with replaced values, but exact counts and times: cut after adding up."""
        return self._named_rows("observations", where)

    def edges_of(self, evidence: pa.Table) -> pa.Table:
        """Make the edges that some evidence stands for; what is added up is made coarse afterwards."""
        return self._coarse("edges", super().edges_of(evidence))

    def _named_rows(self, name: str, where: Mapping[str, Collection[str]] | None) -> pa.Table:
        """Rows of a table with replaced values, their numbers and times as they are."""
        rows = self._redacted(name, self._candidates(name, dict(where or {})))
        for column, values in (where or {}).items():
            if column in rows.column_names:
                kept = pa.array(sorted(set(values)), pa.string())
                rows = rows.filter(pc.is_in(rows[column], value_set=kept))
        return rows

    def _coarse(self, name: str, table: pa.Table) -> pa.Table:
        """A table with coarse counts, lags and times; observations of one cut time are one."""
        made = {column: self._coarse_column(table[column], column) for column in table.column_names}
        if name == "facts" and self.profile.counts == BANDS:  # sums over the calls of few accounts
            figures = [column for column in made if pa.types.is_floating(made[column].type)]
            made |= {column: band_figures(made[column]) for column in figures}
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
        """Raw rows, no fewer than those requested: narrowed by what has one raw value per replaced one."""
        ends = [end for end in _ENDS if end in where]
        pushed = {
            column: [raw[value] for value in where[column] if value in raw]
            for column in where
            if column not in _ENDS and (raw := self._names.raw_of(column)) is not None
        }
        if not ends:
            return self._raw.table(name, where=pushed)
        # The lesser account of a pair may be the greater one under its replaced name.
        accounts = self._names.raw_of("account_id")
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

    def _redacted(self, name: str, table: pa.Table) -> pa.Table:
        if name == "facts":
            table = self._shown_facts(table)
        made = {
            column: self._column(table, column)
            for column in table.column_names
            if name != "accounts" or self._is_shown(column)
        }
        if name == "identifiers" and self.profile.labels == PUBLIC:
            is_service = pc.is_in(table["label_type"], value_set=pa.array(sorted(SERVICES)))
            made["label"] = pc.if_else(is_service, table["label"], pa.scalar(None, pa.string()))
        if name == "reasons":
            made["detail"] = self._sentences.of_reasons(table)
        if name in _EXPLAINED:
            made["detail"] = self._sentences.in_advance(table["detail"])
        if set(_ENDS) <= set(made):
            left, right = (made[end] for end in _ENDS)
            is_right = pc.less(left, right)
            made[_ENDS[0]] = pc.if_else(is_right, left, right)
            made[_ENDS[1]] = pc.if_else(is_right, right, left)
        return pa.table(made)

    def _shown_facts(self, table: pa.Table) -> pa.Table:
        """The facts without categories, and those of the attributes that are shown."""
        if self.profile.attributes is None:
            return table
        is_shown = pc.is_in(table["fact"], value_set=pa.array(self.profile.attributes, pa.string()))
        return table.filter(pc.or_(pc.equal(table["category"], ""), is_shown))

    def _is_shown(self, column: str) -> bool:
        """Whether a column of accounts is there at all: its own ones are, attributes when they are named."""
        own = next(spec for spec in TABLES if spec.name == "accounts").column_names
        return column in own or self._is_attribute_shown(column)

    def _is_attribute_shown(self, column: str) -> bool:
        return self.profile.attributes is None or column in self.profile.attributes

    def _column(self, table: pa.Table, column: str) -> pa.ChunkedArray:
        values = table[column]
        if column in _ACCOUNT_COLUMNS:
            return _mapped(values, self._names.account)
        if column == "cluster_id":
            return _mapped(values, self._names.cluster)
        if _IDENTIFIERS.get(column) in table.column_names:
            return self._identifiers(table[_IDENTIFIERS[column]], values)
        if column == "is_abuse" and not self._is_attribute_shown(
            "status"
        ):  # the detail of a state names the state
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
        if "row_number" in table.column_names:  # the table of what was rejected
            return self.profile.provenance == PLAIN
        return False

    def _times(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if self.profile.times == PLAIN:
            return values
        return _nulls(values) if self.profile.times == NONE else cut_times(values, self.profile.times)

    def _identifiers(self, kinds: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
        kind, value = (column.combine_chunks().dictionary_encode() for column in (kinds, values))
        kind_numbers, value_numbers = (
            column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            for column in (kind, value)
        )
        n_values = len(value.dictionary) + 1
        pairs, places = np.unique(kind_numbers * n_values + value_numbers, return_inverse=True)
        names, texts = kind.dictionary.to_pylist(), value.dictionary.to_pylist()
        replaced = []
        for pair in pairs.tolist():
            k, v = divmod(pair + 1, n_values)  # shifted, so that null (-1) is the 0 of its kind
            replaced.append(None if v == 0 or k < 0 else self._names.value(names[k], texts[v - 1]))
        return pa.chunked_array([pa.array(replaced, pa.string()).take(pa.array(places.ravel()))])


def _order_of(name: str, table: pa.Table) -> Sequence[str]:
    key = next((spec.key for spec in (*TABLES, *EXPLAINED_TABLES) if spec.name == name), ())
    return key or table.column_names


def _mapped(values: pa.ChunkedArray, name_of: Callable[[str], str]) -> pa.ChunkedArray:
    encoded = values.combine_chunks().dictionary_encode()
    names = pa.array([name_of(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([names.take(encoded.indices)])


def _nulls(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(values), values.type)])
