// New accounts of the cluster: the strongest evidence of each, and after whose closing it was opened.
import { definitionOf } from "../definitions";
import { Name, Probability } from "../elements";
import { route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { count, minute } from "../text";
import type { Joined, JoinedPage } from "../types";
import { Kind } from "./legend";
import type { CaseStore } from "./store";
import { Rest, State, useTable } from "./table-page";

function columnsOf(store: CaseStore): Column<Joined>[] {
  return [
    { name: "account_id", title: "Account", value: (row) => row.account_id, cell: (row) => <Name text={row.account_id} short={60} /> },
    { name: "lag", title: "After a closing", about: "How long after another member was closed it was opened; within three days counts as soon after it", value: (row) => secondsAfter(row), cell: (row) => <Lag row={row} /> },
    { name: "opened", title: "Opened", about: "When it was opened, or first seen where that is not known (UTC)", value: (row) => row.opened, cell: (row) => minute(row.opened) },
    { name: "after", title: "Closed member", about: "The member closed last before it was opened, within 30 days; a press selects both accounts", value: (row) => row.after, cell: (row) => <After row={row} store={store} /> },
    { name: "tied_by", title: "Linked by", about: "Its strongest evidence with members that are not new, or, where nothing does, to other new ones", value: (row) => row.tied_by, cell: (row) => <TiedBy row={row} /> },
    { name: "n_tied", title: "Shared with", about: "Members that share its strongest evidence", number: true, value: (row) => row.n_tied, cell: (row) => count(row.n_tied) },
    { name: "is_open", title: "State", value: (row) => (row.is_open ? "open" : "closed") },
    { name: "role", title: "Role", value: (row) => row.role },
    { name: "probability", title: "p(member)", about: "Probability that it belongs to the cluster", number: true, value: (row) => row.probability, cell: (row) => <Probability value={row.probability} /> },
    { name: "tie_kind", title: "", hidden: true, value: (row) => row.tie_kind },
    { name: "tie_value", title: "", hidden: true, value: (row) => row.tie_value },
    { name: "after_closed_at", title: "", hidden: true, value: (row) => row.after_closed_at },
    { name: "is_soon_after", title: "", hidden: true, value: (row) => row.is_soon_after },
  ];
}

/** Sorts the column; null where it was opened after no closing. */
function secondsAfter({ opened, after_closed_at }: Joined): number | null {
  return opened && after_closed_at ? (Date.parse(opened) - Date.parse(after_closed_at)) / 1000 : null;
}

function Lag({ row }: { row: Joined }) {
  if (row.is_soon_after) return <span class="badge returned" title={definitionOf("n_soon_after")}>{row.lag}</span>;
  return <>{row.lag || "\u2013"}</>;
}

/** The member that was closed; a press selects it with the account, which explains the pair. */
function After({ row, store }: { row: Joined; store: CaseStore }) {
  if (!row.after) return <>{"\u2013"}</>;
  const choose = (event: MouseEvent) => {
    event.stopPropagation();
    store.selectAll([`a:${row.after}`, row.id]);
  };
  return (
    <button type="button" class="plain" title={`Closed ${minute(row.after_closed_at)}; select both accounts`} onClick={choose}>
      <Name text={row.after} short={40} />
    </button>
  );
}

function TiedBy({ row }: { row: Joined }) {
  if (!row.tie_kind) return <>{"\u2013"}</>;
  return (
    <>
      <Kind kind={row.tie_kind} /> {row.tie_value && <Name text={row.tie_value} short={40} />}
    </>
  );
}

/** The new accounts, or all that were opened soon after a closing, whenever that was. */
export function NewAccounts({ store, n_new, n_back }: { store: CaseStore; n_new: number; n_back: number | null }) {
  const who = route.value.query.get("who") === "back" ? "back" : "new";
  const table = useTable<Joined, JoinedPage>(store, "joined", who === "back" ? { which: who } : {});
  const choices: [string, string][] = [
    ["new", `New (${count(n_new)})`],
    ["back", n_back === null ? "Soon after a closing" : `Soon after a closing (${count(n_back)})`],
  ];
  return (
    <>
      <div class="presets" role="group" aria-label="Which accounts">
        {choices.map(([value, title]) => (
          <button key={value} type="button" class="chip small" aria-pressed={who === value} onClick={() => setQuery({ who: value === "new" ? "" : value })}>
            {title}
          </button>
        ))}
      </div>
      <JoinedTable store={store} table={table} who={who} />
    </>
  );
}

function JoinedTable({ store, table, who }: { store: CaseStore; table: ReturnType<typeof useTable<Joined, JoinedPage>>; who: string }) {
  const page = table.value;
  if (!page) return <State table={table} what="the accounts" />;
  if (!page.total) {
    const what = `${page.what.charAt(0).toLowerCase()}${page.what.slice(1)}`;
    return <p class="table-empty">{who === "back" ? "No account of this cluster was opened soon after a closing." : `No account of this cluster is new. \u201cNew\u201d means: ${what}.`}</p>;
  }
  return (
    <>
      <details class="rest quiet">
        <summary>{page.what}</summary>
        {who === "new" && page.words.soon_after_sentence} {page.rule}
      </details>
      <DataTable
        caption={who === "back" ? `${count(page.total)} opened soon after a closing` : `${count(page.total)} new; of them opened soon after a closing: ${page.words.soon_after}`}
        file={`${store.clusterId}-${who}`}
        columns={columnsOf(store)}
        rows={page.rows}
        keyOf={(row) => row.id}
        onChoose={(row, add) => store.select(row.id, add)}
        isChosen={(row) => store.selected.value.includes(row.id)}
        empty=""
        {...table.sorting([])}
        more={<Rest table={table} />}
      />
    </>
  );
}
