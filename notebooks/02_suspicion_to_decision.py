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
# # One cluster, from suspicion to decision
#
# An account was banned. Does it belong to a cluster, with what probability, which evidence does that depend
# on, whom would an action hit, and what goes into the file?
#
# **Outputs contain account data.** Clear them before you save a copy as `.ipynb`, or work on the redacted
# result that the last part makes.

# %%
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import graphlink
from graphlink.notebook.plots import plot_timeline, plot_waterfall
from graphlink.notebook.widget import show_cluster
from graphlink.render.escape import shortened
from graphlink.result.redaction import PROFILES

pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False

result = graphlink.run(Path("../data/sample/graphlink.toml"))

# %% [markdown]
# ## Suspicion
#
# Banned accounts and their clusters. We take the account in the largest one.

# %%
banned = result.accounts.query("status == 'banned'")["account_id"]
suspects = result.membership[result.membership["account_id"].isin(banned)].dropna(subset="cluster_id")
sizes = result.clusters.set_index("cluster_id")["n_accounts"]
suspects = suspects.assign(n_accounts=suspects["cluster_id"].map(sizes)).sort_values(
    ["n_accounts", "probability", "account_id"], ascending=[False, False, True]
)
suspects[["account_id", "cluster_id", "probability", "role", "n_accounts"]]

# %%
suspect, cluster = suspects[["account_id", "cluster_id"]].iloc[0]
for sentence in result.explain(suspect).sentences:
    print(sentence)

# %% [markdown]
# ## Why
#
# The evidence of the cluster, and the rival hypotheses.

# %%
why = graphlink.explain_cluster(result, cluster)
for sentence in why.sentences:
    print(sentence)

# %%
pieces = [one for one in why.identifiers if one.bits > 0][:10][::-1]
labels = [f"{one.kind.replace('_', ' ')} {shortened(one.value, 28)}" for one in pieces]
colours = {"network": "#2563a8", "payment": "#1a7f4e", "identity": "#7a4bb3", "client": "#a35a00"}
figure, axes = plt.subplots(figsize=(8, 0.35 * len(pieces) + 1.4), layout="constrained")
axes.barh(range(len(pieces)), [one.bits for one in pieces])
for bar, one in zip(axes.patches, pieces, strict=True):
    bar.set_color(colours.get(one.facet, "#b02a53"))
for facet in dict.fromkeys(one.facet for one in reversed(pieces)):
    axes.bar(0, 0, color=colours.get(facet, "#b02a53"), label=facet)
axes.set_yticks(range(len(pieces)), labels)
axes.set(
    xlabel="evidence over all links of the cluster (bits)",
    ylabel="identifier or joint behaviour",
    title="Evidence of the cluster",
)
_ = figure.legend(loc="outside right upper", title="facet")

# %% [markdown]
# Each bar is the evidence that one identifier, or one joint behaviour, adds to the links of the cluster.
# Several facets of about equal length are harder to explain away than one long bar.

# %%
pd.DataFrame([(one.hypothesis, one.probability) for one in why.rivals], columns=["hypothesis", "probability"])

# %% [markdown]
# The strongest link from the prior to its odds, and when the accounts were opened, used and closed.

# %%
strongest = result.links.merge(
    result.members(cluster)[["account_id"]], left_on="account_id_l", right_on="account_id"
)
strongest = strongest.sort_values(["bits", "account_id_l"], ascending=[False, True]).iloc[0]
_ = plot_waterfall(graphlink.explain_pair(result, strongest["account_id_l"], strongest["account_id_r"]))

# %%
_ = plot_timeline(result, cluster)

# %% [markdown]
# ## What would break it
#
# The minimum evidence whose loss splits the cluster. If that evidence is wrong (an unlisted shared machine,
# a reseller), so is the cluster.

# %%
for sentence in graphlink.find_breaks(result, cluster).sentences:
    print(sentence)

# %% [markdown]
# The strongest identifier may belong to a reseller or to an unlisted router. The cluster recomputed without
# it:

# %%
strongest = next(one for one in why.identifiers if one.value)
for sentence in graphlink.try_without(result, cluster, [(strongest.kind, strongest.value)]).sentences:
    print(sentence)

# %%
for kind in list(dict.fromkeys(one.kind for one in why.identifiers))[:4]:
    changed = graphlink.try_without(result, cluster, kinds=[kind])
    print(f"without {kind}: groups of", [group.n_accounts for group in changed.after] or "none")

# %% [markdown]
# ## Whom would an action hit?
#
# Three actions: close the core accounts, close all of them, or block the strongest identifier. The
# interval includes the case that no single organisation runs the cluster, so that all its accounts are hit
# wrongly.

# %%
members = result.members(cluster)
core = members.query("role == 'core'")["account_id"].tolist()
identifier = (strongest.kind, strongest.value)
actions = {
    "close the core": graphlink.estimate_collateral(result, core),
    "close all members": graphlink.estimate_collateral(result, members["account_id"].tolist()),
    "block the strongest identifier": graphlink.estimate_collateral(result, identifiers=[identifier]),
}
hit = pd.DataFrame(
    {
        name: (one.n_accounts, one.expected_wrong, one.least_wrong, one.most_wrong)
        for name, one in actions.items()
    },
    index=["accounts hit", "expected wrong", "least wrong", "most wrong"],
).T
hit

# %%
wrong = hit["expected wrong"]
error = [wrong - hit["least wrong"].clip(upper=wrong), hit["most wrong"].clip(lower=wrong) - wrong]
figure, axes = plt.subplots(figsize=(9, 3), layout="constrained")
axes.bar(hit.index, hit["accounts hit"], color="#b9c6d6", label="hit")
axes.bar(hit.index, wrong, color="#b02a53", yerr=error, capsize=5, label="of these wrongly (99 % interval)")
axes.set(xlabel="action", ylabel="accounts", title="Whom each action would hit")
_ = figure.legend(loc="outside right upper")

# %% [markdown]
# The grey bars are the accounts that each action hits, the red ones the expected number hit wrongly. Do not
# block an identifier that strangers hold as well, however strong it is.

# %% [markdown]
# ## Look at it

# %%
show_cluster(result, cluster)

# %% [markdown]
# ## Decide, and document the decision
#
# The page for the file is one HTML document that opens offline, with a box to decide and sign. For readers
# who may not see account names, redact **first**; what is made from the redacted result can't contain a raw
# value. Use your own key here, so that the same account has the same pseudonym next time.

# %%
key = os.urandom(32)
folder = Path(tempfile.mkdtemp(prefix="graphlink-review-"))  # replace by the folder of the case
for name in ("review.html", "review.graphml"):
    result.export(cluster, folder / name, profile="legal", key=key)
for sentence in PROFILES["legal"].sentences():
    print(sentence)

# %% [markdown]
# Check before sending: the files contain no account name of the cluster.

# %%
for path in sorted(folder.iterdir()):
    content = path.read_text(encoding="utf-8")
    assert not any(account in content for account in members["account_id"])
    print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB, no raw account name")

# %% [markdown]
# The same on the command line: `graphlink export RESULT --cluster ID --profile legal --key-file key --out
# review.html`.
