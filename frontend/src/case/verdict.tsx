// What decides about a cluster, before anything else: the hypotheses and their probabilities, what else
// explains it, and how its accounts differ from others.
import { wordsOf } from "../definitions";
import { Bar, Name } from "../elements";
import { bits, counted, probability, words } from "../text";
import type { Cluster } from "../types";
import type { Explanation } from "./explanation";

const HYPOTHESES = ["same_operator", "shared_intermediary", "shared_network", "openly_one_organisation"] as const;

/** The hypotheses with their probabilities, the likeliest marked; nothing when the run has none. */
export function Hypotheses({ cluster }: { cluster: Cluster }) {
  const rows = HYPOTHESES.map((name) => ({ name, about: wordsOf("hypothesis", name), p: cluster[`p_${name}`] })).filter((row) => row.p !== null);
  if (!rows.length) return null;
  return (
    <ul class="hypotheses" aria-label="Hypotheses">
      {rows.map(({ name, about, p }) => (
        <li key={name} class={name === cluster.hypothesis ? "likeliest" : ""}>
          <span>{about}</span>
          <Bar share={p ?? 0} text={probability(p)} tone={name === "same_operator" ? "against" : "accent"} />
        </li>
      ))}
    </ul>
  );
}

/** Why to be slow: the closest rival, what is harmless and explains it too, and what coincidence would give. */
export function Doubts({ cluster }: { cluster: Cluster }) {
  const isClose = cluster.rival_bits !== null && cluster.rival_bits < 3.3; // odds of less than ten to one
  return (
    <>
      {cluster.words.constraint_sentence && <p class="verdict">{cluster.words.constraint_sentence}</p>}
      {cluster.words.harmless_sentence && <p class="verdict warn">{cluster.words.harmless_sentence}</p>}
      {cluster.rival && cluster.rival_bits !== null && (
        <p class={isClose ? "verdict warn" : "rival"}>
          {`Closest rival: ${wordsOf("hypothesis", cluster.rival)}, ${bits(cluster.rival_bits)} bits behind${isClose ? ": hard to distinguish" : ""}.`}
        </p>
      )}
      {[cluster.words.chance_sentence, cluster.words.fdr_sentence].filter(Boolean).map((sentence) => (
        <p key={sentence} class="rival">
          {sentence}
        </p>
      ))}
    </>
  );
}

interface Signal {
  signal: string;
  value: number | null;
  baseline: number | null;
  n_accounts: number;
  detail: string;
  is_notable: boolean;
}

function number(value: number): string {
  return new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(value);
}

/** How far a signal is from the baseline, in doublings; what has nothing to compare with comes last. */
function distance({ value, baseline }: Signal): number {
  if (value === null || baseline === null || value <= 0 || baseline <= 0) return value && !baseline && baseline !== null ? Infinity : 0;
  return Math.abs(Math.log2(value / baseline));
}

/** How a signal compares with its baseline; none where the difference is noise. */
function against({ value, baseline, is_notable }: Signal): string {
  if (value === null || baseline === null || value <= 0 || baseline <= 0 || !is_notable) return "";
  const times = value / baseline;
  return times >= 1 ? `${number(times)}\u00d7` : `1/${number(1 / times)}`;
}

const FIRST = 5;

function SignalRows({ signals, caption }: { signals: Signal[]; caption: string }) {
  return (
    <table class="signals">
      <caption class="unsighted">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Its accounts</th>
          {["here", "baseline", "is"].map((title) => (
            <th key={title} scope="col" class="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {signals.map((signal) => (
          <tr key={signal.signal} title={signal.detail}>
            <td>{signal.detail.split("; usual:")[0] || words(signal.signal)}</td>
            <td class="number">{number(signal.value ?? 0)}</td>
            <td class="number">{signal.baseline === null ? "\u2013" : number(signal.baseline)}</td>
            <td class="number times">{against(signal)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The signals: those furthest from the baseline first, the others folded away. */
export function Signals({ explanation }: { explanation: Explanation }) {
  const signals = ((explanation["signals"] ?? []) as unknown as Signal[]).filter((signal) => signal.value !== null);
  const order = [...signals].sort((a, b) => distance(b) - distance(a));
  const far = order.filter((signal) => signal.is_notable).slice(0, FIRST);
  const others = order.filter((signal) => !far.includes(signal));
  return (
    <>
      {far.length > 0 && (
        <>
          <h4>How they differ from others</h4>
          <SignalRows signals={far} caption="Signals far from the baseline" />
        </>
      )}
      {others.length > 0 && (
        <details class="rest">
          <summary>{counted(others.length, far.length ? "further signal" : "signal")}</summary>
          <SignalRows signals={others} caption="Further signals" />
        </details>
      )}
    </>
  );
}

interface Fact {
  measure: string;
  fact: string;
  category: string;
  name: string;
  value_words: string;
  usual_words: string;
  ratio_words: string;
  detail: string;
  is_unusual: boolean;
}

function FactRows({ facts, caption }: { facts: Fact[]; caption: string }) {
  return (
    <table class="signals">
      <caption class="unsighted">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Facts</th>
          {["here", "usual", "ratio"].map((title) => (
            <th key={title} scope="col" class="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <tr key={`${fact.measure}\n${fact.fact}\n${fact.category}`} title={fact.detail}>
            <td>
              <Name text={fact.name} short={60} />
            </td>
            <td class="number">{fact.value_words}</td>
            <td class="number">{fact.usual_words || "\u2013"}</td>
            <td class="number times">{fact.ratio_words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How its accounts call, beside what is usual: the unusual facts first, the others folded away. */
export function ClusterFacts({ explanation }: { explanation: Explanation }) {
  const facts = (explanation["facts"] ?? []) as unknown as Fact[];
  const unusual = facts.filter((fact) => fact.is_unusual);
  const others = facts.filter((fact) => !fact.is_unusual);
  if (!facts.length) return null;
  return (
    <>
      {unusual.length > 0 && (
        <>
          <h4>How they call, unlike others</h4>
          <FactRows facts={unusual} caption="Unusual facts, with intervals" />
        </>
      )}
      {others.length > 0 && (
        <details class="rest">
          <summary>{counted(others.length, unusual.length ? "further fact" : "fact")}</summary>
          <FactRows facts={others} caption="Further facts, with intervals" />
        </details>
      )}
    </>
  );
}
