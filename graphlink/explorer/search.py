"""Search as one types, and lists of ids that are pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.addresses import network_of
from graphlink.explorer.index.arrow import arrow_texts
from graphlink.explorer.index.columns import numbers_in
from graphlink.explorer.index.identifiers import ADDRESS_KIND
from graphlink.explorer.index.runs import gathered
from graphlink.explorer.nodes import account_id_of, cluster_id_of, identifier_id, number_or_none
from graphlink.explorer.query import bad_request, texts_of, too_much

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.holders import Holders
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.index.observations import Observations
    from graphlink.explorer.query import Query
    from graphlink.explorer.work import Work

    _Named = tuple[str, int, Longs]

_MOST_COUNTED = 1_000
_MOST_IDS = 10_000
_MOST_NAMED = 20
_SHORTEST_INSIDE = 3  # letters from which text inside names is searched as well


def search(index: Index, query: Query) -> dict[str, Any]:
    """Names that equal the text or begin with it."""
    text = query.text("q").strip()
    limit = query.integer("limit", 12, 1, 50)
    kind = query.text("kind")
    hits = _ranked(index, text, kind) if text else []
    return {
        "q": text,
        "n": min(len(hits), _MOST_COUNTED),
        "is_capped": len(hits) >= _MOST_COUNTED,
        "hits": [_hit(index, *one, text) for one in hits[:limit]],
    }


def look_up(index: Index, query: Query) -> dict[str, Any]:
    """What a pasted list of ids names, and the clusters its accounts are in."""
    texts = [text.strip() for text in texts_of(query.body, "ids", _MOST_IDS)]
    ids = list(dict.fromkeys(text for text in texts if text))
    if not ids:
        raise bad_request("ids: give at least one")
    rows: list[dict[str, Any]] = []
    unknown: list[str] = []
    seen = np.zeros(len(index.accounts.names), np.bool_)
    for text, (kind, number, accounts) in zip(ids, _all_named(index, ids, query.work), strict=True):
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


def single_holders(observations: Observations, text: str) -> list[tuple[str, int]]:
    """Kind and account of each identifier of this value that one account holds alone."""
    holders: list[tuple[str, int]] = []
    for kinds, values, accounts in observations.singles.batches:
        places = _places_of(values, text.encode("utf-8", "replace"))
        holders.extend((observations.kinds[kinds[i]], int(accounts[i])) for i in places.tolist())
    return holders


def _places_of(values: pa.Array, text: bytes) -> Longs:
    """Where a text is among many in any order, distinguished by length, then byte by byte from the end."""
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


def _all_named(index: Index, ids: list[str], work: Work) -> Iterator[_Named]:
    """What each id names exactly; an empty type when nothing.

    Identifiers of one account alone are searched once for all ids, since they are not sorted.
    """
    nothing = np.empty(0, np.int64)
    plain = [_plainly_named(index, text) for text in ids]
    networks = [None if named else network_of(text) for text, named in zip(ids, plain, strict=True)]
    rest = [text for text, named, net in zip(ids, plain, networks, strict=True) if not named and net is None]
    alone = _all_single_holders(index.observations, rest, work) if rest else {}
    for i, (text, named, network) in enumerate(zip(ids, plain, networks, strict=True)):
        if named:
            what, number = named
            yield what, number, _accounts_of(index, what, number, work, (i, len(ids)))
        elif network is not None:
            inside = index.addresses.inside(network)
            yield "network", -1, _holders_of_all(index.holders, inside, work, (i, len(ids)))
        else:
            yield ("single", -1, alone[text]) if text in alone else ("", -1, nothing)


def _plainly_named(index: Index, text: str) -> tuple[str, int] | None:
    """Type and number of the account, cluster or identifier that is called so."""
    for what, names in (("account", index.accounts.names), ("cluster", index.clusters.names)):
        number = names.number(text)
        if number >= 0:
            return what, number
    for kind in index.identifiers.kinds:
        number = index.identifiers.number(kind, text)
        if number >= 0:
            return "identifier", number
    return None


def _accounts_of(index: Index, what: str, number: int, work: Work, place: tuple[int, int]) -> Longs:
    if what == "account":
        return np.array([number])
    if what == "cluster":
        return index.clusters.members_of(number).astype(np.int64)
    return _holders_of_all(index.holders, np.array([number]), work, place)


def _holders_of_all(holders: Holders, identifiers: Longs, work: Work, place: tuple[int, int]) -> Longs:
    """The accounts that hold any of several identifiers.

    Args:
        holders: Who holds each identifier.
        identifiers: Their numbers.
        work: What may be spent; each holder of each identifier costs one.
        place: How many ids were looked up before this one, and how many there are.
    """
    if not work.spend(holders.n_of(identifiers)):
        raise too_much(
            f"ids: {place[0]:,} of {place[1]:,} were looked up within the limit of {work.most:,} holders; "
            "look up fewer at once, or narrower networks"
        )
    return np.unique(holders.accounts[gathered(holders.starts, identifiers)[0]]).astype(np.int64)


def _all_single_holders(observations: Observations, texts: list[str], work: Work) -> dict[str, Longs]:
    """The accounts that hold an identifier of each value alone, in one pass over all such identifiers."""
    wanted = arrow_texts(texts)
    by_text: dict[str, set[int]] = {}
    for _, values, holders in observations.singles.batches:
        work.spend()
        place = numbers_in(values, wanted)
        rows = np.flatnonzero(place >= 0)
        for i, account in zip(place[rows].tolist(), holders[rows].tolist(), strict=True):
            by_text.setdefault(texts[i], set()).add(account)
    return {text: np.array(sorted(held)) for text, held in by_text.items()}


def _lookup_row(index: Index, text: str, what: tuple[str, int], accounts: Longs) -> dict[str, Any]:
    kind, number = what
    ids = index.identifiers
    cluster = np.unique(index.accounts.cluster[accounts])
    ident = {
        "account": lambda: account_id_of(index.accounts, number),
        "cluster": lambda: cluster_id_of(index.clusters, number),
        "identifier": lambda: identifier_id(index.identifiers, number),
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
        "accounts": index.accounts.names.texts(accounts[:_MOST_NAMED]),
    }


def _ranked(index: Index, text: str, kind: str) -> list[tuple[str, int]]:
    """Type and number of each hit, the best first."""
    hits: list[tuple[str, int]] = []
    for exact in (True, False):
        for one in _begun(index, text, kind, exact):
            if len(hits) >= _MOST_COUNTED:
                return hits
            if exact or not _is_exact(index, one, text):
                hits.append(one)
    # Who types a whole name wants that one.
    is_named = bool(hits) and (hits[0][0] == "network" or _is_exact(index, hits[0], text))
    if len(hits) < _MOST_NAMED and not is_named and len(text) >= _SHORTEST_INSIDE:
        known = set(hits)
        hits.extend(one for one in _inside(index, text, kind) if one not in known)
    return hits[:_MOST_COUNTED]


def _begun(index: Index, text: str, kind: str, is_exact: bool) -> Iterator[tuple[str, int]]:
    """Hits that are called so, or begin so; of each type the widest held first."""
    if kind in {"", "cluster"}:
        yield from (("cluster", n) for n in _places(index.clusters.names, text, is_exact))
    if kind in {"", "account"}:
        yield from (("account", n) for n in _places(index.accounts.names, text, is_exact))
    ids = index.identifiers
    for name, (start, stop) in ids.ranges.items():
        if kind in {"", name}:
            places = _places(ids.names, text, is_exact, start, stop)
            yield from (("identifier", n) for n in _widest(index, places))
    if is_exact and kind in {"", ADDRESS_KIND}:
        yield from _in_network(index, text)
    if is_exact and kind != "account" and index.has_observations:
        yield from _held_alone(index, text, kind)


def _held_alone(index: Index, text: str, kind: str) -> Iterator[tuple[str, int]]:
    """The accounts that hold an identifier of this value alone; none where an account itself is called so."""
    if index.accounts.names.number(text) < 0:
        holders = single_holders(index.observations, text)
        yield from (("single", account) for name, account in holders if kind in {"", name})


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
    network = network_of(text)
    if network is not None:
        yield "network", len(index.addresses.inside(network))


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


def _hit(index: Index, what: str, number: int, text: str) -> dict[str, Any]:
    a, ids = index.accounts, index.identifiers
    hit: dict[str, Any] = {
        "type": what, "id": None, "kind": None, "value": None, "account_id": None, "cluster_id": None,
        "facet": None, "n_accounts": 1, "probability": None, "p_exclusive": None, "label": None,
    }  # fmt: skip
    if what == "cluster":
        name = index.clusters.names[number]
        hit |= {"id": f"c:{name}", "cluster_id": name, "value": name}
        hit["n_accounts"] = int(index.clusters.rows[number]["n_accounts"])
    elif what == "identifier":
        kind = int(ids.kind[number])
        hit |= {
            "id": identifier_id(ids, number), "kind": ids.kinds[kind], "value": ids.names[number],
            "facet": ids.facets[kind], "n_accounts": int(ids.degree[number]),
            "p_exclusive": number_or_none(ids.p_exclusive[number]), "label": ids.labels[ids.label[number]],
        }  # fmt: skip
    elif what == "network":
        hit |= {"kind": ADDRESS_KIND, "value": text, "n_accounts": number}
    else:
        cluster = int(a.cluster[number])
        hit |= {
            "type": "account", "id": account_id_of(index.accounts, number), "account_id": a.names[number],
            "value": text if what == "single" else a.names[number],
            "cluster_id": index.clusters.names[cluster] if cluster >= 0 else None,
            "probability": number_or_none(a.probability[number]) if cluster >= 0 else None,
        }  # fmt: skip
    is_exact = what in {"network", "single"} or _is_exact(index, (what, number), text)
    return {**hit, "is_exact": is_exact}
