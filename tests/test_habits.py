"""What a project promises besides its code: citation, templates, decisions, hooks, words, commit messages."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.markers import TESTS, markers_of

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GUIDES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
DECISIONS = [path for path in GUIDES if re.match(r"\d{4}-", path.name)]


def script(name: str) -> ModuleType:
    """A script of .ci, which is no package."""
    name = f"ci_{name}"
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name[3:]}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_citation_has_what_the_format_requires_and_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "software"
    assert (str(cited["version"]), cited["license"]) == (PROJECT["version"], PROJECT["license"])
    released = f"## [{cited['version']}] - {cited['date-released']}"
    assert released in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    for work in (cited, *cited["references"]):
        assert all("name" in author or "family-names" in author for author in work["authors"])
        assert work["title"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda p: p.stem
)
def test_an_issue_form_is_one_and_asks_for_no_real_data(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
    if any(field["attributes"].get("render") for field in fields):
        assert "made-up" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_states_why_and_what_else_there_was(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]}: \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Alternatives",
    ]
    title = text.splitlines()[0].partition(": ")[2]
    assert f"| [{path.name[:4]}]({path.name}) | {title} |" in (path.parent / "README.md").read_text(
        encoding="utf-8"
    )


def test_decisions_are_numbered_from_one() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert len(DECISIONS) >= 10


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_every_file_that_a_guide_names_is_there(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"`((?:graphlink|tests|docs|frontend|\.ci)/[\w./*-]*)`", text))
    assert [name for name in sorted(named) if not any(ROOT.glob(name.rstrip("/")))] == []
    linked = set(re.findall(r"\]\(([^)#:]+)\)", text))
    assert [link for link in sorted(linked) if not (path.parent / link).exists()] == []


def test_hooks_run_what_is_installed_and_fetch_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    by_id = {hook["id"]: hook for hook in hooks["repos"][0]["hooks"]}
    assert set(by_id) == {"ruff", "ruff-format", "mypy", "words", "commit-message"}
    for hook in by_id.values():
        assert hook["language"] == "system"
        command, *rest = hook["entry"].split()
        if command == "python":
            assert (ROOT / rest[0]).is_file()
        else:
            assert any(line.startswith(command) for line in PROJECT["optional-dependencies"]["test"])


def test_the_words_of_the_list_are_not_used() -> None:
    words = script("words")
    rules, exempt = words.read_rules(words.LIST.read_text(encoding="utf-8"))
    assert len(rules) > 10
    texts = words.texts_of(ROOT, exempt)
    assert {"README.md", "CONTRIBUTING.md", "graphlink/pipeline.py"} <= set(texts)
    assert words.faults(rules, texts) == []


def test_a_word_of_the_list_is_seen_in_prose_and_in_names() -> None:
    words = script("words")
    rules, exempt = words.read_rules("# rules\nnought -> zero\ntold -> given ; at most 2\n!old/*\n")
    assert exempt == ["old/*"]
    texts = {"a.md": "Nought is told.\n", "b.py": "told_rows = 1\n", "c.py": "noughts = retold\n"}
    assert words.faults(rules, texts) == [
        "a.md:1: 'Nought'; write zero",
        f"{rules[0].word.pattern}: 1 times, at most 0",
    ]
    actual = words.faults(rules, texts | {"d.py": "x = row.told\n"})
    assert [line.partition(":")[0] for line in actual[2:5]] == ["a.md", "b.py", "d.py"]


GOOD = "links: weigh a second key a quarter\n\nKeys are created together.\nPrecision 0.984 -> 0.990.\n"


def test_a_commit_message_has_scope_subject_and_body() -> None:
    faults = script("commit_message").faults
    assert faults(GOOD) == []
    assert faults("Merge branch 'x'") == []
    assert faults(GOOD + "# a comment of git's\n") == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("\n# only comments\n", "empty"),
        ("Links weigh a second key a quarter\n\nWhy.\n", "scope"),
        ("Links: weigh a second key\n\nWhy.\n", "scope"),
        ("links: " + "x" * 70 + "\n\nWhy.\n", "77 characters"),
        ("links: weigh a second key.\n\nWhy.\n", "full stop"),
        ("links: weigh a second key\n", "no body"),
        ("links: weigh a second key\nWhy.\n", "second line"),
    ],
    ids=["empty", "no_scope", "capital", "long", "full_stop", "no_body", "no_empty_line"],
)
def test_a_commit_message_that_lacks_something_is_refused(message: str, fault: str) -> None:
    (actual,) = script("commit_message").faults(message)
    assert fault in actual


@pytest.mark.parametrize(
    ("path", "fixtures", "markers"),
    [
        ("browser/test_export.py", (), {"browser", "slow"}),
        ("truth/test_worlds.py", ("runs",), {"slow"}),
        ("engines/test_pipeline.py", ("sail", "tmp_path"), {"spark", "slow"}),
        ("engines/test_local.py", ("java",), {"spark", "slow"}),
        ("engines/test_local_copy.py", ("tmp_path",), set()),
        ("unit/model/test_links.py", ("engine",), set()),
        ("/elsewhere/test_plugin.py", ("sail",), {"spark", "slow"}),
    ],
)
def test_a_spark_and_a_browser_are_marked_by_themselves_and_slow(
    path: str, fixtures: tuple[str, ...], markers: set[str]
) -> None:
    assert markers_of(TESTS / path, fixtures) == markers
    if (folder := Path(path).parts[0]) != "/":
        assert (TESTS / folder).is_dir()


def test_this_test_is_selected_by_no_marker(request: pytest.FixtureRequest) -> None:
    assert not list(request.node.iter_markers())
    declared = {line.partition(":")[0] for line in request.config.getini("markers")}
    assert {"slow", "spark", "browser", "bench"} <= declared
