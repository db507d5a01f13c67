"""Search as one types, and lists of ids that are pasted."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.view.explorer.asking import bad_request, texts_of
from graphlink.view.explorer.nodes import account_id_of, cluster_id_of, identifier_id, number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from graphlink.view.explorer.asking import Asked
    from graphlink.view.explorer.index import Index, Longs

_MOST_COUNTED = 1_000
_MOST_IDS = 10_000
_MOST_TOLD = 20
_SHORTEST_INSIDE = 3  # letters from which text inside names is searched as well
_MOST_PARSED = 50_000
_ADDRESS_KIND = "ip"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def search(index: Index, asked: Asked) -> dict[str, Any]:
    """What is called, or begins, as the text says."""
    text = asked.text("q").strip()
    limit = asked.integer("limit", 12, 1, 50)
    kind = asked.text("kind")
    found = _ranked(index, text, kind) if text else []
    return {
        "q": text,
        "n": min(len(found), _MOST_COUNTED),
        "is_capped": len(found) >= _MOST_COUNTED,
        "hits": [_hit(index, *one, text) for one in found[:limit]],
    }


def look_up(index: Index, asked: Asked) -> dict[str, Any]:
    """What a pasted list of ids names, and the clusters its accounts are in."""
    told = [text.strip() for text in texts_of(asked.body, "ids", _MOST_IDS)]
    ids = list(dict.fromkeys(text for text in told if text))
    if not ids:
        raise bad_request("ids: give at least one")
    rows: list[dict[str, Any]] = []
    unknown: list[str] = []
    seen = np.zeros(len(index.accounts.names), np.bool_)
    for text in ids:
        kind, number, accounts = _named(index, text)
        if kind == "":
            unknown.append(text)
        else:
            seen[accounts] = True
            rows.append(_lookup_row(index, text, (kind, number), accounts))
    cluster = index.accounts.cluster[seen]
    numbers, counts = np.unique(cluster[cluster >= 0], return_counts=True)
    order = np.lexsort((numbers, -counts))[:_MOST_COUNTED]
    return {
        "rows": rows,
        "clusters": [
            {
                "cluster_id": index.clusters.names[int(numbers[i])],
                "n_found": int(counts[i]),
                "n_accounts": int(index.clusters.rows[numbers[i]]["n_accounts"]),
            }
            for i in order
        ],
        "n_found": len(rows),
        "n_unknown": len(unknown),
        "unknown": unknown,
    }


def holders_of(index: Index, identifier: int) -> Longs:
    """The accounts that hold an identifier: as observed, and as the evidence ties them."""
    o, e = index.observations, index.evidence
    rows = np.flatnonzero(o.identifier == identifier)
    observed = np.searchsorted(o.starts, rows, side="right") - 1
    tied = np.flatnonzero(e.identifier == identifier)
    return np.unique(np.concatenate([observed, e.left[tied], e.right[tied]])).astype(np.int64)


def single_holders(index: Index, text: str) -> list[tuple[str, int]]:
    """Kind and account of each identifier of this value that one account holds alone."""
    o = index.observations
    found: list[tuple[str, int]] = []
    for kinds, values, accounts in o.singles.pieces:
        places = _places_of(values, text.encode("utf-8", "replace"))
        found.extend((o.kinds[kinds[i]], int(accounts[i])) for i in places.tolist())
    return found


def _places_of(values: pa.Array, text: bytes) -> Longs:
    """Where a text is among many in any order, told apart by length, then byte by byte from the end."""
    _, ends, content = values.buffers()
    if content is None or not len(values):
        return np.empty(0, np.int64)
    starts = np.frombuffer(ends, np.int32)[values.offset : values.offset + len(values) + 1]
    letters = np.frombuffer(content, np.uint8)
    places = np.flatnonzero(np.diff(starts) == len(text))
    for back, letter in enumerate(reversed(text), 1):
        if not len(places):
            break
        places = places[letters[starts[places + 1] - back] == letter]
    return places


def _named(index: Index, text: str) -> tuple[str, int, Longs]:
    """What an id names exactly: type, number and accounts; an empty type when nothing."""
    nothing = np.empty(0, np.int64)
    number = index.accounts.names.number(text)
    if number >= 0:
        return "account", number, np.array([number])
    number = index.clusters.names.number(text)
    if number >= 0:
        return "cluster", number, index.clusters.members_of(number).astype(np.int64)
    for kind in index.identifiers.kinds:
        number = index.identifiers.number(kind, text)
        if number >= 0:
            return "identifier", number, holders_of(index, number)
    network = _network(text)
    if network is not None:
        holders = [holders_of(index, number) for number in addresses_in(index, network)[:_MOST_COUNTED]]
        return "network", -1, np.unique(np.concatenate([nothing, *holders]))
    alone = single_holders(index, text)
    if alone:
        return "single", -1, np.array(sorted({account for _, account in alone}))
    return "", -1, nothing


def _lookup_row(index: Index, text: str, what: tuple[str, int], accounts: Longs) -> dict[str, Any]:
    kind, number = what
    ids = index.identifiers
    cluster = np.unique(index.accounts.cluster[accounts])
    ident = {
        "account": lambda: account_id_of(index, number),
        "cluster": lambda: cluster_id_of(index, number),
        "identifier": lambda: identifier_id(index, number),
    }.get(kind, lambda: None)()
    return {
        "q": text,
        "type": "identifier" if kind == "single" else kind,
        "id": ident,
        "kind": ids.kinds[ids.kind[number]] if kind == "identifier" else None,
        "n_accounts": len(accounts),
        "cluster_id": index.clusters.names[int(cluster[0])]
        if len(cluster) == 1 and cluster[0] >= 0
        else None,
        "accounts": index.accounts.names.texts(accounts[:_MOST_TOLD]),
    }


def _ranked(index: Index, text: str, kind: str) -> list[tuple[str, int]]:
    """Type and number of each hit, the best first."""
    found: list[tuple[str, int]] = []
    for exact in (True, False):
        for one in _begun(index, text, kind, exact):
            if len(found) >= _MOST_COUNTED:
                return found
            if exact or not _is_exact(index, one, text):
                found.append(one)
    # Who types a whole name wants that one.
    is_named = bool(found) and (found[0][0] == "network" or _is_exact(index, found[0], text))
    if len(found) < _MOST_TOLD and not is_named and len(text) >= _SHORTEST_INSIDE:
        known = set(found)
        found.extend(one for one in _inside(index, text, kind) if one not in known)
    return found[:_MOST_COUNTED]


def _begun(index: Index, text: str, kind: str, is_exact: bool) -> Iterator[tuple[str, int]]:
    """Hits that are called so, or begin so; of each type the widest held first."""
    for number in _places(index.clusters.names, text, is_exact) if kind in {"", "cluster"} else ():
        yield "cluster", number
    for number in _places(index.accounts.names, text, is_exact) if kind in {"", "account"} else ():
        yield "account", number
    ids = index.identifiers
    for name, (start, stop) in ids.ranges.items():
        if kind in {"", name}:
            yield from (
                ("identifier", n) for n in _widest(index, _places(ids.names, text, is_exact, start, stop))
            )
    if is_exact and kind in {"", _ADDRESS_KIND}:
        yield from _in_network(index, text)
    is_known = index.accounts.names.number(text) >= 0
    if is_exact and index.has("observations") and kind != "account" and not is_known:
        yield from (("single", n) for told, n in single_holders(index, text) if kind in {"", told})


def _places(names: Any, text: str, is_exact: bool, start: int = 0, stop: int | None = None) -> range:
    if not is_exact:
        return names.prefixed(text, start, stop)  # type: ignore[no-any-return]  # either sort of names gives a range
    number = names.number(text, start, stop) if stop is None or stop > start else -1
    return range(number, number + 1) if number >= 0 else range(0)


def _widest(index: Index, numbers: range) -> list[int]:
    degree = index.identifiers.degree[numbers.start : numbers.stop]
    order = np.lexsort((np.arange(len(degree)), -degree))[:_MOST_COUNTED]
    return [numbers.start + int(i) for i in order]


def _is_exact(index: Index, one: tuple[str, int], text: str) -> bool:
    return _text_of(index, *one) == text


def _text_of(index: Index, what: str, number: int) -> str:
    if what == "cluster":
        return index.clusters.names[number]
    if what == "identifier":
        return index.identifiers.names[number]
    return index.accounts.names[number]


def _in_network(index: Index, text: str) -> Iterator[tuple[str, int]]:
    network = _network(text)
    if network is not None:
        yield "network", len(addresses_in(index, network))


def _inside(index: Index, text: str, kind: str) -> Iterator[tuple[str, int]]:
    """Hits that hold the text somewhere, and identifiers whose label does."""
    ids = index.identifiers
    if kind in {"", "account"}:
        yield from (("account", n) for n in index.accounts.names.containing(text))
    start, stop = (0, len(ids.values)) if kind == "" else ids.ranges.get(kind, (0, 0))
    labels = np.array(
        [label is not None and text.lower() in label.lower() for label in ids.labels] or [False]
    )
    labelled = np.flatnonzero(labels[ids.label[start:stop]])[:_MOST_COUNTED] + start if labels.any() else ()
    yield from (("identifier", int(n)) for n in labelled)
    yield from (("identifier", n) for n in ids.names.containing(text, start, stop))


def _network(text: str) -> _Network | None:
    address, slash, _ = text.partition("/")
    if not slash or not address:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def addresses_in(index: Index, network: _Network) -> list[int]:
    """The numbers of the addresses in a network that several accounts hold."""
    start, stop = index.identifiers.ranges.get(_ADDRESS_KIND, (0, 0))
    if stop == start:
        return []
    names = index.identifiers.names
    found: list[int] = []
    for prefix in _text_prefixes(network):
        hits = names.prefixed(prefix, start, stop)
        if _is_whole(network):
            found.extend(hits)
            continue
        numbers = range(hits.start, min(hits.stop, hits.start + _MOST_PARSED))
        texts = names.texts(np.arange(numbers.start, numbers.stop))
        found.extend(n for n, text in zip(numbers, texts, strict=True) if _is_in(text, network))
    return found


def _is_whole(network: _Network) -> bool:
    """Whether the text prefixes say all: IPv4 networks up to /24."""
    return network.version == 4 and network.prefixlen <= 24


def _text_prefixes(network: _Network) -> list[str]:
    """How the addresses of a network begin as text."""
    if network.version == 6:
        first = str(network.network_address).split(":", 1)[0]
        return [f"{first}:"] if network.prefixlen >= 16 else [""]
    n_octets = max(min((network.prefixlen + 7) // 8, 3), 1)
    octets = network.network_address.packed[:n_octets]
    spread = 1 << max(8 * n_octets - network.prefixlen, 0)
    head = "".join(f"{octet}." for octet in octets[:-1])
    return [f"{head}{octets[-1] + i}." for i in range(spread)]


def _is_in(text: str, network: _Network) -> bool:
    try:
        return ipaddress.ip_address(text) in network
    except ValueError:
        return False


def _hit(index: Index, what: str, number: int, text: str) -> dict[str, Any]:
    a, ids = index.accounts, index.identifiers
    told: dict[str, Any] = {
        "type": what, "id": None, "kind": None, "value": None, "account_id": None, "cluster_id": None,
        "facet": None, "n_accounts": 1, "probability": None, "private": None, "label": None,
    }  # fmt: skip
    if what == "cluster":
        name = index.clusters.names[number]
        told |= {"id": f"c:{name}", "cluster_id": name, "value": name}
        told["n_accounts"] = int(index.clusters.rows[number]["n_accounts"])
    elif what == "identifier":
        kind = int(ids.kind[number])
        told |= {
            "id": identifier_id(index, number), "kind": ids.kinds[kind], "value": ids.names[number],
            "facet": ids.facets[kind], "n_accounts": int(ids.degree[number]),
            "private": number_or_none(ids.private[number]), "label": ids.labels[ids.label[number]],
        }  # fmt: skip
    elif what == "network":
        told |= {"kind": _ADDRESS_KIND, "value": text, "n_accounts": number}
    else:
        cluster = int(a.cluster[number])
        told |= {
            "type": "account", "id": account_id_of(index, number), "account_id": a.names[number],
            "value": text if what == "single" else a.names[number],
            "cluster_id": index.clusters.names[cluster] if cluster >= 0 else None,
            "probability": number_or_none(a.probability[number]) if cluster >= 0 else None,
        }  # fmt: skip
    is_exact = what in {"network", "single"} or _is_exact(index, (what, number), text)
    return {**told, "is_exact": is_exact}
