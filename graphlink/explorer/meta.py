"""What this graphlink knows, whatever the result: kinds, facets, export formats, and plugins."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import PluginError
from graphlink.core.plugins import plugin_names
from graphlink.kinds import KINDS, known_kind
from graphlink.kinds.facets import FACETS
from graphlink.kinds.plugin_kinds import GROUP

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query


def describe_meta(index: Index, _: Query) -> dict[str, Any]:
    """Kinds, facets and export formats with those of plugins, and the plugins of the run."""
    faults: list[str] = []
    return {
        "kinds": [kind for name in (*KINDS, *plugin_names(GROUP)) if (kind := _described(name, faults))],
        "facets": [dataclasses.asdict(facet) for facet in FACETS],
        "formats": list(index.formats),
        "plugins": list(index.result.manifest.get("plugins", ())),
        "plugin_faults": faults,
    }


def _described(name: str, faults: list[str]) -> dict[str, Any] | None:
    """A kind; None of a plugin that can't be used, which no result needs to be explored."""
    try:
        kind = known_kind(name)
    except PluginError as error:
        faults.append(str(error))
        return None
    if kind is None:
        return None
    own = {"kind": kind.name, "facet": kind.facet, "about": kind.about, "window_days": kind.window_days}
    return own | {"is_built_in": name in KINDS}
