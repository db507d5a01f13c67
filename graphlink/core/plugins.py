"""Extensions of other distributions, by entry points: listed by name, and loaded when one is used.

A distribution extends graphlink by an entry point in one of `GROUPS`; its name is the name that settings and
options use (of a source the scheme of its addresses), and its object is a value of the group's class. Names
are read from the metadata of what is installed, so that nothing of a plugin runs before it is used, and no
broken plugin stands in the way of anybody who does not use it.
"""

from __future__ import annotations

import contextlib
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any, TypeVar

from graphlink.core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import Distribution, EntryPoint

Extension = TypeVar("Extension")

GROUPS = {
    "graphlink.kinds": "kinds of identifier",
    "graphlink.sources": "sources, by the scheme of their addresses",
    "graphlink.formats": "export formats",
    "graphlink.reference_formats": "formats of reference lists",
    "graphlink.steps": "steps of a run",
}
"""The groups of entry points, each with what it extends."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An extension that a distribution offers; its object is loaded by `load`.

    Attributes:
        group: One of `GROUPS`.
        name: The name of the entry point.
        distribution: The distribution that offers it.
        version: Its version.
        entry_point: Where its object is.
    """

    group: str
    name: str
    distribution: str
    version: str
    entry_point: EntryPoint

    def __str__(self) -> str:
        return f"plugin {self.distribution} {self.version}, entry point {self.name!r} of {self.group}"

    def load(self, kind: type[Extension]) -> Extension:
        """Import the object, and check that it is what its group extends.

        Raises:
            PluginError: It can't be imported, is no such value, or has another name than the entry point.
        """
        where = f"{self.entry_point.value!r}"
        try:
            value = self.entry_point.load()
        except Exception as error:  # whatever the module of another distribution raises when it is imported
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(
                f"{self}: {where} can't be imported ({reason}); update or uninstall {self.distribution}"
            ) from error
        if not isinstance(value, kind):
            raise PluginError(
                f"{self}: {where} is of type {type(value).__name__}; expected "
                f"{kind.__module__}.{kind.__name__}"
            )
        own = getattr(value, "name", self.name)
        if own != self.name:
            raise PluginError(f"{self}: the name of {where} is {own!r}; the two have to be the same")
        return value

    def use(self, kind: type[Extension]) -> Extension:
        """Import the object, as `load` does, for what is recorded to take part in (see `recorded`).

        Raises:
            PluginError: See `load`.
        """
        value = self.load(kind)
        for record in _RECORDS.get():
            record.add(self)
        return value


_RECORDS: ContextVar[tuple[set[Plugin], ...]] = ContextVar("graphlink_plugins", default=())


@contextlib.contextmanager
def recorded() -> Iterator[set[Plugin]]:
    """Collect the plugins that are used within; for the manifest of a run."""
    used: set[Plugin] = set()
    token = _RECORDS.set((*_RECORDS.get(), used))
    try:
        yield used
    finally:
        _RECORDS.reset(token)


def plugin_facts(plugins: Collection[Plugin]) -> list[dict[str, str]]:
    """What a manifest says of plugins: group, name, distribution and version."""
    facts = ((one.group, one.name, one.distribution, one.version) for one in plugins)
    return [
        dict(zip(("group", "name", "distribution", "version"), plugin, strict=True))
        for plugin in sorted(facts)
    ]


def plugins_of(group: str) -> tuple[Plugin, ...]:
    """The plugins of a group, by name; nothing of them is imported."""
    return tuple(one for one in _installed(tuple(sys.path)) if one.group == group)


def plugin_names(group: str) -> tuple[str, ...]:
    """The names that plugins add to a group, in order."""
    return tuple(dict.fromkeys(one.name for one in plugins_of(group)))


def find_plugin(group: str, name: str, built_in: Collection[str] = ()) -> Plugin | None:
    """The plugin of a name; None where there is none.

    Args:
        group: One of `GROUPS`.
        name: The name.
        built_in: The names that graphlink itself has in this group.

    Raises:
        PluginError: The name is one of graphlink's own, or two distributions offer it.
    """
    offered = [one for one in plugins_of(group) if one.name == name]
    if not offered:
        return None
    if name in built_in:
        raise PluginError(f"{offered[0]}: the name is built in; rename the entry point, or uninstall it")
    if len(offered) > 1:
        raise PluginError(
            f"{offered[0]}: {offered[1].distribution} {offered[1].version} has the same name; uninstall one"
        )
    return offered[0]


def load_plugin(
    group: str, name: str, kind: type[Extension], built_in: Collection[str] = ()
) -> Extension | None:
    """The object of the plugin of a name; None where there is none.

    Raises:
        PluginError: See `find_plugin` and `Plugin.load`.
    """
    plugin = find_plugin(group, name, built_in)
    return None if plugin is None else plugin.use(kind)


def load_plugins(group: str, kind: type[Extension], built_in: Collection[str] = ()) -> list[Extension]:
    """The objects of all plugins of a group, by name.

    Raises:
        PluginError: See `find_plugin` and `Plugin.load`.
    """
    names = plugin_names(group)
    return [value for name in names if (value := load_plugin(group, name, kind, built_in)) is not None]


@lru_cache(maxsize=8)
def _installed(_: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The plugins of what is installed on a path; the first distribution of a name is the one in use."""
    plugins: list[Plugin] = []
    known: set[str] = set()
    for distribution in distributions():
        with contextlib.suppress(
            Exception
        ):  # any distribution's metadata may be malformed; not ours to judge
            entry_points = [one for one in distribution.entry_points if one.group in GROUPS]
            name = _name_of(distribution) if entry_points else ""
            if entry_points and name not in known:
                known.add(name)
                plugins += [
                    Plugin(one.group, one.name, name, distribution.version, one) for one in entry_points
                ]
    return tuple(sorted(plugins, key=lambda one: (one.group, one.name, one.distribution)))


def _name_of(distribution: Distribution) -> str:
    metadata: Any = distribution.metadata
    return str(metadata["Name"])
