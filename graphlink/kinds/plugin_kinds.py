"""Kinds of plugins: checked when they are loaded, and named when their cleaning fails."""

from __future__ import annotations

import dataclasses
import math
from functools import partial
from typing import TYPE_CHECKING

from graphlink.core.errors import PluginError
from graphlink.core.kind_names import kind_name
from graphlink.kinds.kind import Kind, UncleanValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.plugins import Plugin

GROUP = "graphlink.kinds"


def kind_of_plugin(plugin: Plugin, *, takes_part: bool) -> Kind:
    """The kind that a plugin adds; where it takes part, a manifest names the plugin.

    Raises:
        PluginError: It can't be imported, is no kind, or has a value that no kind can have.
    """
    kind = plugin.use(Kind) if takes_part else plugin.load(Kind)
    wrong = _wrong_field(kind)
    if wrong:
        raise PluginError(f"{plugin}: {wrong}")
    return dataclasses.replace(
        kind,
        clean=partial(_clean, plugin, kind.clean),
        generalizations=partial(_wider, plugin, kind.generalizations),
    )


def _wrong_field(kind: Kind) -> str:
    """What is wrong with the fields of a kind; empty when nothing is."""
    window = kind.window_days
    expected = {
        "name": ("a name of a-z 0-9 _ . -", kind_name(kind.name) == kind.name),
        "facet": ("a name of a-z 0-9 _ . -", kind_name(kind.facet) == kind.facet),
        "window_days": ("None or days above 0", window is None or 0 < window < math.inf),
        "p_exclusive": ("a probability between 0 and 1", 0 < kind.p_exclusive < 1),
        "degree_exponent": ("0 or more", 0 <= kind.degree_exponent < math.inf),
        "most_bits": ("bits above 0", kind.most_bits > 0),
        "clean": ("a function", callable(kind.clean)),
        "generalizations": ("a function", callable(kind.generalizations)),
    }
    return next(
        (
            f"{name}: expected {wanted}, found {getattr(kind, name)!r}"
            for name, (wanted, is_right) in expected.items()
            if not is_right
        ),
        "",
    )


def _clean(plugin: Plugin, clean: Callable[[str], str], value: str) -> str:
    try:
        return clean(value)
    except UncleanValue:
        raise
    except Exception as error:  # whatever a function of another distribution raises, without the value
        raise PluginError(f"{plugin}: clean raised {type(error).__name__}; report it there") from error


def _wider(
    plugin: Plugin, generalizations: Callable[[str], tuple[tuple[str, str], ...]], value: str
) -> tuple[tuple[str, str], ...]:
    try:
        return generalizations(value)
    except Exception as error:  # whatever a function of another distribution raises, without the value
        raise PluginError(f"{plugin}: wider raised {type(error).__name__}; report it there") from error
