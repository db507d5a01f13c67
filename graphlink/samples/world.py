"""A planted world as a provider's own tables, with the truth about who operates what."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from graphlink.core.errors import SettingsError
from graphlink.samples.accounts import joined, joined_moments, ordinary_moments
from graphlink.samples.classrooms import lesson_moments
from graphlink.samples.dials import Dials
from graphlink.samples.gateway import KINDS
from graphlink.samples.honest import draw_people
from graphlink.samples.hours import BEGINNING
from graphlink.samples.operators import draw_operators, plan_operators
from graphlink.samples.people import draw_setting
from graphlink.samples.tables import accounts_table, payments_table, requests_table, truth_table
from graphlink.samples.tokens import tokens


@dataclass(frozen=True, slots=True)
class World:
    """The tables of a planted world; times in UTC.

    Attributes:
        accounts: account_id, created_at, closed_at, status, country, plan.
        requests: account_id, at, ip, client, api_key (null at a log-in), n; with the dials `gateway` and
            `time_zones` also tls, user_agent and time_zone; with `facts` model; with `failed_logins` ok.
        payments: account_id, at, card (a fingerprint, not a number), email.
        references: network (CIDR), label, type; covers only some of the shared infrastructure.
        truth: account_id, operator_id, style, taken_over_at (of bought accounts: honest until then).
        end: First moment after the days observed.
    """

    accounts: pa.Table
    requests: pa.Table
    payments: pa.Table
    references: pa.Table
    truth: pa.Table
    end: datetime.datetime

    def observations(self) -> pa.Table:
        """All observations: account_id, kind, value, seen_at, n.

        Kinds are ip, client, api_key, router (for addresses in a listed router's range), payment and email;
        with their dials also tls_fingerprint, user_agent and time_zone.
        """
        requests, payments = self.requests, self.payments.append_column("n", _ones(len(self.payments)))
        named = requests.append_column("router", self._routers())
        columns = {name: name for name in ("ip", "client", "api_key", "router")} | self._gateway_kinds()
        return pa.concat_tables(
            [_long(named, kind, column) for column, kind in columns.items()]
            + [_long(payments, "payment", "card"), _long(payments, "email", "email")]
        )

    def _gateway_kinds(self) -> dict[str, str]:
        """Columns of the request log that dials added, with their kinds."""
        return {column: kind for column, kind in KINDS.items() if column in self.requests.column_names}

    def _facts(self) -> str:
        """The line of the settings that maps the columns which describe calls; empty without them."""
        return 'facts = { model = "model" }\n' if "model" in self.requests.column_names else ""

    def _routers(self) -> pa.Array:
        """Label of the listed router whose range each request's address lies in; null for others."""
        ip = self.requests["ip"].combine_chunks().dictionary_encode()
        distinct = ip.dictionary
        is_v4 = pc.match_substring(distinct, ".")
        octets = pc.list_flatten(pc.split_pattern(distinct.filter(is_v4), ".")).cast(pa.int64()).to_numpy()
        number = np.full(len(distinct), -1, np.int64)
        number[is_v4.to_numpy(zero_copy_only=False)] = octets.reshape(-1, 4) @ (256 ** np.arange(3, -1, -1))
        label = np.full(len(distinct), None, object)
        for row in self.references.to_pylist():
            if row["type"] == "router":
                base, bits = row["network"].split("/")
                first = int(np.dot([int(x) for x in base.split(".")], 256 ** np.arange(3, -1, -1)))
                label[(number >= first) & (number < first + (1 << (32 - int(bits))))] = row["label"]
        return pa.array(label, pa.string()).take(ip.indices)

    def write(self, folder: str | Path, requests_format: str = "parquet") -> Path:
        """Write the tables, and a `graphlink.toml` that maps them, into a folder; gives the settings file.

        Args:
            folder: Made if it is not there; files of the same names are replaced.
            requests_format: parquet or csv, for the request log; the reference list is always CSV.

        Raises:
            SettingsError: The format is neither.
        """
        if requests_format not in ("parquet", "csv"):
            raise SettingsError(f"requests_format: expected parquet or csv, found {requests_format!r}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("accounts", "payments", "truth"):
            pyarrow.parquet.write_table(getattr(self, name), folder / f"{name}.parquet")
        requests = folder / f"requests.{requests_format}"
        if requests_format == "csv":
            at = pc.strftime(
                self.requests["at"].cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ"
            )
            table = self.requests.set_column(1, "at", at)
            pyarrow.csv.write_csv(table, requests, _plain_csv())
        else:
            pyarrow.parquet.write_table(self.requests, requests)
        pyarrow.csv.write_csv(self.references, folder / "references.csv", _plain_csv())
        settings = folder / "graphlink.toml"
        columns = {name: name for name in ("ip", "client", "api_key")} | self._gateway_kinds()
        kinds = ", ".join(f'{kind} = "{column}"' for column, kind in columns.items())
        settings.write_text(
            _SETTINGS.format(
                requests=requests.name, now=self.end.isoformat(), kinds=kinds, facts=self._facts()
            ),
            encoding="utf-8",
        )
        return settings


_SETTINGS = """\
# A planted world, mapped: which columns of which table are which kind of identifier.
now = "{now}"

[[sources]]
path = "{requests}"
account = "account_id"
time = "at"
count = "n"
kinds = {{ {kinds} }}
{facts}
[[sources]]
path = "payments.parquet"
account = "account_id"
time = "at"
kinds = {{ payment = "card", email = "email" }}

[accounts]
path = "accounts.parquet"
attributes = ["country", "plan"]

[[references]]
path = "references.csv"
"""


def _plain_csv() -> pyarrow.csv.WriteOptions:
    return pyarrow.csv.WriteOptions(quoting_style="none")  # no value drawn here has a comma or a quote


def draw_world(seed: int, n_accounts: int, dials: Dials | None = None) -> World:
    """Draw a planted world: the same seed, size and dials give the same tables.

    Args:
        seed: Seed of everything; worlds of two seeds also differ in lease times, pool sizes and the like.
        n_accounts: Accounts, at least 100.
        dials: What the world is like; the default is a hard but fair one.

    Returns:
        Its tables and the truth; `write` makes files and settings to run on them.

    Raises:
        SettingsError: Fewer than 100 accounts.
    """
    if n_accounts < 100:
        raise SettingsError(f"n_accounts: expected 100 or more, found {n_accounts}")
    dials = dials or Dials()
    rng = np.random.default_rng(seed)
    setting = draw_setting(rng, n_accounts, dials)
    plan = plan_operators(rng, n_accounts, dials)
    people = draw_people(setting, n_accounts - plan.n_accounts)
    moments = [ordinary_moments(rng, people, setting.calendar, 0), *lesson_moments(setting, people)]
    farms, farm_moments = draw_operators(setting, plan, len(people))
    everyone = joined([people, *farms])
    seen = joined_moments([*moments, *farm_moments])
    secret = int(rng.integers(1 << 62))
    names = tokens("a-", np.arange(n_accounts), secret)
    order = pc.sort_indices(names)
    return World(
        accounts=accounts_table(everyone, names, setting).take(order),
        requests=requests_table(everyone, seen, names, setting, secret),
        payments=payments_table(everyone, names, setting, secret),
        references=pa.Table.from_pylist(
            [dict(zip(("network", "label", "type"), row, strict=True)) for row in setting.places.listed()],
            pa.schema([("network", pa.string()), ("label", pa.string()), ("type", pa.string())]),
        ),
        truth=truth_table(everyone, names, secret).take(order),
        end=BEGINNING + datetime.timedelta(days=dials.days),
    )


def _ones(n: int) -> pa.Array:
    return pa.array(np.ones(n, np.int64))


def _long(table: pa.Table, kind: str, column: str) -> pa.Table:
    kept = table.filter(pc.is_valid(table[column])) if table[column].null_count else table
    names = ["account_id", "kind", "value", "seen_at", "n"]
    kinds = pa.repeat(kind, len(kept))
    return pa.table([kept["account_id"], kinds, kept[column], kept["at"], kept["n"]], names=names)


def draw_sample() -> World:
    """The small world of data/sample: 500 accounts over 30 days, of which farms hold a sixth."""
    dials = Dials(days=30, moments=4.0, farm_moments=11.0, farm_share=0.17, operator_size=60.0)
    return draw_world(18, 500, dials)
