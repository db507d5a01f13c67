// The infrastructure of a cluster: what its accounts came through, whose it is, and who else uses it.
import { Name } from "../elements";
import { route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { count, day, percent, probability } from "../text";
import type { InfrastructurePage, InfrastructureRow } from "../types";
import { KindMark } from "./legend";
import type { CaseStore } from "./store";
import { Rest, State, useTable } from "./table-page";

const COLUMNS: Column<InfrastructureRow>[] = [
  { name: "value", title: "Through", value: (row) => row.value, cell: (row) => <Through row={row} /> },
  { name: "role_words", title: "It is", value: (row) => row.role_words },
  { name: "n_members", title: "Members", about: "Accounts of the cluster that use it", number: true, value: (row) => row.n_members, cell: (row) => count(row.n_members) },
  { name: "n_others", title: "Others", about: "Accounts outside the cluster that use it", number: true, value: (row) => row.n_others, cell: (row) => count(row.n_others) },
  { name: "p_exclusive", title: "p(exclusive)", about: "Probability that one operator alone holds it", number: true, value: (row) => row.p_exclusive, cell: (row) => probability(row.p_exclusive) },
  { name: "owner", title: "Owner", about: "Who runs it, and what it is listed as, by the reference lists", value: (row) => row.owner, cell: (row) => <Owner row={row} /> },
  { name: "first_seen", title: "First seen", about: "First use by a member", value: (row) => row.first_seen, cell: (row) => day(row.first_seen) },
  { name: "last_seen", title: "Last seen", about: "Last use by a member", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
  { name: "n_clusters", title: "Other clusters", about: "Other clusters of which accounts use it", number: true, value: (row) => row.n_clusters, cell: (row) => count(row.n_clusters) },
  { name: "share", title: "Evidence", about: "Share of the evidence for the cluster", number: true, value: (row) => row.share, cell: (row) => percent(row.share) },
  { name: "n", title: "Obs.", about: "Observations of members with it", number: true, value: (row) => row.n, cell: (row) => count(row.n) },
];

function Through({ row }: { row: InfrastructureRow }) {
  return (
    <>
      <KindMark kind={row.kind} /> <Name text={row.value} short={60} />
    </>
  );
}

function Owner({ row }: { row: InfrastructureRow }) {
  return row.owner ? <Name text={`${row.owner} (${(row.owner_type ?? "").replaceAll("_", " ")})`} short={60} /> : <>{row.kind === "router" ? "the router itself" : "on no list"}</>;
}

export function Infrastructure({ store }: { store: CaseStore }) {
  const role = route.value.query.get("role") ?? "";
  const table = useTable<InfrastructureRow, InfrastructurePage>(store, "infrastructure", role ? { role } : {});
  const page = table.value;
  if (!page) return <State table={table} what="the infrastructure" />;
  return (
    <>
      <p class="infrastructure-words">{page.words ? `${page.words}.` : "No address or router of its accounts is known."}</p>
      <div class="presets" role="group" aria-label="What it is">
        {page.roles
          .filter((one) => one.n > 0)
          .map((one) => (
            <button key={one.role} type="button" class="chip small" aria-pressed={role === one.role} title={one.about} onClick={() => setQuery({ role: role === one.role ? "" : one.role })}>
              {`${one.title} (${count(one.n)})`}
            </button>
          ))}
      </div>
      <DataTable
        caption="Infrastructure"
        file={`${store.clusterId}-infrastructure`}
        columns={COLUMNS}
        rows={page.rows}
        keyOf={(row) => row.id}
        onChoose={(row, add) => store.select(row.id, add)}
        isChosen={(row) => store.selected.value.includes(row.id)}
        empty="No address or router that two accounts share."
        {...table.sorting([])}
        more={<Rest table={table} />}
      />
    </>
  );
}
