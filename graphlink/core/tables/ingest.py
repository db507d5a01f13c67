"""Tables from the input to pairs of accounts: numbers of names, incidence, kinds and blocks."""

from __future__ import annotations

import dataclasses

from graphlink.core.columns import (
    ACCOUNT_NO,
    FACET,
    FIRST_S,
    IDENTIFIER_NO,
    KIND,
    KIND_NO,
    LAST_S,
    VALUE,
    VALUE_NO,
    WINDOW_NO,
    flag,
    real,
    share,
    text,
    time,
    whole,
)
from graphlink.core.stages import TableSpec

ACCOUNT_NUMBERS = TableSpec(
    "account_numbers",
    "account with its number, counted from 1 in the order of names",
    (ACCOUNT_NO, text("account_id", "Account, as the provider names it.")),
    ("account_no",),
    order=("account_id",),
)

OBSERVED_VALUES = TableSpec(
    "observed_values",
    "observed value with its number",
    (
        whole("place", "Its position in the order of kind and value, from 1."),
        VALUE_NO,
        KIND,
        VALUE,
    ),
    ("value_no",),
    order=("kind", "value"),
)

SIGHTINGS = TableSpec(
    "sightings",
    "account seen with a value at a moment",
    (
        ACCOUNT_NO,
        VALUE_NO,
        time("seen_at", "When; null when the source has no time."),
        whole("n", "How many times at that moment.", wide=True),
    ),
    (),
)

INCIDENCE = TableSpec(
    "incidence",
    "account and value that it was seen with",
    (
        ACCOUNT_NO,
        VALUE_NO,
        time("first_seen", "First sighting."),
        time("last_seen", "Last sighting."),
        whole("n", "Sightings, counted with their n.", wide=True),
        whole("n_rows", "Moments: rows of `sightings`, and those between that a row stands for.", wide=True),
        whole("n_timed", "Those of them with a time.", wide=True),
    ),
    ("account_no", "value_no"),
)

# As read, before reference lists add routers, autonomous systems and countries.
INPUT_VALUES = dataclasses.replace(OBSERVED_VALUES, name="input_values", about="value of the input")
INPUT_SIGHTINGS = dataclasses.replace(
    SIGHTINGS, name="input_sightings", about="account seen with a value of the input at a moment"
)
INPUT_INCIDENCE = dataclasses.replace(
    INCIDENCE, name="input_incidence", about="account and value of the input"
)

ADDRESSES = TableSpec(
    "addresses",
    "distinct IP address in the clear, for the reference lists",
    (text("value", "The address as the kind `ip` cleans it."),),
    ("value",),
)

ADDRESS_NAMES = TableSpec(
    "address_names",
    "IP address with its pseudonym; empty where addresses are not hashed",
    (text("address", "The address in the clear."), text("value", "Its pseudonym.")),
    ("address",),
)

ADDRESS_LABELS = TableSpec(
    "address_labels",
    "IP address in the clear that a reference list or database describes",
    (
        text("kind", "Always `ip`."),
        text("value", "The address."),
        text("label", "Its label; null when on no list.", null=True),
        text("label_type", "Type of the label, such as router or carrier_nat.", null=True),
        text("asn", "Autonomous system; null when not known.", null=True),
        text("country", "Country; null when not known.", null=True),
    ),
    ("value",),
)

IDENTIFIER_LABELS = dataclasses.replace(
    ADDRESS_LABELS,
    name="identifier_labels",
    about="IP address that a reference list describes, hashed where configured",
)

KINDS = TableSpec(
    "kinds",
    "kind of identifier, counted from 0 in the order of names",
    (
        KIND_NO,
        KIND,
        FACET,
        flag("is_declared", "Whether its prior was stated rather than assumed."),
        share(
            "p_exclusive",
            "Prior probability that one operator alone holds a value of two accounts.",
            null=True,
        ),
        real("most_bits", "Maximum bits of a pair.", null=True),
        real("degree_exponent", "Exponent of decay of the odds with degree (0 = none).", null=True),
        whole("window_s", "Seconds of its windows; null when it has none.", wide=True, null=True),
    ),
    ("kind_no",),
    order=("kind",),
)

GENERALIZATIONS = TableSpec(
    "generalizations",
    "kind and a parent kind, such as the network of an address",
    (KIND_NO, whole("wider_no", "Number of the parent kind.")),
    ("kind_no", "wider_no"),
)

SHARED_IDENTIFIERS = TableSpec(
    "shared_identifiers",
    "identifier that at least two accounts hold",
    (
        IDENTIFIER_NO,
        KIND_NO,
        KIND,
        VALUE,
        whole("degree", "Accounts that hold it.", wide=True),
        FIRST_S,
        LAST_S,
        text("label", "Label from a reference list.", null=True),
        text("label_type", "Type of the label.", null=True),
    ),
    ("identifier_no",),
    order=("kind_no", "value"),
)

WINDOW_INCIDENCE = TableSpec(
    "window_incidence",
    "identifier, window and account that held it then",
    (
        IDENTIFIER_NO,
        WINDOW_NO,
        ACCOUNT_NO,
        FIRST_S,
        LAST_S,
        whole("n", "Sightings, counted with their n.", wide=True),
    ),
    ("identifier_no", "window_no", "account_no"),
)

BLOCKS = TableSpec(
    "blocks",
    "identifier and window in which at least two accounts held it",
    (IDENTIFIER_NO, WINDOW_NO, whole("degree", "Accounts that held it then.", wide=True)),
    ("identifier_no", "window_no"),
)

ACCOUNT_KINDS = TableSpec(
    "account_kinds",
    "account and kind that it was seen with",
    (ACCOUNT_NO, KIND_NO, flag("is_single", "Whether it has only one value of the kind.")),
    ("account_no", "kind_no"),
)

KIND_SIZES = TableSpec(
    "kind_sizes",
    "kind that some account was seen with",
    (
        KIND_NO,
        whole("n_accounts", "Accounts seen with it.", wide=True),
        whole("n_single", "Those of them with one value only.", wide=True),
    ),
    ("kind_no",),
)

NETWORKS = TableSpec(
    "networks",
    "shared IP address whose network is shared as well",
    (IDENTIFIER_NO, whole("network_no", "Number of the identifier of its network.")),
    ("identifier_no",),
)
