// The queue: which cluster to look at next.
import { useEffect, useState } from "preact/hooks";
import { addressOf, get } from "../api";
import { useAnswer } from "../loading";
import { Loading, Notice, Probability, Sparkline } from "../parts";
import { goTo, route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { bits, count, counted, day, visible, words } from "../text";
import { lookOf } from "../graph/looks";
import { isDark } from "../theme";
import type { Cluster, FacetShare, Queue, Summary } from "../types";
import { queueOrder } from "./order";

const PAGE = 50;
const FILTERS = ["q", "hypothesis", "facet", "min_size", "min_score", "min_new", "min_routers"] as const;

const FACET_KINDS: Record<string, string> = { network: "ip", payment: "payment", identity: "email", client: "client", behaviour: "behaviour" };

export function facetColor(facet: string): string {
  const look = lookOf(FACET_KINDS[facet] ?? facet, facet);
  return isDark.value ? look.dark : look.light;
}

/** What a cluster rests on, as one bar of shares; the words hold the same. */
export function Facets({ facets }: { facets: FacetShare[] }) {
  const told = facets.map(({ facet, share }) => `${words(facet)} ${Math.round(share * 100)} %`).join(", ");
  return (
    <span class="facets" title={told}>
      <span class="facet-bar" aria-hidden="true">
        {facets.map(({ facet, share }) => (
          <span key={facet} style={{ width: `${share * 100}%`, background: facetColor(facet) }} />
        ))}
      </span>
      <span class="facet-text">{facets.slice(0, 2).map(({ facet, share }) => `${words(facet)} ${Math.round(share * 100)}%`).join(" ")}</span>
      <span class="unsighted">{told}</span>
    </span>
  );
}

const COLUMNS: Column<Cluster>[] = [
  { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id, cell: (row) => <code>{visible(row.cluster_id)}</code> },
  { name: "priority", title: "Priority", about: "Expected open accounts plus expected new ones; a fifth of that where most accounts are honest", number: true, value: (row) => row.priority, cell: (row) => row.priority.toFixed(1) },
  { name: "n_accounts", title: "Accounts", number: true, value: (row) => row.n_accounts, cell: (row) => count(row.n_accounts) },
  { name: "n_open", title: "Open", about: "Accounts that are not closed", number: true, value: (row) => row.n_open, cell: (row) => count(row.n_open) },
  { name: "n_new", title: "New 7 d", about: "Accounts that appeared in the last seven days of the data", number: true, value: (row) => row.n_new, cell: (row) => (row.n_new ? <b class="new-count">{`+${count(row.n_new)}`}</b> : "0") },
  { name: "score", title: "p(member)", about: "Mean probability of its accounts to belong to it", number: true, value: (row) => row.score, cell: (row) => <Probability value={row.score} /> },
  { name: "hypothesis", title: "Likeliest", value: (row) => row.hypothesis, cell: (row) => <span class={`badge ${row.hypothesis}`}>{words(row.hypothesis)}</span> },
  { name: "facets", title: "Rests on", about: "Facets and their share of the evidence", value: (row) => row.facets.map(({ facet, share }) => `${facet} ${share.toFixed(2)}`).join(" "), cell: (row) => <Facets facets={row.facets} /> },
  { name: "activity", title: "Activity", value: (row) => (row.activity ?? []).join(" "), cell: (row) => (row.activity ? <Sparkline counts={row.activity} label={`Activity from ${day(row.first_seen)} to ${day(row.last_seen)}`} /> : "\u2026") },
  { name: "weakest_cut", title: "Weakest cut", about: "Least bits of evidence whose loss splits it", number: true, value: (row) => row.weakest_cut, cell: (row) => bits(row.weakest_cut) },
  { name: "n_routers", title: "Routers", about: "Third-party routers among what ties it", number: true, value: (row) => row.n_routers, cell: (row) => (row.n_routers === null ? "\u2026" : count(row.n_routers)) },
  { name: "last_seen", title: "Last seen", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
];
const SORTED_BY_SERVER = new Set(["priority", "n_accounts", "n_open", "n_new", "score", "weakest_cut", "n_routers", "last_seen", "cluster_id"]);

export function QueueView({ summary, isReady }: { summary: Summary | null; isReady: boolean }) {
  const { query } = route.value;
  const sort = query.get("sort") ?? "-priority";
  const offset = Number(query.get("offset")) || 0;
  const asked = {
    ...Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])),
    sort: sort.replace(/^-/, ""),
    order: sort.startsWith("-") ? "desc" : "asc",
    offset,
    limit: PAGE,
  };
  const answer = useAnswer(`${JSON.stringify(asked)} ${isReady}`, (stop) => get<Queue>("queue", asked, stop), true);
  const page = answer.value;
  useEffect(() => {
    document.title = "Queue \u00b7 graphlink";
    if (page) queueOrder.value = page.rows.map((row) => row.cluster_id);
  }, [page]);
  return (
    <div class="queue">
      {summary && <SummaryLine summary={summary} />}
      <Filters page={page} />
      {answer.error && (
        <Notice title="The queue can't be shown." tone="error">
          {answer.error.message}{" "}
          <button type="button" onClick={answer.again}>
            Try again
          </button>
        </Notice>
      )}
      {!page && !answer.error && <Loading what="the queue" />}
      {page && (
        <DataTable
          caption={counted(page.total, "cluster")}
          file="graphlink-queue"
          columns={COLUMNS}
          rows={page.rows}
          keyOf={(row) => row.cluster_id}
          onChoose={(row) => goTo("cluster", row.cluster_id)}
          sort={sort}
          onSort={(next) => SORTED_BY_SERVER.has(next.replace(/^-/, "")) && setQuery({ sort: next, offset: "" })}
          empty={summary && !summary.n_clusters ? "The run found no clusters." : "No cluster passes these filters."}
          more={<Pages page={page} />}
          tools={
            <a class="button small" href={addressOf("queue", { ...asked, offset: 0, limit: 10000, format: "csv" })} download>
              All as CSV
            </a>
          }
        />
      )}
    </div>
  );
}

function SummaryLine({ summary }: { summary: Summary }) {
  const capped = summary.capped.reduce((sum, entry) => sum + entry.n_pairs, 0);
  return (
    <details class="summary">
      <summary>
        {`${counted(summary.n_clusters, "cluster")} with ${count(summary.n_clustered_accounts)} of ${counted(summary.n_accounts, "account")}, ${day(summary.first_seen)} to ${day(summary.last_seen)}`}
        <span class="quiet">{" \u00b7 a lead, not a verdict"}</span>
      </summary>
      <p>{`${counted(summary.n_observations, "observation")}, ${counted(summary.n_identifiers, "shared identifier")}, ${counted(summary.n_links, "link")}.`}</p>
      <p>{summary.n_set_aside ? `${counted(summary.n_set_aside, "row")} set aside: ${summary.set_aside.map(({ reason, n }) => `${words(reason)} ${count(n)}`).join(", ")}.` : "No row was set aside."}</p>
      {capped > 0 && <p>{`Too common to compare all their accounts: ${summary.capped.map((entry) => `${words(entry.kind)}, ${counted(entry.n_pairs, "pair")} left out`).join("; ")}.`}</p>}
    </details>
  );
}

function Filters({ page }: { page: Queue | null }) {
  const { query } = route.value;
  const set = (name: string) => (event: Event) => setQuery({ [name]: (event.currentTarget as HTMLInputElement | HTMLSelectElement).value, offset: "" });
  const isFiltered = FILTERS.some((name) => query.get(name));
  const hypotheses = page?.counts.hypotheses ?? [];
  const facets = page?.counts.facets ?? [];
  return (
    <form class="filters" role="search" aria-label="Filter the queue" onSubmit={(event) => event.preventDefault()}>
      <label>
        Text <TypedInput name="q" placeholder="cluster, account, identifier" />
      </label>
      <Choice name="hypothesis" title="Likeliest" value={query.get("hypothesis") ?? ""} options={hypotheses.map(({ hypothesis, n }) => [hypothesis, n])} onChange={set("hypothesis")} />
      <Choice name="facet" title="Rests on" value={query.get("facet") ?? ""} options={facets.map(({ facet, n }) => [facet, n])} onChange={set("facet")} />
      {(
        [
          ["min_size", "Accounts", "1"],
          ["min_score", "p(member)", "0.05"],
          ["min_new", "New", "1"],
          ["min_routers", "Routers", "1"],
        ] as const
      ).map(([name, title, step]) => (
        <label key={name}>
          {`${title} \u2265 `}
          <TypedInput name={name} type="number" step={step} />
        </label>
      ))}
      {isFiltered && (
        <button type="button" onClick={() => setQuery(Object.fromEntries([...FILTERS, "offset"].map((name) => [name, ""])))}>
          Clear filters
        </button>
      )}
    </form>
  );
}

function Choice({ title, value, options, onChange, name }: { name: string; title: string; value: string; options: [string, number][]; onChange: (event: Event) => void }) {
  const all = options.some(([option]) => option === value) || !value ? options : [[value, 0] as [string, number], ...options];
  return (
    <label>
      {`${title} `}
      <select name={name} value={value} onChange={onChange}>
        <option value="">any</option>
        {all.map(([option, n]) => (
          <option key={option} value={option}>{`${words(option)} (${count(n)})`}</option>
        ))}
      </select>
    </label>
  );
}

const PAUSE_MS = 200;

/** A field that filters a moment after the last key. */
function TypedInput({ name, type = "search", placeholder, step }: { name: string; type?: "search" | "number"; placeholder?: string; step?: string }) {
  const told = route.value.query.get(name) ?? "";
  const [text, setText] = useState(told);
  useEffect(() => setText(told), [told]);
  useEffect(() => {
    if (text === told) return;
    const timer = setTimeout(() => setQuery({ [name]: text, offset: "" }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const onInput = (event: { currentTarget: HTMLInputElement }) => setText(event.currentTarget.value);
  if (type === "number") return <input name={name} type="number" class="short" min={0} step={step} value={text} onInput={onInput} />;
  return <input name={name} type="text" class="long" placeholder={placeholder} value={text} onInput={onInput} />;
}

function Pages({ page }: { page: Queue }) {
  if (page.total <= page.limit) return null;
  const last = Math.min(page.total, page.offset + page.rows.length);
  return (
    <p class="pages">
      <button type="button" disabled={!page.offset} onClick={() => setQuery({ offset: String(Math.max(0, page.offset - page.limit)) })}>
        Previous
      </button>{" "}
      {`${count(page.offset + 1)} to ${count(last)} of ${count(page.total)}`}{" "}
      <button type="button" disabled={last >= page.total} onClick={() => setQuery({ offset: String(page.offset + page.limit) })}>
        Next
      </button>
    </p>
  );
}
