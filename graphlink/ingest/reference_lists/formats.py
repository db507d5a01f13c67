"""The formats of reference lists: built in, and of plugins; a file is of the first that it matches.

A new one is a file here and its name in `FORMATS`, ahead of `TEXT`, which matches every other file.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from graphlink.core.errors import GraphlinkError, InputError, PluginError
from graphlink.core.plugins import find_plugin, plugin_names
from graphlink.ingest.reference_lists.json_lists import JSON
from graphlink.ingest.reference_lists.list_format import ReferenceFormat
from graphlink.ingest.reference_lists.record_lists import JSON_LINES
from graphlink.ingest.reference_lists.text_lists import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.plugins import Plugin
    from graphlink.ingest.reference_lists.read import ReadList

GROUP = "graphlink.reference_formats"
FORMATS = (JSON_LINES, JSON, TEXT)
"""The built-in formats, apart from MaxMind's databases, which are looked up and not read as a list."""
BUILT_IN = ("mmdb", *(form.name for form in FORMATS))


def format_of(start: bytes, name: str) -> ReferenceFormat:
    """The format of a file.

    Args:
        start: Its first bytes.
        name: Its name.

    Raises:
        InputError: Two plugins take it for theirs.
        PluginError: A plugin can't be used.
    """
    plugins = [plugin for one in plugin_names(GROUP) if (plugin := find_plugin(GROUP, one, BUILT_IN))]
    matching = [plugin for plugin in plugins if _matches(plugin, start, name)]
    if len(matching) > 1:
        raise InputError(
            f"reference list {name}: {matching[0]} and {matching[1]} both take it for theirs; uninstall one"
        )
    if not matching:
        return next(form for form in FORMATS if form.matches(start, name))
    form = matching[0].use(ReferenceFormat)
    return dataclasses.replace(form, read=partial(_read, matching[0], form.read))


def _matches(plugin: Plugin, start: bytes, name: str) -> bool:
    form = plugin.load(ReferenceFormat)
    try:
        return bool(form.matches(start, name))
    except Exception as error:  # any error of a plugin
        raise PluginError(f"{plugin}: matches raised {type(error).__name__}; report it there") from error


def _read(
    plugin: Plugin, read: Callable[[ReadList, BinaryIO], None], target: ReadList, file: BinaryIO
) -> None:
    try:
        read(target, file)
    except GraphlinkError:
        raise
    except Exception as error:  # any error of a plugin, without the text that it quotes
        raise InputError(
            f"reference list {target.path}: {plugin} could not read it ({type(error).__name__}); is it whole?"
        ) from error
