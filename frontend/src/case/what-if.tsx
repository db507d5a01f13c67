// What if: the cluster solved again without some identifiers, kinds or times. Nothing is stored.
import { useState } from "preact/hooks";
import { post } from "../api";
import { identifierOf } from "../ids";
import { useAnswer } from "../loading";
import { Bar, Name } from "../elements";
import { route, setQuery } from "../route";
import { counted, visible, words } from "../text";
import { Explained } from "./explained";
import { Kind } from "./legend";
import type { CaseStore } from "./store";
import { Sentences, FurtherTables, type Explanation } from "./explanation";

const BETWEEN = "\n";

function withoutIds(): string[] {
  const text = route.value.query.get("without");
  return text ? text.split(BETWEEN) : [];
}

/** Adds an identifier to what is left out and shows the outcome. */
export function leaveOut(_store: CaseStore, id: string): void {
  setQuery({ without: [...new Set([...withoutIds(), id])].join(BETWEEN), tab: "whatif" });
}

interface Query {
  cluster: string;
  identifiers: { kind: string; value: string }[];
  kinds: string[];
  since: string | null;
  until: string | null;
  resolution_bits: number | null;
}

function requestBody(store: CaseStore, takeSpan: boolean): Query {
  const { query } = route.value;
  const ids = withoutIds();
  const resolution = query.get("resolution");
  return {
    cluster: store.clusterId,
    identifiers: ids.map(identifierOf),
    kinds: (query.get("nokinds") ?? "").split(",").filter(Boolean),
    since: takeSpan && store.doing.value.from ? store.doing.value.from : null,
    until: takeSpan && store.doing.value.to ? store.doing.value.to : null,
    resolution_bits: resolution ? Number(resolution) : null,
  };
}

export function WhatIf({ store }: { store: CaseStore }) {
  const takeSpan = route.value.query.get("span") === "1";
  const body = requestBody(store, takeSpan);
  const isEmpty = !body.identifiers.length && !body.kinds.length && !body.since && !body.until && body.resolution_bits === null;
  const answer = useAnswer(isEmpty ? null : JSON.stringify(body), (stop) => post<Explanation>("what-if", body, stop));
  return (
    <>
      <h3>What if</h3>
      <Choices store={store} takeSpan={takeSpan} />
      {isEmpty ? (
        <p>Leave out an identifier (select it, then "Leave it out and see"), a kind, or all but a time span. The cluster is solved again at once; nothing is stored.</p>
      ) : (
        <Explained
          answer={answer}
          what="the outcome"
          show={(explanation) => (
            <>
              <Sentences explanation={explanation} />
              <Outcome explanation={explanation} store={store} />
              <FurtherTables explanation={explanation} file={`${store.clusterId}-what-if`} />
            </>
          )}
        />
      )}
    </>
  );
}

interface Group {
  name: string;
  n_accounts: number;
  accounts: string[];
}

/** What the cluster becomes: a row per group, each to be seen in the graph. */
function Outcome({ explanation, store }: { explanation: Explanation; store: CaseStore }) {
  const groups = (explanation["after"] ?? []) as unknown as Group[];
  const alone = (explanation["falls_out"] ?? { n_accounts: 0, accounts: [] }) as unknown as Omit<Group, "name">;
  const show = (accounts: string[]) => (store.marked.value = new Set(accounts.map((account) => `a:${account}`)));
  return (
    <ul class="outcome">
      {groups.map((group) => (
        <li key={group.name}>
          <Bar share={group.n_accounts / Math.max(...groups.map((one) => one.n_accounts))} text={counted(group.n_accounts, "account")} />
          <button type="button" class="small" onClick={() => show(group.accounts)}>
            Show
          </button>
        </li>
      ))}
      {alone.n_accounts > 0 && (
        <li>
          <span>{`${counted(alone.n_accounts, "account")} in no group`}</span>
          <button type="button" class="small" onClick={() => show(alone.accounts)}>
            Show
          </button>
        </li>
      )}
    </ul>
  );
}

function Choices({ store, takeSpan }: { store: CaseStore; takeSpan: boolean }) {
  const ids = withoutIds();
  const kinds = [...new Set(store.all.value.edges.map((edge) => edge.kind))].sort();
  const off = (route.value.query.get("nokinds") ?? "").split(",").filter(Boolean);
  const [resolution, setResolution] = useState(route.value.query.get("resolution") ?? "");
  const { from, to } = store.doing.value;
  return (
    <div class="choices">
      {ids.length > 0 && (
        <ul class="chips" aria-label="Left out">
          {ids.map((id) => {
            const { kind, value } = identifierOf(id);
            return (
              <li key={id}>
                <button type="button" class="chip" aria-label={`Take ${visible(value)} back in`} onClick={() => setQuery({ without: ids.filter((one) => one !== id).join(BETWEEN) })}>
                  <Kind kind={kind} /> <Name text={value} short={50} /> {"\u00d7"}
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <fieldset>
        <legend>Leave out whole kinds</legend>
        {kinds.map((kind) => (
          <label key={kind} class="check">
            <input
              type="checkbox"
              checked={off.includes(kind)}
              onChange={() => setQuery({ nokinds: (off.includes(kind) ? off.filter((one) => one !== kind) : [...off, kind]).join(",") })}
            />
            {words(kind)}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" disabled={!from && !to} checked={takeSpan && Boolean(from || to)} onChange={() => setQuery({ span: takeSpan ? "" : "1" })} />
        only evidence of the time span set on the timeline
      </label>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setQuery({ resolution: Number.isFinite(Number.parseFloat(resolution)) ? resolution : "" });
        }}
      >
        <label>
          Resolution in bits <input type="number" step="0.1" class="short" value={resolution} onInput={(event) => setResolution(event.currentTarget.value)} />
        </label>{" "}
        <button type="submit" class="small">
          Set
        </button>
      </form>
    </div>
  );
}
