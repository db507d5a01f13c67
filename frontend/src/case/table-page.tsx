// A page of a case's table from the server: its rows, what stands there until they are loaded, and the rest.
import { addressOf, clusterPath, get } from "../api";
import { useAnswer } from "../loading";
import { Loading, Notice } from "../elements";
import { count } from "../text";
import type { Page } from "../types";
import type { CaseStore } from "./store";

const LIMIT = 500;

export function useTable<R, P extends Page<R> = Page<R>>(store: CaseStore, name: string, query: Record<string, string> = {}) {
  const key = `${store.clusterId} ${name} ${JSON.stringify(query)}`;
  const path = clusterPath(store.clusterId, name);
  return { path, query, ...useAnswer(key, (stop) => get<P>(path, { limit: LIMIT, ...query }, stop)) };
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

/** What the server holds beyond the first rows, and the whole of it as a file. */
export function Rest<R>({ table }: { table: Table<R> }) {
  const page = table.value;
  if (!page || page.total <= page.rows.length) return null;
  return (
    <p class="quiet">
      {`The first ${count(page.rows.length)} of ${count(page.total)}. `}
      <a href={addressOf(table.path, { ...table.query, format: "csv", limit: 10000 })} download>
        All as CSV
      </a>
    </p>
  );
}
