"""Reference lists, their bad lines, .mmdb files and the labels they make."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import Pseudonymize, Reference, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.reference_lists import TYPES, label_identifiers, read_reference_lists
from graphlink.ingest.reference_lists.networks import Pile, flatten, networks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Labels = dict[str, tuple[object, ...]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as made:
        yield made


def _settings(*paths: Path) -> Settings:
    return Settings(references=tuple(Reference(str(path)) for path in paths))


def _list(folder: Path, *lines: str, name: str = "list.csv", header: str = "network,label,type") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def _labels(engine: DuckEngine, addresses: Sequence[str], *paths: Path) -> tuple[Labels, dict[str, Any]]:
    engine.load("addresses", pa.table({"value": pa.array(addresses, pa.string())}))
    facts = label_identifiers(engine, _settings(*paths))
    rows = engine.rows("SELECT kind, value, label, label_type, asn, country FROM address_labels")
    assert len({row[1] for row in rows}) == len(rows)
    assert all(row[0] == "ip" for row in rows)
    return {str(row[1]): row[2:] for row in rows}, facts


# --- CSV lists ---------------------------------------------------------------------------------------------


def test_the_narrowest_range_labels_an_address(engine: DuckEngine, tmp_path: Path) -> None:
    path = _list(
        tmp_path,
        "203.0.113.0/24,Wide Net,hosting",
        "203.0.113.64/26,Relay One,router",
        "203.0.113.77,Exit,vpn",
        "2001:db8::/32,Six,campus",
        "2001:db8:1::/48,Relay Six,router",
    )
    addresses = ["203.0.113.1", "203.0.113.64", "203.0.113.77", "203.0.113.128", "203.0.114.0", "2001:db8::1"]
    labels, facts = _labels(engine, [*addresses, "2001:db8:1:ffff::", "2001:db9::", "8.8.8.8"], path)
    assert labels == {
        "203.0.113.1": ("Wide Net", "hosting", None, None),
        "203.0.113.64": ("relay one", "router", None, None),
        "203.0.113.77": ("Exit", "vpn", None, None),
        "203.0.113.128": ("Wide Net", "hosting", None, None),
        "2001:db8::1": ("Six", "campus", None, None),
        "2001:db8:1:ffff::": ("relay six", "router", None, None),
    }
    assert facts["ranges"] == 5
    assert facts["addresses"] == {"known": 6, "labelled": 6, "with_asn": 0, "with_country": 0}
    assert facts["labelled_by_type"] == {"campus": 1, "hosting": 2, "router": 2, "vpn": 1}
    assert facts["invalid_lines"] == {"count": 0, "first": []}
    assert facts["files"] == [
        {
            "path": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "lines": 5,
            "networks": 5,
            "asns": 0,
            "labelled": 6,
            "conflicts": 0,
            "invalid_lines": 0,
        }
    ]
    assert facts["warnings"] == []


@pytest.mark.parametrize(
    "odd", ["", "# a comment", "10.0.0.0/24,odd,vpn,more", '10.0.0.0/24,"odd",vpn', "; c", "10.0.0.0/24"]
)
def test_lines_are_read_alike_together_and_one_by_one(tmp_path: Path, odd: str) -> None:
    """Lines of as many cells each are cut together; one other line among them changes nothing."""
    lines = [f"93.{i // 250}.{i % 250}.0/24, label {i % 7} ,{('vpn', 'hosting')[i % 2]}" for i in range(9000)]
    even = read_reference_lists(_settings(_list(tmp_path, *lines, name="even.csv")))
    mixed = read_reference_lists(
        _settings(_list(tmp_path, *lines[:5000], odd, *lines[5000:], name="mixed.csv"))
    )
    n_odd = odd.count("odd")
    assert even.files[0].lines == 9000
    assert len(mixed.piles[4]) == 9000 + n_odd
    assert mixed.files[0].invalid_lines == (odd == "10.0.0.0/24")
    mine, theirs = (
        [(one.piles[4].at(i), one.entries[one.piles[4].entries[i]]) for i in range(len(one.piles[4]))]
        for one in (even, mixed)
    )
    assert [row for row in theirs if row[1][0] != "odd"] == mine
    assert len(even.entries) == 14
    assert [mixed.piles[4].lines[i] for i in (0, 4999)] == [2, 5001]
    assert mixed.piles[4].lines[-1] == 9002


def test_labels_are_there_without_any_reference(engine: DuckEngine) -> None:
    labels, facts = _labels(engine, ["203.0.113.1"])
    assert labels == {}
    assert facts["files"] == []
    assert engine.columns("address_labels") == dict.fromkeys(
        ("kind", "value", "label", "label_type", "asn", "country"), "VARCHAR"
    )
    left = engine.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL")
    assert left == [("address_labels",), ("addresses",)]


def test_no_address_is_no_label(engine: DuckEngine, tmp_path: Path) -> None:
    assert _labels(engine, [], _list(tmp_path, "203.0.113.0/24,x,vpn"))[0] == {}


@pytest.mark.parametrize(
    "content",
    [
        "type,label,network\nvpn,Exit,203.0.113.0/24\n",
        "\ufeffCIDR,Label,Type\r\n203.0.113.0/24,Exit,VPN\r\n",
        "# a list\n\nnetwork;label;type;since\n# more\n203.0.113.0/24;Exit;vpn;2025\n\n",
        "address\tname\ttype\n203.0.113.7\tExit\tvpn",
        '"network","label","type"\n "203.0.113.0/24", "Exit","vpn"\n',
        "network,label,type\n::ffff:203.0.113.0/120,Exit,vpn\n",
        "network,label,type\n64:ff9b::cb00:7107,Exit,vpn\n",
    ],
)
def test_a_list_is_read_in_every_usual_form(engine: DuckEngine, tmp_path: Path, content: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode())
    assert _labels(engine, ["203.0.113.7"], path)[0] == {"203.0.113.7": ("Exit", "vpn", None, None)}


def test_a_label_may_hold_anything_a_cell_can(engine: DuckEngine, tmp_path: Path) -> None:
    actual = "=cmd|' /C calc'!A0, <script>\u202e '; DROP TABLE identifier_labels; --"
    path = _list(tmp_path, f'203.0.113.7,"{actual}",other')
    assert _labels(engine, ["203.0.113.7"], path)[0]["203.0.113.7"][0] == actual


@pytest.mark.parametrize("told", ["carrier_nat", "Carrier NAT", " carrier-nat "])
def test_types_are_known_in_their_usual_spellings(tmp_path: Path, told: str) -> None:
    lists = read_reference_lists(_settings(_list(tmp_path, f"203.0.113.7,x,{told}")))
    assert lists.entries == [("x", "carrier_nat")]
    assert "carrier_nat" in TYPES


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("203.0.113.7/24,x,vpn", "write 203.0.113.0/24 or a single address"),
        ("2001:db8::1/64,x,vpn", "write 2001:db8::/64"),
        ("203.0.113.0/33,x,vpn", "network is no CIDR, address, range or AS number: found '203.0.113.0/33'"),
        ("203.0.113.0/-1,x,vpn", "is no CIDR"),
        ("203.0.113.300,x,vpn", "is no CIDR"),
        ("203.0.113.010,x,vpn", "is no CIDR"),
        ("203.0.113.9-203.0.113.1,x,vpn", "range is not from an address to a later one"),
        ("203.0.113.9-2001:db8::,x,vpn", "range is not from an address to a later one of the same version"),
        ("example.org,x,vpn", "found 'example.org'"),
        ("0.0.0.0/0,x,vpn", "is every address"),
        ("AS0,x,vpn", "number of an autonomous system"),
        ("AS99999999999,x,vpn", "number of an autonomous system"),
        ("0.0.0.0-255.255.255.255,x,vpn", "is every address"),
        ("::/0,x,vpn", "is every address"),
        (",x,vpn", "is no CIDR"),
        ("203.0.113.0/24,x,datacenter", "unknown type; known are router, vpn, proxy"),
        ("203.0.113.0/24,x,datacenter", "found 'datacenter'"),
        ("203.0.113.0/24,x,", "found ''"),
        ("203.0.113.0/24,,router", "label: empty"),
        ("203.0.113.0/24,n/a,router", "label: placeholder"),
        ("203.0.113.0/24," + "x" * 201 + ",vpn", "label of 201 characters"),
        ("203.0.113.0/24," + "x" * 1_000_000 + ",vpn", "a cell is longer than 131,072"),
        ("203.0.113.0/24,a\x00b,vpn", "label: nul_byte"),
        ("203.0.113.0/24,4111111111111111,vpn", "label: card_number"),
        ("203.0.113.0/24,x", "2 columns; expected at least 3"),
        ('203.0.113.0/24,"x,vpn', "a quote is not closed"),
        ("\u202e\x1b[31m,x,vpn", "found '\\u202e\\x1b[31m'"),
    ],
)
def test_an_invalid_line_is_named_and_spoils_no_other(tmp_path: Path, line: str, reason: str) -> None:
    path = _list(tmp_path, "198.51.100.0/24,x,vpn", line, "192.0.2.0/24,x,vpn")
    lists = read_reference_lists(_settings(path))
    (actual,) = lists.files[0].rejected
    assert actual.startswith(f"{path}:3: ")
    assert reason in actual
    assert actual.isprintable()
    assert len(actual) < 300 + len(str(path))
    assert (lists.files[0].lines, lists.files[0].networks, lists.files[0].invalid_lines) == (3, 2, 1)
    assert len(lists.piles[4]) == 2


def test_broken_utf8_spoils_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"network,label,type\n203.0.113.0/24,\xff\xfe,vpn\n192.0.2.0/24,x,vpn\n")
    (actual,) = read_reference_lists(_settings(path)).files
    assert actual.rejected == [
        f"{path}:2: label: broken_text; the value is not valid Unicode; export as UTF-8"
    ]


def test_the_same_line_twice_counts_once_and_the_first_of_two_stands(tmp_path: Path) -> None:
    first = _list(tmp_path, "203.0.113.0/24,x,vpn", "203.0.113.0/24,x,vpn", name="first.csv")
    second = _list(tmp_path, "203.0.113.0/24,x,vpn", "203.0.113.0/24,y,vpn", name="second.csv")
    lists = read_reference_lists(_settings(first, second))
    assert [lists.entries[entry] for entry in lists.piles[4].entries] == [("x", "vpn")]
    assert [(file.networks, file.conflicts, file.invalid_lines) for file in lists.files] == [
        (1, 0, 0),
        (0, 1, 0),
    ]
    assert lists.files[1].conflicting == [
        f"{second}:3: 203.0.113.0/24 has another label or type in {first}:2, which counts"
    ]


def test_an_autonomous_system_named_twice_is_a_conflict_too(tmp_path: Path) -> None:
    path = _list(tmp_path, "AS64500,x,vpn", "as 64500,x,vpn", "64500,y,vpn")
    lists = read_reference_lists(_settings(path))
    assert [lists.entries[entry] for entry in lists.asns.values()] == [("x", "vpn")]
    assert lists.files[0].asns == 1
    assert lists.files[0].conflicting == [
        f"{path}:4: AS64500 has another label or type in {path}:2, which counts"
    ]


def test_only_the_first_invalid_lines_are_named_in_the_facts(engine: DuckEngine, tmp_path: Path) -> None:
    path = _list(tmp_path, *("nonsense,x,vpn" for _ in range(30)), "203.0.113.0/24,x,vpn")
    invalid = _labels(engine, [], path)[1]["invalid_lines"]
    assert invalid["count"] == 30
    assert [line.split(": ")[0] for line in invalid["first"]] == [f"{path}:{i}" for i in range(2, 22)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty; the first line names network, label and type"),
        (b"# only a comment\n", "empty"),
        (b"203.0.113.0/24,x,vpn\n", "line 1: expected a header .* found 203.0.113.0/24,x,vpn"),
        (b"network,label\n203.0.113.0/24,x\n", "expected a header"),
        (b"\xff\xfen\x00e\x00t\x00w\x00o\x00r\x00k\x00\n", "the text is UTF-16; export it as UTF-8"),
        (b"PK\x03\x04\x00\x00binary", "it is packed; unpack it"),
        (b"network,label,type\nx,x,vpn\ny,y,vpn\n", "no valid line; the first is .*list.csv:2: .*found 'x'"),
    ],
)
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_reference_lists(_settings(path))


@pytest.mark.parametrize("name", ["none.csv", "none.mmdb"])
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"none.*: no such file; name a file that you can read"):
        read_reference_lists(_settings(tmp_path / name))


# --- what is read because its meaning is certain -----------------------------------------------------------


def _named(path: Path, label: str = "Exit", kind: str = "vpn") -> Settings:
    return Settings(references=(Reference(str(path), label, kind),))


def _networks(settings: Settings) -> list[str]:
    lists = read_reference_lists(settings)
    piles = lists.piles.values()
    return [str(pile.at(i)) for pile in piles for i in range(len(pile))] + list(lists.asns)


@pytest.mark.parametrize(
    ("line", "networks"),
    [
        ("203.0.113.4-203.0.113.8,x,vpn", ["203.0.113.4/30", "203.0.113.8/32"]),
        ("203.0.113.0 - 203.0.113.255,x,vpn", ["203.0.113.0/24"]),
        ("203.0.113.7-203.0.113.7,x,vpn", ["203.0.113.7/32"]),
        ("2001:db8::-2001:db8::ffff,x,vpn", ["2001:db8::/112"]),
        ("203.0.113.0/24 # all of it,x,vpn", ["203.0.113.0/24"]),
        ("203.0.113.0/24,x,vpn # all, of it", ["203.0.113.0/24"]),
        ("203.0.113.0/255.255.255.0,x,vpn", ["203.0.113.0/24"]),
        ("203.0.113.7:8080,x,vpn", ["203.0.113.7/32"]),
        ("AS64500 # a name,x,vpn", ["AS64500"]),
        ("203.0.113.0/24,,vpn", ["203.0.113.0/24"]),
        ("203.0.113.0/24,n/a,vpn", ["203.0.113.0/24"]),
        ("203.0.113.0/24,x,Residential Proxy", ["203.0.113.0/24"]),
        ("; a comment", []),
        ("// a comment", []),
    ],
)
def test_a_line_whose_meaning_is_certain_is_read(tmp_path: Path, line: str, networks: list[str]) -> None:
    path = _list(tmp_path, line, "192.0.2.1,x,vpn")
    assert sorted(_networks(_settings(path))) == sorted([*networks, "192.0.2.1/32"])
    assert read_reference_lists(_settings(path)).files[0].invalid_lines == 0


@pytest.mark.parametrize(
    ("content", "networks"),
    [
        ("# exits\n203.0.113.7\n198.51.100.0/24\n", ["203.0.113.7/32", "198.51.100.0/24"]),
        ("; DROP\n203.0.113.0/24 ; SBL1\n2001:db8::/32;SBL2\n", ["203.0.113.0/24", "2001:db8::/32"]),
        ("AS64500 # name\nas64501\nAS 64502\n", ["AS64500", "AS64501", "AS64502"]),
        ("203.0.113.0 - 203.0.113.3\r\n", ["203.0.113.0/30"]),
        (
            "create exits hash:net family inet\nadd exits 203.0.113.0/24 timeout 0\n-A exits 192.0.2.1\n",
            ["203.0.113.0/24", "192.0.2.1/32"],
        ),
        (
            "ExitNode 0011\nPublished 2026-03-01 10:00:00\nExitAddress 203.0.113.7 2026-03-01 10:00:00\n",
            ["203.0.113.7/32"],
        ),
        ("start_ip,end_ip\n203.0.113.0,203.0.113.3\n", ["203.0.113.0/30"]),
        ("ip\n203.0.113.7\n", ["203.0.113.7/32"]),
        ("cidr,name\n203.0.113.0/24,other\n", ["203.0.113.0/24"]),
        (
            '{"prefixes": [{"ip_prefix": "203.0.113.0/24"}], "ipv6": [{"ipv6_prefix": "2001:db8::/32"}]}',
            ["203.0.113.0/24", "2001:db8::/32"],
        ),
        ('{"prefixes": [{"ipv4Prefix": "203.0.113.0/24"}, {"ipv6Prefix": "2001:db8::/32"}]}',
         ["203.0.113.0/24", "2001:db8::/32"]),
        ('{"values": [{"name": "Cloud", "properties": {"addressPrefixes": ["203.0.113.0/24"]}}]}',
         ["203.0.113.0/24"]),
        ('{"hooks": ["203.0.113.0/24"], "domains": ["example.org"]}', ["203.0.113.0/24"]),
        ('["203.0.113.7"]', ["203.0.113.7/32"]),
    ],
)  # fmt: skip
def test_a_list_without_labels_is_read_with_those_of_the_settings(
    engine: DuckEngine, tmp_path: Path, content: str, networks: list[str]
) -> None:
    path = tmp_path / "list.netset"
    path.write_text(content, encoding="utf-8", newline="")
    assert sorted(_networks(_named(path))) == sorted(networks)
    lists = read_reference_lists(_named(path))
    assert {kind for _, kind in lists.entries} == {"vpn"}
    assert lists.files[0].invalid_lines == 0
    engine.load("addresses", pa.table({"value": pa.array(["8.8.8.8"], pa.string())}))
    warnings = label_identifiers(engine, _named(path))["warnings"]
    assert warnings == [f"reference list {path}: labels none of the 1 addresses in the input"]


SPUR = (
    {"ip": "203.0.113.1", "as": {"number": 1}, "tunnels": [{"type": "VPN", "operator": "A_VPN"}]},
    {"ip": "203.0.113.2", "tunnels": [{"type": "VPN"}, {"type": "TOR"}], "infrastructure": "DATACENTER"},
    {"ip": "203.0.113.3", "client": {"proxies": ["A_PROXY", "B"]}, "infrastructure": "MOBILE"},
    {"ip": "203.0.113.4", "risks": ["TUNNEL", "CALLBACK_PROXY"]},
    {"ip": "203.0.113.5", "risks": ["TUNNEL"]},
    {"ip": "203.0.113.6", "infrastructure": "DATACENTER", "client": {"proxies": []}},
    {"ip": "203.0.113.7", "client": {"types": ["MOBILE"]}, "infrastructure": "MOBILE"},
    {"ip": "2001:db8::/48", "tunnels": [{"type": "PROXY", "operator": None}]},
)
OF_SPUR = {
    "203.0.113.1": ("A_VPN", "vpn"),
    "203.0.113.2": ("Tor exit", "tor"),
    "203.0.113.3": ("A_PROXY", "residential_proxy"),
    "203.0.113.4": ("residential proxy", "residential_proxy"),
    "203.0.113.5": ("anonymizer", "anonymizer"),
    "203.0.113.6": ("hosting provider", "hosting"),
    "203.0.113.7": ("mobile carrier", "carrier_nat"),
    "2001:db8::1": ("public proxy", "proxy"),
}


def test_json_lines_with_the_context_of_addresses_are_read(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in SPUR), encoding="utf-8")
    labels, facts = _labels(engine, list(OF_SPUR), path)
    assert {value: row[:2] for value, row in labels.items()} == OF_SPUR
    assert facts["files"][0]["invalid_lines"] == 0


def test_a_json_line_that_says_nothing_is_rejected_unless_the_settings_do(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    lines = [
        '{"ip": "203.0.113.1", "vpn": true}',
        '{"ip": "203.0.113.2", "infrastructure": "BUSINESS"}',
        '{"vpn": true}',
        "[]",
        "{",
        '{"start_ip": "203.0.113.4", "end_ip": "203.0.113.5", "label": "Own", "type": "campus"}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    lists = read_reference_lists(_settings(path))
    assert [row.partition(": ")[2].partition(";")[0] for row in lists.files[0].rejected] == [
        "says nothing of who is behind the network",
        "names no network",
        "is no object of JSON",
        "is no JSON",
    ]
    assert lists.entries == [("VPN", "vpn"), ("Own", "campus")]
    settings = Settings(references=(Reference(str(path), "B", "proxy"),))
    lists = read_reference_lists(settings)
    assert (("B", "proxy") in lists.entries, lists.files[0].invalid_lines) == (True, 3)


@pytest.mark.parametrize(
    "content",
    [
        "network,is_anonymous,is_anonymous_vpn,is_tor_exit_node\n{0}.1/32,1,1,0\n{0}.2,1,0,1\n{0}.3,1,0,0\n{0}.4,0,0,0\n",
        "start_ip,end_ip,asn,proxy,tor,vpn\n{0}.1,{0}.1,AS1,,,true\n{0}.2,{0}.2,,,true,\n{0}.3,{0}.3,,1,,\n{0}.4,,,,,\n",
    ],
)
def test_a_csv_file_of_flags_is_read(engine: DuckEngine, tmp_path: Path, content: str) -> None:
    path = tmp_path / "flags.csv"
    path.write_text(content.format("203.0.113"), encoding="utf-8")
    labels, facts = _labels(engine, [f"203.0.113.{i}" for i in range(1, 5)], path)
    kinds = {value: row[1] for value, row in labels.items()}
    rest = "anonymizer" if "is_anonymous" in content else "proxy"
    assert kinds == {"203.0.113.1": "vpn", "203.0.113.2": "tor", "203.0.113.3": rest}
    assert facts["files"][0]["invalid_lines"] == 1


@pytest.mark.parametrize("content", ["203.0.113.7\n", '{"prefixes": []}', "network,label\n203.0.113.7,x\n"])
def test_a_list_without_labels_states_which_settings_to_add(tmp_path: Path, content: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r'label = "NAME" and type = "TYPE" .* \[\[references\]\]'):
        read_reference_lists(_settings(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}\n{"a": 2}\n', "it is no one JSON document .*of JSON lines each needs an ip or a network"),
        ("[" * 100_000, "it is no one JSON document"),
        ('{"prefixes": []}', "no network in the JSON document"),
        ('{"prefixes": ["x"]}', r"no valid line; the first is .*list\.txt, network 1: .*found 'x'"),
    ],
)
def test_json_that_is_no_list_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_reference_lists(_named(path))


def test_what_is_not_understood_of_a_plain_line_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("203.0.113.7\n203.0.113.8 hosting\nadd x 192.0.2.1 nomatch\nwww\n", encoding="utf-8")
    (actual,) = read_reference_lists(_named(path)).files
    assert (actual.lines, actual.networks, actual.invalid_lines) == (4, 1, 3)
    assert [line.split(": ")[0] for line in actual.rejected] == [f"{path}:{i}" for i in (2, 3, 4)]


def test_a_wrong_type_of_the_settings_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("203.0.113.7\n", encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"references\[1\]: type: unknown type; known are .*found 'datacenter'"
    ):
        read_reference_lists(_named(path, kind="datacenter"))


def test_a_column_stands_over_the_settings(tmp_path: Path) -> None:
    path = _list(tmp_path, "203.0.113.7,Own,tor", "203.0.113.8,,")
    assert read_reference_lists(_named(path)).entries == [("Own", "tor"), ("Exit", "vpn")]


@pytest.mark.parametrize("n", [1, 40, 9000])
@pytest.mark.parametrize("odd", ["203.0.113.1-203.0.113.2", "AS64500", "2001:db8::1", "nonsense"])
def test_one_odd_line_among_many_spoils_no_other(tmp_path: Path, n: int, odd: str) -> None:
    lines = [f"10.{i >> 8}.{i & 255}.1,net,other" for i in range(n)]
    path = _list(tmp_path, *lines[: n // 2], f"{odd},net,other", *lines[n // 2 :])
    networks = [network for network in _networks(_settings(path)) if network.startswith("10.")]
    assert networks == [f"{line.split(',')[0]}/32" for line in lines]
    (actual,) = read_reference_lists(_settings(path)).files
    assert actual.lines == n + 1
    assert actual.rejected == (
        [f"{path}:{n // 2 + 2}: network is no CIDR, address, range or AS number: found 'nonsense'"]
        if odd == "nonsense" else []
    )  # fmt: skip


def test_what_is_not_used_is_warned_of_with_its_line(engine: DuckEngine, tmp_path: Path) -> None:
    lines = ("203.0.113.0/24,x,datacenter", "203.0.114.0/24,x,residential", "192.0.2.0/24,x,vpn")
    first = _list(tmp_path, *lines, name="first.csv")
    second = _list(tmp_path, "192.0.2.0/24,y,vpn", name="second.csv")
    empty = _list(tmp_path, name="empty.csv")
    facts = _labels(engine, ["192.0.2.1"], first, second, empty)[1]
    rejected, conflicting, *nothing = facts["warnings"]
    assert rejected == (
        f"reference list {first}: 2 of 3 lines rejected; the first is {first}:2: unknown type; known are "
        f"{', '.join(TYPES)}: found 'datacenter'"
    )
    assert conflicting == (
        f"reference list {second}: 1 lines contradict earlier ones; the first is {second}:2: 192.0.2.0/24 "
        f"has another label or type in {first}:4, which counts"
    )
    assert nothing == [
        f"reference list {second}: labels none of the 1 addresses in the input",
        f"reference list {empty}: no line names a network, so it labels nothing; check that it is whole",
    ]
    assert [file["labelled"] for file in facts["files"]] == [1, 0, 0]


def test_messages_hide_addresses_where_the_settings_hash_them(tmp_path: Path) -> None:
    path = _list(
        tmp_path, "203.0.113.7/24,x,vpn", "203.0.114.0/24,x,vpn", "203.0.114.0/24,y,vpn", "a,b,203.0.113.9"
    )
    hashing = Settings(references=(Reference(str(path)),), pseudonymize=Pseudonymize(("IP",), "key"))
    (actual,) = read_reference_lists(hashing).files
    assert [actual.invalid_lines, actual.conflicts] == [2, 1]
    assert not [
        line for line in actual.rejected + actual.conflicting if "203.0" in line.removeprefix(str(path))
    ]
    path.write_text("203.0.113.7/24\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected a header") as caught:
        read_reference_lists(hashing)
    assert "203.0" not in str(caught.value)


# --- the narrowest of nested ranges, against a slow twin ---------------------------------------------------


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FLOOR = {4: int(ipaddress.ip_address("203.0.112.0")), 6: int(ipaddress.ip_address("2001:db8::"))}


@st.composite
def nested_networks(draw: st.DrawFn) -> Network:
    """A network of at most 4,096 addresses, out of the same 4,096 of its IP version."""
    low = draw(st.integers(0, 4095))
    if draw(st.booleans()):
        return ipaddress.IPv4Network((FLOOR[4] + low, 32)).supernet(new_prefix=draw(st.integers(20, 32)))
    return ipaddress.IPv6Network((FLOOR[6] + low, 128)).supernet(new_prefix=draw(st.integers(116, 128)))


def _addresses_around(networks: Sequence[Network], lows: Sequence[int]) -> list[Address]:
    edges = {int(edge) + d for n in networks for edge in (n[0], n[-1]) for d in (-1, 0, 1)}
    return [
        ipaddress.ip_address(n) for n in edges | {floor + low for low in lows for floor in FLOOR.values()}
    ]


def _narrowest(address: Address, networks: Mapping[Any, str]) -> str | None:
    """The slow twin: try every network."""
    holding = [n for n in networks if n.version == address.version and address in n]
    return networks[max(holding, key=lambda n: n.prefixlen)] if holding else None


@with_settings(max_examples=30, deadline=None)
@given(
    networks=st.lists(nested_networks(), min_size=1, max_size=25, unique=True),
    lows=st.lists(st.integers(0, 4300)),
)
def test_labels_are_those_of_the_slow_twin(
    engine: DuckEngine,
    tmp_path_factory: pytest.TempPathFactory,
    networks: list[Network],
    lows: list[int],
) -> None:
    named = {network: f"net {i}" for i, network in enumerate(networks)}
    path = _list(tmp_path_factory.mktemp("lists"), *(f"{n},{label},other" for n, label in named.items()))
    addresses = _addresses_around(networks, lows)
    expected = {str(a): label for a in addresses if (label := _narrowest(a, named)) is not None}
    labels, _ = _labels(engine, [str(address) for address in addresses], path)
    assert {value: actual[0] for value, actual in labels.items()} == expected


@with_settings(max_examples=200, deadline=None)
@given(networks=st.lists(nested_networks(), max_size=25, unique=True))
def test_flattened_ranges_are_disjoint_and_cover_the_same(
    networks: list[Network],
) -> None:
    for version in (4, 6):
        pile = Pile(version)
        of_version = [n for n in networks if n.version == version]
        for i, network in enumerate(of_version):
            pile.add(networks_of(str(network))[0], i, i)
        actual = flatten(pile)
        edges = [_whole(actual.first, i) for i in range(len(actual.entries))]
        ends = [_whole(actual.last, i) for i in range(len(actual.entries))]
        assert all(first <= last for first, last in zip(edges, ends, strict=True))
        assert all(ends[i] < edges[i + 1] for i in range(len(edges) - 1))
        merged: list[Network] = list(ipaddress.collapse_addresses(of_version))  # type: ignore[type-var] # of one version
        n_held = sum(last - first + 1 for first, last in zip(edges, ends, strict=True))
        assert n_held == sum(n.num_addresses for n in merged)


def _whole(halves: tuple[Any, Any], at: int) -> int:
    return int(halves[0][at]) << 64 | int(halves[1][at])


# --- MaxMind-format files ----------------------------------------------------------------------------------


def _encoded(told: object) -> bytes:
    """A value of the MaxMind DB data section (the format's specification, version 2.0)."""
    if isinstance(told, bytes):
        return told  # encoded already
    if isinstance(told, dict):
        return bytes([7 << 5 | len(told)]) + b"".join(_encoded(k) + _encoded(v) for k, v in told.items())
    if isinstance(told, list):
        return bytes([len(told), 11 - 7]) + b"".join(map(_encoded, told))
    if isinstance(told, bool):
        return bytes([told, 14 - 7])
    if isinstance(told, int):
        return bytes([6 << 5 | 4]) + struct.pack(">I", told)
    text = str(told).encode()
    size = bytes([2 << 5 | len(text)]) if len(text) < 29 else bytes([2 << 5 | 29, len(text) - 29])
    return size + text


def _uint16(told: int) -> bytes:
    return bytes([5 << 5 | 2]) + struct.pack(">H", told)


def _mmdb(path: Path, records: Mapping[str, object], ip_version: int = 6) -> Path:
    """Write a database: a binary tree of 32-bit records over the bits of an address, then the data."""
    tree: list[list[int | None]] = [[None, None]]
    data = b""
    for network, record in sorted(
        records.items(), key=lambda actual: ipaddress.ip_network(actual[0]).prefixlen
    ):
        actual = ipaddress.ip_network(network)
        bits = f"{int(actual[0]):0{actual.max_prefixlen}b}"[: actual.prefixlen]
        bits = "0" * 96 + bits if actual.version == 4 and ip_version == 6 else bits
        node = 0
        for bit in map(int, bits[:-1]):
            if (inner := tree[node][bit]) is None or inner < 0:
                tree.append([inner, inner])  # a wider network goes on in both halves
                inner = tree[node][bit] = len(tree) - 1
            node = inner
        tree[node][int(bits[-1])] = -1 - len(data)
        data += _encoded(record)
    n = len(tree)
    pointers = [n if to is None else n + 16 - 1 - to if to < 0 else to for node in tree for to in node]
    metadata = {
        "binary_format_major_version": _uint16(2),
        "binary_format_minor_version": _uint16(0),
        "build_epoch": bytes([8, 9 - 7]) + struct.pack(">Q", 1),
        "database_type": "Test",
        "description": {"en": "test"},
        "ip_version": _uint16(ip_version),
        "languages": ["en"],
        "node_count": n,
        "record_size": _uint16(32),
    }
    body = struct.pack(f">{2 * n}I", *pointers) + bytes(16) + data
    path.write_bytes(body + b"\xab\xcd\xefMaxMind.com" + _encoded(metadata))
    return path


def _asn(number: int) -> dict[str, object]:
    return {"autonomous_system_number": number, "autonomous_system_organization": "Example"}


def _country(code: str) -> dict[str, object]:
    return {"country": {"iso_code": code, "names": {"en": "Somewhere"}}}


def test_databases_show_network_operator_and_country(engine: DuckEngine, tmp_path: Path) -> None:
    asns = {"203.0.113.0/24": _asn(64500), "203.0.113.128/25": _asn(64501), "2001:db8::/32": _asn(64502)}
    countries = {"203.0.112.0/23": _country("DE"), "2001:db8:1::/48": _country("FR")}
    paths = (_mmdb(tmp_path / "asn.mmdb", asns), _mmdb(tmp_path / "country.MMDB", countries))
    addresses = ["203.0.112.9", "203.0.113.1", "203.0.113.2", "203.0.113.200", "2001:db8::1", "2001:db8:1::1"]
    labels, facts = _labels(engine, [*addresses, "198.51.100.1", "2001:db9::"], *paths)
    assert labels == {
        "203.0.112.9": (None, None, None, "DE"),
        "203.0.113.1": (None, None, "AS64500", "DE"),
        "203.0.113.2": (None, None, "AS64500", "DE"),
        "203.0.113.200": (None, None, "AS64501", "DE"),
        "2001:db8::1": (None, None, "AS64502", None),
        "2001:db8:1::1": (None, None, "AS64502", "FR"),
    }
    assert facts["addresses"] == {"known": 6, "labelled": 0, "with_asn": 5, "with_country": 5}
    assert [file["database_type"] for file in facts["files"]] == ["Test", "Test"]


def test_an_autonomous_system_labels_what_no_range_holds(engine: DuckEngine, tmp_path: Path) -> None:
    database = _mmdb(tmp_path / "asn.mmdb", {"203.0.113.0/24": _asn(64500), "192.0.2.0/24": _asn(64501)})
    path = _list(tmp_path, "AS64500,Example Net,hosting", "203.0.113.7,Exit,tor", "as64999,Other,vpn")
    labels, facts = _labels(engine, ["203.0.113.6", "203.0.113.7", "192.0.2.1"], path, database)
    assert labels == {
        "203.0.113.6": ("Example Net", "hosting", "AS64500", None),
        "203.0.113.7": ("Exit", "tor", "AS64500", None),
        "192.0.2.1": (None, None, "AS64501", None),
    }
    assert facts["asns"] == 2


def test_the_first_database_that_knows_is_believed(engine: DuckEngine, tmp_path: Path) -> None:
    first = _mmdb(tmp_path / "first.mmdb", {"203.0.113.0/25": _country("DE")})
    second = _mmdb(tmp_path / "second.mmdb", {"203.0.113.0/24": {"country": "FR", "asn": "AS64500"}})
    labels, _ = _labels(engine, ["203.0.113.1", "203.0.113.200"], first, second)
    assert labels["203.0.113.1"][2:] == ("AS64500", "DE")
    assert labels["203.0.113.200"][2:] == ("AS64500", "FR")


def test_a_database_of_ipv4_only_leaves_ipv6_alone(engine: DuckEngine, tmp_path: Path) -> None:
    path = _mmdb(tmp_path / "asn.mmdb", {"203.0.113.0/24": _asn(64500)}, ip_version=4)
    labels, _ = _labels(engine, ["203.0.113.1", "2001:db8::1"], path)
    assert labels == {"203.0.113.1": (None, None, "AS64500", None)}


@pytest.mark.parametrize(
    "record",
    [{"autonomous_system_number": 0}, {"country": {"iso_code": "Germany"}}, {"country": {}}, {}, "text", [1]],
)
def test_records_that_state_nothing_of_use_are_passed_over(
    engine: DuckEngine, tmp_path: Path, record: object
) -> None:
    path = _mmdb(tmp_path / "odd.mmdb", {"203.0.113.0/24": record})
    assert _labels(engine, ["203.0.113.1"], path)[0] == {}


@pytest.mark.parametrize(
    ("record", "label", "label_type"),
    [
        ({"is_anonymous": True, "is_anonymous_vpn": True, "is_hosting_provider": True}, "VPN", "vpn"),
        ({"is_anonymous": True, "is_tor_exit_node": True}, "Tor exit", "tor"),
        ({"is_hosting_provider": True}, "hosting provider", "hosting"),
        ({"is_anonymous": True, "is_hosting_provider": True}, "hosting provider", "hosting"),
        ({"is_anonymous": True, "is_public_proxy": True}, "public proxy", "proxy"),
        ({"is_anonymous": True, "is_residential_proxy": True}, "residential proxy", "residential_proxy"),
        ({"is_anonymous": True}, "anonymizer", "anonymizer"),
        ({"anonymizer": {"is_anonymous_vpn": True, "provider_name": "Some VPN"}}, "Some VPN", "vpn"),
        ({"traits": {"is_anonymous_proxy": True}}, "public proxy", "proxy"),
        (
            {"vpn": "true", "proxy": "", "tor": "", "relay": "", "hosting": "", "service": "A VPN"},
            "A VPN",
            "vpn",
        ),
        ({"vpn": "false", "tor": "true"}, "Tor exit", "tor"),
        ({"relay": "true"}, "relay", "vpn"),
        (
            {"service": "a seller", "last_seen": "2026-03-01", "percent_days_seen": 12},
            "a seller",
            "residential_proxy",
        ),
        ({"anonymous": {"is_vpn": True, "name": "B VPN"}, "as": {"name": "Net"}}, "B VPN", "vpn"),
        ({"carrier": {"name": "C", "mcc": "262", "mnc": "01"}}, "mobile carrier", "carrier_nat"),
        ({"is_satellite": True}, "satellite carrier", "carrier_nat"),
        ({"hosting": "true"}, "hosting provider", "hosting"),
        ({"is_vpn": True}, "VPN", "vpn"),
        ({"connection_type": "Cellular"}, "mobile carrier", "carrier_nat"),
        ({"traits": {"user_type": "college"}}, "campus", "campus"),
        ({"traits": {"user_type": "router", "connection_type": "Corporate"}}, None, None),
        ({"is_anonymous": False, "vpn": "", "connection_type": "Cable/DSL"}, None, None),
    ],
)
def test_a_database_of_anonymous_addresses_labels_them(
    engine: DuckEngine, tmp_path: Path, record: dict[str, object], label: str | None, label_type: str | None
) -> None:
    path = _mmdb(tmp_path / "x.mmdb", {"203.0.113.0/24": record | _asn(64500), "2001:db8::/32": record})
    labels, facts = _labels(engine, ["203.0.113.1", "2001:db8::1"], path)
    assert labels["203.0.113.1"] == (label, label_type, "AS64500", None)
    assert labels.get("2001:db8::1", (None, None, None, None)) == (label, label_type, None, None)
    assert facts["files"][0]["labelled"] == (2 if label else 0)


def test_an_enterprise_database_is_read_with_its_parts(engine: DuckEngine, tmp_path: Path) -> None:
    record = {
        "country": {"iso_code": "DE"},
        "traits": {"autonomous_system_number": 64500, "user_type": "cellular"},
    }
    path = _mmdb(tmp_path / "x.mmdb", {"203.0.113.0/24": record})
    labels, _ = _labels(engine, ["203.0.113.1"], path)
    assert labels["203.0.113.1"] == ("mobile carrier", "carrier_nat", "AS64500", "DE")


def test_a_name_of_a_country_does_not_hide_its_code(engine: DuckEngine, tmp_path: Path) -> None:
    path = _mmdb(tmp_path / "x.mmdb", {"203.0.113.0/24": {"country": "Germany", "country_code": "DE"}})
    assert _labels(engine, ["203.0.113.1"], path)[0]["203.0.113.1"] == (None, None, None, "DE")


def test_a_list_stands_over_a_database_and_that_over_an_autonomous_system(
    engine: DuckEngine, tmp_path: Path
) -> None:
    record = _asn(64500) | {"is_tor_exit_node": True}
    path = _mmdb(tmp_path / "x.mmdb", {"203.0.113.0/25": record, "203.0.113.128/25": _asn(64500)})
    listed = _list(tmp_path, "203.0.113.7,Own,corporate", "AS64500,Net,hosting")
    labels, _ = _labels(engine, ["203.0.113.7", "203.0.113.8", "203.0.113.200"], listed, path)
    assert [row[1] for row in labels.values()] == ["corporate", "tor", "hosting"]


def test_a_database_that_states_nothing_here_is_warned_of(engine: DuckEngine, tmp_path: Path) -> None:
    path = _mmdb(
        tmp_path / "domain.mmdb", {"203.0.113.0/24": {"domain": "example.org", "traits": {"isp": "x"}}}
    )
    facts = _labels(engine, ["203.0.113.1"], path)[1]
    assert facts["warnings"] == [
        f"reference file {path} (Test): none of its fields is of use here; found domain, traits.isp"
    ]
    facts = _labels(engine, ["192.0.2.1"], path)[1]
    assert facts["warnings"] == [f"reference file {path} (Test): holds none of the 1 addresses in the input"]


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    path.write_bytes(b"not a database")
    with pytest.raises(InputError, match=r"asn\.mmdb: not a MaxMind-format database"):
        read_reference_lists(_settings(path))


def test_a_damaged_database_is_an_error(engine: DuckEngine, tmp_path: Path) -> None:
    path = _mmdb(tmp_path / "asn.mmdb", {"203.0.113.0/24": _asn(64500)})
    whole = path.read_bytes()
    start = whole.index(b"autonomous_system_number") - 2
    path.write_bytes(whole[:start] + b"\xff" * 8 + whole[start + 8 :])
    with pytest.raises(InputError, match=r"asn\.mmdb: damaged"):
        _labels(engine, ["203.0.113.1"], path)


@pytest.mark.slow
@with_settings(max_examples=20, deadline=None)
@given(
    networks=st.lists(nested_networks(), min_size=1, max_size=20, unique=True),
    lows=st.lists(st.integers(0, 4300)),
)
def test_a_database_is_read_as_the_slow_twin_reads_it(
    engine: DuckEngine,
    tmp_path_factory: pytest.TempPathFactory,
    networks: list[Network],
    lows: list[int],
) -> None:
    named = {network: f"AS{i}" for i, network in enumerate(networks, start=64500)}
    records = {str(network): {"asn": asn} for network, asn in named.items()}
    path = _mmdb(tmp_path_factory.mktemp("databases") / "asn.mmdb", records)
    addresses = _addresses_around(networks, lows)
    expected = {str(a): asn for a in addresses if (asn := _narrowest(a, named)) is not None}
    labels, _ = _labels(engine, [str(address) for address in addresses], path)
    assert {value: actual[2] for value, actual in labels.items()} == expected
