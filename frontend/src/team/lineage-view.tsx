// A lineage over its runs: a ribbon as wide as its accounts, what joined and left, and the same as a table.
import { useEffect } from "preact/hooks";
import { Explained } from "../case/explained";
import { Heads } from "../elements";
import { useAnswer } from "../loading";
import { linkTo, route } from "../route";
import { count, counted, day, probability } from "../text";
import { read } from "./api";
import type { LineageAnswer, StageRow } from "./types";

const WIDTH = 720;
const MIDDLE = 62;
const HALF = 40; // of the widest run
const MOST_LABELS = 12;

export function LineageView() {
  const name = route.value.subject;
  const answer = useAnswer(`lineage ${name}`, (stop) => read<LineageAnswer>(`lineages/${encodeURIComponent(name)}`, {}, stop));
  useEffect(() => {
    document.title = `${name} \u00b7 graphlink`;
  }, [name]);
  return <Explained answer={answer} what="the lineage" show={({ value }) => <Lineage answer={value} />} />;
}

function Lineage({ answer }: { answer: LineageAnswer }) {
  const { name, stages } = answer;
  const isMerged = answer.goes_on_as !== name;
  return (
    <article class="team-case" aria-label={`Lineage ${name}`}>
      <h2>{name}</h2>
      <p>
        {isMerged && (
          <>
            {"It goes on as "}
            <a href={linkTo("lineage", answer.goes_on_as)}>{answer.goes_on_as}</a>
            {". "}
          </>
        )}
        {answer.cluster_id ? <a href={linkTo("cluster", answer.cluster_id)}>Open the cluster</a> : <span class="quiet">The last run has no cluster of it.</span>}
        {answer.cases.map((number) => (
          <span key={number}>
            {" "}
            <a href={linkTo("case", String(number))}>{`Case ${number}`}</a>
          </span>
        ))}
      </p>
      {stages.length > 0 && <Ribbon name={name} stages={stages} />}
      {answer.events.length > 0 && (
        <section aria-label="What became of it">
          <h3>What became of it</h3>
          <ul class="compact">
            {answer.events.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      )}
      <Stages stages={stages} />
    </article>
  );
}

/** The ribbon; runs without a cluster of it leave a gap. */
function Ribbon({ name, stages }: { name: string; stages: StageRow[] }) {
  const most = Math.max(...stages.map((one) => one.n_accounts), 1);
  const step = stages.length > 1 ? (WIDTH - 80) / (stages.length - 1) : 0;
  const places = stages.map((one, place) => ({ ...one, x: 40 + place * step, half: (HALF * one.n_accounts) / most }));
  const labelled = Math.ceil(stages.length / MOST_LABELS);
  const last = places.at(-1);
  const words = `${name}: ${counted(places[0]?.n_accounts ?? 0, "account")} in ${places[0]?.run ?? ""}, ${counted(last?.n_accounts ?? 0, "account")} in ${last?.run ?? ""}, at most ${count(most)}.`;
  return (
    <figure class="ribbon">
      <svg viewBox={`0 0 ${WIDTH} 132`} role="img" aria-label={words}>
        {places.slice(1).map((to, place) => {
          const from = places[place];
          if (!from || number(to.run) !== number(from.run) + 1) return null; // it was gone in between
          return <path key={to.run} class="band" d={`M${from.x} ${MIDDLE - from.half} L${to.x} ${MIDDLE - to.half} L${to.x} ${MIDDLE + to.half} L${from.x} ${MIDDLE + from.half} Z`} />;
        })}
        {places.map((one, place) => {
          const joined = (HALF * 2 * one.n_joined) / most;
          return (
            <g key={one.run}>
              <title>{`${one.run}: ${counted(one.n_accounts, "account")}, ${count(one.n_joined)} joined, ${count(one.n_left)} left, ${one.change}`}</title>
              <rect class="held" x={one.x - 4} y={MIDDLE - one.half} width={8} height={Math.max(2 * one.half, 1)} />
              {joined > 0 && <rect class="joined" x={one.x - 4} y={MIDDLE - one.half} width={8} height={Math.min(joined, 2 * one.half)} />}
              {(place % labelled === 0 || one === last) && (
                <>
                  <text x={one.x} y={MIDDLE - one.half - 6} text-anchor="middle">
                    {count(one.n_accounts)}
                  </text>
                  <text class="quiet" x={one.x} y={122} text-anchor="middle">
                    {one.run}
                  </text>
                </>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption class="quiet">As wide as its accounts in each run; the marked part of a run joined in it. A gap is a run without it.</figcaption>
    </figure>
  );
}

function number(run: string): number {
  return Number(run.replace("R-", ""));
}

function Stages({ stages }: { stages: StageRow[] }) {
  return (
    <div class="table-scroll" role="region" aria-label="Runs" tabIndex={0}>
      <table>
        <caption class="unsighted">Runs</caption>
        <Heads titles={["run", "data until", "change", "accounts", "joined", "left", "p(operator)"]} />
        <tbody>
          {[...stages].reverse().map((one) => (
            <tr key={one.run}>
              <td>{one.run}</td>
              <td>{one.data_until ? day(one.data_until) : ""}</td>
              <td>{one.change}</td>
              <td>{count(one.n_accounts)}</td>
              <td>{count(one.n_joined)}</td>
              <td>{count(one.n_left)}</td>
              <td>{probability(one.p_same_operator)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
