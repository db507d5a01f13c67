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
# You have the result of a run and an hour. This notebook reads it from the top: the clusters, their
# probabilities, what was left out, and then one cluster, one pair and one account.
#
# **What comes out is a lead, not a verdict.** Honest people share addresses, cards, offices and routers.
#
# **Outputs contain account data.** This file is text without outputs. A copy saved as `.ipynb` has them:
# clear them first, or work on a redacted result (the last part shows how).

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import MaxNLocator

import graphlink
from graphlink.notebook.widget import show_cluster

# Names in the data are chosen by the people under investigation: do not render them as formulas.
pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False

# %% [markdown]
# Open your own result with `graphlink.read_result("result")`. This notebook runs on the sample: 500 invented
# accounts over 30 days.

# %%
result = graphlink.run(Path("../data/sample/graphlink.toml"))
result

# %% [markdown]
# ## Clusters
#
# The most certain clusters come first. `score` is the mean membership probability, `fdr` the false
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
    label="harmless reading",
)
axes.set(
    xlabel="size (accounts)",
    ylabel="cluster (most certain on top)",
    title="Clusters by core and fringe accounts",
)
axes.xaxis.set_major_locator(MaxNLocator(integer=True))
_ = axes.legend(loc="lower right")

# %% [markdown]
# The bars show the number of accounts of each cluster, and how many of them are core. Hatched clusters have
# a harmless reading: leave them for last.

# %% [markdown]
# ## What was left out
#
# Bad rows are rejected with a reason; values with too many holders make no candidate pairs. Both belong in
# every report.

# %%
result.rejected_rows.groupby(["column_name", "reason"]).size().rename("rows").reset_index()

# %%
blocking = next(step["facts"] for step in result.manifest["steps"] if step["step"] == "blocking")
pd.DataFrame(blocking["capped"], columns=["kind", "pairs"]).rename(columns={"pairs": "pairs not compared"})

# %%
hubs = result.identifiers.query("is_hub").sort_values("degree", ascending=False)
hubs[["kind", "value", "degree", "p_exclusive", "label"]].head(10)

# %% [markdown]
# ## One cluster
#
# The most certain one, in sentences. Its evidence adds up to the bits of its links.

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
    title="Activity of the cluster and of all other accounts",
)
figure.autofmt_xdate()
_ = axes.legend()

# %% [markdown]
# The lines show how often an account of the cluster, and an account outside it, was seen on each day. Look
# for inhuman patterns: no weekends, or all accounts active and silent on the same days.

# %% [markdown]
# ## One pair, one account
#
# The explanation of a link goes from the prior (-12 bits: one pair in 4,096) to its probability, with the
# evidence against it. That of an account shows its evidence, and what would remove it from its cluster.

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
# The drawing is in a frame that loads nothing and can't access this notebook. Before you show it to others,
# redact the result: everything made from a redacted result, including tables and sentences, contains no raw
# value. Your own key (32 random bytes in a file, `graphlink.kinds.read_key`) gives the same pseudonyms each
# time.

# %%
show_cluster(result, cluster)

# %%
redacted = graphlink.redact(result, "legal", key=os.urandom(32))
show_cluster(redacted, redacted.name_of_cluster(cluster))

# %% [markdown]
# Next: `02_suspicion_to_decision.py` takes one cluster to a decision.
