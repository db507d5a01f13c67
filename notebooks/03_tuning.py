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
# # Tuning: kinds, thresholds and the calibration curve
#
# Which kinds of identifier matter for the result, where to set the thresholds, and whether a probability of
# 0.9 means nine in ten. All of it needs accounts whose operator is known: closed cases. Here the planted
# truth of the sample replaces them.
#
# Tune on some cases and measure on others: tuning and measuring on the same 500 accounts overfits.
#
# **Outputs contain account data.** The tables and plots here are counts, but clear the outputs before you
# save a copy of a notebook that lists accounts.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import graphlink
from graphlink.notebook.plots import plot_calibration, plot_sweep

pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False

SAMPLE = Path("../data/sample")
truth = pd.read_parquet(SAMPLE / "truth.parquet")
base = graphlink.read_settings(SAMPLE / "graphlink.toml")


def run_and_measure(**changes):
    """Run with changed settings and return the result and its measures against the truth."""
    result = graphlink.run(base.with_(**changes))
    measured = graphlink.evaluate(result, truth).clusters
    return result, {
        "precision": measured.pairs.precision,
        "recall": measured.pairs.recall,
        "clusters": measured.n_clusters,
        "n_wrongly_flagged": measured.n_wrongly_flagged,
    }


# %% [markdown]
# ## The defaults
#
# `precision`: of pairs of accounts in one cluster, the share with one operator. `recall`: of pairs with one
# operator, the share in one cluster. `n_wrongly_flagged`: honest accounts in a cluster with a stranger.

# %%
result, measures = run_and_measure()
pd.Series(measures)

# %% [markdown]
# ## Importance of kinds
#
# Each kind is left out once. Check and protect a kind whose loss costs much; a kind whose loss costs nothing
# may still decide a later case. Kinds corroborate each other: without one, the others may count too much.

# %%
rows = {"nothing": measures}
for kind in ("ip", "payment", "email", "client"):
    rows[kind] = run_and_measure(**{f"kinds__{kind}__ignore": True})[1]
by_kind = pd.DataFrame(rows).T
by_kind

# %%
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
positions = range(len(by_kind))
axes.bar([x - 0.2 for x in positions], by_kind["precision"], 0.4, color="#2563a8", label="precision")
axes.bar([x + 0.2 for x in positions], by_kind["recall"], 0.4, color="#d08a00", label="recall")
axes.set_xticks(positions, by_kind.index)
axes.set(
    xlabel="kind left out",
    ylabel="share of pairs (0 to 1)",
    ylim=(0, 1.05),
    title="Precision and recall without a kind",
)
_ = figure.legend(loc="outside right upper")

# %% [markdown]
# The bars show precision and recall without each kind. If recall falls, the kind links pairs that no other
# kind does; if precision falls, it separated strangers.

# %% [markdown]
# ## Thresholds
#
# `cluster_probability` is the minimum probability of links that form clusters, `resolution_bits` the mean
# evidence per pair that keeps two groups together. The defaults are 0.9 and 0.1.

# %%
sweep = {}
for least in (0.5, 0.8, 0.99):
    sweep[("cluster_probability", least)] = run_and_measure(model__cluster_probability=least)[1]
for bits in (0.5, 2.0):
    sweep[("resolution_bits", bits)] = run_and_measure(model__resolution_bits=bits)[1]
sweep[("cluster_probability", 0.9)] = sweep[("resolution_bits", 0.1)] = measures
sweep = pd.DataFrame(sweep).T.rename_axis(["setting", "value"]).sort_index()
sweep

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
units = {"cluster_probability": "probability", "resolution_bits": "bits per pair, log scale"}
for axes, (setting, unit) in zip(panels, units.items(), strict=True):
    plot_sweep(sweep.loc[setting], setting, unit=unit, default=getattr(base.model, setting), axes=axes)
panels[0].set_ylabel("share of pairs (0 to 1)")
panels[1].set_xscale("log")
panels[1].xaxis.set_major_formatter("{x:g}")
panels[1].xaxis.set_minor_formatter("")

# %% [markdown]
# The lines show the recall that a stricter threshold costs and the precision that it gains. Where they are
# flat, the setting does not matter for these cases.

# %% [markdown]
# ## One cluster at another resolution
#
# `try_without` recomputes one cluster without a run: does it remain at five times the resolution?

# %%
cluster = result.clusters["cluster_id"].iloc[0]
changed = graphlink.try_without(result, cluster, resolution_bits=5 * base.model.resolution_bits)
for sentence in changed.sentences:
    print(sentence)

# %% [markdown]
# ## Does 0.9 mean nine in ten?
#
# Links in bins by predicted probability, compared with the truth.

# %%
calibration = graphlink.evaluate(result, truth).links
bins = pd.DataFrame([one.to_dict() for one in calibration.bins]).query("n > 0")
bins

# %%
axes = plot_calibration({"links": calibration})
print(f"expected calibration error {calibration.expected_error:.3f}, Brier score {calibration.brier:.3f}")

# %% [markdown]
# Each point is a bin of links: above the dotted line probabilities are too low (cautious), below it too high
# (overconfident). Bins with few links are noisy; labels are their numbers of links.

# %% [markdown]
# Put your choices into `graphlink.toml`, under `[model]` and `[kinds.NAME]`; `run.json` of every result
# records them.
