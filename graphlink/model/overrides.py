"""Overrides: what the settings state of an identifier replaces what was estimated of it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from graphlink.core.errors import SettingsError
from graphlink.core.tables.ingest import KINDS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import OVERRIDDEN
from graphlink.engine.stage import step
from graphlink.kinds import UncleanValue, identifiers_of, kind_of, read_key, shown
from graphlink.kinds.pseudonyms import hashed_kinds

if TYPE_CHECKING:
    from graphlink.core.settings import Override, Settings
    from graphlink.engine import Sql

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


_SINGLE = 1_000  # a single value is narrower than any block


class _Override(NamedTuple):
    """An override of one identifier, as it stands in the tables."""

    identifier_no: int
    p_exclusive: float | None
    label: str | None


@step(
    "overrides",
    "find the identifiers that the settings override",
    takes=(KINDS, SHARED_IDENTIFIERS),
    makes=(OVERRIDDEN,),
)
def apply_overrides(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `overridden`: the identifiers that the settings overrule, with what they state of each.

    An override of addresses may name a block; of several that hold an address the narrowest stands. Values of
    hashed kinds are cleaned and hashed as the observations were.

    Returns:
        How many overrides there are, how many identifiers they reach, and those that reach none with the
        reason, by their position in the settings.

    Raises:
        SettingsError: A value is no value of its kind.
    """
    overridden, unused = _resolved(engine, settings)
    columns = {name: [getattr(one, name) for one in overridden] for name in _Override._fields}
    engine.load("overridden", OVERRIDDEN.arrow_table(columns))
    return _facts(settings, overridden, unused)


def check_overrides(engine: Sql, settings: Settings) -> dict[str, object]:
    """Find what the overrides reach, as `apply_overrides` does, and change nothing; returns the same facts.

    Takes `kinds` and `shared_identifiers`.

    Raises:
        SettingsError: A value is no value of its kind.
    """
    return _facts(settings, *_resolved(engine, settings))


def _facts(
    settings: Settings, overridden: list[_Override], unused: list[dict[str, object]]
) -> dict[str, object]:
    warnings = []
    if unused:
        place, reason = unused[0]["override"], unused[0]["reason"]
        kind = shown(settings.overrides[int(str(place)) - 1].kind)
        count = f"{len(unused):,} of {len(settings.overrides):,} overrides change nothing"
        warnings = [f"settings: {count}; the first is overrides[{place}] (kind {kind}): {reason}"]
    return {
        "overrides": len(settings.overrides),
        "identifiers_overridden": len(overridden),
        "unused": unused,
        "warnings": warnings,
    }


def _resolved(engine: Sql, settings: Settings) -> tuple[list[_Override], list[dict[str, object]]]:
    """The identifiers that the overrides reach, and the overrides that reach none."""
    key_file = settings.pseudonymize.key_file
    key = read_key(key_file) if key_file and settings.overrides else None
    widths: dict[int, int] = {}
    overridden: dict[int, _Override] = {}
    unused: list[dict[str, object]] = []
    for place, override in enumerate(settings.overrides, 1):
        try:
            block, numbers, reason = _reached(engine, settings, override, key)
        except UncleanValue as error:
            raise SettingsError(f"settings: overrides[{place}]: {error}") from error
        if not numbers:
            unused.append({"override": place, "reason": reason})
        width = _SINGLE if block is None else block.prefixlen
        for number in numbers:
            # The narrowest stands, of equals the last one given.
            if widths.get(number, 0) <= width:
                widths[number] = width
                overridden[number] = _Override(number, override.p_exclusive, override.label or None)
    return [overridden[number] for number in sorted(overridden)], unused


def _reached(
    engine: Sql, settings: Settings, override: Override, key: bytes | None
) -> tuple[_Network | None, list[int], str]:
    """The block that an override names, the identifiers it reaches, and why should it reach none."""
    kind, hashed = override.kind, hashed_kinds(settings)
    block = _block(kind, override.value)
    if kind not in {str(row[0]) for row in engine.rows("SELECT kind FROM kinds")}:
        return block, [], f"no observation of the kind {kind}"
    if block is not None:
        if kind in hashed:
            return block, [], "blocks of hashed addresses can't be matched"
        return block, _in_block(engine, kind, block), "no address in it that two accounts share"
    value = identifiers_of(kind_of(kind, settings), override.value, key, hashed)[0][1]
    return None, _numbers(engine, kind, value), "no such value that two accounts share"


def _block(kind: str, value: str) -> _Network | None:
    """The block of addresses that a value names; None when it is a single value."""
    if kind != "ip" or "/" not in value:
        return None
    try:
        block = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return None
    return None if block.prefixlen == block.max_prefixlen else block


def _in_block(engine: Sql, kind: str, block: _Network) -> list[int]:
    rows = engine.arrow(f"SELECT identifier_no, value FROM shared_identifiers WHERE kind = '{kind}'")
    version = ":" if block.version == 6 else "."
    return [
        number
        for number, value in zip(rows["identifier_no"].to_pylist(), rows["value"].to_pylist(), strict=True)
        if version in value and ipaddress.ip_address(value) in block
    ]


def _numbers(engine: Sql, kind: str, value: str) -> list[int]:
    engine.load("wanted", pa.table({"kind": pa.array([kind]), "value": pa.array([value])}))
    rows = engine.rows(
        "SELECT s.identifier_no FROM shared_identifiers s "
        "JOIN wanted w ON w.kind = s.kind AND w.value = s.value"
    )
    engine.drop("wanted")
    return [number for row in rows if isinstance(number := row[0], int)]
