// Decisions of a case: propose with a reason and the collateral, approve or reject as a second person, export.
import { useState } from "preact/hooks";
import { clusterPath, get, post } from "../api";
import { Explained } from "../case/explained";
import { Sentences, type Explanation } from "../case/explanation";
import { Name } from "../elements";
import { useAnswer } from "../loading";
import { saveFile } from "../take";
import { count, counted, probability } from "../text";
import type { Member, Page } from "../types";
import { may, me, read, write } from "./api";
import type { Change } from "./change";
import type { CaseRow, DecisionAnswer, DecisionRow, ExportAnswer } from "./types";

const ACTIONS = ["close", "suspend", "restrict", "verify"];

/** The decisions of a case, the newest first. */
export function Decisions({ rows, change }: { rows: DecisionRow[]; change: Change }) {
  if (!rows.length) return <p class="quiet">None yet.</p>;
  return (
    <>
      {[...rows].reverse().map((one) => (
        <Decision key={one.number} row={one} change={change} />
      ))}
    </>
  );
}

function Decision({ row, change }: { row: DecisionRow; change: Change }) {
  const answer = useAnswer(`decision ${row.number} ${row.version}`, (stop) => read<DecisionAnswer>(`decisions/${row.number}`, {}, stop));
  return (
    <section class="choices" aria-label={`Decision D-${row.number}`}>
      <h4>{`D-${row.number}: ${row.is_blind ? "a proposal about" : row.action} ${counted(row.n_accounts, "account")} of ${row.lineage}, ${row.state}`}</h4>
      {!row.is_blind && (
        <div>
          {`${row.proposed_by}: `}
          <Name text={row.why} short={2_000} />
        </div>
      )}
      {row.decided_by && (
        <div>
          {`${row.decided_by} ${row.state} it: `}
          <Name text={row.decided_why} short={2_000} />
        </div>
      )}
      <Explained answer={answer} what="the decision" show={({ value, version }) => <Evidence answer={value} version={version} change={change} />} />
    </section>
  );
}

function Evidence({ answer, version, change }: { answer: DecisionAnswer; version: string; change: Change }) {
  const { decision, accounts } = answer;
  const isOwn = decision.proposed_by === me.value?.name;
  return (
    <>
      {answer.collateral.length > 0 && (
        <>
          <b>Collateral, as of the proposal</b>
          <ul class="compact">
            {answer.collateral.map((sentence) => (
              <li key={sentence}>
                <Name text={sentence} short={600} />
              </li>
            ))}
          </ul>
        </>
      )}
      {answer.changes.length > 0 && (
        <p class="verdict warn">
          {"Since the proposal: "}
          <Name text={answer.changes.join(" ")} short={1_000} />
        </p>
      )}
      <details class="rest">
        <summary>{counted(accounts.length, "account")}</summary>
        <ul class="compact">
          {accounts.map((one) => (
            <li key={one.account_id}>
              <Name text={one.account_id} short={80} /> {`${one.role}, p ${probability(one.probability)}`}
            </li>
          ))}
        </ul>
      </details>
      {answer.reviews.map((one) => (
        <div key={one.at + one.by} class={one.is_other ? "verdict warn" : ""}>
          {`${one.by}, without having seen the proposal, would ${one.verdict === "nothing" ? "do nothing" : one.verdict}: `}
          <Name text={one.why} short={2_000} />
        </div>
      ))}
      {answer.may_review && <Review row={decision} version={version} change={change} />}
      {decision.state === "proposed" && answer.may_decide && <Decide row={decision} version={version} change={change} words={["Approve", "Reject"]} />}
      {decision.state === "proposed" && isOwn && (
        <>
          <p class="quiet">A second person approves or rejects it.</p>
          <Decide row={decision} version={version} change={change} words={["Withdraw"]} />
        </>
      )}
      {decision.state === "approved" && may("decisions.export") && <ExportRow row={decision} version={version} change={change} />}
    </>
  );
}

/** What one would do oneself, before the proposal is shown. */
function Review({ row, version, change }: { row: DecisionRow; version: string; change: Change }) {
  const [action, setAction] = useState("");
  const [why, setWhy] = useState("");
  return (
    <form
      class="team-form"
      aria-label="Review"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run(`D-${row.number}: your verdict stands; the proposal is shown.`, () => write(`decisions/${row.number}/review`, { action, why }, version));
      }}
    >
      <p>{`${row.proposed_by} proposes something about these accounts. It is shown once you have stated what you would do yourself.`}</p>
      <label>
        What would you do?
        <select value={action} onChange={(event) => setAction(event.currentTarget.value)}>
          <option value="">choose</option>
          {[...ACTIONS, "nothing"].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label>
        Reason for your verdict
        <input value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <button type="submit" class="main" disabled={change.isBusy || !action || !why.trim()}>
        Give your verdict
      </button>
    </form>
  );
}

function Decide({ row, version, change, words }: { row: DecisionRow; version: string; change: Change; words: string[] }) {
  const [why, setWhy] = useState("");
  const act = (word: string) => void change.run(`D-${row.number}: done.`, () => write(`decisions/${row.number}/${word.toLowerCase()}`, { why }, version));
  return (
    <form class="team-form" onSubmit={(event) => event.preventDefault()}>
      <label>
        {`Reason for D-${row.number}`}
        <input value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <div class="row">
        {words.map((word, place) => (
          <button key={word} type="button" class={place ? "" : "main"} disabled={change.isBusy || !why.trim()} onClick={() => act(word)}>
            {word}
          </button>
        ))}
      </div>
    </form>
  );
}

function ExportRow({ row, version, change }: { row: DecisionRow; version: string; change: Change }) {
  const save = (form: string) =>
    void change.run(`D-${row.number} is exported.`, async () => {
      const { value } = await write<ExportAnswer>(`decisions/${row.number}/export`, { form }, version);
      saveFile(value.name, value.content, "text/plain");
    });
  return (
    <div class="row">
      {["csv", "json", "stix"].map((form) => (
        <button key={form} type="button" disabled={change.isBusy} onClick={() => save(form)}>
          {`Export ${form.toUpperCase()}`}
        </button>
      ))}
      <span class="quiet">{row.n_exports ? `Exported ${counted(row.n_exports, "time")} before: somebody may have acted on it.` : ""}</span>
    </div>
  );
}

/** The core of a cluster, as a proposal takes it. */
async function coreOf(clusterId: string, stop: AbortSignal): Promise<string[]> {
  const core: string[] = [];
  for (let offset = 0, total = 1; offset < Math.min(total, 20_000); offset += 500) {
    const page = await get<Page<Member>>(clusterPath(clusterId, "members"), { limit: 500, offset }, stop);
    core.push(...page.rows.filter((row) => row.role === "core").map((row) => row.account_id));
    total = page.total;
  }
  return core;
}

export function Propose({ about, version, change }: { about: CaseRow; version: string; change: Change }) {
  const [isOpen, setOpen] = useState(false);
  const [action, setAction] = useState("close");
  const [lineage, setLineage] = useState(about.lineages[0]?.name ?? "");
  const [why, setWhy] = useState("");
  const cluster = about.lineages.find((one) => one.name === lineage)?.cluster_id ?? null;
  const collateral = useAnswer(isOpen && cluster ? cluster : null, async (stop) => {
    const accounts = await coreOf(cluster ?? "", stop);
    return { accounts, explanation: await post<Explanation>("collateral", { accounts, identifiers: [] }, stop) };
  });
  if (!isOpen) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        Propose a decision
      </button>
    );
  }
  return (
    <form
      class="team-form choices"
      aria-label="Proposal"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run("Proposed; a second person decides.", () => write(`cases/${about.number}/decisions`, { action, why, lineage }, version));
      }}
    >
      <div class="row">
        <label class="check">
          Action
          <select value={action} onChange={(event) => setAction(event.currentTarget.value)}>
            {ACTIONS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {about.lineages.length > 1 && (
          <label class="check">
            Lineage
            <select value={lineage} onChange={(event) => setLineage(event.currentTarget.value)}>
              {about.lineages.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      {cluster ? (
        <Explained
          answer={collateral}
          what="the collateral"
          show={({ accounts, explanation }) => (
            <>
              <b>{`It takes the core: ${count(accounts.length)} accounts. Collateral:`}</b>
              <Sentences explanation={explanation} />
            </>
          )}
        />
      ) : (
        <p class="quiet">The last run has no cluster of this lineage.</p>
      )}
      <label>
        Reason for the proposal
        <textarea rows={3} value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
      <div class="row">
        <button type="submit" class="main" disabled={change.isBusy || !why.trim() || !cluster}>
          Propose
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
