// Where the investigator is. All of it is in the address, behind the #, so that it can be kept and handed on
// and never reaches a server's log.
import { batch, signal } from "@preact/signals";

export interface Route {
  /** queue, map, cluster, compare, account, identifier, list, actions, cases or case. */
  view: string;
  /** What is viewed: a cluster, an account, an identifier's node id. */
  subject: string;
  query: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", subject = ""] = path.split("/", 2);
  let name = subject;
  try {
    name = decodeURIComponent(subject);
  } catch {
    // An address cut off in the middle of a code: taken as it stands, and no subject has it.
  }
  return { view: view || "queue", subject: name, query: new URLSearchParams(query) };
}

export const route = signal<Route>(read());

/** Counts how often one came to an address other than by changing parameters in place: a link, a step back. */
export const arrivals = signal(0);

let known = location.hash;

/** Applies the address as it is; its event may come after the next change. */
function arrive(): void {
  if (location.hash === known) return;
  known = location.hash;
  batch(() => {
    route.value = read();
    arrivals.value += 1;
  });
}

window.addEventListener("hashchange", arrive);

/** The address of a view. */
export function linkTo(view: string, subject: string = "", query: Record<string, string> = {}): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${view}${subject ? `/${encodeURIComponent(subject)}` : ""}${text ? `?${text}` : ""}`;
}

export function goTo(view: string, subject: string = "", query: Record<string, string> = {}): void {
  location.hash = linkTo(view, subject, query);
  arrive(); // at once: a parameter changed before the event would bring the old view back
}

/** Changes parameters of this view without a step in the browser's history; "" removes one. */
export function setQuery(changes: Record<string, string>): void {
  const { view, subject, query } = route.value;
  const next = Object.fromEntries(query);
  Object.assign(next, changes);
  history.replaceState(null, "", linkTo(view, subject, next));
  known = location.hash;
  route.value = read();
}
