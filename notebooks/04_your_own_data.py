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
# From a provider's own tables to a result: which column is which kind, whose addresses are whose, and
# pseudonyms from the door on. The tables here are the sample's, put in a shape as real ones are: other
# names, local times, rows that are wrong.
#
# **Outputs hold account data.** With pseudonyms from the door on they hold none of the raw values that you
# hash; the part on pseudonyms shows it.

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
folder = Path(tempfile.mkdtemp(prefix="graphlink-own-"))  # yours: the folder of your exports

# %% [markdown]
# ## What you have
#
# A log with other column names and local times without a zone, payments with a kind that graphlink does not
# know (`voucher`), and some rows that are wrong: a full card number, an address that can't be, no time at
# all.

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
# One settings file says which column is which kind. `graphlink init FILES...` writes one with its best
# guesses. A kind of your own starts as an open kind and learns how telling it is; give it a facet so that
# it is not counted as independent of what it hangs together with.

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
found = check(settings)
{name: found[name] for name in found if not isinstance(found[name], list | dict)}

# %% [markdown]
# ## Run, and read what was rejected first
#
# A row that can't be read is rejected, not guessed at. If one reason has thousands of rows, mend the
# mapping.

# %%
result = graphlink.run(settings)
result.rejected_rows[["source", "row_number", "column_name", "reason", "detail"]]

# %%
kinds = result.identifiers.groupby("kind")["degree"]
spread = kinds.describe(percentiles=[0.5, 0.99])[["count", "50%", "99%", "max"]]
spread

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
# Each line falls from the identifiers of a kind that two accounts hold to its most common one. A line that
# ends far to the right is public infrastructure or a placeholder: look its last values up before you trust
# the kind.

# %% [markdown]
# ## Reference lists
#
# Whose addresses are whose: routers, VPNs, carriers, campuses, offices. A list moves what is estimated of
# an address, and names it in every reason. What you know of single identifiers goes into `[[overrides]]`.

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
# ## Pseudonyms from the door on
#
# Named kinds, and the accounts themselves, are hashed with your key before anything is kept. Nothing of the
# result can be turned back without the key; keep it where the result is not. Addresses are looked up in the
# lists before they are hashed, so the labels stay.

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
# The key is here only because this is the sample. Remove what this notebook made:

# %%
for path in folder.iterdir():
    path.unlink()
folder.rmdir()
