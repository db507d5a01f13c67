// The action list: accounts collected over cases, whom closing them would hit, and the list as a file.
import { clearPlan, giveReason, planned, unplan, type Planned } from "../actions";
import { post } from "../api";
import { Explained } from "../case/explained";
import { Sentences, type Explanation } from "../case/explanation";
import { Name } from "../elements";
import { useAnswer } from "../loading";
import { goTo, linkTo } from "../route";
import { DataTable, type Column } from "../table";
import { count, counted, visible } from "../text";

const COLUMNS: Column<Planned>[] = [
  { name: "account_id", title: "Account", value: (row) => row.account_id, cell: (row) => <Name text={row.account_id} short={60} /> },
  { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id },
  { name: "reason", title: "Reason", value: (row) => row.reason, cell: (row) => <Name text={row.reason || "\u2013"} short={120} /> },
  {
    name: "off",
    title: "Remove",
    unsorted: true,
    unsaved: true,
    value: () => null,
    cell: (row) => (
      <button
        type="button"
        class="small"
        aria-label={`Remove ${visible(row.account_id)}`}
        onClick={(event) => {
          event.stopPropagation();
          unplan(row.account_id);
        }}
      >
        Remove
      </button>
    ),
  },
];

export function ActionsView() {
  const rows = planned.value;
  const accounts = rows.map((row) => row.account_id);
  const answer = useAnswer(rows.length ? JSON.stringify(accounts) : null, (stop) => post<Explanation>("collateral", { accounts, identifiers: [] }, stop));
  if (!rows.length) {
    return (
      <div class="page">
        <h2>Action list</h2>
        <p>No account is on the list. Select accounts in a case, see whom closing them would hit under Collateral, and add them there.</p>
        <a href={linkTo("queue")}>To the queue</a>
      </div>
    );
  }
  const clusters = [...new Set(rows.map((row) => row.cluster_id))];
  return (
    <div class="page">
      <h2>{`Action list: ${counted(rows.length, "account")} of ${counted(clusters.length, "cluster")}`}</h2>
      <p class="quiet">The list stays in this tab only. Save it as CSV to hand it on; a decision needs a second person.</p>
      <h3>Whom closing them all would hit</h3>
      <Explained answer={answer} what="the collateral" show={(explanation) => <Sentences explanation={explanation} />} />
      <h3>Reasons</h3>
      {clusters.map((cluster) => (
        <p key={cluster} class="row">
          <label>
            {`${visible(cluster)} (${count(rows.filter((row) => row.cluster_id === cluster).length)}) `}
            <input value={rows.find((row) => row.cluster_id === cluster)?.reason ?? ""} maxLength={300} size={50} onChange={(event) => giveReason(cluster, event.currentTarget.value)} />
          </label>
        </p>
      ))}
      <DataTable
        caption="Accounts on the list"
        file="graphlink-actions"
        columns={COLUMNS}
        rows={rows}
        keyOf={(row) => row.account_id}
        onChoose={(row) => goTo("cluster", row.cluster_id, { select: `a:${row.account_id}` })}
        empty=""
        tools={
          <button type="button" class="small" onClick={clearPlan}>
            Clear the list
          </button>
        }
      />
    </div>
  );
}
