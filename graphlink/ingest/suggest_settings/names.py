"""Names of columns, as people and programs write them, in one spelling; and what they are names of.

`Created date (UTC)`, `createdDateUTC`, `created-date-utc` and `created.date.utc` are one name. Patterns are
matched against that spelling, whole; the earlier pattern of a list wins.
"""

from __future__ import annotations

import re
import unicodedata

from graphlink.ingest.suggest_settings import foreign_names
from graphlink.kinds import is_known

_WHOSE = (
    "user|customer|member|client|org|organisation|organization|tenant|subscriber|profile|player|consumer|"
    "actor|principal|enduser|end_user|owner|identity|login|workspace|team"
)
# Whom a row is about, the surest first. The last two may be something else, and the comment notes it.
ACCOUNT = (
    r"(x_)?account_?(id|uuid|guid|no|number|name|key)|(x_)?acct_?(id|no|number)?|account",
    rf"(x_)?({_WHOSE})_?(uu|gu)?id|(x_|.*_x_)({_WHOSE})_?id|{foreign_names.ACCOUNT}",
    rf"uid|username|user_name|usename|userid|user_principal_name|remote_user|session_user|auth_user|who|{_WHOSE}",
    rf"(.*_)?(account|acct|{_WHOSE})_?(uu|gu)?(id|name)(_(metadata|hash|hashed))?",
    r"id",
)
SURE_RANKS = 2  # of ACCOUNT, which name nothing else
ROW_ID_RANK = 4  # a row's own id, unless it is a table of accounts

# When a row happened, the likeliest first; a name alone decides nothing, values have to read as times.
TIME = (
    r"(seen|observed)_?at|first_seen(_at)?",
    (
        r"(event|request|log(ged)?(_?in)?|sign_?in|access|activity|action)?_?(time|timestamp|ts|datetime|date_?time)"
        r"(_?(utc|gmt|iso|local|unix|epoch|ms|us|ns|s))?"
    ),
    r"(time|event|log)_(generated|created|received|published|date)|published|generated|ingested|asctime",
    r"(.*_)?(start|begin)(ed)?(_?(at|on|time|timestamp|ts|date|datetime))?(_?(unix_nano|utc|ns|ms))?",
    (
        r"(created|occurred|requested|logged|paid|observed|signed_?up|happened|received)(_?(at|on|time|date|ts))?"
        r"(_(utc|gmt|ms|us|ns|s))?"
    ),
    foreign_names.TIME,
    r"(when|at|date|day|epoch)",
    r"(.*_)?(time|timestamp|ts|datetime|date)(_?(utc|gmt|ms|us|ns|s|unix_nano))?|.*_(at|on)",
)
# Times of something other than the row's event; as the time of a row they would be wrong.
OTHER_TIME = (
    r".*(birth|dob|expir|valid|until|due|next|renew|trial|closed|banned|deleted|suspended|terminated|disabled|"
    r"duration|elapsed|latency|took|timeout|time_?zone).*"
)
END_TIME = r"(.*_)?(end|finish|completion|complete|updated|modified|last)(ed)?(_.*)?"

UNTIL = r"last_seen(_at)?"  # next to a first_seen, of rows that stand for several
MOMENTS = r"(n_)?moments"
COUNT = r"n|count|times|n_?requests|requests|hits|calls|request_count"

# Columns about an identifier that are not the identifier.
_ABOUT = (
    r"(.*_)?(country|city|region|state|zip|postal(_code)?|type|brand|status|version|count|bytes|amount|"
    r"currency|price|verified|enabled|flag|funding|network|exp(iry)?(_.*)?|month|year|last_?4|last_?four|bin|"
    r"name_on_card|holder|language|locale|os|platform|model|vendor|family|score|risk|reason|message|"
    r"error|length|limit|quota|usage|tokens|scope)|(is|has|n|num)_.*"
)
_SERVER = (
    r"(.*_)?(server|dest|destination|dst|upstream|local|host|origin|edge|target|node|pod|backend|listener|"
    r"balancer|proxy_protocol|bind|internal|private)(_.*)?"
)
_IP = r"ip(v[46])?(_?addr(ess)?)?"
_KINDS: tuple[tuple[str, str], ...] = (
    (
        (
            rf"(x_)?(client|source|src|remote|login|signup|sign_?up|request|requester|caller|user|actor|customer|peer|"
            rf"real|true|connecting|cf_connecting)_?{_IP}|{_IP}|x_?forwarded_?for|forwarded_?for|xff"
        ),
        "ip",
    ),
    *foreign_names.KINDS,
    (r"(client|source|src|remote|downstream_remote|caller|peer)_?addr(ess)?|remote_?(host|ip)", "ip"),
    (
        (
            r"(.*_)?(card|payment|pay|instrument|iban|billing)(_(method|instrument|source|account|card))?"
            r"_?(fingerprint|fp|hash|hashed|token|id|instrument)|(.*_)?(card|payment|pay|instrument|iban)"
        ),
        "payment",
    ),
    (r"(.*_)?(ja[34]h?|ja4_?[a-z]*)(_(hash|fp|fingerprint))?", "client"),
    (
        (
            r"(.*_)?(device|fingerprint|user_?agent|client_(hash|fp)|dev)"
            r"(_(id|uuid|hash|fp|fingerprint|original|string))?"
            r"|(.*_)?(device|installation|install|machine|hardware)_?(id|uuid|guid|identifier|token|cookie)"
            r"|agent|ua|client"
        ),
        "client",
    ),
    (r"(.*_)?e_?mail_?domain", "email_domain"),
    (r"(.*_)?e_?mails?(_?addr(ess)?)?(_.*)?", "email"),
    (r"(.*_)?(phone|msisdn|mobile|tel|telephone)(_?(number|no))?", "phone"),
    (r"(.*_)?(api|access)_?(key|token)(_?(id|hash|prefix))?|(key|token)_(id|hash|prefix)|token", "api_key"),
    (r"(router|relay|proxy|referr?er|gateway)(_?(id|name|host))?", "router"),
)
# Of what `client` may be, what names one device: it has its fingerprint and its agent, and not they it.
DEVICE = (
    r"(.*_)?(device|dev|installation|install|machine|hardware)"
    r"(_?(id|uuid|guid|identifier|token|hash|cookie))?"
)
TRUTH = (
    r"operator(_?id)?|truth|ground_?truth|true_?.*|is_?(fraud|farm|abuse|bot)|cluster(_?id)?|community|fraud|"
    r"campaign"
)
NETWORK = ("network", "cidr", "range", "prefix")
_WHEN = r"(_?(at|on|time|date|utc))"
LIFE = {
    "created_at": rf"(account_)?(created|opened|registered|sign(ed)?_?up|joined|creation){_WHEN}*",
    "closed_at": rf"(account_)?(closed|banned|suspended|deleted|terminated|disabled){_WHEN}+",
    "status": r"(account_?)?(status|state)",
}
KIND_COLUMN = (r"kind", r"(identifier|id|attribute|entity|facet)_?type", r"type")
VALUE_COLUMN = (r"value", r"identifier(_?value)?", r"(attribute|entity)(_?value)?")


def plain_name(column: str) -> str:
    """The one spelling of a name: words in lower case with underscores between."""
    text = unicodedata.normalize("NFKC", column)
    # Without accents, which people leave out as they like: Geräte, Téléphone.
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"(?i)\bip(?=v[46])", "ip", text).replace("IPv", "Ipv").replace("eMail", "Email")
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_")


def rank_of(column: str, patterns: tuple[str, ...]) -> int:
    """The number of the first pattern that a name fits; the number of patterns where it fits none."""
    name = plain_name(column)
    return next((i for i, pattern in enumerate(patterns) if re.fullmatch(pattern, name)), len(patterns))


def kind_by_name(column: str) -> str:
    """The kind of identifier that a column is named after; empty when it is named after none."""
    name = plain_name(column)
    if re.fullmatch(_ABOUT, name):
        return ""
    kind = next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, name)), "")
    kind = kind or (name if is_known(name) else "")  # a plugin's
    return "" if kind == "ip" and is_of_server(column) else kind


def is_of_server(column: str) -> bool:
    """Whether a column is about the provider's side of a connection, which everybody shares."""
    name = plain_name(column)
    return bool(re.fullmatch(_SERVER, name)) and not re.fullmatch(r"remote_?host|x_forwarded_host", name)


def is_of_device(column: str) -> bool:
    """Whether a column is named after the device, rather than after what it runs."""
    return bool(re.fullmatch(DEVICE, plain_name(column)))


def is_about(column: str) -> bool:
    """Whether a column is about an identifier without being one, such as the country of a card."""
    return bool(re.fullmatch(_ABOUT, plain_name(column)))
