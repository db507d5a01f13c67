"""Indicators of STIX 2.1 bundles; patterns are parsed by stix2, which is an optional dependency.

A pattern may name one value, or several of which any will do. What asks for two at once, for an order or for
numbers of times says more than a value on a list can, and is rejected. The observables of a grouping, which
graphlink's own export writes, count as reported too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.errors import InputError, SettingsError
from graphlink.kinds import shown
from graphlink.workspace.reports import (
    RejectedReport,
    Report,
    UnusableReport,
    confidence_of,
    moment_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LONGEST_PATTERN = 20_000  # characters
_OWN = "x-graphlink-identifier"
_KINDS = {
    ("ipv4-addr", "value"): "ip",
    ("ipv6-addr", "value"): "ip",
    ("email-addr", "value"): "email",
    ("domain-name", "value"): "email_domain",
}
_SEVERAL = "the pattern asks for more than single values; give each value an indicator of its own"


def stix_reports(document: Any, where: str) -> Iterator[Report | RejectedReport]:
    """Read the indicators of a bundle, and the observables of its groupings.

    Args:
        document: The JSON document.
        where: What names the file in errors.

    Raises:
        InputError: It is no bundle.
        SettingsError: The stix2 library is not installed.
    """
    if not isinstance(document, dict) or document.get("type") != "bundle":
        raise InputError(f"{where}: it is no STIX bundle")
    listed = document.get("objects")
    objects = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    by_id = {str(one.get("id")): one for one in objects}
    for one in objects:
        place = f"object {shown(str(one.get('id')))}"
        try:
            if one.get("type") == "indicator":
                yield from _of_indicator(place, one, by_id)
            elif one.get("type") == "grouping":
                yield from _of_grouping(one, by_id)
        except UnusableReport as fault:
            yield RejectedReport(place, str(fault))


def _of_indicator(where: str, one: Mapping[str, Any], by_id: Mapping[str, Any]) -> Iterator[Report]:
    if one.get("revoked") is True:
        raise UnusableReport("it is revoked")
    if one.get("pattern_type", "stix") != "stix":
        raise UnusableReport(f"expected a pattern of type stix, found {shown(str(one.get('pattern_type')))}")
    since, until = (moment_of(one.get(name), name) for name in ("valid_from", "valid_until"))
    confidence = confidence_of(one.get("confidence"))
    note = str(one.get("name") or one.get("description") or "")
    for kind, value in _values_of(str(one.get("pattern", ""))):
        yield Report(where, kind, value, _author(one, by_id), confidence, since, until, note)


def _of_grouping(one: Mapping[str, Any], by_id: Mapping[str, Any]) -> Iterator[Report]:
    """The observables that a grouping of graphlink's export names."""
    references = one.get("object_refs")
    confidence, since = confidence_of(one.get("confidence")), moment_of(one.get("created"), "created")
    for name in references if isinstance(references, list) else ():
        thing = by_id.get(str(name), {})
        kind = _KINDS.get((str(thing.get("type")), "value"))
        if thing.get("type") == _OWN:
            kind = str(thing.get("kind", ""))
        if kind:
            note = str(one.get("name") or "")
            place = f"object {shown(str(name))}"
            value = str(thing.get("value", ""))
            yield Report(place, kind, value, _author(one, by_id), confidence, since, None, note)


def _author(one: Mapping[str, Any], by_id: Mapping[str, Any]) -> str:
    return str(by_id.get(str(one.get("created_by_ref")), {}).get("name") or "STIX")


def _values_of(pattern: str) -> list[tuple[str, str]]:
    """The values that a pattern names, as (kind, value)."""
    if len(pattern) > _LONGEST_PATTERN:
        raise UnusableReport(f"the pattern has more than {_LONGEST_PATTERN:,} characters")
    try:
        from stix2.pattern_visitor import create_pattern_object
    except ModuleNotFoundError as error:
        raise SettingsError("STIX needs the stix2 library: pip install 'graphlink[stix]'") from error
    try:
        tree = create_pattern_object(pattern, version="2.1")
        return list(_named_in(tree))
    except UnusableReport:
        raise
    except Exception as error:  # noqa: BLE001 - the parser of hostile text raises errors of several libraries
        raise UnusableReport(f"the pattern can't be read: {shown(str(error))}") from None


def _named_in(node: Any) -> Iterator[tuple[str, str]]:
    """The values of a parsed pattern, of which any will do."""
    name = type(node).__name__
    if name in ("OrObservationExpression", "OrBooleanExpression"):
        for one in node.operands:
            yield from _named_in(one)
    elif name in ("ObservationExpression", "ParentheticalExpression"):
        yield from _named_in(node.operand if name == "ObservationExpression" else node.expression)
    elif name == "AndBooleanExpression":
        yield _own_identifier(node.operands)
    elif name in ("EqualityComparisonExpression", "IsSubsetComparisonExpression", "InComparisonExpression"):
        kind = _KINDS.get(_path_of(node))
        if kind is None or node.negated:
            raise UnusableReport(f"no kind stands for {shown(':'.join(_path_of(node)))}")
        listed = node.rhs.value if name == "InComparisonExpression" else [node.rhs]
        for one in listed:
            yield kind, str(one.value)
    else:
        raise UnusableReport(_SEVERAL)


def _own_identifier(operands: Iterable[Any]) -> tuple[str, str]:
    """Kind and value of an x-graphlink-identifier, the one thing that takes two comparisons to name."""
    given = {
        _path_of(one): str(one.rhs.value)
        for one in operands
        if type(one).__name__ == "EqualityComparisonExpression" and not one.negated
    }
    if set(given) != {(_OWN, "kind"), (_OWN, "value")}:
        raise UnusableReport(_SEVERAL)
    return given[_OWN, "kind"], given[_OWN, "value"]


def _path_of(node: Any) -> tuple[str, str]:
    parts = [getattr(part, "property_name", "") for part in node.lhs.property_path]
    return str(node.lhs.object_type_name), ".".join(parts)
