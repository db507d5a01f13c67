// A pair's waterfall: from the prior, through each evidence item, to the probability.
import { Name } from "../elements";
import { bits, count, minute, probability, signedBits, words } from "../text";
import { Kind } from "./legend";

export interface Step {
  kind: string;
  value: string;
  facet: string;
  bits: number;
  contribution_bits: number;
  total_bits: number;
  probability: number;
  counts: string;
  why_less: string;
  n_windows: number;
  window_degree: number | null;
  degree: number | null;
  p_exclusive: number | null;
  is_hub: boolean;
  label: string | null;
  first_joint: string | null;
  last_joint: string | null;
  n_others: number;
  others: string[];
}

export interface PairExplanation {
  account_id_l: string;
  account_id_r: string;
  prior_bits: number;
  bits: number | null;
  p_direct: number | null;
  probability: number | null;
  evidence: Step[];
  against: { reason: string; kind: string; value: string; bits: number | null; detail: string }[];
  headline: string;
  missing: string[];
  sentences: string[];
}

/** What an item rests on: how rare it is, when both held it, why it counts less. */
function aboutStep(step: Step): string {
  const facts: string[] = [];
  if (step.degree !== null) facts.push(step.degree === 2 ? "only these two use it" : `${count(step.degree)} use it`);
  if (step.p_exclusive !== null) facts.push(`p(exclusive) ${probability(step.p_exclusive)}`);
  if (step.first_joint) facts.push(`both ${minute(step.first_joint)} to ${minute(step.last_joint)}`);
  if (step.n_windows > 1) facts.push(`${count(step.n_windows)} windows`);
  if (step.label) facts.push(`listed as ${step.label}`);
  if (step.why_less) facts.push(step.why_less);
  return facts.join("; ");
}

interface BarProps {
  from: number;
  to: number;
  low: number;
  high: number;
  tone: string;
}

function Step({ from, to, low, high, tone }: BarProps) {
  const at = (value: number) => ((value - low) / (high - low)) * 100;
  const left = Math.min(at(from), at(to));
  return (
    <span class="fall-track" aria-hidden="true">
      <span class="fall-zero" style={{ left: `${at(0)}%` }} />
      <span class={`fall-bar ${tone}`} style={{ left: `${left}%`, width: `${Math.max(0.8, Math.abs(at(to) - at(from)))}%` }} />
    </span>
  );
}

/** The waterfall as a list that reads from top to bottom. */
export function Waterfall({ pair }: { pair: PairExplanation }) {
  const totals = [0, pair.prior_bits, ...pair.evidence.map((step) => step.total_bits)];
  const [low, high] = [Math.min(...totals) - 0.5, Math.max(...totals) + 0.5];
  return (
    <ol class="waterfall" aria-label="From the prior to what the two share, in bits">
      <li>
        <div class="fall-head">
          <span>Prior: two accounts at random</span>
          <b>{signedBits(pair.prior_bits)}</b>
        </div>
        <Step from={0} to={pair.prior_bits} low={low} high={high} tone="against" />
      </li>
      {pair.evidence.map((step, place) => (
        <li key={place} class={step.counts}>
          <div class="fall-head">
            <span>
              <Kind kind={step.kind} facet={step.facet} /> {step.value ? <Name text={step.value} short={50} /> : words(step.facet)}
            </span>
            <b>{signedBits(step.contribution_bits)}</b>
          </div>
          <Step from={step.total_bits - step.contribution_bits} to={step.total_bits} low={low} high={high} tone={step.contribution_bits < 0 ? "against" : "for"} />
          <div class="quiet">
            <Name text={aboutStep(step)} short={400} />
          </div>
        </li>
      ))}
      <li class="fall-sum">
        <div class="fall-head">
          <span>{`What the two share: p ${probability(pair.p_direct)}`}</span>
          <b>{bits(pair.bits)}</b>
        </div>
        <Step from={0} to={pair.bits ?? 0} low={low} high={high} tone="sum" />
      </li>
    </ol>
  );
}
