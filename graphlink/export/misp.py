"""Subgraphs as MISP events, in the core format of MISP (draft-dulaunoy-misp-core-format)."""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from graphlink.core.wording.figures import format_probability
from graphlink.core.wording.findings import finding_of
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphlink.export.subgraph import Subgraph


def _is_network(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


# One namespace of our own, so that the same subgraph gives the same identifiers.
_NAMESPACE = uuid.UUID("b1d6d5a4-5f0e-5a57-8a35-3f3b0c1d2e74")
_SOME_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # where a profile leaves times out
# The object template of an account in the MISP project's misp-objects.
_TEMPLATE = {
    "name": "user-account",
    "meta-category": "misc",
    "template_uuid": "49606b06-22f0-4ac8-8eee-2f12ad46f3d3",
    "template_version": "6",
    "description": "User-account object, defining aspects of user identification",
}
_ADDRESS = ("Network activity", "ip-src")
_TEXT = ("Other", "text")
# Kind to category and type, for values of that form: a redacted value is text.
_TYPES: dict[str, tuple[tuple[str, str], Callable[[str], object]]] = {
    "ip": (_ADDRESS, _is_network),
    "ip_64": (_ADDRESS, _is_network),
    "ip_prefix": (_ADDRESS, _is_network),
    "asn": (("Network activity", "AS"), re.compile(r"AS\d{1,10}").fullmatch),
    "email": (("Social network", "email"), re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch),
    "email_domain": (("Network activity", "domain"), re.compile(r"(?:[\w-]+\.)+[\w-]{2,}").fullmatch),
}
_LOW_THREAT, _ONGOING, _THIS_ORGANISATION, _INHERIT = "3", "1", "0", "5"
_SENTENCES = 12  # reasons in the description


def event_text(subgraph: Subgraph, notes: Sequence[str] = ()) -> str:
    """Make the event of a subgraph: accounts as objects, identifiers as attributes, ties as references.

    Nothing in it is marked for detection (`to_ids`): it is a lead. It is for the receiving organisation only
    until somebody there decides otherwise.

    Args:
        subgraph: What it is made of.
        notes: What was left out and made coarse, in sentences for the description.
    """
    event = _Event(subgraph).made(notes)
    return json.dumps({"Event": event}, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


class _Event:
    """Makes the parts of one event."""

    def __init__(self, subgraph: Subgraph) -> None:
        self._subgraph = subgraph
        times = [row["last_seen"] for row in subgraph.accounts if row.get("last_seen") is not None]
        self._when = max(times, default=_SOME_TIME)
        self._stamp = str(int(self._when.timestamp()))

    def made(self, notes: Sequence[str]) -> dict[str, Any]:
        subgraph = self._subgraph
        identifiers = {(row["kind"], row["value"]): self._identifier(row) for row in subgraph.identifiers}
        accounts = {row["account_id"]: self._account(row) for row in subgraph.accounts}
        for row in rows_of(subgraph.edges):
            account, identifier = accounts[row["account_id"]], identifiers[row["kind"], row["value"]]
            self._refer(account, identifier["uuid"], "uses", f"{row['bits']:+.1f} bits of evidence")
        for row in rows_of(subgraph.links):
            left, right = (accounts[row[f"account_id_{side}"]] for side in "lr")
            probability = format_probability(row["probability"])
            comment = f"{row['bits']:+.1f} bits, probability {probability}, {row['n_facets']} facets"
            self._refer(left, right["uuid"], "related-to", comment)
        about = finding_of(subgraph.cluster).name if subgraph.cluster else "accounts for review"
        return {
            "uuid": self._uuid("event"),
            "info": f"graphlink {subgraph.what} {subgraph.name}: {about}",
            "date": f"{self._when:%Y-%m-%d}",
            "timestamp": self._stamp,
            "published": False,
            "threat_level_id": _LOW_THREAT,
            "analysis": _ONGOING,
            "distribution": _THIS_ORGANISATION,
            "Tag": [{"name": "tlp:amber"}],
            "Attribute": [self._description(notes), *identifiers.values()],
            "Object": list(accounts.values()),
        }

    def _uuid(self, *key: str) -> str:
        """The same id for the same thing in the same subgraph."""
        return str(uuid.uuid5(_NAMESPACE, "\x00".join((self._subgraph.what, self._subgraph.name, *key))))

    def _attribute(
        self, key: tuple[str, ...], kind: tuple[str, str], value: str, comment: str = ""
    ) -> dict[str, Any]:
        category, name = kind
        return {
            "uuid": self._uuid("attribute", *key),
            "category": category,
            "type": name,
            "value": value,
            "comment": comment,
            "to_ids": False,
            "distribution": _INHERIT,
            "timestamp": self._stamp,
        }

    def _description(self, notes: Sequence[str]) -> dict[str, Any]:
        lead = "A lead, not a verdict: honest accounts share addresses, cards and routers too."
        reasons = [
            f"{row['bits']:+.1f} bits: " + " ".join(filter(None, (row["kind"], row["value"], row["detail"])))
            for row in self._subgraph.reasons[:_SENTENCES]
        ]
        return self._attribute(("description",), ("Other", "comment"), "\n".join([lead, *reasons, *notes]))

    def _identifier(self, row: Mapping[str, Any]) -> dict[str, Any]:
        typed, is_of_it = _TYPES.get(row["kind"], (_TEXT, bool))
        kind = typed if is_of_it(row["value"]) else _TEXT
        comment = f"{row['kind']}; {row['bits']:+.1f} bits over {row['n_members']:,} accounts here"
        if row.get("label"):
            comment += f"; listed as {row['label']}"
        return self._attribute(("identifier", row["kind"], row["value"]), kind, row["value"], comment)

    def _account(self, row: Mapping[str, Any]) -> dict[str, Any]:
        account = row["account_id"]
        share = (
            ""
            if row["probability"] is None
            else f", probability to belong {format_probability(row['probability'])}"
        )
        facts = {
            "user-id": ("text", account),
            "description": ("text", f"{row['role']}{share}"),
            "created": ("datetime", _time(row.get("created_at"))),
            "first_login": ("datetime", _time(row.get("first_seen"))),
            "last_login": ("datetime", _time(row.get("last_seen"))),
            "disabled": ("boolean", "True" if row.get("closed_at") is not None else None),
        }
        attributes = [
            {**self._attribute(("account", account, name), ("Other", kind), value), "object_relation": name}
            for name, (kind, value) in facts.items()
            if value is not None
        ]
        return {
            **_TEMPLATE,
            "uuid": self._uuid("account", account),
            "distribution": _INHERIT,
            "timestamp": self._stamp,
            "Attribute": attributes,
            "ObjectReference": [],
        }

    def _refer(self, start: dict[str, Any], end: str, relation: str, comment: str) -> None:
        start["ObjectReference"].append(
            {
                "uuid": self._uuid("reference", start["uuid"], end),
                "object_uuid": start["uuid"],
                "referenced_uuid": end,
                "relationship_type": relation,
                "comment": comment,
                "timestamp": self._stamp,
            }
        )


def _time(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(datetime.UTC).isoformat()
