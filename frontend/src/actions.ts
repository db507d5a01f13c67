// The accounts that somebody collects over cases to act on. They stay in this tab until it is closed: no file and no
// server holds them before they are saved as CSV.
import { signal } from "@preact/signals";

export interface Planned {
  account_id: string;
  cluster_id: string;
  /** Why it is on the list, in the words of who put it there. */
  reason: string;
}

const KEY = "graphlink-actions";

function stored(): Planned[] {
  try {
    const rows: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(rows) ? (rows as Planned[]).filter((row) => typeof row?.account_id === "string") : [];
  } catch {
    return []; // storage is refused, or holds something else
  }
}

export const planned = signal<Planned[]>(stored());

function write(rows: Planned[]): void {
  planned.value = rows;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(rows));
  } catch {
    // refused or full: the list lasts as long as the page
  }
}

/** Puts accounts of a cluster on the list; gives how many were not on it. */
export function plan(accounts: string[], cluster_id: string): number {
  const known = new Set(planned.value.map((row) => row.account_id));
  const fresh = accounts.filter((account) => !known.has(account));
  write([...planned.value, ...fresh.map((account_id) => ({ account_id, cluster_id, reason: "" }))]);
  return fresh.length;
}

export function unplan(account_id: string): void {
  write(planned.value.filter((row) => row.account_id !== account_id));
}

export function clearPlan(): void {
  write([]);
}

/** Writes the reason for all accounts of a cluster that are on the list. */
export function giveReason(cluster_id: string, reason: string): void {
  write(planned.value.map((row) => (row.cluster_id === cluster_id ? { ...row, reason } : row)));
}
