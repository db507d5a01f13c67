"""Steps of plugins, placed among those of a run by what they take and make.

A plugin's step sees the tables that it declares and no others, and what it makes and no later step takes is a
table of the result. It stands as early as what it takes is there, so that nothing is kept longer for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from graphlink.core.errors import GraphlinkError, PluginError
from graphlink.core.plugins import find_plugin, plugin_names
from graphlink.engine.stage import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphlink.core.plugins import Plugin
    from graphlink.core.stages import TableSpec
    from graphlink.engine import Sql

    AnyStep: TypeAlias = Step[...]

GROUP = "graphlink.steps"


class PluginStep(Step[...]):
    """A step of a plugin: checked against what it declares in every run, and named when it fails.

    Args:
        plugin: The plugin.
        step: Its step.
    """

    is_always_checked = True

    def __init__(self, plugin: Plugin, step: AnyStep) -> None:
        super().__init__(
            _named(plugin, step.function),
            step.name,
            step.about,
            takes=step.takes,
            makes=step.makes,
            counted=step.counted,
            share=step.share,
        )
        self.plugin = plugin


def with_plugin_steps(steps: Sequence[AnyStep], later: Collection[str] = ()) -> tuple[AnyStep, ...]:
    """Place the steps of all plugins among those of a run.

    Args:
        steps: The steps of the run in order.
        later: Names of tables that only some runs make; a step that takes one is left out of the others.

    Raises:
        PluginError: A plugin can't be used, or its step takes what no step makes, or makes what another does.
    """
    placed = list(steps)
    known = {step.name for step in steps}
    waiting = [
        PluginStep(plugin, plugin.use(Step))
        for name in plugin_names(GROUP)
        if (plugin := find_plugin(GROUP, name, known))
    ]
    while waiting:
        makers = {spec.name: (i, spec) for i, step in enumerate(placed) for spec in step.makes}
        ready = next((one for one in waiting if all(spec.name in makers for spec in one.takes)), None)
        if ready is None:
            _refuse_missing(waiting, makers, later)
            break
        _check(ready, makers, later)
        waiting.remove(ready)
        placed.insert(max((makers[spec.name][0] for spec in ready.takes), default=len(placed) - 1) + 1, ready)
    return tuple(placed)


def plugin_tables(steps: Sequence[AnyStep]) -> tuple[TableSpec, ...]:
    """The tables that steps of plugins make and no later step takes: they are tables of the result."""
    taken = {spec.name for step in steps for spec in step.takes}
    made = (spec for step in steps if isinstance(step, PluginStep) for spec in step.makes)
    return tuple(spec for spec in made if spec.name not in taken)


def _refuse_missing(waiting: Sequence[PluginStep], makers: Collection[str], later: Collection[str]) -> None:
    """Raise for a step that takes what no step makes, unless another run makes it."""
    made = {*makers, *later, *(spec.name for step in waiting for spec in step.makes)}
    for step in waiting:
        missing = [spec.name for spec in step.takes if spec.name not in made]
        if missing:
            raise PluginError(f"{step.plugin}: it takes {missing[0]}, which no step makes")
    if not any(spec.name in later for step in waiting for spec in step.takes):
        raise PluginError(f"{waiting[0].plugin}: it takes what follows from what it makes")


def _check(step: PluginStep, makers: dict[str, tuple[int, TableSpec]], later: Collection[str]) -> None:
    for spec in step.takes:
        if makers[spec.name][1] != spec:
            raise PluginError(f"{step.plugin}: it takes {spec.name} by another contract than it is made by")
    for spec in step.makes:
        if spec.name in {*makers, *later}:
            raise PluginError(f"{step.plugin}: it makes {spec.name}, which another step makes already")


def _named(plugin: Plugin, function: Callable[..., dict[str, object]]) -> Callable[..., dict[str, object]]:
    def named(stage: Sql, *args: object, **kwargs: object) -> dict[str, object]:
        try:
            return function(stage, *args, **kwargs)
        except GraphlinkError:
            raise
        except Exception as error:  # whatever another distribution raises, without what it quotes
            raise PluginError(f"{plugin}: it raised {type(error).__name__}; report it there") from error

    named.__doc__ = function.__doc__
    return named
