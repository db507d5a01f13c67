"""Each rule stands once: a literal of it in any other module than its home is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "graphlink"
FACET = "(network|payment|identity|client|behaviour)"
LISTED = "(vpn|proxy|residential_proxy|anonymizer|tor|campus|carrier_nat|hosting|corporate)"
# Rule: the pattern of its literals, and the modules that may hold them.
RULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "shuffle": (r"2_?654_?435_?761|4_?294_?967_?291", ("engine/shuffle.py",)),
    "facets in SQL": (rf"facet\w*\s*(=|<>|!=|(NOT )?IN \()\s*'{FACET}'", ("kinds/facets.py",)),
    "facets in Python": (rf'facet\w*(\.name)?\s*(==|!=|in)\s*[("]+{FACET}"', ("kinds/facets.py",)),
    "lists of facets": (rf'"{FACET}",\s*"{FACET}"', ()),
    "colours of facets": (r"(?i)#(2563a8|1a7f4e|7a4bb3|a35a00|b02a53)", ("kinds/facets.py",)),
    "listed types": (
        rf'"{LISTED}"(: -?[0-9]|,\s*"{LISTED}")|label_type\s*(=|IN \()\s*\'[a-z]',
        ("ingest/reference_lists/records.py",),
    ),
    "quarter": (r"(SAME_FACET|QUARTER)\s*=[^=]", ("core/rules.py",)),
    "largest scored": (r"\b2_?048\b", ("core/parameters/match_weights.py",)),
    "household": (
        r"\w*(HOUSEHOLD|FURTHER_PERSON)\w*\s*=\s*\d+\b(?!\.)|FURTHER_PERSON\s*=|further_person: float",
        ("core/parameters/households.py",),
    ),
}


def faults_of(rule: str, package: Path) -> list[str]:
    """The modules outside its home that hold a literal of a rule."""
    pattern, homes = RULES[rule]
    return [
        f"{name}: {actual.group()}"
        for path in sorted(package.rglob("*.py"))
        if (name := path.relative_to(package).as_posix()) not in homes
        and not name.startswith("samples/")
        and (actual := re.search(pattern, path.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_stands_once(rule: str) -> None:
    assert faults_of(rule, PACKAGE) == []


@pytest.mark.parametrize("rule", ["shuffle", "colours of facets", "quarter", "largest scored", "household"])
def test_its_home_holds_it(rule: str) -> None:
    pattern, homes = RULES[rule]
    text = "".join((PACKAGE / home).read_text(encoding="utf-8") for home in homes)
    assert re.search(pattern, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("shuffle", 'f"(account_no * 2654435761) % 4294967291"'),
        ("shuffle", "x * 2_654_435_761"),
        ("facets in SQL", "WHERE e.facet NOT IN ('network', 'client')"),
        ("facets in SQL", "k.facet = 'behaviour'"),
        ("facets in Python", 'if kind.facet == "payment":'),
        ("lists of facets", '_TYING = ("payment", "identity", "network")'),
        ("colours of facets", 'COLOUR = "#2563A8"'),
        ("listed types", '_BITS = {"vpn": -4.0}'),
        ("listed types", '_SHARED = ("campus", "carrier_nat", "vpn", "proxy")'),
        ("listed types", "WHERE label_type = 'hosting'"),
        ("quarter", "_SAME_FACET = 0.25"),
        ("largest scored", "_LARGEST = 2_048"),
        ("household", "_LARGEST_HOUSEHOLD = 5"),
    ],
)
def test_a_literal_elsewhere_is_found(tmp_path: Path, rule: str, text: str) -> None:
    (tmp_path / "links.py").write_text(text, encoding="utf-8")
    assert [fault.partition(":")[0] for fault in faults_of(rule, tmp_path)] == ["links.py"]
