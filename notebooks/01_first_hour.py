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
# # First hour with a result
#
# You have a run in front of you and an hour. This notebook reads it from the top: what was found, how sure
# that is, what was left out, and then one cluster, one pair and one account of it.
#
# **What comes out is a lead, not a verdict.** Honest people share addresses, cards, offices and routers.
#
# **Outputs hold account data.** This file is text without outputs. A copy saved as `.ipynb` has them: clear
# them first, or work on a redacted result (the last part shows how).

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import MaxNLocator

import graphlink
from graphlink.notebook.widget import show_cluster
from graphlink.result.redaction import PROFILES, redact

# Names in the data are chosen by the people under investigation: nothing in them is read as a formula.
pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False

# %% [markdown]
# A result of your own is opened with `graphlink.read_result("result")`. Here the sample is run over: 500
# invented accounts over 30 days.

# %%
result = graphlink.run(Path("../data/sample/graphlink.toml"))
result

# %% [markdown]
# ## What was found
#
# The surest clusters come first. `score` is the mean probability of the accounts to belong, `fdr` the false
# discovery rate: of this cluster and all ranked above it, the expected share of false leads; a cluster that a
# harmless reading also explains counts as false. `also_explained_by` names that reading: one identifier, such
# as a card that a household shares, or a place.

# %%
clusters = result.clusters
clusters[["cluster_id", "n_accounts", "n_core", "score", "hypothesis", "facets", "fdr", "also_explained_by"]]

# %%
shown = clusters.head(15).iloc[::-1]
is_harmless = shown["also_explained_by"].notna()
n_core, n_fringe = (shown[name].astype(int) for name in ("n_core", "n_accounts"))
n_fringe = n_fringe - n_core
figure, axes = plt.subplots(figsize=(8, 0.32 * len(shown) + 1.4), layout="constrained")
axes.barh(shown["cluster_id"], n_core, color="#2563a8", label="core")
axes.barh(shown["cluster_id"], n_fringe, left=n_core, color="#b9c6d6", label="fringe")
axes.barh(
    shown["cluster_id"],
    (n_core + n_fringe).where(is_harmless, 0),
    facecolor="none",
    edgecolor="black",
    hatch="///",
    label="explained by something harmless as well",
)
axes.set(
    xlabel="size (accounts)", ylabel="cluster (surest on top)", title="Clusters by core and fringe accounts"
)
axes.xaxis.set_major_locator(MaxNLocator(integer=True))
_ = axes.legend(loc="lower right")

# %% [markdown]
# The bars show how many accounts each cluster has, and how many of them surely belong (core). Hatched
# clusters may be something harmless: leave them for last.

# %% [markdown]
# ## What was left out
#
# Bad rows are rejected with a reason; values that too many hold make no pairs of their own. Both belong in
# every report of what was found.

# %%
result.rejected_rows.groupby(["column_name", "reason"]).size().rename("rows").reset_index()

# %%
sharing = next(step["facts"] for step in result.manifest["steps"] if step["step"] == "blocking")
pd.DataFrame(sharing["capped"], columns=["kind", "pairs"]).rename(columns={"pairs": "pairs not compared"})

# %%
hubs = result.identifiers.query("is_hub").sort_values("degree", ascending=False)
hubs[["kind", "value", "degree", "p_exclusive", "label"]].head(10)

# %% [markdown]
# ## One cluster
#
# The surest one, in sentences. The pieces add up to the bits of its links.

# %%
cluster = clusters["cluster_id"].iloc[0]
for sentence in graphlink.explain_cluster(result, cluster).sentences:
    print(sentence)

# %%
members = result.members(cluster)
members[["account_id", "probability", "role", "status", "created_at", "closed_at", "n"]]

# %%
seen = result.table("observations", ["account_id", "seen_at", "n"]).to_pandas().dropna()
seen["day"] = seen["seen_at"].dt.floor("D").dt.tz_localize(None)
is_member = seen["account_id"].isin(members["account_id"])
days = pd.date_range(seen["day"].min(), seen["day"].max())
figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
for chosen, label in ((seen[is_member], "this cluster"), (seen[~is_member], "all other accounts")):
    per_day = chosen.groupby("day")["n"].sum().reindex(days, fill_value=0)
    axes.plot(days, per_day / chosen["account_id"].nunique(), label=label)
axes.set(
    xlabel="day (UTC)",
    ylabel="sightings per account and day",
    title="Activity of the cluster beside everybody else's",
)
figure.autofmt_xdate()
_ = axes.legend()

# %% [markdown]
# The lines show how often an account of the cluster, and an account outside it, was seen on each day. Look
# for what people don't do: no weekend, or all busy and all silent on the same days.

# %% [markdown]
# ## One pair, one account
#
# Every link is told from the prior (-12 bits: one pair in 4,096) to its probability, with what speaks
# against it. An account says what holds it in its cluster and what would drop it.

# %%
links = result.links
inside = links[links[["account_id_l", "account_id_r"]].isin(set(members["account_id"])).all(axis=1)]
weakest = inside.sort_values("bits").iloc[0]
for sentence in graphlink.explain_pair(result, weakest["account_id_l"], weakest["account_id_r"]).sentences:
    print(sentence)

# %%
for sentence in graphlink.explain_member(result, members["account_id"].iloc[-1]).sentences:
    print(sentence)

# %% [markdown]
# ## The graph, to show and to share
#
# The drawing stands in a frame that loads nothing and can't reach this notebook. To show it to others,
# redact the result first: everything made from the redacted one, tables and sentences too, holds no raw
# value. A key of your own (32 random bytes in a file, `graphlink.kinds.read_key`) gives the same pseudonyms
# each time.

# %%
show_cluster(result, cluster)

# %%
redacted = redact(result, PROFILES["legal"], key=os.urandom(32))
show_cluster(redacted, redacted.name_of_cluster(cluster))

# %% [markdown]
# Next: `02_suspicion_to_decision.py` takes one cluster to a decision.
