// The cases to work on: mine first, then nobody's; and the proposals that wait for a second person.
import { Heads, Name, Notice, Tabs } from "../elements";
import { useAnswer } from "../loading";
import { linkTo, route, setQuery } from "../route";
import { count, day, probability } from "../text";
import { may, me, read } from "./api";
import { Parts } from "./parts";
import type { CaseRow, ConflictRow, DecisionRow, LineageName, OverviewAnswer } from "./types";

const LISTS = [
  ["queue", "To work on"],
  ["all", "All cases"],
  ["decisions", "Proposals"],
  ["conflicts", "Conflicts"],
] as const;

type List = (typeof LISTS)[number][0];
type ListOfCases = "queue" | "all";

export function CasesView() {
  const list = (route.value.query.get("list") ?? "queue") as List;
  const overview = useAnswer("overview", (stop) => read<OverviewAnswer>("overview", {}, stop));
  const now = overview.value?.value;
  return (
    <div class="cases-page">
      <h2>Cases</h2>
      {may("organisations.read") && (
        <p>
          <a href={linkTo("organisations")}>Known organisations</a>
        </p>
      )}
      {now && (
        <p class="quiet">
          {`${now.run || "No run yet"}: ${count(now.n_mine)} of yours, ${count(now.n_unassigned)} of nobody, ${count(now.n_to_decide)} to approve or reject, ${count(now.n_open_alerts)} open alerts, ${count(now.n_back)} accounts back.`}
        </p>
      )}
      <Tabs title="Lists of cases" tabs={LISTS} chosen={list} panel="cases-body" choose={(name) => setQuery({ list: name })} />
      <div id="cases-body" role="tabpanel" aria-labelledby={`tab-${list}`} class="tab-body" tabIndex={0}>
        {list === "decisions" ? <Proposals /> : list === "conflicts" ? <Conflicts /> : <CaseTable list={list} />}
      </div>
    </div>
  );
}

function CaseTable({ list }: { list: ListOfCases }) {
  const show = (rows: CaseRow[]) => <CaseRows rows={rows} />;
  return list === "queue" ? <Parts key="queue" path="queue" what="the cases" show={show} /> : <Parts key="cases" path="cases" query={{ state: "all" }} what="the cases" show={show} />;
}

function CaseRows({ rows }: { rows: CaseRow[] }) {
  if (!rows.length) return <Notice title="No cases here." />;
  const name = me.value?.name;
  return (
    <div class="table-scroll">
      <table>
        <caption class="unsighted">Cases</caption>
        <Heads titles={["case", "about", "status", "whose", "priority", "alerts", "changed"]} />
        <tbody>
          {rows.map((one) => (
            <tr key={one.number}>
              <td>
                <a href={linkTo("case", String(one.number))}>
                  {`Case ${one.number} `}
                  {!one.lineages.some((lineage) => lineage.name === one.title) && <Name text={one.title} short={80} />}
                </a>
              </td>
              <td>{one.lineages.map(aboutLineage).join("; ")}</td>
              <td>{one.status}</td>
              <td>{one.assignee === name ? <b>mine</b> : <Name text={one.assignee || "nobody"} short={40} />}</td>
              <td>{one.priority}</td>
              <td>{one.alerts.at(-1) ?? ""}</td>
              <td>{day(one.changed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A lineage with what there is of it: "K-1: 146 accounts, p 0.985". */
function aboutLineage({ name, n_accounts, p_same_operator }: LineageName): string {
  if (n_accounts === null) return `${name}: not in the last run`;
  return `${name}: ${count(n_accounts)} accounts, p ${probability(p_same_operator)}`;
}

/** Labels and decisions to look at again, and why. */
function Conflicts() {
  const show = (rows: ConflictRow[]) => (rows.length ? <ConflictTable rows={rows} /> : <Notice title="No label or decision is in conflict." />);
  return <Parts path="conflicts" what="the conflicts" show={show} />;
}

function ConflictTable({ rows }: { rows: ConflictRow[] }) {
  return (
    <div class="table-scroll">
      <table>
        <caption class="unsighted">Conflicts</caption>
        <Heads titles={["what", "about", "conflict", "in words", "by"]} />
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.about} ${one.kind}`}>
              <td>{one.case === null ? one.about : <a href={linkTo("case", String(one.case))}>{one.about}</a>}</td>
              <td>
                {one.account ? (
                  <a href={linkTo("account", one.account)}>
                    <Name text={one.account} short={60} />
                  </a>
                ) : (
                  <Name text={one.subject} short={80} />
                )}
                {one.other && (
                  <>
                    {" and "}
                    <a href={linkTo("account", one.other)}>
                      <Name text={one.other} short={60} />
                    </a>
                  </>
                )}
              </td>
              <td>{one.kind}</td>
              <td class="words">
                <Name text={one.detail} short={600} />
              </td>
              <td>
                <Name text={one.by} short={40} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Proposals() {
  const show = (rows: DecisionRow[]) =>
    rows.length ? (
      <ul class="compact">
        {rows.map((one) => (
          <li key={one.number}>
            <a href={linkTo("case", String(one.case))}>{`D-${one.number} in case ${one.case}`}</a>
            {`: ${one.is_blind ? "something about" : one.action} ${count(one.n_accounts)} accounts of ${one.lineage}, proposed by ${one.proposed_by}`}
          </li>
        ))}
      </ul>
    ) : (
      <Notice title="No proposal waits for anybody." />
    );
  return <Parts path="decisions" query={{ state: "proposed" }} what="the proposals" show={show} />;
}
