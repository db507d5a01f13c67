// Known organisations: what is known of each, from whom and how surely; facts are added and ended here.
import { useEffect, useState } from "preact/hooks";
import { Explained } from "../case/explained";
import { Heads, Name, Notice } from "../elements";
import { useAnswer } from "../loading";
import { goTo, linkTo, route } from "../route";
import { counted, day, probability } from "../text";
import { may, read, write } from "./api";
import { Refusal, useChange, type Change } from "./change";
import type { FactRow, OrganisationRow, Page } from "./types";

export function OrganisationsView() {
  const answer = useAnswer("organisations", (stop) => read<Page<OrganisationRow>>("organisations", { limit: 500 }, stop));
  const [name, setName] = useState("");
  useEffect(() => {
    document.title = "Organisations \u00b7 graphlink";
  }, []);
  return (
    <div class="cases-page">
      <h2>Known organisations</h2>
      <Explained
        answer={answer}
        what="the organisations"
        show={({ value }) =>
          value.rows.length ? (
            <ul class="compact">
              {value.rows.map((one) => (
                <li key={one.name}>
                  <a href={linkTo("organisation", one.name)}>
                    <Name text={one.name} short={120} />
                  </a>
                  {`: ${counted(one.facts.filter(holds).length, "fact")} in force${one.is_declared ? ", openly a customer" : ""}`}
                </li>
              ))}
            </ul>
          ) : (
            <Notice title="No organisation is known." />
          )
        }
      />
      {may("organisations.write") && (
        <form
          class="row"
          aria-label="New organisation"
          onSubmit={(event) => {
            event.preventDefault();
            goTo("organisation", name.trim());
          }}
        >
          <label class="check">
            Name of another one
            <input value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <button type="submit" disabled={!name.trim()}>
            State what is known
          </button>
        </form>
      )}
    </div>
  );
}

/** Whether a fact holds at this moment. */
function holds(fact: FactRow): boolean {
  return !fact.until_at || Date.parse(fact.until_at) > Date.now();
}

/** One organisation; one that nobody has named yet is there with its first fact. */
export function OrganisationView() {
  const name = route.value.subject;
  const answer = useAnswer(
    `organisation ${name}`,
    async (stop) => {
      const { value } = await read<Page<OrganisationRow>>("organisations", { limit: 500 }, stop);
      return value.rows.some((one) => one.name === name) ? read<OrganisationRow>(`organisations/${encodeURIComponent(name)}`, {}, stop) : { value: null, version: '"0"' };
    },
    true,
  );
  const change = useChange(answer.again);
  useEffect(() => {
    document.title = `${name} \u00b7 graphlink`;
  }, [name]);
  return (
    <article class="team-case" aria-label="Organisation">
      <h2>
        <Name text={name} short={200} />
      </h2>
      <p>
        <a href={linkTo("organisations")}>All organisations</a>
      </p>
      <Refusal change={change} again={answer.again} />
      <Explained
        answer={answer}
        what="the organisation"
        show={({ value, version }) => (
          <>
            {value?.is_declared && <p>Openly a customer: kept apart, and out of the top of the queue.</p>}
            {value ? <Facts rows={value.facts} version={version} change={change} /> : <p class="quiet">Nothing is known of it yet.</p>}
            {may("organisations.write") && <AddFact name={name} version={version} change={change} />}
          </>
        )}
      />
    </article>
  );
}

interface FactsProps {
  rows: FactRow[];
  version: string;
  change: Change;
}

function Facts({ rows, version, change }: FactsProps) {
  return (
    <div class="table-scroll" role="region" aria-label="What is known" tabIndex={0}>
      <table>
        <caption class="unsighted">What is known</caption>
        <Heads titles={["what", "value", "source", "p", "by", "until", "note"]}>
          <th scope="col">
            <span class="unsighted">end</span>
          </th>
        </Heads>
        <tbody>
          {rows.map((one) => (
            <tr key={one.number}>
              <td>{one.what}</td>
              <td>{one.what === "account" ? <a href={linkTo("account", one.value)}><Name text={one.value} short={80} /></a> : <Name text={one.value} short={80} />}</td>
              <td>
                <Name text={one.source} short={60} />
              </td>
              <td>{probability(one.confidence)}</td>
              <td>
                <Name text={one.by} short={40} />
              </td>
              <td>{one.until_at ? day(one.until_at) : ""}</td>
              <td class="words">
                <Name text={one.note} short={300} />
              </td>
              <td>{may("organisations.write") && holds(one) && <EndFact fact={one} version={version} change={change} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EndFact({ fact, version, change }: { fact: FactRow; version: string; change: Change }) {
  const [isOpen, setOpen] = useState(false);
  const [why, setWhy] = useState("");
  if (!isOpen) {
    return (
      <button type="button" class="small" onClick={() => setOpen(true)}>
        End
      </button>
    );
  }
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run("The fact has ended.", () => write(`facts/${fact.number}/end`, { why }, version));
      }}
    >
      <label class="check">
        Why
        <input value={why} size={14} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <button type="submit" class="small" disabled={change.isBusy || !why.trim()}>
        End it
      </button>
    </form>
  );
}

const EMPTY = { what: "email_domain", value: "", source: "", note: "" };

function AddFact({ name, version, change }: { name: string; version: string; change: Change }) {
  const [fact, setFact] = useState(EMPTY);
  const [percent, setPercent] = useState(100);
  const put = (part: Partial<typeof EMPTY>) => setFact({ ...fact, ...part });
  return (
    <form
      class="team-form"
      aria-label="Add what is known"
      onSubmit={(event) => {
        event.preventDefault();
        const body = { ...fact, confidence: percent / 100 };
        void change.run("The fact is added.", () => write(`organisations/${encodeURIComponent(name)}/facts`, body, version)).then((isDone) => isDone && setFact(EMPTY));
      }}
    >
      <h3>Add what is known</h3>
      <label>
        What (account, network, hint, or a kind of identifier)
        <input value={fact.what} onInput={(event) => put({ what: event.currentTarget.value })} />
      </label>
      <label>
        Value
        <input value={fact.value} onInput={(event) => put({ value: event.currentTarget.value })} />
      </label>
      <label>
        Source: who states it
        <input value={fact.source} onInput={(event) => put({ source: event.currentTarget.value })} />
      </label>
      <label>
        Probability that it is right, in percent
        <input type="number" min={0} max={100} value={percent} onInput={(event) => setPercent(Number(event.currentTarget.value))} />
      </label>
      <label>
        Note
        <input value={fact.note} onInput={(event) => put({ note: event.currentTarget.value })} />
      </label>
      <button type="submit" disabled={change.isBusy || !fact.what.trim() || !fact.value.trim() || !fact.source.trim()}>
        Add
      </button>
    </form>
  );
}
