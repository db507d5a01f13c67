// A case that goes on in another one, and lineages that get a case of their own.
import { useState } from "preact/hooks";
import { Explained } from "../case/explained";
import { Name } from "../elements";
import { useAnswer } from "../loading";
import { goTo, linkTo } from "../route";
import { counted } from "../text";
import { read, write } from "./api";
import type { Change } from "./change";
import type { CaseList, CaseRow } from "./types";

interface Props {
  about: CaseRow;
  version: string;
  change: Change;
}

/** What cases may be merged into or split off, behind a heading; nothing is read before it is opened. */
export function MergeAndSplit(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="rest" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Merge or split</summary>
      {isOpen && <Merge {...props} />}
      {isOpen && props.about.lineages.length > 1 && <Split {...props} />}
    </details>
  );
}

function Merge({ about, version, change }: Props) {
  // Read again after each change: the versions of the others are what the change is compared with.
  const answer = useAnswer(`others ${about.number} ${version}`, (stop) => read<CaseList>("cases", { state: "open", limit: 500 }, stop));
  return (
    <Explained
      answer={answer}
      what="the other cases"
      show={({ value }) => {
        const others = value.rows.filter((one) => one.number !== about.number);
        if (!others.length) return <p class="quiet">There is no other open case to merge it into.</p>;
        return <MergeForm about={about} version={version} change={change} others={others} isReading={answer.isLoading} again={answer.again} />;
      }}
    />
  );
}

function MergeForm({ about, version, change, others, isReading, again }: Props & { others: CaseRow[]; isReading: boolean; again: () => void }) {
  const [into, setInto] = useState(0);
  const [why, setWhy] = useState("");
  const other = others.find((one) => one.number === into);
  return (
    <form
      class="team-form"
      aria-label="Merge"
      onSubmit={(event) => {
        event.preventDefault();
        if (!other) return;
        const body = { into, into_version: other.version, why };
        void change.run(`Merged into case ${into}.`, () => write(`cases/${about.number}/merge`, body, version)).then((isDone) => (isDone ? goTo("case", String(into)) : again()));
      }}
    >
      <label>
        Merge it into
        <select value={into} onChange={(event) => setInto(Number(event.currentTarget.value))}>
          <option value={0}>choose a case</option>
          {others.map((one) => (
            <option key={one.number} value={one.number}>
              {`Case ${one.number}: ${one.title.slice(0, 60) || one.lineages.map(({ name }) => name).join(", ")}`}
            </option>
          ))}
        </select>
      </label>
      {other && (
        <div class="quiet">
          <a href={linkTo("case", String(other.number))}>{`Case ${other.number}`}</a>
          {`, ${other.status}, ${other.assignee ? `assigned to ${other.assignee}` : "nobody's"}, ${counted(other.n_comments, "comment")}. It goes on with the lineages of both; this one is closed as a duplicate and keeps its number.`}
        </div>
      )}
      <label>
        Reason for the merge
        <input value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={change.isBusy || isReading || !other || !why.trim()}>
        Merge
      </button>
    </form>
  );
}

function Split({ about, version, change }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [title, setTitle] = useState("");
  const toggle = (name: string) => setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const isSome = chosen.length > 0 && chosen.length < about.lineages.length;
  return (
    <form
      class="team-form"
      aria-label="Split"
      onSubmit={(event) => {
        event.preventDefault();
        let made = "";
        const split = async () => {
          made = String((await write(`cases/${about.number}/split`, { lineages: chosen, title }, version)).value.number);
        };
        void change.run("They have a case of their own.", split).then((isDone) => isDone && goTo("case", made));
      }}
    >
      <fieldset class="row">
        <legend>Split off</legend>
        {about.lineages.map(({ name }) => (
          <label key={name} class="check">
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            <Name text={name} />
          </label>
        ))}
      </fieldset>
      <label>
        Title of the new case
        <input value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={change.isBusy || !isSome || !title.trim()}>
        Split
      </button>
    </form>
  );
}
