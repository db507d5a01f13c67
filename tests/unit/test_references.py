"""Reference lists, their bad lines, .mmdb files and the labels they make."""

from __future__ import annotations

import hashlib
import ipaddress
import itertools
import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from graphlink.engine.duck import DuckEngine
from graphlink.errors import InputError
from graphlink.references import TYPES, flatten, label_identifiers, read_reference_lists
from graphlink.settings import Reference, Settings

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
    rows = engine.rows("SELECT kind, value, label, label_type, asn, country FROM labels")
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
            "invalid_lines": 0,
        }
    ]


def test_labels_are_there_without_any_reference(engine: DuckEngine) -> None:
    labels, facts = _labels(engine, ["203.0.113.1"])
    assert labels == {}
    assert facts["files"] == []
    assert engine.columns("labels") == dict.fromkeys(
        ("kind", "value", "label", "label_type", "asn", "country"), "VARCHAR"
    )
    left = engine.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL")
    assert left == [("addresses",), ("labels",)]


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
    told = "=cmd|' /C calc'!A0, <script>\u202e '; DROP TABLE labels; --"
    path = _list(tmp_path, f'203.0.113.7,"{told}",other')
    assert _labels(engine, ["203.0.113.7"], path)[0]["203.0.113.7"][0] == told


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
        ("203.0.113.0/33,x,vpn", "'203.0.113.0/33' is no CIDR"),
        ("203.0.113.300,x,vpn", "is no CIDR"),
        ("203.0.113.010,x,vpn", "is no CIDR"),
        ("example.org,x,vpn", "'example.org' is no CIDR"),
        ("0.0.0.0/0,x,vpn", "is every address"),
        ("AS0,x,vpn", "number of an autonomous system"),
        ("AS99999999999,x,vpn", "number of an autonomous system"),
        (",x,vpn", "is no CIDR"),
        ("203.0.113.0/24,x,proxy", "type 'proxy'; known are router, vpn"),
        ("203.0.113.0/24,x,", "type ''"),
        ("203.0.113.0/24,,vpn", "label: empty"),
        ("203.0.113.0/24,n/a,vpn", "label: placeholder"),
        ("203.0.113.0/24," + "x" * 201 + ",vpn", "label of 201 characters"),
        ("203.0.113.0/24," + "x" * 1_000_000 + ",vpn", "field larger"),
        ("203.0.113.0/24,a\x00b,vpn", "label: nul_byte"),
        ("203.0.113.0/24,4111111111111111,vpn", "label: card_number"),
        ("203.0.113.0/24,x", "2 columns; expected at least 3"),
        ('203.0.113.0/24,"x,vpn', "unexpected end of data"),
        ("198.51.100.0/24,y,hosting", "198.51.100.0/24 has another label or type in"),
        ("\u202e\x1b[31m,x,vpn", "network '\\u202e\\x1b[31m' is no"),
    ],
)
def test_an_invalid_line_is_named_and_spoils_no_other(tmp_path: Path, line: str, reason: str) -> None:
    path = _list(tmp_path, "198.51.100.0/24,x,vpn", line, "192.0.2.0/24,x,vpn")
    lists = read_reference_lists(_settings(path))
    assert len(lists.invalid) == 1
    assert lists.invalid[0].startswith(f"{path}:3: ")
    assert reason in lists.invalid[0]
    assert lists.invalid[0].isprintable()
    assert len(lists.invalid[0]) < 300 + len(str(path))
    assert len(lists.ranges[4]) == 2
    assert lists.files[0]["invalid_lines"] == 1


def test_broken_utf8_spoils_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"network,label,type\n203.0.113.0/24,\xff\xfe,vpn\n192.0.2.0/24,x,vpn\n")
    lists = read_reference_lists(_settings(path))
    assert lists.invalid == [f"{path}:2: label: broken_text; the value is not valid Unicode; export as UTF-8"]


def test_the_same_line_twice_counts_once_and_the_first_of_two_stands(tmp_path: Path) -> None:
    first = _list(tmp_path, "203.0.113.0/24,x,vpn", "203.0.113.0/24,x,vpn", name="first.csv")
    second = _list(tmp_path, "203.0.113.0/24,x,vpn", "203.0.113.0/24,y,vpn", name="second.csv")
    lists = read_reference_lists(_settings(first, second))
    assert [lists.entries[entry] for _, _, entry in lists.ranges[4]] == [("x", "vpn")]
    assert lists.invalid == [
        f"{second}:3: 203.0.113.0/24 has another label or type in {first}:2, which stands"
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
        (b"\xff\xfen\x00e\x00t\x00w\x00o\x00r\x00k\x00\n", "expected a header"),
        (b"PK\x03\x04\x00\x00binary", "expected a header"),
        (b"network,label,type\nx,x,vpn\ny,y,vpn\n", "no valid line; the first is .*list.csv:2: network 'x'"),
    ],
)
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_reference_lists(_settings(path))


@pytest.mark.parametrize("name", ["none.csv", "none.mmdb", "."])
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="mend the path or the rights"):
        read_reference_lists(_settings(tmp_path / name))


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
    assert {value: told[0] for value, told in labels.items()} == expected


@with_settings(max_examples=200, deadline=None)
@given(networks=st.lists(nested_networks(), max_size=25, unique=True))
def test_flattened_ranges_are_disjoint_and_cover_the_same(
    networks: list[Network],
) -> None:
    ranges = [(int(n[0]), int(n[-1]), i) for i, n in enumerate(networks) if n.version == 4]
    segments = flatten(ranges)
    assert all(first <= last for first, last, _ in segments)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(segments))
    merged = ipaddress.collapse_addresses(n for n in networks if n.version == 4)
    assert sum(last - first + 1 for first, last, _ in segments) == sum(n.num_addresses for n in merged)


# --- MaxMind-format files ----------------------------------------------------------------------------------


def _encoded(told: object) -> bytes:
    """A value of the MaxMind DB data section (the format's specification, version 2.0)."""
    if isinstance(told, bytes):
        return told  # encoded already
    if isinstance(told, dict):
        return bytes([7 << 5 | len(told)]) + b"".join(_encoded(k) + _encoded(v) for k, v in told.items())
    if isinstance(told, list):
        return bytes([len(told), 11 - 7]) + b"".join(map(_encoded, told))
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
    for network, record in sorted(records.items(), key=lambda told: ipaddress.ip_network(told[0]).prefixlen):
        told = ipaddress.ip_network(network)
        bits = f"{int(told[0]):0{told.max_prefixlen}b}"[: told.prefixlen]
        bits = "0" * 96 + bits if told.version == 4 and ip_version == 6 else bits
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


def test_databases_tell_network_operator_and_country(engine: DuckEngine, tmp_path: Path) -> None:
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
def test_records_that_say_nothing_of_use_are_passed_over(
    engine: DuckEngine, tmp_path: Path, record: object
) -> None:
    path = _mmdb(tmp_path / "odd.mmdb", {"203.0.113.0/24": record})
    assert _labels(engine, ["203.0.113.1"], path)[0] == {}


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
    assert {value: told[2] for value, told in labels.items()} == expected
