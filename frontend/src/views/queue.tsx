// The queue: which cluster to look at next.
import { useEffect, useState } from "preact/hooks";
import { addressOf, get } from "../api";
import { definitionOf, wordsOf } from "../definitions";
import { useAnswer } from "../loading";
import { Loading, Notice, Sparkline, Tabs } from "../elements";
import { goTo, linkTo, route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { announce } from "../live";
import { copyText } from "../take";
import { count, counted, day, probability, visible, words } from "../text";
import { lookOf } from "../graph/looks";
import { isDark } from "../theme";
import type { Cluster, FacetShare, Queue, Summary } from "../types";
import { queueOrder } from "./order";

const PAGE = 50;
const FILTERS = [
  "q", "hypothesis", "facet", "also_explained_by", "status", "min_size", "min_new", "min_soon_after", "above_chance", "min_routers", "min_score", "min_p_same_operator", "max_fdr",
] as const;
type Filter = (typeof FILTERS)[number];

/** Filters that one often wants, each a set of filters as the address holds them. */
type Preset = [string, string, Partial<Record<Filter, string>>];

/** What most start with; outside of the fold, so that it takes one press at any width. */
const LIKELY: Preset = ["Likely operators", "One operator with p of 0.9 or more, and nothing harmless explains the cluster as well", { hypothesis: "same_operator", min_p_same_operator: "0.9", also_explained_by: "none" }];
const PRESETS: Preset[] = [
  ["Growing", "New accounts joined", { min_new: "1" }],
  ["Sure and open", "One operator with p of 0.9 or more, false discovery rate of 0.05 or less, no account closed", { min_p_same_operator: "0.9", max_fdr: "0.05", status: "open" }],
  ["May have come back", "More new accounts were opened soon after others of the cluster were closed than by chance", { above_chance: "1" }],
  ["Nothing else explains it", "Neither one identifier, nor a place, nor times alone explain the cluster", { also_explained_by: "none" }],
  ["Through routers", "A third-party router is among its shared evidence", { min_routers: "1" }],
];

export function facetColor(facet: string): string {
  const look = lookOf(facet, facet);
  return isDark.value ? look.dark : look.light;
}

function percent({ facet, share }: FacetShare): string {
  return share === null ? words(facet) : `${words(facet)} ${Math.round(share * 100)} %`;
}

/** What a cluster rests on, as one bar of shares; the words hold the same. */
export function Facets({ facets }: { facets: FacetShare[] }) {
  const shares = facets.map(percent).join(", ");
  return (
    <span class="facets" title={shares}>
      <span class="facet-bar" aria-hidden="true">
        {facets.map(({ facet, share }) => (
          <span key={facet} style={{ width: `${(share ?? 0) * 100}%`, background: facetColor(facet) }} />
        ))}
      </span>
      <span class="facet-text" aria-hidden="true">{facets.slice(0, 1).map(percent).join("")}</span>
      <span class="unsighted">{shares}</span>
    </span>
  );
}

function probabilityText(value: number | null): string {
  return value === null ? "\u2013" : probability(value);
}

const COLUMNS: Column<Cluster>[] = [
  { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id, cell: (row) => <><code>{row.lineage ? `${visible(row.lineage)} ${visible(row.cluster_id)}` : visible(row.cluster_id)}</code><span class={`badge narrow-only ${row.words.finding}`}>{row.words.finding_name}</span></> },
  { name: "lineage", title: "", hidden: true, value: (row) => row.lineage },
  { name: "priority", title: "Priority", number: true, value: (row) => row.priority, cell: (row) => <span title={row.words.priority_sentence}>{row.priority.toFixed(1)}</span> },
  { name: "why_first", title: "Why first, in points", about: "The parts of the priority that count most, of all accounts of the cluster, in points; Order shows how many each part can have. Their sum times p(operator) is the priority.", unsorted: true, value: (row) => row.words.priority, cell: (row) => <span class="why-first" title={row.words.priority_sentence}>{row.words.priority || "\u2013"}</span> },
  { name: "n_accounts", title: "Accounts", number: true, value: (row) => row.n_accounts, cell: (row) => count(row.n_accounts) },
  { name: "n_open", title: "Open", about: "Accounts that are not closed", number: true, value: (row) => row.n_open, cell: (row) => count(row.n_open) },
  { name: "n_new", title: "New", number: true, value: (row) => row.n_new, cell: (row) => (row.n_new ? <b class="new-count">{`+${count(row.n_new)}`}</b> : "0") },
  { name: "n_soon_after", title: "New, soon after a closing", number: true, value: (row) => row.n_soon_after, cell: (row) => <span class={row.is_above_chance ? "back-count" : "quiet"} title={row.words.soon_after_sentence}>{row.words.soon_after === "0" && row.n_new ? `none of ${count(row.n_new)}` : row.words.soon_after}</span> },
  { name: "n_soon_after_by_chance", title: "", hidden: true, value: (row) => row.n_soon_after_by_chance },
  { name: "is_above_chance", title: "", hidden: true, value: (row) => row.is_above_chance },
  { name: "hypothesis", title: "Finding", about: "The likeliest hypothesis; undecided where one operator is less likely than 0.9, and could be harmless where a harmless reading explains it too", unsorted: true, value: (row) => row.words.finding_name, cell: (row) => <span class={`badge ${row.words.finding}`}>{row.words.finding_name}</span> },
  { name: "p_same_operator", title: "p(operator)", about: "Probability that one organisation operates its accounts and conceals it, against openly one organisation, customers of one router or reseller and people on one network", number: true, value: (row) => row.p_same_operator, cell: (row) => probabilityText(row.p_same_operator) },
  { name: "also_explained_by", title: "Also explained", unsorted: true, value: (row) => row.also_explained_by, cell: (row) => <span class={row.words.harmless ? "doubt" : "quiet"}>{row.words.harmless ? `by ${row.words.harmless}` : "\u2013"}</span> },
  { name: "fdr", title: "FDR", number: true, value: (row) => row.fdr, cell: (row) => <span class={row.words.harmless ? "doubt" : ""}>{row.words.fdr}</span> },
  { name: "score", title: "p(member)", about: "Mean probability of its accounts to belong to it", number: true, value: (row) => row.score, cell: (row) => probability(row.score) },
  { name: "facets", title: "Rests on", about: "Facets and their share of the evidence", unsorted: true, value: (row) => row.facets.map(percent).join(", "), cell: (row) => <Facets facets={row.facets} /> },
  { name: "activity", title: "Activity", unsorted: true, value: (row) => (row.activity ?? []).join(" "), cell: (row) => (row.activity ? <Sparkline counts={row.activity} isEarlier={Boolean(row.n_before)} label={`Activity from ${day(row.first_seen)} to ${day(row.last_seen)}${row.n_before ? `; ${count(row.n_before)} earlier observations are not drawn` : ""}`} /> : "\u2026") },
  { name: "status", title: "Status", about: "Whether its accounts are closed", value: (row) => row.status, cell: (row) => wordsOf("status", row.status) },
  { name: "weakest_cut", title: "Cut", number: true, value: (row) => row.weakest_cut, cell: (row) => row.words.weakest_cut },
  { name: "n_routers", title: "Routers", about: "Third-party routers among its shared evidence", number: true, value: (row) => row.n_routers, cell: (row) => (row.n_routers === null ? "\u2026" : count(row.n_routers)) },
  { name: "last_seen", title: "Last seen", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
  { name: "p_shared_intermediary", title: "", hidden: true, value: (row) => row.p_shared_intermediary },
  { name: "p_shared_network", title: "", hidden: true, value: (row) => row.p_shared_network },
  { name: "p_openly_one_organisation", title: "", hidden: true, value: (row) => row.p_openly_one_organisation },
  { name: "expected_by_chance", title: "", hidden: true, value: (row) => row.expected_by_chance },
  { name: "compare", title: "Compare", about: "The cluster next to the one that most links lead to", unsorted: true, unsaved: true, value: () => null, cell: (row) => <a href={linkTo("compare", row.cluster_id)} aria-label={`Compare ${visible(row.cluster_id)}`} onClick={(event) => event.stopPropagation()}>compare</a> },
];

export function QueueView({ summary, isReady }: { summary: Summary | null; isReady: boolean }) {
  const { query } = route.value;
  const sort = query.get("sort") ?? "-priority";
  const offset = Number(query.get("offset")) || 0;
  // Whoever asks for what is openly one organisation gets it in either list.
  const openly = (query.get("hypothesis") ?? "").includes("openly") ? "" : (query.get("openly") ?? "0");
  const wanted = {
    ...Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])),
    sort: sort.replace(/^-/, ""),
    order: sort.startsWith("-") ? "desc" : "asc",
    openly,
    weigh: query.get("weigh") ?? "",
    offset,
    limit: PAGE,
  };
  const answer = useAnswer(`${JSON.stringify(wanted)} ${isReady}`, (stop) => get<Queue>("queue", wanted, stop), true);
  const page = answer.value;
  useEffect(() => {
    document.title = "Queue \u00b7 graphlink";
    if (page) queueOrder.value = page.rows.map((row) => row.cluster_id);
  }, [page]);
  return (
    <div class="queue">
      {summary && <SummaryLine summary={summary} />}
      {page && <Lists page={page} openly={openly} />}
      {openly !== "1" && (
        <p class="likely">
          <PresetButton preset={LIKELY} />
        </p>
      )}
      <FoldedFilters page={page} />
      {page && <Order page={page} />}
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
        <div id="queue-table" role="tabpanel" aria-busy={answer.isLoading} class={answer.isLoading ? "stale" : ""} aria-labelledby={`tab-${openly === "1" ? "openly" : "others"}`}>
        <DataTable
          caption={counted(page.total, "cluster")}
          file="graphlink-queue"
          columns={COLUMNS.map((column) => ({ ...column, about: column.about ?? definitionOf(column.name) }))}
          rows={page.rows}
          keyOf={(row) => row.cluster_id}
          onChoose={(row) => goTo("cluster", row.cluster_id)}
          sort={sort}
          onSort={(next) => setQuery({ sort: next, offset: "" })}
          empty={summary && !summary.n_clusters ? "The run has no clusters." : "No cluster passes these filters."}
          more={<Pages page={page} />}
          tools={
            <a class="button small all-csv" href={addressOf("queue", { ...wanted, offset: 0, limit: 100000, format: "csv" })} download>
              All as CSV
            </a>
          }
        />
        </div>
      )}
    </div>
  );
}

/** The two lists: what may conceal itself, and what is openly one organisation. */
function Lists({ page, openly }: { page: Queue; openly: string }) {
  const tabs = [
    ["others", `To review (${count(page.n_others)})`],
    ["openly", `Openly one organisation (${count(page.n_openly)})`],
  ] as const;
  const chosen = openly === "1" ? "openly" : "others";
  return (
    <>
      <Tabs title="List of clusters" tabs={tabs} chosen={chosen} panel="queue-table" choose={(name) => setQuery({ openly: name === "openly" ? "1" : "", offset: "" })} />
      <p class="quiet list-about">
        {chosen === "openly" ? "One mail domain of its own, or one billing parent: mostly customers. That it is one organisation is no ground for action." : "May be one concealed operator each; in the order to review them."}
      </p>
    </>
  );
}

/** The points of each part of the order, to be weighed otherwise. */
function Order({ page }: { page: Queue }) {
  const isWeighed = Boolean(route.value.query.get("weigh"));
  const weigh = (part: string, points: string) => {
    if (!Number.isFinite(Number.parseFloat(points))) return;
    const all = page.order.map((one) => `${one.part}=${one.part === part ? Math.min(100, Math.max(0, Number(points))) : one.points}`);
    setQuery({ weigh: all.join(","), offset: "" });
  };
  return (
    <details class="order">
      <summary>
        {`Order: ${isWeighed ? "weighed here" : "concealment and harm"}`}
        <span class="quiet">{` \u00b7 priority = p(operator) \u00d7 points, at most ${page.order.reduce((sum, one) => sum + one.points, 0)}`}</span>
      </summary>
      <p class="quiet">The points that each part can have, for a cluster far above the usual. What is not above the usual has none; their sum is multiplied by p(operator), and by less once all accounts of the cluster are closed.</p>
      <div class="filters">
        {page.order.map(({ part, title, points }) => (
          <label key={part}>
            {`${title} `}
            <input type="number" class="short" min={0} max={100} step={0.5} value={points} onChange={(event) => weigh(part, event.currentTarget.value)} />
          </label>
        ))}
        {isWeighed && (
          <button type="button" class="small" onClick={() => setQuery({ weigh: "", offset: "" })}>
            As the run states
          </button>
        )}
      </div>
    </details>
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
      <p>{summary.n_rejected_rows ? `${counted(summary.n_rejected_rows, "row")} rejected: ${summary.rejected_rows.map(({ reason, n }) => `${words(reason)} ${count(n)}`).join(", ")}.` : "No row was rejected."}</p>
      {capped > 0 && <p>{`Too common to compare all their accounts: ${summary.capped.map((entry) => `${words(entry.kind)}, ${counted(entry.n_pairs, "pair")} left out`).join("; ")}.`}</p>}
    </details>
  );
}

const NUMBERS: [Filter, string, string, string][] = [
  ["min_size", "Accounts \u2265", "1", ""],
  ["min_new", "New \u2265", "1", ""],
  ["min_soon_after", "New, soon after a closing \u2265", "1", ""],
  ["min_routers", "Routers \u2265", "1", "Third-party routers among its shared evidence"],
  ["min_p_same_operator", "p(operator) \u2265", "0.05", "Probability that one organisation operates its accounts"],
  ["min_score", "p(member) \u2265", "0.05", "Mean probability of its accounts to belong to it"],
  ["max_fdr", "FDR \u2264", "0.01", ""],
];

const isNarrow = window.matchMedia("(max-width: 760px)");

/** The filters, folded where they would fill a small screen. */
function FoldedFilters({ page }: { page: Queue | null }) {
  const n = FILTERS.filter((name) => route.value.query.get(name)).length;
  const [isOpen, setOpen] = useState(!isNarrow.matches);
  useEffect(() => {
    const follow = () => setOpen(!isNarrow.matches);
    isNarrow.addEventListener("change", follow);
    return () => isNarrow.removeEventListener("change", follow);
  }, []);
  return (
    <details class="filter-fold" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{n ? `Filters (${count(n)} on)` : "Filters"}</summary>
      <Filters page={page} />
    </details>
  );
}

function Filters({ page }: { page: Queue | null }) {
  const { query } = route.value;
  const set = (name: string) => (event: Event) => setQuery({ [name]: (event.currentTarget as HTMLInputElement | HTMLSelectElement).value, offset: "" });
  const isFiltered = FILTERS.some((name) => query.get(name));
  const counts = page?.counts;
  const choices: [Filter, string, [string, number][]][] = [
    ["hypothesis", "Likeliest", (counts?.hypotheses ?? []).map(({ hypothesis, n }) => [hypothesis, n])],
    ["also_explained_by", "Also explained by", (counts?.also_explained_by ?? []).map((one) => [one.also_explained_by, one.n])],
    ["facet", "Rests on", (counts?.facets ?? []).map(({ facet, n }) => [facet, n])],
    ["status", "Status", (counts?.statuses ?? []).map(({ status, n }) => [status, n])],
  ];
  return (
    <form class="filters" role="search" aria-label="Filter the queue" onSubmit={(event) => event.preventDefault()}>
      <label>
        Text <TypedInput name="q" placeholder="cluster, account, identifier" />
      </label>
      {choices.map(([name, title, options]) => (
        <Choice key={name} name={name} title={title} value={query.get(name) ?? ""} options={options} onChange={set(name)} />
      ))}
      {NUMBERS.map(([name, title, step, about]) => (
        <label key={name} title={about || definitionOf(name.replace(/^(max|min)_/, "")) || definitionOf(name.replace(/^(max|min)_/, "n_"))}>
          {`${title} `}
          <TypedInput name={name} type="number" step={step} />
        </label>
      ))}
      <span class="presets" role="group" aria-label="Often wanted">
        {PRESETS.map((preset) => (
          <PresetButton key={preset[0]} preset={preset} />
        ))}
      </span>
      {isFiltered && (
        <button type="button" class="small" onClick={() => setQuery(Object.fromEntries([...FILTERS, "offset"].map((name) => [name, ""])))}>
          Clear filters
        </button>
      )}
      <button type="button" class="small" title="Copies the address of the queue as it stands: filters and order" onClick={() => void copyText(location.href).then(() => announce("Link to these filters copied"))}>
        Copy link
      </button>
    </form>
  );
}

/** Sets the filters of a preset and no others, or none where they are set. */
function PresetButton({ preset: [title, about, wanted] }: { preset: Preset }) {
  const { query } = route.value;
  const isOn = FILTERS.every((name) => (query.get(name) ?? "") === (wanted[name] ?? ""));
  const next = Object.fromEntries(FILTERS.map((name) => [name, isOn ? "" : (wanted[name] ?? "")]));
  return (
    <button type="button" class="chip small" aria-pressed={isOn} title={about} onClick={() => setQuery({ ...next, offset: "" })}>
      {title}
    </button>
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
          <option key={option} value={option}>{`${wordsOf(name, option)} (${count(n)})`}</option>
        ))}
      </select>
    </label>
  );
}

const PAUSE_MS = 200;

/** A field that filters a moment after the last key. */
function TypedInput({ name, type = "search", placeholder, step }: { name: string; type?: "search" | "number"; placeholder?: string; step?: string }) {
  const current = route.value.query.get(name) ?? "";
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  useEffect(() => {
    if (text === current) return;
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
