"""Every number of the method stands once, as a parameter with unit, range, origin and source.

`python -m tests.test_parameters` writes the tables of docs/model.md.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.parameters import Parameter, Parameters, changed, listed, replaced, source_of
from graphlink.core.ranges import range_of
from graphlink.core.settings import ModelSettings, Settings, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "graphlink"
PAGE = ROOT / "docs" / "model.md"
CONVERTED = ("model", "clustering", "assessment")
# Modules with numbers that are not parameters yet. Only ever shorter.
NOT_CONVERTED: tuple[str, ...] = ()
# Numbers of how something is computed or worded, not of what is concluded; by module, with the reason.
TECHNICAL: dict[str, dict[str, str]] = {
    "model/blocking.py": {
        "10": "values named", "100000": "ties go to the first window", "31, 2147483648": "a key"
    },
    "model/dependent_evidence.py": {"1e-9": "sums that are the same"},
    "model/evidence.py": {"6": "digits", "4": "digits"},
    "model/exclusivity/baselines.py": {"30": "binary places", "20.0": "nats beyond counting"},
    "model/exclusivity/concentration.py": {
        "1e-4, 1e-12": "log of zero", "3.0": "a couple and one more", "0.5": "the uniform law",
        "9": "digits",
    },
    "model/exclusivity/coverage.py": {"1e-9": "log of zero"},
    "model/exclusivity/determination.py": {"1e-6, 0.99": "log of zero", "9": "digits"},
    "model/exclusivity/learning.py": {"50": "iterations", "6": "digits", "9": "digits"},
    "model/exclusivity/pair_bits.py": {"1e-6": "odds of zero", "6": "digits"},
    "model/exclusivity/states.py": {
        "0.5": "the middle of a bin, and Stirling's formula", "30.0": "nats beyond counting",
        "40": "cells of a law of shares", "1_000": "held at once",
        "7": "recurrences", "12.0, 360.0, 1260.0, 3, 5": "Stirling's series",
    },
    "model/match_weights/dependence.py": {"4": "digits"},
    "model/match_weights/disagreement.py": {
        "0.999": "log of zero", "0.01": "nats that say nothing", "4": "digits"
    },
    "model/match_weights/learning.py": {"4": "digits, and meetings of the last bucket", "5": "digits"},
    "model/match_weights/mixture.py": {
        "200": "iterations at most", "1e-4": "a share that moves no more", "0.5, 3": "start of the search",
        "1e-5, 1e-6, 0.999": "log of zero", "0.01, 0.02": "half of a pseudo-count", "30.0": "nats",
        "30": "halvings", "4": "sums",
    },
    "model/match_weights/parameters.py": {"11, 3": "buckets"},
    "model/match_weights/views.py": {"4_000": "pairs drawn", "22": "slices of a shuffle"},
    "model/match_weights/priors.py": {"0.25": "log2 of the middle of a bucket", "1e-6": "log of zero"},
    "model/links.py": {"0.5": "each further value has half: halves add up to all", "40": "places"},
    "model/overrides.py": {"1_000": "beyond any length of a prefix", "6": "a version of IP"},
    "model/card.py": {"4": "digits", "12": "digits of a digest"},
    "model/saved.py": {"256": "bytes of a file", "20": "bytes of a file"},
    "model/timing/beats.py": {"0.5": "one pseudo-count"},
    "model/timing/crew_causes.py": {
        "100": "holders of an identifier that are looked at", "1_000_000": "holders looked at together"
    },
    "model/timing/crew_tests.py": {"4": "share of the pair budget"},
    "model/timing/candidates.py": {
        "600, 300, 120, 60": "widths of bins, the first that the budget allows", "64": "size of a sketch",
        "10_000_000": "keys held", "24": "accounts on a key, and bits of a filter", "4": "neighbours",
        "40": "share of the pair budget", "65_536, 0x1E3779B97F4A7C15, 30_011, 40_503": "hashes",
        "31": "bits of a key", "8": "b (b - 1) / 2 solved for b",
    },
    "model/timing/clocks.py": {"3": "the theorem of three gaps", "30": "rounding to minutes", "32": "a key"},
    "model/timing/load_balancing.py": {"0.5": "one pseudo-count", "1e-6, 1e-9": "log of zero"},
    "model/timing/nulls.py": {
        "4": "weights of a smoothed profile", "0.01": "log of zero", "0.5": "one pseudo-count"
    },
    "model/timing/resources.py": {"20": "share of the pair budget", "4294967296": "a key"},
    "model/timing/starts.py": {"100_000": "rows at a time", "15": "days between accounts in one key"},
    "model/timing/statistics.py": {
        "1e-9, 1e-300": "log of zero", "1e-12": "division by zero", "1e-6": "odds of one",
        "20": "points of a grid", "4": "widths to where a normal kernel ends", "0.5": "the normal law",
    },
    "model/timing/replacement.py": {"0.5": "likelier than not", "400": "accounts of a place that are paired"},
    "model/timing/tables.py": {"6": "digits", "32": "a key"},
    "model/timing/turnover.py": {
        "20": "rounds of EM", "60.0": "bits beyond counting", "4": "weights of a smoothed profile"
    },
    "clustering/clusters.py": {"400": "the largest cluster cut exactly", "6": "digits", "10": "digits"},
    "clustering/components.py": {"31": "a prime", "2_000_000": "links solved here"},
    "clustering/leiden.py": {"10": "iterations at most"},
    "clustering/merging.py": {
        "1_000": "rounds at most",
        "9": "digits",
        "16": "keys a row of a table",
        "32": "a key",
        "63": "bits of a key",
    },
    "clustering/communities/bridges.py": {"32": "a key", "0xFFFFFFFF": "the lower half of a key"},
    "clustering/communities/dividing.py": {
        "0.5": "likelier than not", "9": "digits", "30.0": "bits beyond counting"
    },
    "clustering/communities/partitioning.py": {"6": "digits"},
    "clustering/communities/pruning.py": {"30": "rounds at most, and bits beyond counting", "32": "a key"},
    "clustering/communities/support.py": {
        "1_000_000": "units of a bit", "30.0": "bits beyond counting", "6": "digits"
    },
    "assessment/harmless_readings.py": {"32": "a key"},
    "assessment/facts/accounts.py": {"10_000": "accounts drawn", "168": "hours of a week"},
    "assessment/facts/comparable.py": {"1_000": "members that a group stands for", "16": "bytes of a seed"},
    "assessment/facts/intervals.py": {
        "0.95": "level of intervals, as the table says", "16": "size of a cache",
        "0.5": "the nearer of two values, as numpy's quantile adds",
        "700.0": "exp beyond a float", "50": "halvings at most",
    },
    "assessment/facts/mapped.py": {
        "3": "categories shown", "1_000": "values of what is a category", "128": "characters",
        "100000.0": "ties go to the first category",
    },
    "assessment/facts/measures.py": {
        "4_000_000": "accounts in all draws", "100": "draws at least", "64": "bits of a word"
    },
    "assessment/facts/releases.py": {"20": "releases shown"},
    "assessment/reasons.py": {
        "20": "reasons shown", "10": "reasons shown", "1e-5": "digits", "3": "wording",
    },
    "assessment/signals.py": {
        "6": "in the name of a signal", "3": "in the name of a signal", "7": "in the wording of a signal",
        "10_000": "accounts sampled", "3_600": "s of an hour", "86_400": "s of a day", "86400": "s of a day",
    },
    "assessment/hypotheses/likelihoods.py": {"12": "size of a cache", "14": "size of a cache"},
    "assessment/hypotheses/weighing.py": {"10_000": "rows at a time"},
    "assessment/null_model/bins.py": {"4": "bins per bit", "120.0": "bits of the widest bin", "6": "digits"},
    "assessment/null_model/cluster_rates.py": {
        "6": "digits", "200": "terms of a sum", "1e-300": "log of zero", "700.0": "exp beyond a float"
    },
    "assessment/null_model/coincidence.py": {"50_000": "accounts drawn"},
    "assessment/null_model/discoveries.py": {"6": "digits", "9": "digits"},
    "assessment/null_model/link_rates.py": {"6": "digits", "9": "digits", "10_000": "levels of doubt"},
    "assessment/null_model/ties.py": {
        "2_000_000": "rows drawn", "4": "digits", "6": "digits", "0.5": "rounding",
        "0.25": "half a bin",
    },
    "assessment/null_model/weighing.py": {"0.05": "a count reported at 5 percent"},
}  # fmt: skip
FREE = {0.0, 1.0, 2.0}  # nothing, all, and the base of bits; pairs are halves of n (n - 1)
UNITS = {24.0, 60.0, 3_600.0, 86_400.0, 1_000_000.0}
_IN_SQL = re.compile(r"(?<![\w.'%$])(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])")
_DIGITS = re.compile(r"DECIMAL\(\d+, \d+\)|'[^']*'|TIMESTAMP|--.*")


def numbers_in(path: Path) -> Iterator[tuple[int, str, float]]:
    """Line, text and value of each number in code and SQL; not in docstrings and shares of steps."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    skipped = {
        id(word.value) for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords
        if word.arg == "share"
    }  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docs or id(node) in skipped:
            continue
        if type(node.value) in (int, float):
            assert isinstance(node.value, int | float)
            yield node.lineno, ast.get_source_segment(source, node) or str(node.value), float(node.value)
        elif isinstance(node.value, str) and re.search(r"[A-Z]{4}|\(|=", node.value):
            for text in _IN_SQL.findall(_DIGITS.sub("", node.value)):
                yield node.lineno, text, float(text)


def strange_numbers(path: Path, module: str) -> list[str]:
    """The numbers of a module that are no parameter, no unit and not listed as technical."""
    technical = {float(ast.literal_eval(one)) for key in TECHNICAL.get(module, {}) for one in key.split(", ")}
    return [
        f"{module}:{line}: {text}"
        for line, text, value in numbers_in(path)
        if value not in FREE | UNITS | technical
    ]


def modules() -> list[str]:
    paths = [path for folder in CONVERTED for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return [path.relative_to(PACKAGE).as_posix() for path in paths]


@pytest.mark.parametrize("module", [module for module in modules() if module not in NOT_CONVERTED])
def test_no_number_of_the_method_stands_in_a_step(module: str) -> None:
    assert strange_numbers(PACKAGE / module, module) == [], (
        "make it a parameter: see graphlink/core/parameters"
    )


def test_what_is_listed_as_not_converted_or_technical_is_there() -> None:
    assert [module for module in (*NOT_CONVERTED, *TECHNICAL) if not (PACKAGE / module).is_file()] == []
    assert [module for module in NOT_CONVERTED if not strange_numbers(PACKAGE / module, module)] == []


def test_a_technical_number_is_there() -> None:
    for module, named in TECHNICAL.items():
        values = {value for _, _, value in numbers_in(PACKAGE / module)}
        listed_values = {float(ast.literal_eval(one)) for key in named for one in key.split(", ")}
        assert listed_values <= values, (module, listed_values - values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PRIOR = 0.3\n", ["0.3"]),
        ('SQL = "SELECT l FROM pairs WHERE bits > 2.5"\n', ["2.5"]),
        (
            'def f(n):\n    """At most 7."""\n    return f"SELECT least(bits, 6.5) FROM t{n}"\n',
            ["6.5"],
        ),
        ("S = \"SELECT bits::DECIMAL(18, 9), '7' FROM t2 LIMIT 1\"\nA = (0, 1, -1, 2.0, 86_400)\n", []),
    ],
)
def test_a_number_in_code_or_sql_is_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    (tmp_path / "step.py").write_text(text, encoding="utf-8")
    found = [one.rpartition(" ")[2] for one in strange_numbers(tmp_path / "step.py", "step.py")]
    assert found == expected


@pytest.mark.parametrize("one", listed(Parameters()), ids=lambda one: one.name)
def test_every_parameter_has_unit_source_and_a_range_that_holds_its_default(one: Parameter) -> None:
    values = one.default if isinstance(one.default, tuple) else (one.default,)
    assert values
    assert all(one.range.holds(value) for value in values)
    assert one.range.lowest < one.range.highest
    assert one.range.unit
    assert one.source.origin in ("elicited", "chosen")
    assert 5 < len(one.source.reason) < 120
    assert not one.source.reason.endswith(".")


@pytest.mark.parametrize("group", [field.name for field in dataclasses.fields(Parameters())])
def test_every_parameter_is_described(group: str) -> None:
    value = getattr(Parameters(), group)
    assert list(described(type(value))) == [field.name for field in dataclasses.fields(value)]


@pytest.mark.parametrize("one", listed(Parameters()), ids=lambda one: one.name)
def test_a_value_outside_the_range_is_refused_by_name(one: Parameter) -> None:
    beyond: Any = one.range.highest + 1
    default = one.default[0] if isinstance(one.default, tuple) else one.default
    beyond = type(default)(beyond)
    value = (beyond,) if isinstance(one.default, tuple) else beyond
    with pytest.raises(SettingsError, match=rf"^{one.name.partition('.')[2]}: expected .* from "):
        replaced(Parameters(), {one.name: value})


def test_a_parameter_is_set_in_settings_and_recorded_when_it_differs() -> None:
    settings = settings_from({"parameters": {"households": {"largest": 6}, "lockstep": {"prior": 0.1}}})
    assert settings.parameters.households.largest == 6
    assert settings.stated()["parameters"] == {"households": {"largest": 6}}
    assert settings_from(settings.stated()) == settings
    assert settings.fingerprint() != Settings().fingerprint()


def test_a_parameter_that_is_its_default_leaves_the_fingerprint() -> None:
    settings = settings_from({"parameters": {"households": {"largest": 5}}})
    assert settings.fingerprint() == Settings().fingerprint()
    assert "parameters" not in settings.stated()


def test_parameters_that_were_changed_are_tables_of_settings() -> None:
    values: dict[str, float | tuple[float, ...]] = {"lockstep.prior": 0.2, "timing.scales_s": (5, 10)}
    other = replaced(Parameters(), values)
    assert changed(other) == {"timing": {"scales_s": (5, 10)}, "lockstep": {"prior": 0.2}}
    assert settings_from({"parameters": changed(other)}).parameters == other


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"parameters: lockstep: unknown setting 'priors'"):
        settings_from({"parameters": {"lockstep": {"priors": 0.1}}})
    with pytest.raises(KeyError, match=r"lockstep\.priors"):
        replaced(Parameters(), {"lockstep.priors": 0.1})


def described(kind: type) -> dict[str, str]:
    """The description of each attribute in the docstring of a group."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    rows = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", attributes, re.MULTILINE)
    return {name: " ".join(about.split()) for name, about in rows}


def tables_text() -> str:
    """The tables of docs/model.md: a section per group, a row per parameter."""
    whole, parts = described(Parameters), [thresholds_text()]
    for group in dataclasses.fields(Parameters()):
        about = described(type(getattr(Parameters(), group.name)))
        rows = [
            f"| `{name}` | {about[name]} | {plain(one.default)} | {one.range} | {one.source.origin}: "
            f"{one.source.reason} |"
            for one in listed(Parameters())
            if (name := one.name.removeprefix(f"{group.name}.")) != one.name
        ]
        head = "| parameter | meaning | default | range | source |\n|---|---|---|---|---|\n"
        parts.append(f"### {group.name}\n\n{whole[group.name]}\n\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def thresholds_text() -> str:
    """The section of the thresholds, which are settings."""
    about, head = described(ModelSettings), "### [model] of the settings\n\nBudgets and thresholds.\n\n"
    head += "| parameter | meaning | default | range | source |\n|---|---|---|---|---|\n"
    rows = []
    for part in dataclasses.fields(ModelSettings):
        source, default = source_of(part), cast("float", part.default)
        origin = f"{source.origin}: {source.reason}"
        rows.append(
            f"| `{part.name}` | {about[part.name]} | {plain(default)} | {range_of(part)} | {origin} |"
        )
    return head + "\n".join(rows)


def plain(value: float | tuple[float, ...]) -> str:
    return ", ".join(map(plain, value)) if isinstance(value, tuple) else f"{value:,}"


def written(text: str) -> str:
    begin, end = "<!-- parameters: written by tests/test_parameters.py -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{tables_text()}\n\n{end}{after}"


@pytest.mark.parametrize("group", [Parameters, ModelSettings])
def test_a_number_without_a_source_is_no_parameter(group: type) -> None:
    parts = dataclasses.fields(group)
    if group is ModelSettings:
        assert all(source_of(part).reason and range_of(part) for part in parts)
    else:
        assert {one.name.partition(".")[0] for one in listed(Parameters())} == {part.name for part in parts}


def test_the_page_of_the_model_lists_every_parameter() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run: python -m tests.test_parameters"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
