// Labels on what is explained: y, n or m chooses the verdict, Enter keeps it. For yes the reason is filled in.
import { useEffect, useRef, useState } from "preact/hooks";
import { Key, Name } from "../elements";
import { useAnswer } from "../loading";
import { day } from "../text";
import { may, me, read, write, type Read } from "./api";
import { Refusal, useChange } from "./change";
import type { LabelList, LabelRow, LineageRow, Page } from "./types";

const VERDICTS = [
  ["y", "yes"],
  ["n", "no"],
  ["m", "unsure"],
] as const;
type Verdict = (typeof VERDICTS)[number][1];

interface About {
  account: string;
  other?: string;
  lineage?: string;
}

/** Labels on two accounts. */
export function PairLabels({ l, r, reason }: { l: string; r: string; reason: string }) {
  return <LabelBar question="Does one organisation operate both?" about={{ account: l, other: r }} reason={reason} />;
}

/** Labels on an account and the lineage of its cluster. */
export function MemberLabels({ clusterId, account, reason }: { clusterId: string; account: string; reason: string }) {
  const isServed = me.value !== null;
  const answer = useAnswer(isServed ? `lineage ${clusterId}` : null, (stop) => read<Page<LineageRow>>("lineages", { cluster: clusterId }, stop));
  const lineage = answer.value?.value.rows[0]?.name;
  if (!lineage) return null;
  return <LabelBar question={`Does it belong to ${lineage}?`} about={{ account, lineage }} reason={reason} />;
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return event.ctrlKey || event.metaKey || event.altKey || target.matches("input:not([type=range]), textarea, select") || document.querySelector("dialog[open]") !== null;
}

function LabelBar({ question, about, reason }: { question: string; about: About; reason: string }) {
  const key = JSON.stringify(about);
  const isServed = me.value !== null;
  const answer = useAnswer(isServed ? `labels ${key}` : null, (stop) => read<LabelList>("labels", { ...about }, stop), true);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const isMine = may("labels.write");
  useEffect(() => setVerdict(null), [key]);
  useEffect(() => {
    if (!isMine) return;
    const press = (event: KeyboardEvent) => {
      const chosen = VERDICTS.find(([letter]) => letter === event.key)?.[1];
      if (!chosen || isTyping(event)) return;
      event.preventDefault();
      setVerdict(chosen);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [isMine]);
  if (!isServed) return null;
  const current = answer.value;
  return (
    <section class="choices label-bar" aria-label="Label">
      <div class="row">
        <b>{question}</b>
        {isMine &&
          VERDICTS.map(([letter, name]) => (
            <button key={name} type="button" class="small" aria-pressed={verdict === name} onClick={() => setVerdict(name)}>
              {name} <Key>{letter}</Key>
            </button>
          ))}
      </div>
      {current && <Labels rows={current.value.rows} mayReview={isMine} />}
      {verdict && current && <Reason key={`${key} ${verdict}`} verdict={verdict} about={about} reason={reason} current={current} again={answer.again} close={() => setVerdict(null)} />}
    </section>
  );
}

function Labels({ rows, mayReview }: { rows: LabelRow[]; mayReview: boolean }) {
  const inForce = rows.filter((row) => !row.withdrawn_by);
  if (!inForce.length) return <div class="quiet">Nobody has labelled it.</div>;
  if (mayReview && inForce.some((row) => row.is_blind)) return <div>{`${inForce.find((row) => row.is_blind)?.by ?? ""} has labelled it and asks for a second person: theirs is shown once you have given your own.`}</div>;
  return (
    <ul class="compact">
      {inForce.map((row) => (
        <li key={row.number}>
          <b>{row.verdict}</b> {`by ${row.by}, ${day(row.at)} until ${day(row.expires_at)}: `}
          <Name text={row.why} short={300} />
          {row.review && (
            <div class={row.review.is_other ? "verdict warn" : "quiet"}>
              {`${row.review.is_other ? "Reviewed differently" : "Reviewed"}, without having seen that: `}
              <b>{row.review.verdict}</b> {`by ${row.review.by}: `}
              <Name text={row.review.why} short={300} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

interface ReasonProps {
  verdict: Verdict;
  about: About;
  reason: string;
  current: Read<LabelList>;
  again: () => void;
  close: () => void;
}

function Reason({ verdict, about, reason, current, again, close }: ReasonProps) {
  const field = useRef<HTMLInputElement>(null);
  // The panel states what speaks for one operator: no reason for another verdict.
  const [why, setWhy] = useState(verdict === "yes" ? reason : "");
  const [second, setSecond] = useState(false);
  const waiting = current.value.rows.find((row) => row.is_blind);
  const change = useChange(again);
  useEffect(() => {
    field.current?.focus();
    field.current?.select(); // typing replaces what is filled in
  }, []);
  return (
    <form
      class="team-form"
      onSubmit={(event) => {
        event.preventDefault();
        const act = waiting
          ? change.run(`Reviewed as ${verdict}.`, () => write(`labels/${waiting.number}/review`, { verdict, why }, `"${waiting.version}"`))
          : change.run(`Labelled ${verdict}; the next run follows it.`, () => write("labels", { verdict, why, second, ...about }, current.version));
        void act.then((isDone) => isDone && close());
      }}
      onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), close())}
    >
      <label>
        {`Reason for ${verdict} (Enter keeps it)`}
        <input ref={field} value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      {!waiting && (
        <label class="check">
          <input type="checkbox" checked={second} onChange={(event) => setSecond(event.currentTarget.checked)} />
          Ask a second person, who does not see it before
        </label>
      )}
      <div class="row">
        <button type="submit" class="main" disabled={change.isBusy || !why.trim()}>
          {waiting ? "Review" : "Label"}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
      <Refusal change={change} again={again} />
    </form>
  );
}
