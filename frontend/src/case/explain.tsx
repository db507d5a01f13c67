// The explanation panel: it explains the selection, or the cluster when nothing is selected.
import { useState } from "preact/hooks";
import { plan } from "../actions";
import { clusterPath, get, post } from "../api";
import { idOf, identifierOf } from "../ids";
import { announce } from "../live";
import { useAnswer } from "../loading";
import { Bar, Name, Notice, Tabs } from "../elements";
import { goTo, route, setQuery } from "../route";
import { bits, count, counted, day, minute, percent, probability, words } from "../text";
import { MemberLabels, PairLabels } from "../team/label-bar";
import type { AccountAnswer, Brief, ClusterHead, GraphNode, IdentifierAnswer, Member, Page } from "../types";
import { OrderParts } from "./brief";
import { isShared } from "./drawing";
import { Explained } from "./explained";
import { Kind } from "./legend";
import type { CaseStore } from "./store";
import { ClusterLink } from "./tables";
import { Rows, Sentences, FurtherTables, type Explanation } from "./explanation";
import { ClusterFacts, Hypotheses, Signals } from "./verdict";
import { Waterfall, type PairExplanation } from "./waterfall";
import { WhatIf, leaveOut } from "./what-if";

const TABS = [
  ["why", "Why"],
  ["break", "Depends on"],
  ["collateral", "Collateral"],
  ["whatif", "What if"],
] as const;

export function ExplainPanel({ store, head, brief }: { store: CaseStore; head: ClusterHead; brief: Brief | null }) {
  const tab = route.value.query.get("tab") ?? "why";
  return (
    <section class="explain" aria-label="Explanation">
      <Tabs title="Explanation" tabs={TABS} chosen={tab} panel="explain-body" choose={(name) => setQuery({ tab: name })} />
      <div id="explain-body" role="tabpanel" aria-labelledby={`tab-${tab}`} class="tab-body">
        {tab === "break" ? <Breaks store={store} /> : tab === "collateral" ? <Collateral store={store} /> : tab === "whatif" ? <WhatIf store={store} evidenceKinds={head.kinds} /> : <Why store={store} head={head} brief={brief} />}
      </div>
    </section>
  );
}

function Why({ store, head, brief }: { store: CaseStore; head: ClusterHead; brief: Brief | null }) {
  const chosen = store.selected.value;
  const accounts = chosen.filter((id) => id.startsWith("a:"));
  const [first, second] = chosen;
  if (chosen.length === 2 && accounts.length === 2) return <Pair store={store} l={(first as string).slice(2)} r={(second as string).slice(2)} />;
  if (chosen.length === 2) return <Paths store={store} from={first as string} to={second as string} />;
  if (chosen.length > 2) return <Several store={store} accounts={accounts} />;
  if (first?.startsWith("a:")) return <Account store={store} account={first.slice(2)} />;
  if (first?.startsWith("i:")) return <Identifier store={store} id={first} />;
  if (first) return <Other node={store.all.value.nodes.get(first)} store={store} />;
  return <WholeCluster store={store} head={head} brief={brief} />;
}

function WholeCluster({ store, head, brief }: { store: CaseStore; head: ClusterHead; brief: Brief | null }) {
  const answer = useAnswer(store.clusterId, (stop) => get<Explanation>(clusterPath(store.clusterId, "explanation"), {}, stop));
  // The sum over many identifiers is last, however large it is.
  const named = head.reasons.filter((reason) => reason.reason !== "further_identifiers");
  const further = head.reasons.filter((reason) => reason.reason === "further_identifiers");
  const reasons = [...named.slice(0, 8), ...further];
  const top = Math.max(0.01, ...named.map((reason) => reason.share));
  return (
    <>
      <h3>Why this cluster</h3>
      <Hypotheses cluster={head.cluster} />
      {head.cluster.words.constraint_sentence && <p class="verdict">{head.cluster.words.constraint_sentence}</p>}
      {brief && <OrderParts brief={brief} />}
      {answer.value && <Signals explanation={answer.value} />}
      {answer.value && <ClusterFacts explanation={answer.value} />}
      <h4>Strongest shared evidence</h4>
      <ol class="reasons">
        {reasons.map((reason) => (
          <li key={reason.rank}>
            <button
              type="button"
              class="plain"
              disabled={!reason.kind || !reason.value}
              onClick={() => store.select(idOf(reason.kind ?? "", reason.value ?? ""))}
            >
              {reason.kind ? <Kind kind={reason.kind} /> : <span class="kind">{words(reason.reason)}</span>} {reason.value && <Name text={reason.value} short={44} />}
            </button>
            <Bar share={reason.share / top} text={reason.bits > 0 ? percent(reason.share) : "against"} />
            <div class="quiet">
              <Name text={reason.detail} short={240} />
            </div>
          </li>
        ))}
      </ol>
      <Explained
        answer={answer}
        what="the explanation"
        show={(explanation) => (
          <>
            <h4>Explanation</h4>
            <Sentences explanation={explanation} />
            <FurtherTables explanation={explanation} file={`${store.clusterId}-why`} but={["signals", "facts", "rivals"]} />
          </>
        )}
      />
    </>
  );
}

function Pair({ store, l, r }: { store: CaseStore; l: string; r: string }) {
  const answer = useAnswer(`${l}\n${r}`, (stop) => get<PairExplanation & Explanation>("pair", { l, r }, stop));
  return (
    <>
      <h3>
        Why <Name text={l} short={40} /> and <Name text={r} short={40} />
      </h3>
      <Explained
        answer={answer}
        what="the pair"
        show={(pair) => (
          <>
            <p class="verdict">
              <Name text={[pair.headline, ...pair.missing].join(" ")} short={600} />
            </p>
            <PairLabels l={l} r={r} reason={pair.headline} />
            {pair.evidence.length > 0 && <Waterfall pair={pair} />}
            {pair.against.length > 0 && (
              <>
                <h4>Against</h4>
                <ul class="against-list">
                  {pair.against.map((reason, place) => (
                    <li key={place}>
                      <Name text={reason.detail} short={400} />
                      {reason.bits !== null && <b>{` ${bits(reason.bits)} bits`}</b>}
                    </li>
                  ))}
                </ul>
              </>
            )}
            <details class="rest">
              <summary>Explanation</summary>
              <Sentences explanation={pair} />
            </details>
            <FurtherTables explanation={pair} file={`${l}-${r}`} />
          </>
        )}
      />
      <Paths store={store} from={`a:${l}`} to={`a:${r}`} />
    </>
  );
}

interface EvidencePath {
  nodes: { account_id: string | null; kind: string | null; value: string | null }[];
  hops: { start: string | null; end: string | null; kind: string; value: string; bits: number | null; probability: number }[];
  probability: number;
  weakest: { start: string | null; end: string | null; kind: string; value: string } | null;
}

/** The node ids along a path, with the evidence between its nodes. */
function idsOf(path: EvidencePath): string[] {
  const nodes = path.nodes.map((node) => (node.account_id !== null ? `a:${node.account_id}` : idOf(node.kind ?? "", node.value ?? "")));
  return [...nodes, ...path.hops.filter((hop) => hop.value).map((hop) => idOf(hop.kind, hop.value))];
}

function Paths({ store, from, to }: { store: CaseStore; from: string; to: string }) {
  const by = route.value.query.get("by") ?? "strongest";
  const answer = useAnswer(`${from}\n${to}\n${by}`, (stop) => get<{ strongest?: EvidencePath[]; shortest?: EvidencePath[] } & Explanation>("path", { from, to, k: 3, by }, stop));
  return (
    <div class="paths">
      <h4>
        Paths between them{" "}
        <select aria-label="Paths by" value={by} onChange={(event) => setQuery({ by: event.currentTarget.value })}>
          <option value="strongest">strongest</option>
          <option value="shortest">shortest</option>
        </select>
      </h4>
      <Explained
        answer={answer}
        what="paths"
        show={(explanation) => {
          const paths = (by === "shortest" ? explanation.shortest : explanation.strongest) ?? [];
          return (
            <>
              {!paths.length && <Sentences explanation={explanation} />}
              {paths.map((path, place) => (
                <PathRow key={place} path={path} show={() => (store.marked.value = new Set(idsOf(path)))} />
              ))}
            </>
          );
        }}
      />
    </div>
  );
}

function PathRow({ path, show }: { path: EvidencePath; show: () => void }) {
  const { weakest } = path;
  const isWeakest = (hop: EvidencePath["hops"][number]) => weakest !== null && hop.start === weakest.start && hop.end === weakest.end;
  const first = path.nodes[0];
  return (
    <div class="path">
      <div>
        <Name text={first?.account_id ?? first?.value ?? ""} short={40} />
        {path.hops.map((hop, place) => {
          const node = path.nodes[place + 1];
          return (
            <div key={place} class={`hop ${isWeakest(hop) && path.hops.length > 1 ? "weakest" : ""}`}>
              {"\u2193 "}
              <Kind kind={hop.kind} /> <Name text={hop.value} short={40} /> <b class="hop-bits">{hop.bits === null ? "" : `${bits(hop.bits)} bits, p ${probability(hop.probability)}`}</b>
              {isWeakest(hop) && path.hops.length > 1 && <span class="badge hub">weakest</span>}
              <div>
                <Name text={node?.account_id ?? node?.value ?? ""} short={40} />
              </div>
            </div>
          );
        })}
      </div>
      <button type="button" class="small" onClick={show}>
        Show in the graph
      </button>
    </div>
  );
}

function Account({ store, account }: { store: CaseStore; account: string }) {
  const facts = useAnswer(account, (stop) => get<AccountAnswer>("account", { id: account }, stop));
  const why = useAnswer(account, (stop) => get<Explanation>("member", { account }, stop));
  return (
    <>
      <h3>
        Why <Name text={account} short={60} /> is here
      </h3>
      <Explained answer={facts} what="the account" show={(value) => <AccountFacts value={value} />} />
      <Explained
        answer={why}
        what="the explanation"
        show={(explanation) => (
          <>
            <MemberLabels clusterId={store.clusterId} account={account} reason={explanation.sentences?.[0] ?? ""} />
            <Sentences explanation={explanation} />
            <FurtherTables explanation={explanation} file={`${account}-why`} />
          </>
        )}
      />
      {facts.value && (
        <details class="rest">
          <summary>{`Everything it holds with others (${facts.value.identifiers.length})`}</summary>
          <Rows name="identifiers" file={`${account}-identifiers`} rows={facts.value.identifiers.map(({ id: _, ...row }) => row)} />
        </details>
      )}
      <p class="quiet">Shift-click a second account to compare the pair.</p>
      <button type="button" onClick={() => void store.expand(`a:${account}`)}>
        Expand in the graph
      </button>
    </>
  );
}

export function AccountFacts({ value }: { value: AccountAnswer }) {
  const facts: [string, preact.ComponentChildren][] = [
    ["Cluster", value.cluster_id ? <ClusterLink id={value.cluster_id} /> : "none"],
    ["Role", value.role ? `${value.role}, p(member) ${probability(value.probability)}` : "\u2013"],
    ["Status", <Name text={value.status ?? "\u2013"} short={60} />],
    ["Seen", `${minute(value.first_seen)} to ${minute(value.last_seen)}`],
    ["Created", day(value.created_at)],
    ["Closed", day(value.closed_at)],
    ["Observations", `${count(value.n)} on ${counted(value.n_identifiers, "identifier")}`],
    ...value.attributes.map(({ name, value: own }): [string, preact.ComponentChildren] => [words(name), <Name text={String(own ?? "\u2013")} short={80} />]),
  ];
  return <Facts facts={facts} />;
}

export function Facts({ facts }: { facts: [string, preact.ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Name text={name} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Whose an identifier is, in one sentence with its numbers. */
export function hubSentence(value: IdentifierAnswer): string {
  const holders = counted(value.degree, "account uses this", "accounts use this");
  const exclusivity = value.p_exclusive === null ? "" : `, p(exclusive) = ${probability(value.p_exclusive)}`;
  if (isShared(value)) return `${holders}: shared infrastructure${exclusivity}.`;
  if ((value.p_exclusive ?? 0) >= 0.5) return `${holders}: likely exclusive to one operator${exclusivity}.`;
  return `${holders}${exclusivity}.`;
}

function Identifier({ store, id }: { store: CaseStore; id: string }) {
  const { kind, value } = identifierOf(id);
  const answer = useAnswer(id, (stop) => get<IdentifierAnswer>("identifier", { kind, value, limit: 50 }, stop));
  return (
    <>
      <h3>
        <Kind kind={kind} /> <Name text={value} short={80} />
      </h3>
      <Explained answer={answer} what="the identifier" show={(identifier) => <IdentifierFacts identifier={identifier} />} />
      <div class="row">
        <button type="button" class="main" onClick={() => leaveOut(store, id)}>
          Recompute without it
        </button>
        <button type="button" onClick={() => void store.expand(id)}>
          Expand in the graph
        </button>
      </div>
    </>
  );
}

export function IdentifierFacts({ identifier }: { identifier: IdentifierAnswer }) {
  return (
    <>
      <p class={`verdict ${isShared(identifier) ? "warn" : ""}`}>{hubSentence(identifier)}</p>
      {identifier.reach && <p class="quiet">{identifier.reach}</p>}
      <Facts
        facts={[
          ["Listed as", <Name text={identifier.label ? `${identifier.label} (${identifier.label_type ?? ""})` : "on no list"} />],
          ["Seen", `${minute(identifier.first_seen)} to ${minute(identifier.last_seen)}`],
          ["Pairs", `${count(identifier.n_joint_pairs)} scored of ${count(identifier.n_pairs)} possible`],
          ["In clusters", `${count(identifier.n_clustered)} of its ${counted(identifier.degree, "account")}`],
        ]}
      />
      <h3 class="lesser">Clusters that use it</h3>
      <ul class="compact">
        {identifier.clusters.slice(0, 12).map((cluster) => (
          <li key={cluster.cluster_id}>
            <ClusterLink id={cluster.cluster_id} /> {`${count(cluster.n_holders)} of ${counted(cluster.n_accounts, "account")}`}
          </li>
        ))}
        {!identifier.clusters.length && <li class="quiet">None.</li>}
      </ul>
    </>
  );
}

function Several({ store, accounts }: { store: CaseStore; accounts: string[] }) {
  const { edges } = store.seen.value;
  const ids = new Set(accounts);
  const shared = new Map<string, number>();
  for (const edge of edges) {
    const [account, other] = ids.has(edge.source) ? [edge.source, edge.target] : [edge.target, edge.source];
    if (ids.has(account) && !ids.has(other)) shared.set(other, (shared.get(other) ?? 0) + 1);
  }
  const common = [...shared].filter(([, n]) => n > 1).sort((a, b) => b[1] - a[1]);
  return (
    <>
      <h3>{`${counted(accounts.length, "account")} selected: what they share in the picture`}</h3>
      <ul class="compact">
        {common.slice(0, 40).map(([id, n]) => {
          const node = store.all.value.nodes.get(id);
          return (
            <li key={id}>
              <button type="button" class="plain" onClick={() => store.select(id)}>
                <Kind kind={node?.kind ?? ""} facet={node?.facet ?? null} /> <Name text={node?.label ?? id} short={60} />
              </button>{" "}
              {`${count(n)} of ${count(accounts.length)}`}
            </li>
          );
        })}
        {!common.length && <li class="quiet">Nothing.</li>}
      </ul>
      <button type="button" onClick={() => setQuery({ tab: "collateral" })}>
        Who closing them would affect
      </button>
    </>
  );
}

function Other({ node, store }: { node: GraphNode | undefined; store: CaseStore }) {
  if (!node) return <Notice title="It is not in the picture." />;
  return (
    <>
      <h3>
        <Kind kind={node.kind} facet={node.facet} /> <Name text={node.label} />
      </h3>
      <p>{node.type === "group" ? `A group of the cluster with ${counted(node.n_accounts ?? 0, "account")}.` : `Joint behaviour; ${bits(node.bits)} bits over the cluster's links.`}</p>
      {node.type === "group" && (
        <button type="button" class="main" onClick={() => void store.expand(node.id)}>
          Open it in the graph
        </button>
      )}
      {node.type === "cluster" && (
        <button type="button" onClick={() => goTo("cluster", node.cluster_id ?? "")}>
          Open the cluster
        </button>
      )}
    </>
  );
}

function Breaks({ store }: { store: CaseStore }) {
  const [only] = store.selected.value.length === 1 ? store.selected.value : [];
  const account = only?.startsWith("a:") ? only.slice(2) : "";
  const answer = useAnswer(`${store.clusterId}\n${account}`, (stop) => get<Explanation>("break", { cluster: store.clusterId, account }, stop));
  return (
    <>
      <h3>
        {account ? (
          <>
            What would drop <Name text={account} short={50} />
          </>
        ) : (
          "What would split this cluster"
        )}
      </h3>
      <Explained
        answer={answer}
        what="the weakest points"
        show={(explanation) => (
          <>
            <Sentences explanation={explanation} />
            {explanation["singles"] && <p class="quiet">A row selects it in the graph; then "Recompute without it" under Why.</p>}
            <FurtherTables explanation={explanation} file={`${store.clusterId}-break`} open="singles" choose={(id) => store.select(id)} />
          </>
        )}
      />
    </>
  );
}

const PAGE = 500;
const MOST_MEMBERS = 50_000;

/** The accounts of a cluster, page by page: the picture need not hold them all. */
async function membersOf(clusterId: string, stop: AbortSignal): Promise<string[]> {
  const accounts: string[] = [];
  for (let total = Infinity; accounts.length < Math.min(total, MOST_MEMBERS); ) {
    const page = await get<Page<Member>>(clusterPath(clusterId, "members"), { limit: PAGE, offset: accounts.length, sort: "account_id", order: "asc" }, stop);
    accounts.push(...page.rows.map((row) => row.account_id));
    total = page.rows.length ? page.total : accounts.length;
  }
  return accounts;
}

function Collateral({ store }: { store: CaseStore }) {
  const chosen = store.selected.value;
  const accounts = chosen.filter((id) => id.startsWith("a:")).map((id) => id.slice(2));
  const identifiers = chosen.filter((id) => id.startsWith("i:")).map(identifierOf);
  const [whole, setWhole] = useState(false);
  const takesAll = whole && !chosen.length;
  const all = useAnswer(takesAll ? store.clusterId : null, (stop) => membersOf(store.clusterId, stop));
  const body = { accounts: takesAll ? (all.value ?? []) : accounts, identifiers };
  const isEmpty = !body.accounts.length && !body.identifiers.length;
  const answer = useAnswer(isEmpty ? null : JSON.stringify(body), (stop) => post<Explanation>("collateral", body, stop));
  if (takesAll && !all.value) return <Explained answer={all} what="the members" show={() => null} />;
  if (isEmpty) {
    return (
      <>
        <h3>Collateral</h3>
        <p>Select accounts to close or identifiers to block, in the graph or the tables, to see who would be affected.</p>
        <button type="button" onClick={() => setWhole(true)}>
          All its members
        </button>
      </>
    );
  }
  const what = [body.accounts.length && `closing ${counted(body.accounts.length, "account")}`, identifiers.length && `blocking ${counted(identifiers.length, "identifier")}`].filter(Boolean).join(" and ");
  return (
    <>
      <h3>{`Who ${what} would affect`}</h3>
      <Explained
        answer={answer}
        what="the collateral"
        show={(explanation) => (
          <>
            <Sentences explanation={explanation} />
            <FurtherTables explanation={explanation} file={`${store.clusterId}-collateral`} open="clusters" />
            <button type="button" class="small" onClick={() => announce((explanation.sentences ?? []).join(" "))}>
              Announce
            </button>{" "}
            {body.accounts.length > 0 && (
              <button type="button" class="small" onClick={() => announce(`${counted(plan(body.accounts, store.clusterId), "account")} added to the action list`)}>
                Add to the action list
              </button>
            )}
          </>
        )}
      />
    </>
  );
}
