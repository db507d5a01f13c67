// One case: status, assignee and priority, what was done about it, and its decision.
import { useEffect, useState } from "preact/hooks";
import { Explained } from "../case/explained";
import { Name } from "../elements";
import { useAnswer } from "../loading";
import { linkTo, route } from "../route";
import { may, me, read, write } from "./api";
import { ActivityList, Refusal, useChange, type Change } from "./change";
import { ClusterBrief } from "./cluster-brief";
import { Decisions, Propose } from "./decisions";
import { MergeAndSplit } from "./merging";
import { useFurther } from "./parts";
import type { Activity, CaseAnswer } from "./types";

export function TeamCaseView() {
  const number = route.value.subject;
  const answer = useAnswer(`case ${number}`, (stop) => read<CaseAnswer>(`cases/${encodeURIComponent(number)}`, {}, stop), true);
  useEffect(() => {
    document.title = `Case ${number} \u00b7 graphlink`;
  }, [number]);
  return <Explained answer={answer} what="the case" show={({ value, version }) => <Case answer={value} version={version} again={answer.again} />} />;
}

function Case({ answer, version, again }: { answer: CaseAnswer; version: string; again: () => void }) {
  const { case: about, activity } = answer;
  const change = useChange(again);
  const path = `cases/${about.number}`;
  const news = answer.n_news;
  const before = useFurther<Activity>(answer, `${path}/activity`, {}, answer.earlier);
  return (
    <article class="team-case" aria-label={`Case ${about.number}`}>
      <header>
        <h2>
          {about.title ? `Case ${about.number}: ` : `Case ${about.number}`}
          <Name text={about.title} short={200} />
        </h2>
        <p>
          <span class="badge">{about.resolution ? `${about.status}: ${about.resolution}` : about.status}</span>{" "}
          {about.merged_into !== null && (
            <>
              <a href={linkTo("case", String(about.merged_into))}>{`goes on as case ${about.merged_into}`}</a>{" "}
            </>
          )}
          <span class="badge">{`priority ${about.priority}`}</span> <span class="badge">{about.assignee ? `assigned to ${about.assignee}` : "nobody's"}</span>
        </p>
        {about.lineages.map((lineage) => (
          <ClusterBrief key={lineage.name} lineage={lineage} />
        ))}
        {answer.last_own > 0 && <p class="quiet">{news ? `${news} ${news === 1 ? "event" : "events"} since your last one.` : "Nothing since your last event."}</p>}
      </header>
      <Refusal change={change} again={again} about={`case ${about.number}`} />
      <div class="team-columns">
        <section aria-label="Work">
          {may("cases.work") && <Work answer={answer} path={path} version={version} change={change} />}
          <h3>Decision</h3>
          <Decisions rows={answer.decisions} change={change} />
          {may("decisions.propose") && !["proposed", "approved", "closed"].includes(about.status) && about.lineages.length > 0 && (
            <Propose about={about} version={version} change={change} />
          )}
        </section>
        <section aria-label="Activity">
          <h3>Activity</h3>
          <Refusal change={before.change} again={again} />
          {before.next !== null && (
            <button type="button" class="small" disabled={before.change.isBusy} onClick={before.more}>
              Show earlier events
            </button>
          )}
          <ActivityList activity={[...before.rows].reverse().concat(activity)} lastOwn={answer.last_own || Infinity} about={`case ${about.number}`} />
        </section>
      </div>
    </article>
  );
}

interface WorkProps {
  answer: CaseAnswer;
  path: string;
  version: string;
  change: Change;
}

function Work(props: WorkProps) {
  const { answer, path, version, change } = props;
  const about = answer.case;
  return (
    <>
      <div class="row">
        {!about.assignee && (
          <button type="button" class="main" disabled={change.isBusy} onClick={() => void change.run("The case is yours.", () => write(`${path}/claim`, {}, version))}>
            Take it
          </button>
        )}
        {about.assignee === me.value?.name && (
          <button type="button" disabled={change.isBusy} onClick={() => void change.run("The case is nobody's.", () => write(`${path}/release`, {}, version))}>
            Give it back
          </button>
        )}
        {may("cases.assign") && <Assign {...props} />}
        <label class="check">
          Priority
          <select value={about.priority} disabled={change.isBusy} onChange={(event) => void change.run("The priority is set.", () => write(`${path}/priority`, { priority: event.currentTarget.value }, version))}>
            {["high", "normal", "low"].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </div>
      <Comment {...props} />
      {answer.next_statuses.length > 0 && <Status key={about.status} {...props} />}
      {!["proposed", "approved", "closed"].includes(about.status) && <MergeAndSplit about={about} version={version} change={change} />}
    </>
  );
}

function Assign({ path, version, change }: WorkProps) {
  const [to, setTo] = useState("");
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run(to ? `Assigned to ${to}.` : "Assigned to nobody.", () => write(`${path}/assign`, { to }, version)).then((isDone) => isDone && setTo(""));
      }}
    >
      <label class="check">
        Assign to
        <input value={to} onInput={(event) => setTo(event.currentTarget.value)} placeholder="nobody" size={14} />
      </label>
      <button type="submit" disabled={change.isBusy}>
        Assign
      </button>
    </form>
  );
}

function Comment({ path, version, change }: WorkProps) {
  const [text, setText] = useState("");
  return (
    <form
      class="team-form"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run("The comment is there.", () => write(`${path}/comment`, { text }, version)).then((isDone) => isDone && setText(""));
      }}
    >
      <label>
        Comment
        <textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={change.isBusy || !text.trim()}>
        Comment
      </button>
    </form>
  );
}

const RESOLUTIONS = ["acted", "honest", "too little", "duplicate"];

function Status({ answer, path, version, change }: WorkProps) {
  const [status, setStatus] = useState(answer.next_statuses[0] ?? "");
  const [resolution, setResolution] = useState("honest");
  const [why, setWhy] = useState("");
  return (
    <form
      class="team-form"
      onSubmit={(event) => {
        event.preventDefault();
        const body = { status, why, resolution: status === "closed" ? resolution : "" };
        void change.run(`The case is ${status}.`, () => write(`${path}/status`, body, version)).then((isDone) => isDone && setWhy(""));
      }}
    >
      <div class="row">
        <label class="check">
          Status
          <select value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
            {answer.next_statuses.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {status === "closed" && (
          <label class="check">
            as
            <select value={resolution} onChange={(event) => setResolution(event.currentTarget.value)}>
              {RESOLUTIONS.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <label>
        Reason for the status
        <input value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={change.isBusy || !why.trim()}>
        Set the status
      </button>
    </form>
  );
}
