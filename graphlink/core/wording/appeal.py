"""Facts about one account for a statement of reasons: what its holder can contest, without scores."""

from __future__ import annotations

from graphlink.core.wording.figures import counted

_KINDS = {
    "api_key": "API key",
    "asn": "network of one provider",
    "client": "client software",
    "email": "mail address",
    "email_domain": "mail domain",
    "ip": "IP address",
    "ip_64": "IPv6 network (/64)",
    "ip_prefix": "IP network",
    "payment": "payment instrument",
    "phone": "phone number",
    "router": "third-party router",
}
_BEHAVIOURS = {
    "crew_beat": "started sessions at the same moments as {others}",
    "load_balancing": "sent requests in turn with {others}",
    "lockstep": "started and ended sessions at the same moments as {others}",
    "replacement": "used a place at which accounts that were closed for abuse were replaced, as did {others}",
    "signup_burst": "was opened in one burst with {others}",
    "succession": "became active as sessions of {others} ended",
}
NOT_USED = "The content of requests and responses was not used."
AUTOMATED = (
    "Software that compares account metadata selected the accounts for review. Add who examined the evidence "
    "and decided, and whether that was a person."
)


def kind_in_words(kind: str) -> str:
    """A kind of identifier as a holder of an account reads it."""
    return _KINDS.get(kind, kind.replace("_", " "))


def shared_fact(kind: str, n_others: int, first: str, last: str) -> str:
    """That an account used an identifier that others used too, without its value.

    Args:
        kind: The kind of the identifier.
        n_others: How many other accounts.
        first: The first day on which the account itself used it; empty where not known.
        last: The last day.
    """
    others = counted(n_others, "other account")
    return f"This account used this {kind_in_words(kind)}{_between(first, last)}, and so did {others}:"


def behaviour_fact(kind: str, n_others: int, first: str, last: str) -> str:
    """That an account behaved jointly with others, on days on which it was there itself."""
    fallback = f"shows the behaviour {kind.replace('_', ' ')} with {{others}}"
    behaved = _BEHAVIOURS.get(kind, fallback).format(others=counted(n_others, "other account"))
    return f"This account {behaved}{_between(first, last)}."


def opened_fact(opened: str, closed: str) -> str:
    """That an account was opened soon after another of the same accounts was closed for abuse."""
    when = "on the same day" if opened == closed else f"on {closed}"
    return (
        f"This account was opened on {opened}, within 3 days after another of these accounts was closed for "
        f"abuse {when}."
    )


def _between(first: str, last: str) -> str:
    if not first:
        return ""
    return f" on {first}" if first == last else f" between {first} and {last}"
