"""The last net: what nobody expected becomes an error of graphlink that says where, and nothing of the data.

Errors of the system and of libraries are explained where they arise. What is left (a lack of memory, a file
that the system refuses, a bug) is explained here, so that everything that leaves a public function is a
`GraphlinkError`.
"""

from __future__ import annotations

import errno
import functools
import traceback
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

from graphlink.core.errors import EngineError, GraphlinkError, InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")

# A limit on the size of files (ulimit -f) acts like a full disk.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CALLERS = "_graphlink_of_the_caller"
INTERRUPTED = "Query interrupted"  # the RuntimeError of DuckDB when a signal arrives while it works


def is_full(error: OSError) -> bool:
    """Whether the system refused to write because a disk, a quota or a limit on files is used up."""
    return error.errno in _FULL


@contextmanager
def guarded(action: str, *, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn every unforeseen exception of a block (or of a function, as a decorator) into a `GraphlinkError`.

    Args:
        action: What was being done, such as "step sharing".
        passing: Exceptions that are let through.

    Raises:
        GraphlinkError: As it came, or made from what else was raised. Interrupts pass, what `of_the_caller`
            marks passes, and so does the TypeError of a call with arguments that do not fit.
    """
    try:
        yield
    except Exception as error:  # the last net takes whatever comes
        if isinstance(error, (GraphlinkError, *passing)):
            raise
        if isinstance(error, RuntimeError) and str(error) == INTERRUPTED:
            raise KeyboardInterrupt from None
        if getattr(error, _CALLERS, False) or _is_wrong_call(error):
            raise
        # What follows may quote the input, so it is not printed with the error; __context__ keeps it.
        raise explained(error, action) from None


def of_the_caller(function: Callable[P, None]) -> Callable[P, None]:
    """Let what a function of the caller raises, such as to end a run, pass through every `guarded`."""

    @functools.wraps(function)
    def marked(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:  # whatever the caller raises is only marked; raised again
            setattr(error, _CALLERS, True)
            raise

    return marked


def explained(error: Exception, action: str) -> GraphlinkError:
    """The error of graphlink that stands for one of Python, the system or a library.

    Args:
        error: What was raised.
        action: What was being done.

    Returns:
        An `EngineError` where the machine lacks something, else an `InternalError`; without the text of the
        exception, which may quote the input.
    """
    if _is_memory(error):
        return EngineError(
            f"memory ran out in {action}: end other programs, give the engine less (--memory 50%), or take a "
            "machine with more; nothing was left behind"
        )
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename is not None else ""
        if is_full(error):
            return EngineError(f"no room left on the disk in {action}{where}; free some and run again")
        return EngineError(f"the system refused in {action}: {error.strerror or type(error).__name__}{where}")
    if isinstance(error, RecursionError):
        return InternalError(f"{action}: something in the input is nested too deep")
    return InternalError(
        f"this is a fault in graphlink {version('graphlink')}, not in your input: {type(error).__name__} in "
        f"{action}{_place(error)}; nothing was left behind; please report it with this line"
    )


def _is_wrong_call(error: Exception) -> bool:
    """Whether a guarded function was called with arguments it does not have: it never began."""
    return isinstance(error, TypeError) and not _place(error)


def _is_memory(error: Exception) -> bool:
    """Whether memory ran out; igraph says so in words only."""
    if isinstance(error, MemoryError):
        return True
    return type(error).__module__.startswith("igraph") and "out of memory" in str(error).lower()


def _place(error: Exception) -> str:
    """The last line of graphlink that an exception passed."""
    home = Path(__file__).parent.parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(home) and path != Path(__file__):
            return f" at {path.relative_to(home).as_posix()}:{frame.lineno}"
    return ""
