// A case: one cluster with its graph, timeline, tables and explanation side by side, one selection over all.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { clusterPath, get } from "../api";
import { definitionOf } from "../definitions";
import { useAnswer } from "../loading";
import { Loading, Notice } from "../elements";
import { arrivals, linkTo, route, setQuery } from "../route";
import { count, day, probability, visible } from "../text";
import type { ClusterHead } from "../types";
import { CaseLink } from "../team/links";
import { neighbourOf } from "../views/order";
import { BriefList, useBrief } from "./brief";
import { ExplainPanel } from "./explain";
import { GraphPanel } from "./graph-panel";
import { CaseStore } from "./store";
import { CaseTables } from "./tables";
import { TakeAway } from "./take-away";
import { TimelinePanel } from "./timeline";

export function CaseView({ result }: { result: string }) {
  const id = route.value.subject;
  const store = useMemo(() => new CaseStore(id), [id]);
  const head = useAnswer(id, (stop) => get<ClusterHead>(clusterPath(id), {}, stop));
  const brief = useBrief(store);
  const graph = useAnswer(`${id}\n${store.isStrongest()}`, (stop) => store.load(stop));
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
      <CaseHead head={head.value} store={store} result={result} brief={<BriefList store={store} answer={brief} n_new={head.value.cluster.n_new} />} />
      <div class="case-grid">
        <ExplainPanel store={store} head={head.value} brief={brief.value} />
        <div class="case-middle">
          {graph.error ? (
            <Notice title="No graph." tone="error">
              {graph.error.message}{" "}
              <button type="button" onClick={graph.again}>
                Try again
              </button>
            </Notice>
          ) : (
            <GraphPanel store={store} n_left_out={graph.value?.n_left_out ?? 0} n_links={head.value.cluster.n_links} />
          )}
          <TimelinePanel store={store} />
        </div>
        <CaseTables store={store} cluster={head.value.cluster} n_back={brief.value?.n_back ?? null} />
      </div>
    </div>
  );
}

/** Everything that is counted of a cluster, behind the sentences that decide. */
function CaseHead({ head, store, result, brief }: { head: ClusterHead; store: CaseStore; result: string; brief: ComponentChildren }) {
  const { cluster } = head;
  const [isOpen, setOpen] = useState(false);
  const facts: [string, string, string][] = [
    ["open", count(cluster.n_open), "Accounts that are not closed"],
    ["new", count(cluster.n_new), definitionOf("n_new")],
    ["of them soon after a closing", cluster.words.soon_after, cluster.words.soon_after_sentence || definitionOf("n_soon_after")],
    ...head.statuses.map(({ status, n }): [string, string, string] => [visible(status ?? "no status").slice(0, 40), count(n), "Accounts with this status"]),
    ["priority", cluster.priority.toFixed(1), cluster.words.priority_sentence],
    ["p(member)", probability(cluster.score), "Mean probability of its accounts to belong to it"],
    ["FDR", cluster.words.fdr, definitionOf("fdr")],
    ["weakest cut", cluster.words.weakest_cut, cluster.words.weakest_cut_sentence],
    ["links", count(cluster.n_links), "Pairs of its accounts that are linked"],
    ["seen", `${day(cluster.first_seen)} to ${day(cluster.last_seen)}`, "First and last observation of a member"],
  ];
  return (
    <header class="case-head">
      <div class="case-title">
        <h2 title={cluster.lineage ? "The lineage stays from run to run; the cluster is that of this run" : undefined}>{cluster.lineage ? `${visible(cluster.lineage)} \u00b7 ${visible(cluster.cluster_id)}` : visible(cluster.cluster_id)}</h2>
        <span class={`badge ${cluster.words.finding}`}>{cluster.words.finding_name}</span>
        <span class="verdict-line">{cluster.words.claim}</span>
        <span class="row case-actions">
          <button type="button" aria-expanded={isOpen} aria-controls="case-facts" onClick={() => setOpen(!isOpen)}>
            Figures
          </button>
          <CaseLink clusterId={cluster.cluster_id} />
          <a class="button" href={linkTo("compare", cluster.cluster_id)} title="Side by side with the cluster that most links lead to">
            Compare
          </a>
          <NextLinks id={cluster.cluster_id} />
          <TakeAway store={store} result={result} />
        </span>
      </div>
      {brief}
      <dl class="case-facts" id="case-facts" hidden={!isOpen}>
        {facts.map(([name, value, about]) => (
          <div key={name} title={about}>
            <dt>{name}</dt>
            <dd>
              {(name === "new" || name === "of them soon after a closing") && value !== "0" ? (
                <button type="button" class={`plain ${name === "new" ? "new-count" : cluster.is_above_chance ? "back-count" : ""}`} aria-label={`${value} ${name}: show them`} onClick={() => setQuery({ table: "new" })}>
                  {value}
                </button>
              ) : (
                value
              )}
            </dd>
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
        <a class="button" href={linkTo("cluster", before)} title="The cluster before it in the queue (Shift+K)">
          {"\u2190"} previous
        </a>
      )}
      {after && (
        <a class="button" href={linkTo("cluster", after)} title="The next cluster of the queue (Shift+J)">
          next {"\u2192"}
        </a>
      )}
    </>
  );
}
