// What decides about a cluster, before anything else: the hypotheses and their probabilities, what else
// explains it, and how its accounts differ from others.
import type { ComponentChildren } from "preact";
import { wordsOf } from "../definitions";
import { Bar, Name } from "../elements";
import { counted, probability, words } from "../text";
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
          <Bar share={p ?? 0} text={probability(p)} tone={name === "same_operator" && cluster.words.finding === "same_operator" ? "against" : "accent"} />
        </li>
      ))}
    </ul>
  );
}

interface Signal {
  signal: string;
  value: number | null;
  baseline: number | null;
  n_accounts: number;
  detail: string;
  is_notable: boolean;
  value_words: string;
  baseline_words: string;
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

/** A row of a table of measures: what is measured, and three cells beside it. */
interface Measure {
  key: string;
  what: ComponentChildren;
  cells: readonly string[];
  detail: string;
}

interface Texts {
  heading: string;
  what: string;
  columns: readonly string[];
  one: string;
  captions: readonly [string, string];
}

function MeasureRows({ rows, caption, texts }: { rows: Measure[]; caption: string; texts: Texts }) {
  return (
    <table class="signals">
      <caption class="unsighted">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.what}</th>
          {texts.columns.map((title) => (
            <th key={title} scope="col" class="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, what, cells, detail }) => (
          <tr key={key} title={detail}>
            <td>{what}</td>
            {cells.map((cell, i) => (
              <td key={texts.columns[i]} class={i === cells.length - 1 ? "number times" : "number"}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Measures of a cluster: what is unusual first under a heading, the others folded away. */
function Measures({ unusual, others, texts }: { unusual: Measure[]; others: Measure[]; texts: Texts }) {
  return (
    <>
      {unusual.length > 0 && (
        <>
          <h4>{texts.heading}</h4>
          <MeasureRows rows={unusual} caption={texts.captions[0]} texts={texts} />
        </>
      )}
      {others.length > 0 && (
        <details class="rest">
          <summary>{counted(others.length, unusual.length ? `further ${texts.one}` : texts.one)}</summary>
          <MeasureRows rows={others} caption={texts.captions[1]} texts={texts} />
        </details>
      )}
    </>
  );
}

const SIGNALS: Texts = {
  heading: "How they differ from others",
  what: "Its accounts",
  columns: ["here", "usual", "ratio"],
  one: "signal",
  captions: ["Signals far from the usual", "Further signals"],
};

function ofSignal(signal: Signal): Measure {
  return {
    key: signal.signal,
    what: signal.detail.split("; usual:")[0] || words(signal.signal),
    cells: [signal.value_words, signal.baseline_words || "\u2013", against(signal)],
    detail: signal.detail,
  };
}

/** The signals: those furthest from the baseline first, the others folded away. */
export function Signals({ explanation }: { explanation: Explanation }) {
  const signals = ((explanation["signals"] ?? []) as unknown as Signal[]).filter((signal) => signal.value !== null);
  const order = [...signals].sort((a, b) => distance(b) - distance(a));
  const far = order.filter((signal) => signal.is_notable).slice(0, FIRST);
  const others = order.filter((signal) => !far.includes(signal));
  return <Measures unusual={far.map(ofSignal)} others={others.map(ofSignal)} texts={SIGNALS} />;
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

const FACTS: Texts = {
  heading: "How they call, unlike others",
  what: "Facts",
  columns: ["here", "usual", "ratio"],
  one: "fact",
  captions: ["Unusual facts, with intervals", "Further facts, with intervals"],
};

function ofFact(fact: Fact): Measure {
  return {
    key: `${fact.measure}\n${fact.fact}\n${fact.category}`,
    what: <Name text={fact.name} short={60} />,
    cells: [fact.value_words, fact.usual_words || "\u2013", fact.ratio_words],
    detail: fact.detail,
  };
}

/** How its accounts call, beside what is usual: the unusual facts first, the others folded away. */
export function ClusterFacts({ explanation }: { explanation: Explanation }) {
  const facts = (explanation["facts"] ?? []) as unknown as Fact[];
  const unusual = facts.filter((fact) => fact.is_unusual);
  const others = facts.filter((fact) => !fact.is_unusual);
  return <Measures unusual={unusual.map(ofFact)} others={others.map(ofFact)} texts={FACTS} />;
}
