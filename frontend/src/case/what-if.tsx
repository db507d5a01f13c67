// What if: the cluster solved again without some identifiers, kinds or times. Nothing is stored.
import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import { identifierOf } from "../ids";
import { useAnswer } from "../loading";
import { Bar, Name } from "../elements";
import { route, setQuery } from "../route";
import { count, counted, visible, words } from "../text";
import { wheel } from "../theme";
import { comparedOf, Flows, type Outcome as OutcomeValues } from "./compared";
import { Explained } from "./explained";
import { Kind } from "./legend";
import type { CaseStore } from "./store";
import { Sentences, FurtherTables, type Explanation } from "./explanation";

const BETWEEN = "\n";
const MOST_GROUPS = 20;

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

export function WhatIf({ store, evidenceKinds }: { store: CaseStore; evidenceKinds: string[] | null }) {
  const takeSpan = route.value.query.get("span") === "1";
  const body = requestBody(store, takeSpan);
  const isEmpty = !body.identifiers.length && !body.kinds.length && !body.since && !body.until && body.resolution_bits === null;
  const answer = useAnswer(isEmpty ? null : JSON.stringify(body), (stop) => post<Explanation>("what-if", body, stop));
  return (
    <>
      <h3>What if</h3>
      <Choices store={store} takeSpan={takeSpan} evidenceKinds={evidenceKinds} />
      {isEmpty ? (
        <p>Leave out an identifier (select it, then "Recompute without it"), a kind, or all but a time span. The cluster is recomputed at once; nothing is stored.</p>
      ) : (
        <Explained
          answer={answer}
          what="the outcome"
          show={(explanation) => (
            <>
              <Sentences explanation={explanation} />
              <Outcome explanation={explanation} store={store} body={body} />
              <FurtherTables explanation={explanation} file={`${store.clusterId}-what-if`} but={["moves"]} />
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

/** What the cluster becomes: the flow of its accounts, a row per group, and the graph of it side by side. */
function Outcome({ explanation, store, body }: { explanation: Explanation; store: CaseStore; body: Query }) {
  const outcome = explanation as unknown as OutcomeValues;
  const groups = (explanation["after"] ?? []) as unknown as Group[];
  const alone = (explanation["falls_out"] ?? { n_accounts: 0, accounts: [] }) as unknown as Omit<Group, "name">;
  const [isDrawn, setDrawn] = useState(true);
  useEffect(() => {
    store.compared.value = isDrawn ? comparedOf(outcome, body) : null;
    return () => void (store.compared.value = null);
  }, [explanation, isDrawn]);
  const show = (accounts: string[]) => (store.marked.value = new Set(accounts.map((account) => `a:${account}`)));
  return (
    <>
      <Flows outcome={outcome} />
      <button type="button" class="small" aria-pressed={isDrawn} onClick={() => setDrawn(!isDrawn)}>
        {isDrawn ? "Draw one graph" : "Draw both graphs"}
      </button>
      <ul class="outcome">
        {groups.slice(0, MOST_GROUPS).map((group, place) => (
          <li key={group.name}>
            <span class="part" style={{ background: wheel(place) }} aria-hidden="true" />
            <span>{`group ${count(place + 1)}`}</span>
            <Bar share={group.n_accounts / Math.max(...groups.map((one) => one.n_accounts))} text={counted(group.n_accounts, "account")} />
            {group.accounts.length === group.n_accounts && (
              <button type="button" class="small" onClick={() => show(group.accounts)}>
                Show
              </button>
            )}
          </li>
        ))}
        {groups.length > MOST_GROUPS && <li>{`${counted(groups.length - MOST_GROUPS, "smaller group")}`}</li>}
        {alone.n_accounts > 0 && (
          <li>
            <span>{`${counted(alone.n_accounts, "account")} in no group`}</span>
            {alone.accounts.length === alone.n_accounts && (
              <button type="button" class="small" onClick={() => show(alone.accounts)}>
                Show
              </button>
            )}
          </li>
        )}
      </ul>
    </>
  );
}

function Choices({ store, takeSpan, evidenceKinds }: { store: CaseStore; takeSpan: boolean; evidenceKinds: string[] | null }) {
  const ids = withoutIds();
  // Of a large cluster the picture has the kinds only that tie its groups.
  const kinds = evidenceKinds ?? [...new Set(store.all.value.edges.flatMap((edge) => edge.kind.split(",")))].sort();
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
                <button type="button" class="chip" aria-label={`Restore ${visible(value)}`} onClick={() => setQuery({ without: ids.filter((one) => one !== id).join(BETWEEN) })}>
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
