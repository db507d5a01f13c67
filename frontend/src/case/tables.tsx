// The tables of a case: members, who is new among them, shared evidence, links. They hold all that the graph and timeline show.
import { useRef } from "preact/hooks";
import { Name, Probability, Tabs } from "../elements";
import { linkTo, route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { bits, count, day, percent, probability, visible, words } from "../text";
import type { Cluster, Link, Member, Tie } from "../types";
import { isShared } from "./drawing";
import { Infrastructure } from "./infrastructure";
import { NewAccounts } from "./joined";
import { KindMark } from "./legend";
import type { CaseStore } from "./store";
import { Rest, State, useTable } from "./table-page";

const TABS = [
  ["members", "Members"],
  ["new", "New"],
  ["infrastructure", "Infrastructure"],
  ["evidence", "Evidence"],
  ["links", "Links"],
] as const;

export function CaseTables({ store, cluster, n_back }: { store: CaseStore; cluster: Cluster; n_back: number | null }) {
  const tab = route.value.query.get("table") ?? "members";
  const sizes: Record<string, number> = { members: cluster.n_accounts, new: cluster.n_new };
  const tabs = TABS.map(([name, title]) => [name, name in sizes ? `${title} (${count(sizes[name] ?? 0)})` : title] as const);
  return (
    <section class="side" aria-label="Tables">
      <Tabs title="Tables" tabs={tabs} chosen={tab} panel="case-table" choose={(name) => setQuery({ table: name })} />
      <div id="case-table" role="tabpanel" aria-labelledby={`tab-${tab}`} class="tab-body">
        {tab === "new" ? <NewAccounts store={store} n_new={cluster.n_new} n_back={n_back} /> : tab === "infrastructure" ? <Infrastructure store={store} /> : tab === "evidence" ? <Evidence store={store} /> : tab === "links" ? <Links store={store} /> : <Members store={store} />}
      </div>
    </section>
  );
}

const MEMBER_COLUMNS: Column<Member>[] = [
  { name: "account_id", title: "Account", value: (row) => row.account_id, cell: (row) => <MemberName member={row} /> },
  { name: "probability", title: "p(member)", term: "p(member)", about: "Probability that it belongs to the cluster", number: true, value: (row) => row.probability, cell: (row) => <Probability value={row.probability} /> },
  { name: "role", title: "Role", term: "core", value: (row) => row.role },
  { name: "status", title: "Status", value: (row) => row.status, cell: (row) => <Name text={row.status ?? "\u2013"} short={30} /> },
  { name: "degree", title: "Links", about: "Links to other members", number: true, value: (row) => row.degree, cell: (row) => count(row.degree) },
  { name: "bits", title: "", hidden: true, value: (row) => row.bits },
  { name: "first_seen", title: "First seen", value: (row) => row.first_seen, cell: (row) => day(row.first_seen) },
  { name: "last_seen", title: "Last seen", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
  { name: "created_at", title: "Created", value: (row) => row.created_at, cell: (row) => day(row.created_at) },
  { name: "closed_at", title: "Closed", value: (row) => row.closed_at, cell: (row) => day(row.closed_at) },
  { name: "n", title: "Obs.", about: "Observations", number: true, value: (row) => row.n, cell: (row) => count(row.n) },
];

/** What the server sorts a table of several pages by. */
const MEMBER_SORTS = ["account_id", "probability", "degree", "bits", "first_seen", "last_seen", "created_at", "closed_at", "n"];
const TIE_SORTS = ["value", "kind", "bits", "n_members", "degree", "p_exclusive", "first_seen", "last_seen"];

function MemberName({ member }: { member: Member }) {
  return (
    <>
      <Name text={member.account_id} short={60} />
      {member.role === "fringe" && <span class="badge fringe">fringe</span>}
      {member.is_new && <span class="badge new">new</span>}
    </>
  );
}

/** The columns and those of the account table's own attributes. */
function memberColumns(rows: Member[]): Column<Member>[] {
  const names = [...new Set(rows.flatMap((row) => row.attributes.map((attribute) => attribute.name)))];
  const own = names.map((name): Column<Member> => {
    const value = (row: Member) => row.attributes.find((attribute) => attribute.name === name)?.value ?? null;
    return { name, title: visible(name), value, cell: (row) => <Name text={String(value(row) ?? "\u2013")} short={40} /> };
  });
  return [...MEMBER_COLUMNS, ...own];
}

function Members({ store }: { store: CaseStore }) {
  const table = useTable<Member>(store, "members");
  if (!table.value) return <State table={table} what="the members" />;
  return (
    <DataTable
      caption="Members"
      file={`${store.clusterId}-members`}
      columns={memberColumns(table.value.rows)}
      rows={table.value.rows}
      keyOf={(row) => row.id}
      onChoose={(row, add) => store.select(row.id, add)}
      isChosen={(row) => store.selected.value.includes(row.id)}
      {...table.sorting(MEMBER_SORTS)}
      empty="No members."
      more={<Rest table={table} />}
      tools={<span class="quiet hint">Shift+click: two accounts</span>}
    />
  );
}

const TIE_COLUMNS: Column<Tie>[] = [
  { name: "value", title: "Shared evidence", value: (row) => row.value || row.kind, cell: (row) => <TieName tie={row} /> },
  { name: "kind", title: "Kind", value: (row) => row.kind, cell: (row) => words(row.kind) },
  { name: "bits", title: "Share", about: "Share of the evidence of the cluster", number: true, value: (row) => row.share, cell: (row) => (row.bits > 0 ? percent(row.share) : "against") },
  { name: "n_members", title: "Members", about: "Members it ties", number: true, value: (row) => row.n_members, cell: (row) => count(row.n_members) },
  { name: "degree", title: "Holders", about: "Accounts that use it, in the whole result", number: true, value: (row) => row.degree, cell: (row) => (row.degree === null ? "\u2013" : count(row.degree)) },
  { name: "p_exclusive", title: "p(exclusive)", term: "exclusive", about: "Probability that it is exclusive to one operator", number: true, value: (row) => row.p_exclusive, cell: (row) => probability(row.p_exclusive) },
  { name: "label", title: "Listed as", value: (row) => row.label, cell: (row) => <Name text={row.label ?? "\u2013"} short={40} /> },
  { name: "first_seen", title: "First seen", value: (row) => row.first_seen, cell: (row) => day(row.first_seen) },
  { name: "last_seen", title: "Last seen", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
];

function TieName({ tie }: { tie: Tie }) {
  return (
    <>
      <KindMark kind={tie.kind} facet={tie.facet} /> {tie.value ? <Name text={tie.value} short={60} /> : words(tie.kind)}
      {isShared(tie) && <span class="badge hub">shared</span>}
    </>
  );
}

function Evidence({ store }: { store: CaseStore }) {
  const table = useTable<Tie>(store, "evidence");
  if (!table.value) return <State table={table} what="the evidence" />;
  return (
    <DataTable
      caption="Evidence"
      file={`${store.clusterId}-evidence`}
      columns={TIE_COLUMNS}
      rows={table.value.rows}
      keyOf={(row) => row.id ?? row.kind}
      onChoose={(row, add) => store.select(row.id ?? `b:${row.kind}`, add)}
      isChosen={(row) => store.selected.value.includes(row.id ?? `b:${row.kind}`)}
      {...table.sorting(TIE_SORTS)}
      empty="No shared evidence."
      more={<Rest table={table} />}
    />
  );
}

const LINK_COLUMNS: Column<Link>[] = [
  { name: "account_id_l", title: "Account", value: (row) => row.account_id_l, cell: (row) => <Name text={row.account_id_l} short={40} /> },
  { name: "account_id_r", title: "and account", value: (row) => row.account_id_r, cell: (row) => <Name text={row.account_id_r} short={40} /> },
  { name: "bits", title: "Bits", about: "Log2 odds of one operator: each bit doubles them", number: true, value: (row) => row.bits, cell: (row) => bits(row.bits) },
  { name: "probability", title: "p(one operator)", term: "p(one operator)", number: true, value: (row) => row.probability, cell: (row) => probability(row.probability) },
  { name: "n_evidence", title: "Evidence", number: true, value: (row) => row.n_evidence },
  { name: "n_facets", title: "Facets", term: "facet", number: true, value: (row) => row.n_facets },
];

function Links({ store }: { store: CaseStore }) {
  const chosen = store.selected.value;
  const last = useRef("");
  // Choosing a link of an account selects the pair: the account's links stay.
  if (chosen.length !== 2 || !chosen.includes(last.current)) last.current = chosen.length === 1 && chosen[0]?.startsWith("a:") ? chosen[0] : "";
  const account = last.current.slice(2);
  const table = useTable<Link>(store, "links", account ? { account } : {});
  if (!table.value) return <State table={table} what="the links" />;
  return (
    <DataTable
      caption={account ? `Links of ${visible(account)}` : "Links"}
      file={`${store.clusterId}-links`}
      columns={LINK_COLUMNS}
      rows={table.value.rows}
      keyOf={(row) => `${row.account_id_l}\n${row.account_id_r}`}
      onChoose={(row) => store.selectAll([`a:${row.account_id_l}`, `a:${row.account_id_r}`])}
      isChosen={(row) => store.selected.value.includes(`a:${row.account_id_l}`) && store.selected.value.includes(`a:${row.account_id_r}`)}
      {...table.sorting([])}
      empty="No links."
      more={<Rest table={table} />}
    />
  );
}

/** A link to a cluster. */
export function ClusterLink({ id }: { id: string }) {
  return <a href={linkTo("cluster", id)}>{visible(id)}</a>;
}
