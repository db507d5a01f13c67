"""What errors of an engine advise is there: on the command line, in settings and in Python."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import duckdb
import pytest

from graphlink.cli.running import run
from graphlink.core.settings import EngineSettings
from graphlink.engine import error_translation
from graphlink.engine.remedies import MORE_MEMORY, OTHER_FOLDER


@pytest.mark.parametrize("advice", [MORE_MEMORY, OTHER_FOLDER])
def test_an_advice_names_what_there_is(advice: str) -> None:
    options = {name for option in run.params for name in option.opts}
    fields = {one.name for one in dataclasses.fields(EngineSettings)}
    assert set(re.findall("--[a-z-]+", advice)) <= options
    assert "--" in advice
    named = re.findall(r"\[engine\] ([a-z]+)|EngineSettings\(([a-z]+)=", advice)
    assert len(named) == 2
    assert {setting or argument for setting, argument in named} <= fields


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (duckdb.OutOfMemoryException("x"), MORE_MEMORY),
        (duckdb.OutOfMemoryException("x"), OTHER_FOLDER),
        (duckdb.IOException("No space left on device"), OTHER_FOLDER),
        (duckdb.IOException("File too large"), MORE_MEMORY),
        (duckdb.PermissionException("x"), OTHER_FOLDER),
    ],
)
def test_an_error_of_the_machine_states_what_to_do_wherever_it_is_met(
    error: duckdb.Error, advice: str
) -> None:
    assert advice in str(error_translation.engine_error(error, Path("/scratch/run")))
