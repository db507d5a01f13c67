"""The installed plugins, and whether each can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import PluginError
from graphlink.core.plugins import find_plugin, plugins_of

if TYPE_CHECKING:
    from collections.abc import Collection


def plugin_states() -> dict[str, object]:
    """Every plugin by group and name, with its distribution and version, or with its fault."""
    return {
        f"plugin {plugin.group}:{plugin.name}": _state(plugin.group, plugin.name, kind, built_in)
        for group, (kind, built_in) in _classes().items()
        for plugin in plugins_of(group)
    }


def _classes() -> dict[str, tuple[type, Collection[str]]]:
    """The class of each group, and the names that are taken in it."""
    from graphlink.engine.stage import Step
    from graphlink.export.formats import ExportFormat
    from graphlink.export.formats.registry import FORMATS
    from graphlink.ingest.reference_lists.formats import BUILT_IN as REFERENCE_FORMATS
    from graphlink.ingest.reference_lists.list_format import ReferenceFormat
    from graphlink.ingest.sources.schemes import BUILT_IN as SCHEMES
    from graphlink.ingest.sources.schemes import SourceReader
    from graphlink.kinds import KINDS, Kind
    from graphlink.pipeline import own_steps

    return {
        "graphlink.kinds": (Kind, KINDS),
        "graphlink.sources": (SourceReader, SCHEMES),
        "graphlink.formats": (ExportFormat, [form.name for form in FORMATS]),
        "graphlink.reference_formats": (ReferenceFormat, REFERENCE_FORMATS),
        "graphlink.steps": (Step, [step.name for step in own_steps()]),
    }


def _state(group: str, name: str, kind: type, built_in: Collection[str]) -> str:
    try:
        plugin = find_plugin(group, name, built_in)
        if plugin is None:
            return "not installed"
        plugin.load(kind)
    except PluginError as error:
        return f"can't be used: {error}"
    return f"{plugin.distribution} {plugin.version}"
