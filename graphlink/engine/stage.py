"""A step of a run, and the engine as it sees it: the tables it declares and its own temporaries, no others.

`@step` makes a `Step` of a function. Called with an engine, it hands the function a `StageView` of it, which
drops the step's temporaries when it is done. With GRAPHLINK_CHECK in the environment it also refuses what the
step does not declare, and holds what was made against its contract; tests always run so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar, Concatenate, Generic, ParamSpec

from graphlink.core.errors import GraphlinkError
from graphlink.engine import Reader
from graphlink.engine.stage_view import StageView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.core.stages import TableSpec

CHECK = "GRAPHLINK_CHECK"
"""The variable of the environment that, set to anything, has every step checked against what it declares."""

P = ParamSpec("P")
_Function = Callable[Concatenate[Reader, P], dict[str, object]]


@dataclass(repr=False, eq=False)
class Step(Generic[P]):
    """A step of a run: a function with the tables that it takes and makes.

    Attributes:
        function: The function, which gives facts for the manifest.
        name: Its name.
        about: What it does, for people.
        takes: The tables it reads.
        makes: The tables it makes, each whole.
        counted: Those of them whose rows the manifest tells: the first, if not given.
        share: What part of a typical run's time it takes, measured against the other steps' shares.
        learns: Those of the tables it makes that it learns from data; a saved model is its argument `saved`.
    """

    function: _Function[P]
    name: str
    about: str
    _: KW_ONLY
    takes: tuple[TableSpec, ...] = ()
    makes: tuple[TableSpec, ...] = ()
    counted: tuple[TableSpec, ...] = ()
    share: float = 0.0
    learns: tuple[TableSpec, ...] = ()

    is_always_checked: ClassVar = False

    def __post_init__(self) -> None:
        self.counted = self.counted or self.makes[:1]
        self.__doc__ = self.function.__doc__

    def __repr__(self) -> str:
        return f"<step {self.name}>"

    def __call__(self, engine: Reader, *args: P.args, **kwargs: P.kwargs) -> dict[str, object]:
        """Run the function over an engine."""
        with self.view(engine) as stage:
            return self.function(stage, *args, **kwargs)

    @contextmanager
    def view(self, engine: Reader) -> Iterator[StageView]:
        """View an engine as the function sees it; its temporaries are dropped at the end.

        Raises:
            TableError: With checks, a table is undeclared or not as declared.
        """
        stage = StageView(engine, self, checks=self.is_always_checked or bool(os.environ.get(CHECK)))
        try:
            yield stage
        except BaseException:  # also when interrupted: temporaries go; it is raised again
            with suppress(
                GraphlinkError
            ):  # what made the step fail may keep it from dropping, and matters more
                stage.drop_temporaries()
            raise
        stage.drop_temporaries()
        stage.check_made()


def step(  # noqa: PLR0913 - one per attribute of a step
    name: str,
    about: str,
    *,
    takes: tuple[TableSpec, ...] = (),
    makes: tuple[TableSpec, ...] = (),
    counted: tuple[TableSpec, ...] = (),
    share: float = 0.0,
    learns: tuple[TableSpec, ...] = (),
) -> Callable[[_Function[P]], Step[P]]:
    """Declare a function to be a step of a run; see `Step`."""

    def declared(function: _Function[P]) -> Step[P]:
        return Step(
            function, name, about, takes=takes, makes=makes, counted=counted, share=share, learns=learns
        )

    return declared
