// What decides about a cluster, in the order in which it is needed: what it likely is, which accounts, since
// when, through what, what came back, how sure, and what else explains it.
import type { ComponentChildren } from "preact";
import { clusterPath, get } from "../api";
import { Bar, Name } from "../elements";
import { useAnswer, type Loaded } from "../loading";
import { setQuery } from "../route";
import { count } from "../text";
import type { Brief } from "../types";
import { KindMark } from "./legend";
import type { CaseStore } from "./store";

export function useBrief(store: CaseStore): Loaded<Brief> {
  return useAnswer(store.clusterId, (stop) => get<Brief>(clusterPath(store.clusterId, "brief"), {}, stop));
}

/** A table of the case that shows what a sentence counts. */
function Show({ table, children }: { table: Record<string, string>; children: string }) {
  const show = () => {
    setQuery(table);
    // On a small screen the tables are far below.
    document.getElementById("case-table")?.scrollIntoView({ block: "nearest" });
  };
  return (
    <button type="button" class="plain show" onClick={show}>
      {children}
    </button>
  );
}

export function BriefList({ store, answer, n_new }: { store: CaseStore; answer: Loaded<Brief>; n_new: number }) {
  if (answer.error) return <p class="quiet brief-none">{answer.error.message}</p>;
  const brief = answer.value;
  const rows: [string, ComponentChildren][] = !brief
    ? []
    : [
        ["Accounts", <>{brief.accounts} <Show table={{ table: "members" }}>Members</Show>{n_new > 0 && <>, <Show table={{ table: "new", who: "" }}>{`${count(n_new)} new`}</Show></>}</>],
        ["Since", brief.since],
        ["Came back", brief.n_back ? <>{brief.back} <Show table={{ table: "new", who: "back" }}>Which</Show></> : brief.back],
        [
          "Through",
          <>
            {brief.through} {brief.named.length > 0 && "Most used: "}
            <Named store={store} brief={brief} /> <Show table={{ table: "infrastructure" }}>Infrastructure</Show>
          </>,
        ],
        ["How sure", brief.sure],
        ["What else", <span class={brief.is_doubtful ? "doubtful" : ""}>{brief.otherwise}</span>],
      ];
  return (
    <dl class="brief" aria-label="In brief" aria-busy={!brief}>
      {rows.map(([title, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      {!brief && <div class="quiet">Reading the evidence{"\u2026"}</div>}
    </dl>
  );
}

/** The routers, relays and exits that most accounts came through; a press selects one. */
function Named({ store, brief }: { store: CaseStore; brief: Brief }) {
  return (
    <>
      {brief.named.map((row, place) => (
        <span key={row.id} class="named">
        <button type="button" class="plain" title={`${row.role_words}, ${count(row.n_members)} members, ${count(row.n_others)} others`} onClick={() => store.select(row.id)}>
          <KindMark kind={row.kind} /> <Name text={row.value} short={40} />
        </button>{` (${row.role_words})${place + 1 < brief.named.length ? ", " : "."}`}
        </span>
      ))}
    </>
  );
}

/** How the place of a cluster in the order comes about: the points of each part, out of how many. */
export function OrderParts({ brief }: { brief: Brief }) {
  const { order } = brief;
  const counting = order.parts.filter((one) => one.points >= 0.05);
  return (
    <section class="order-parts" aria-label="Place in the order">
      <h4>{`Place in the order: ${count(order.place)} of ${count(order.n_clusters)}`}</h4>
      <p class="quiet">{`Priority ${order.total.toFixed(1)}: the points below, times ${order.confidence.toFixed(2)}, the probability of one operator (less once all accounts are closed).`}</p>
      <ul class="points">
        {counting.map(({ part, title, points, most }) => (
          <li key={part}>
            <span>{title}</span>
            <Bar share={most ? points / most : 0} text={`${points.toFixed(1)} of ${most}`} />
          </li>
        ))}
        {!counting.length && <li class="quiet">Nothing is above the usual.</li>}
      </ul>
    </section>
  );
}
