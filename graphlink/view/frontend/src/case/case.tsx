// A case: one cluster with its graph, timeline, tables and explanation side by side, one selection over all.
import { useEffect, useMemo, useState } from "preact/hooks";
import { clusterPath, get } from "../api";
import { announce } from "../live";
import { useAnswer } from "../loading";
import { Loading, Notice } from "../parts";
import { arrivals, linkTo, route } from "../route";
import { copyText, saveFile } from "../take";
import { bits, count, counted, day, probability, visible, words } from "../text";
import type { Cluster, ClusterHead } from "../types";
import { neighbourOf } from "../views/order";
import { ExplainPanel } from "./explain";
import { GraphPanel } from "./graph-panel";
import { CaseStore } from "./store";
import { CaseTables } from "./tables";
import { TimelinePanel } from "./timeline";

export function CaseView() {
  const id = route.value.subject;
  const store = useMemo(() => new CaseStore(id), [id]);
  const head = useAnswer(id, (stop) => get<ClusterHead>(clusterPath(id), {}, stop));
  const graph = useAnswer(id, (stop) => store.load(stop));
  useEffect(() => {
    document.title = `${visible(id)} \u00b7 graphlink`;
  }, [id]);
  const arrived = arrivals.value;
  const [atFirst] = useState(arrived);
  useEffect(() => {
    if (arrived !== atFirst) void store.adopt();
  }, [arrived]);
  if (head.error) {
    return (
      <Notice title={head.error.code === "not_found" ? `There is no cluster ${visible(id)} in this result.` : "The cluster can't be shown."} tone="error">
        {head.error.message} <a href={linkTo("queue")}>Back to the queue</a>{" "}
        <button type="button" onClick={head.again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!head.value) return <Loading what="the cluster" />;
  return (
    <div class="case">
      <CaseHead head={head.value} store={store} />
      <div class="case-grid">
        <CaseTables store={store} n_members={head.value.cluster.n_accounts} />
        <div class="case-middle">
          {graph.error ? (
            <Notice title="No graph." tone="error">
              {graph.error.message}{" "}
              <button type="button" onClick={graph.again}>
                Try again
              </button>
            </Notice>
          ) : (
            <GraphPanel store={store} n_left_out={graph.value?.n_left_out ?? 0} />
          )}
          <TimelinePanel store={store} />
        </div>
        <ExplainPanel store={store} head={head.value} />
      </div>
    </div>
  );
}

/** What the cluster is, in one sentence with its numbers. */
export function verdictOf(cluster: Cluster): string {
  const told = words(cluster.hypothesis);
  const core = cluster.n_core === cluster.n_accounts ? "all core" : `${count(cluster.n_core)} core`;
  return `${counted(cluster.n_accounts, "account")}, ${core}; likeliest: ${told}`;
}

function CaseHead({ head, store }: { head: ClusterHead; store: CaseStore }) {
  const { cluster } = head;
  const facts: [string, string, string][] = [
    ["p(member)", probability(cluster.score), "Mean probability of its accounts to belong to it"],
    ["open", count(cluster.n_open), "Accounts that are not closed"],
    ["new", count(cluster.n_new), "Accounts that appeared in the last seven days of the data"],
    ["weakest cut", `${bits(cluster.weakest_cut)} bits${cluster.weakest_cut_side ? ` (${counted(cluster.weakest_cut_side, "account")})` : ""}`, "Least evidence whose loss splits it, and the accounts on the lesser side"],
    ["links", count(cluster.n_links), "Pairs of its accounts that are linked"],
    ["by chance", cluster.chance === null ? "\u2013" : probability(cluster.chance), "Expected number of such clusters by chance"],
    ["seen", `${day(cluster.first_seen)} to ${day(cluster.last_seen)}`, "First and last observation of a member"],
  ];
  return (
    <header class="case-head">
      <div class="case-title">
        <h2>{visible(cluster.cluster_id)}</h2>
        <span class={`badge ${cluster.hypothesis}`}>{words(cluster.hypothesis)}</span>
        <span class="verdict-line">{verdictOf(cluster)}</span>
        <span class="row case-actions">
          <NextLinks id={cluster.cluster_id} />
          <TakeSelection store={store} />
          <button
            type="button"
            title="Copies the address of exactly this view"
            onClick={() => void copyText(location.href).then(() => announce("Link to this view copied"))}
          >
            Copy link
          </button>
        </span>
      </div>
      <dl class="case-facts">
        {facts.map(([name, value, about]) => (
          <div key={name} title={about}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {head.statuses.map(({ status, n }) => (
          <div key={status ?? ""} title="Accounts with this status">
            <dt>{visible(status ?? "no status")}</dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function NextLinks({ id }: { id: string }) {
  const [before, after] = [neighbourOf(id, -1), neighbourOf(id, 1)];
  return (
    <>
      {before && (
        <a class="button" href={linkTo("cluster", before)} title="The cluster before it in the queue (Shift+J)">
          {"\u2190"} previous
        </a>
      )}
      {after && (
        <a class="button" href={linkTo("cluster", after)} title="The next cluster of the queue (Shift+K)">
          next {"\u2192"}
        </a>
      )}
    </>
  );
}

/** The selection, or with nothing selected all that can be seen, as JSON with its ties. */
function TakeSelection({ store }: { store: CaseStore }) {
  const chosen = new Set(store.selected.value);
  const take = () => {
    const { nodes, edges } = store.seen.value;
    const own = chosen.size ? nodes.filter((node) => chosen.has(node.id)) : nodes;
    const ids = new Set(own.map((node) => node.id));
    const ties = edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target));
    saveFile(`${store.clusterId}-selection.json`, "application/json", JSON.stringify({ cluster_id: store.clusterId, nodes: own, edges: ties }, null, 1));
  };
  return (
    <button type="button" onClick={take} title="What is selected, or everything in the picture, with its ties">
      {chosen.size ? `JSON of ${count(chosen.size)} selected` : "JSON"}
    </button>
  );
}
