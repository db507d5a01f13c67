// A page of a case's table from the server: its rows, what stands there until they are loaded, and the rest.
import { useState } from "preact/hooks";
import { addressOf, clusterPath, get } from "../api";
import { useAnswer } from "../loading";
import { Loading, Notice } from "../elements";
import { count } from "../text";
import type { Page } from "../types";
import type { CaseStore } from "./store";

const LIMIT = 500;
const MOST_CSV = 100_000; // rows that the server gives at once

/** A page of a table. Of a table that has several, the server sorts: the rows of one page are not all. */
export function useTable<R, P extends Page<R> = Page<R>>(store: CaseStore, name: string, query: Record<string, string> = {}) {
  const about = `${store.clusterId} ${name} ${JSON.stringify(query)}`;
  const [wanted, setWanted] = useState({ about, offset: 0, sort: "" });
  const { offset, sort } = wanted.about === about ? wanted : { offset: 0, sort: "" };
  const path = clusterPath(store.clusterId, name);
  const order = sort ? { sort: sort.replace(/^-/, ""), order: sort.startsWith("-") ? "desc" : "asc" } : {};
  const answer = useAnswer(`${about} ${offset} ${sort}`, (stop) => get<P>(path, { limit: LIMIT, offset, ...order, ...query }, stop), wanted.about === about && (offset > 0 || sort !== ""));
  const isPaged = (answer.value?.total ?? 0) > LIMIT;
  return {
    path,
    query: { ...query, ...order },
    ...answer,
    turn: (to: number) => setWanted({ about, offset: to, sort }),
    /** What a table of several pages is sorted by, and the columns that the server sorts by. */
    sorting: (sorted: readonly string[]) => (isPaged ? { sort, onSort: (to: string) => setWanted({ about, offset: 0, sort: to }), sorted } : {}),
  };
}

type Table<R> = ReturnType<typeof useTable<R>>;

export function State<R>({ table, what }: { table: Table<R>; what: string }) {
  if (table.error) {
    return (
      <Notice title={`There is no answer for ${what}.`} tone="error">
        {table.error.message}{" "}
        <button type="button" onClick={table.again}>
          Try again
        </button>
      </Notice>
    );
  }
  return <Loading what={what} />;
}

/** The way to the other pages, and to all rows as a file. */
export function Rest<R>({ table }: { table: Table<R> }) {
  const page = table.value;
  if (!page || page.total <= page.rows.length) return null;
  const last = page.offset + page.rows.length;
  return (
    <p class="row quiet pages">
      <span>{`${count(page.offset + 1)} to ${count(last)} of ${count(page.total)}`}</span>
      <button type="button" class="small" disabled={page.offset === 0} onClick={() => table.turn(Math.max(0, page.offset - LIMIT))}>
        Previous
      </button>
      <button type="button" class="small" disabled={last >= page.total} onClick={() => table.turn(last)}>
        Next
      </button>
      <a href={addressOf(table.path, { ...table.query, format: "csv", limit: MOST_CSV })} download>
        {page.total > MOST_CSV ? `The first ${count(MOST_CSV)} as CSV` : "All as CSV"}
      </a>
    </p>
  );
}
