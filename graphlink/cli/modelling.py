"""Commands about models: fit, model show and model compare."""

from __future__ import annotations

import dataclasses
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import (
    commands,
    engine_options,
    place,
    print_message,
    quiet_option,
    settings_option,
    sources_argument,
)
from graphlink.progress import ProgressLines
from graphlink.render.escape import visible
from graphlink.render.terminal import Sheet, write_json, write_sheets
from graphlink.render.text_bars import text_bars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.core.settings import EngineSettings, Settings
    from graphlink.model.card import Number
    from graphlink.model.parameters import Model

_WIDTH = 80
_LINK = ("account_id_l", "account_id_r", "probability_before", "probability_after")
_CLUSTER = ("cluster_id", "status", "before", "n_joined", "n_left")
_MEMBER = ("account_id", "cluster_id_before", "cluster_id_after", "probability_before", "probability_after")
json_option = click.option("--json", "as_json", is_flag=True, help="Print exact values as JSON.")


@commands.command(examples=("graphlink fit graphlink.toml --out model.json",))
@sources_argument
@settings_option
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), required=True, help="File to write, such as model.json."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier file, once the new one is complete.")
@engine_options
@quiet_option
def fit(
    sources: tuple[Path | str, ...],
    settings: Path | None,
    out: Path,
    limits: EngineSettings,
    *,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Fit a model to SOURCE and write it to a file.

    Labels of the settings take part. `graphlink run --model` weighs data by the file.
    """
    from graphlink.pipeline import fit as fit_model

    source = sources[0] if len(sources) == 1 else sources
    progress = None if quiet else ProgressLines(sys.stderr)
    model = fit_model(source, settings=settings, limits=limits, progress=progress)
    model.save(out, overwrite=overwrite)
    print_message(f"wrote {out}, SHA-256 {model.digest()}", quiet=quiet)


@commands.group(name="model", cls=SubCommands)
def model_commands() -> None:
    """Show a model, or compare two."""


@model_commands.command(examples=("graphlink model show graphlink-result",))
@click.argument("model", type=place)
@json_option
def show(model: Path | str, *, as_json: bool) -> None:
    """Show the card of MODEL, a model.json or a result: every number with its source, and the weights."""
    from graphlink.model.card import numbers_of, weights_of
    from graphlink.model.saved import load_model

    loaded = load_model(model)
    if as_json:
        write_json(
            {
                "sha256": loaded.digest(),
                "learned_from": dataclasses.asdict(loaded.provenance),
                "kinds": list(loaded.kinds),
                "weights": [one._asdict() for one in weights_of(loaded)],
                "numbers": [one.as_dict() for one in numbers_of(loaded)],
            },
            sys.stdout,
        )
        return
    click.echo("\n".join(_card(loaded)))


@model_commands.command(examples=("graphlink model compare old.json new.json --data graphlink.toml",))
@click.argument("before", metavar="A", type=place)
@click.argument("after", metavar="B", type=place)
@click.option(
    "--data", type=place, metavar="SOURCE", help="Weigh this data by both models and show what moves."
)
@click.option("--most", type=click.IntRange(1), default=10, show_default=True, help="Rows of each list.")
@json_option
@engine_options
@quiet_option
def compare(
    before: Path | str, after: Path | str, data: Path | str | None, *, as_json: bool, **given: Any
) -> None:
    """Compare the models A and B: their numbers and weights; with --data also what moves under them."""
    from graphlink.model.card import differences
    from graphlink.model.saved import load_model

    models = load_model(before), load_model(after)
    rows = [one._asdict() for one in differences(*models)]
    printed: dict[str, Any] = {"differences": rows}
    sheets = [Sheet("differences", ("name", "before", "after"), rows)]
    if data is not None:
        moves = _moves(models, data, **given)
        printed |= moves
        counts = [{"what": name, "n": n} for name, n in moves["counts"].items()]
        sheets += [
            Sheet("counts", ("what", "n"), counts),
            Sheet("links that move most", _LINK, moves["links"]),
        ]
        sheets.append(Sheet("clusters that change", _CLUSTER, moves["clusters"]))
        sheets.append(Sheet("members that move most", _MEMBER, moves["members"]))
    if as_json:
        write_json(printed, sys.stdout)
    elif not any(sheet.rows for sheet in sheets):
        click.echo("the models are the same")
    else:
        write_sheets([sheet for sheet in sheets if sheet.rows], "table", sys.stdout)


def _moves(
    models: tuple[Model, Model], data: Path | str, limits: EngineSettings, *, most: int, quiet: bool
) -> dict[str, Any]:
    """What moves when data are weighed by two models, as plain values."""
    from graphlink.pipeline import run
    from graphlink.result.moves import find_moves

    source, settings = _neutral(data)
    results = []
    for name, model in zip("AB", models, strict=True):
        print_message(f"weighing the data by {name}", quiet=quiet)
        progress = None if quiet else ProgressLines(sys.stderr)
        results.append(run(source, settings=settings, model=model, limits=limits, progress=progress))
    return dataclasses.asdict(find_moves(*results, most=most))


def _neutral(data: Path | str) -> tuple[object, Settings | None]:
    """What to run on, and its settings without the numbers that a model decides."""
    from graphlink.core.settings import read_settings
    from graphlink.model.parameters import without_numbers
    from graphlink.task import located

    if Path(data).suffix != ".toml":
        return data, None
    return without_numbers(located(read_settings(data), Path(data).parent)), None


def _card(model: Model) -> Iterator[str]:
    from graphlink.model.card import numbers_of, weights_of

    yield from _origin(model)
    yield ""
    yield "weight of sharing a value (bits beyond the prior; rare values, met once)"
    weights = weights_of(model)
    yield from text_bars([(one.kind, one.bits) for one in weights], width=_WIDTH)
    if not weights:
        yield "none was learned"
    group = ""
    for one in numbers_of(model):
        table, _, name = one.name.rpartition(".")
        if table != group:
            yield f"\n[{visible(table)}]"
            group = table
        yield from _number_lines(name, one)


def _origin(model: Model) -> Iterator[str]:
    origin = model.provenance
    yield f"model {model.digest()[:16]}, fitted by graphlink {visible(origin.graphlink) or 'of no version'}"
    seen = f" from {visible(origin.first_seen)} to {visible(origin.last_seen)}" if origin.first_seen else ""
    yield from textwrap.wrap(
        f"learned from {origin.n_observations:,} observations of {origin.n_accounts:,} accounts{seen}"
        f", and {origin.n_labels:,} labelled pairs; settings {visible(origin.settings)}",
        _WIDTH,
    )
    for name, digest in origin.inputs.items():
        yield f"  {visible(digest)[:16]}  {visible(name)}"


def _number_lines(name: str, one: Number) -> Iterator[str]:
    mark = "" if one.default in (None, one.value) else f" (default {_value(one.default)})"
    limits = f"   range {one.range}" if one.range else ""
    yield f"  {visible(name)} = {_value(one.value)}{mark}{limits}"
    yield from textwrap.wrap(one.source, _WIDTH, initial_indent="      ", subsequent_indent="      ")


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else visible(str(value))
