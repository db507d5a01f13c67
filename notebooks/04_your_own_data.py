# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
# %% [markdown]
# # Your own data
#
# From a provider's own tables to a result: mapping columns to kinds, reference lists of networks, and
# pseudonyms on ingest. The tables are those of the sample, changed to resemble real ones: other names, local
# times, invalid rows.
#
# **Outputs contain account data.** With pseudonyms on ingest they contain none of the hashed raw values; the
# part on pseudonyms shows it.

# %%
import secrets
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import graphlink
from graphlink.pipeline import check

pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False

SAMPLE = Path("../data/sample")
folder = Path(tempfile.mkdtemp(prefix="graphlink-own-"))  # replace by the folder of your exports

# %% [markdown]
# ## What you have
#
# A log with other column names and local times without a zone, payments with a kind that is not built in
# (`voucher`), and some invalid rows: a full card number, an impossible address, a missing time.

# %%
log = pd.read_csv(SAMPLE / "requests.csv")
local = pd.to_datetime(log["at"]).dt.tz_convert("Europe/Berlin").dt.strftime("%d.%m.%Y %H:%M:%S")
log = log.rename(columns={"account_id": "customer", "ip": "client_ip", "client": "agent", "n": "calls"})
log = log.assign(when=local)[["customer", "when", "client_ip", "agent", "calls"]]
log.loc[[3, 5, 8], "client_ip"] = ["999.1.2.3", "10.0.0.7", "127.0.0.1"]
log.loc[[11, 12], "when"] = ["yesterday", "31.02.2026 10:00:00"]
log.to_csv(folder / "log.csv", index=False)

payments = pd.read_parquet(SAMPLE / "payments.parquet")
payments["voucher"] = [f"SPRING-{i % 97:03d}" if i % 3 == 0 else None for i in range(len(payments))]
payments.loc[payments.index[:2], "card"] = "4111 1111 1111 1111"
payments.to_parquet(folder / "payments.parquet")
log.head(3)

# %% [markdown]
# ## Map it
#
# A settings file maps columns to kinds. `graphlink init FILES...` writes one with suggestions. An open kind
# needs no code, and its match weights are learned; give it a facet, so that it does not count as independent
# of related kinds.

# %%
settings = folder / "graphlink.toml"
settings.write_text(
    """
now = "2026-04-01T00:00:00Z"

[[sources]]
path = "log.csv"
account = "customer"
time = "when"
time_format = "%d.%m.%Y %H:%M:%S"
time_zone = "Europe/Berlin"
count = "calls"
kinds = { ip = "client_ip", client = "agent" }

[[sources]]
path = "payments.parquet"
time = "at"
kinds = { payment = "card", email = "email", voucher = "voucher" }

[kinds.voucher]
facet = "payment"
window_days = 30
""",
    encoding="utf-8",
)
facts = check(settings)
{name: facts[name] for name in facts if not isinstance(facts[name], list | dict)}

# %% [markdown]
# ## Run, and read the rejected rows first
#
# Invalid rows are rejected, not guessed. If one reason has thousands of rows, fix the mapping.

# %%
result = graphlink.run(settings)
result.rejected_rows[["source", "row_number", "column_name", "reason", "detail"]]

# %%
kinds = result.identifiers.groupby("kind")["degree"]
degrees = kinds.describe(percentiles=[0.5, 0.99])[["count", "50%", "99%", "max"]]
degrees

# %%
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for kind, degree in kinds:
    counts = degree.astype(int).value_counts().sort_index()
    at_least = counts[::-1].cumsum()[::-1]
    axes.step(at_least.index, at_least, where="post", marker=".", label=kind.replace("_", " "))
axes.set(
    xscale="log",
    yscale="log",
    xlabel="accounts that hold an identifier (log scale)",
    ylabel="identifiers held by at least so many (log scale)",
    title="How widely each kind is shared",
)
for axis in (axes.xaxis, axes.yaxis):
    axis.set_major_formatter("{x:g}")
_ = axes.legend(title="kind")

# %% [markdown]
# Each line is the complementary cumulative distribution of the degree of a kind. A line that ends far to the
# right is public infrastructure or a placeholder: look up its last values before you trust the kind.

# %% [markdown]
# ## Reference lists
#
# Who operates which networks: routers, VPNs, carriers, campuses, offices. A list moves the estimate of an
# address and labels it in every reason. Knowledge of single identifiers goes into `[[overrides]]`.

# %%
pd.read_csv(SAMPLE / "references.csv").head()

# %%
(folder / "networks.csv").write_bytes((SAMPLE / "references.csv").read_bytes())
with_lists = settings.read_text(encoding="utf-8") + '\n[[references]]\npath = "networks.csv"\n'
settings.write_text(with_lists, encoding="utf-8")
with_references = graphlink.run(settings)
labelled = with_references.identifiers.dropna(subset="label")
labelled[["kind", "value", "degree", "p_exclusive", "label", "label_type"]].head()

# %%
pd.DataFrame(
    {
        "clusters": [len(one.clusters) for one in (result, with_references)],
        "accounts in them": [int(one.clusters["n_accounts"].sum()) for one in (result, with_references)],
        "kinds": [", ".join(sorted(set(one.identifiers["kind"]))) for one in (result, with_references)],
    },
    index=["without lists", "with lists"],
)

# %% [markdown]
# ## Pseudonyms on ingest
#
# The named kinds, and account ids, are hashed with your key before anything is stored. Pseudonyms can't be
# reversed without the key; store it apart from the result. Addresses are looked up in the lists before they
# are hashed, so labels remain.

# %%
key = folder / "key"
key.touch(mode=0o600)
key.write_text(secrets.token_hex(32), encoding="ascii")
hashed = '\n[pseudonymize]\nkinds = ["account", "ip", "email", "payment"]\nkey_file = "key"\n'
settings.write_text(with_lists + hashed, encoding="utf-8")
pseudonymous = graphlink.run(settings)
pseudonymous.identifiers[["kind", "value", "degree", "label"]].sort_values("degree").tail()

# %%
raw = {str(value) for name in ("account_id", "email", "card") for value in payments[name].dropna()}
raw |= set(log["customer"]) | set(log["client_ip"])
kept = [pseudonymous.table(name) for name in ("observations", "identifiers", "accounts", "evidence")]
texts = {
    value
    for table in kept
    for name in ("account_id", "account_id_l", "account_id_r", "value")
    if name in table.column_names
    for value in table[name].unique().to_pylist()
}
print(f"{len(raw & texts)} of {len(raw):,} raw values are in the result")
print(f"{len(with_references.clusters)} clusters before, {len(pseudonymous.clusters)} with pseudonyms")

# %% [markdown]
# The key is in this folder only because this is the sample. Remove the files of this notebook:

# %%
for path in folder.iterdir():
    path.unlink()
folder.rmdir()
