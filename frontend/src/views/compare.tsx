// Two clusters side by side: what decides about each, whether one operator runs both, what both use and what
// only one does.
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { KindMark } from "../case/legend";
import { Bar, Loading, Name, Notice } from "../elements";
import { useAnswer } from "../loading";
import { linkTo, route, setQuery } from "../route";
import { DataTable, type Column } from "../table";
import { bits, count, counted, percent, probability, visible, words } from "../text";
import type { Bridge, Cluster, ComparedSide, Comparison, InfrastructureRow, NearCluster, OnlyOne, SharedIdentifier } from "../types";

function nameOf({ lineage, cluster_id }: { lineage: string | null; cluster_id: string }): string {
  return lineage ? `${visible(lineage)} \u00b7 ${visible(cluster_id)}` : visible(cluster_id);
}

export function CompareView() {
  const { subject, query } = route.value;
  const right = query.get("with") ?? "";
  const answer = useAnswer(`${subject}\n${right}`, (stop) => get<Comparison>("compare", { left: subject, right }, stop));
  const page = answer.value;
  useEffect(() => {
    document.title = `Compare ${visible(subject)} \u00b7 graphlink`;
  }, [subject]);
  if (answer.error) {
    return (
      <Notice title="The clusters can't be compared." tone="error">
        {answer.error.message} <a href={linkTo("queue")}>Back to the queue</a>{" "}
        <button type="button" onClick={answer.again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!page) return <Loading what="the two clusters" />;
  if (!page.right) {
    return (
      <Notice title={`Nothing leads from ${nameOf(page.left.cluster)} to another cluster.`}>
        No link, and no identifier of at most 1,000 accounts. <a href={linkTo("cluster", subject)}>Back to the case</a>
      </Notice>
    );
  }
  return <Both page={page} right={page.right} />;
}

function Both({ page, right }: { page: Comparison; right: ComparedSide }) {
  const [left, other] = [page.left.cluster, right.cluster];
  return (
    <div class="compare">
      <header class="case-title">
        <h2>{`${nameOf(left)} and ${nameOf(other)}`}</h2>
        <span class="row case-actions">
          <Chooser near={page.near} chosen={other} />
          <a class="button" href={linkTo("compare", other.cluster_id, { with: left.cluster_id })} title="The other one on the left, with the clusters that links lead to from it">
            Swap
          </a>
        </span>
      </header>
      <section class="compare-verdict" aria-label="One operator for both?">
        <h3>One operator for both?</h3>
        {page.probability !== null && <Bar share={page.probability} text={`p ${probability(page.probability)}`} tone={page.goal !== null && page.probability >= page.goal ? "accent" : "quiet"} />}
        <ul>
          {page.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </section>
      <SideBySide left={page.left} right={right} />
      {page.bridges.length > 0 && <Bridges page={page} left={left} right={other} />}
      <Shared page={page} left={left} right={other} />
      <div class="compare-only">
        <Only title={nameOf(left)} other={nameOf(other)} only={page.only_left} />
        <Only title={nameOf(other)} other={nameOf(left)} only={page.only_right} />
      </div>
    </div>
  );
}

/** The clusters that links or identifiers lead to, of which one is compared. */
function Chooser({ near, chosen }: { near: NearCluster[]; chosen: Cluster }) {
  const isNear = near.some((one) => one.cluster_id === chosen.cluster_id);
  return (
    <label>
      {"Compare with "}
      <select value={chosen.cluster_id} onChange={(event) => setQuery({ with: event.currentTarget.value })}>
        {!isNear && <option value={chosen.cluster_id}>{`${nameOf(chosen)}: nothing links them`}</option>}
        {near.map((one) => (
          <option key={one.cluster_id} value={one.cluster_id}>
            {`${nameOf(one)}: ${counted(one.n_links, "link")}, ${count(one.n_shared)} shared`}
          </option>
        ))}
      </select>
    </label>
  );
}

function SideBySide({ left, right }: { left: ComparedSide; right: ComparedSide }) {
  const rows: [string, (side: ComparedSide) => string][] = [
    ["Most likely", ({ brief }) => brief.what],
    ["Accounts", ({ brief }) => brief.accounts],
    ["Since", ({ brief }) => brief.since],
    ["Through", ({ brief }) => brief.through],
    ["Came back", ({ brief }) => brief.back],
    ["How sure", ({ brief }) => brief.sure],
    ["What else", ({ brief }) => brief.otherwise],
    ["Rests on", ({ cluster }) => cluster.facets.map(({ facet, share }) => (share === null ? words(facet) : `${words(facet)} ${percent(share)}`)).join(", ") || "\u2013"],
  ];
  return (
    <table class="compare-table">
      <caption class="unsighted">What decides about each</caption>
      <thead>
        <tr>
          <td />
          {[left, right].map(({ cluster }) => (
            <th key={cluster.cluster_id} scope="col">
              <a href={linkTo("cluster", cluster.cluster_id)}>{nameOf(cluster)}</a> <span class={`badge ${cluster.words.finding}`}>{cluster.words.finding_name}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, text]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {[left, right].map((side) => (
              <td key={side.cluster.cluster_id} class={title === "What else" && side.brief.is_doubtful ? "doubtful" : ""}>
                <span class="compare-name" aria-hidden="true">{nameOf(side.cluster)}</span> {text(side)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ row }: { row: { kind: string; value: string; facet?: string } }) {
  return (
    <>
      <KindMark kind={row.kind} facet={row.facet ?? null} /> {words(row.kind)} <Name text={row.value} short={60} />
    </>
  );
}

const account = (id: string) => (
  <a href={linkTo("account", id)}>
    <Name text={id} short={40} />
  </a>
);

function Bridges({ page, left, right }: { page: Comparison; left: Cluster; right: Cluster }) {
  const columns: Column<Bridge>[] = [
    { name: "value", title: "By", about: "The strongest evidence of the link", value: (row) => row.value, cell: (row) => <Value row={row} /> },
    { name: "bits", title: "Adds, in bits", about: "What the link adds to the weighing of the two; 0 where places alone support it", number: true, value: (row) => row.bits, cell: (row) => bits(row.bits) },
    { name: "n_links", title: "Links", about: "Links between the two with this evidence", number: true, value: (row) => row.n_links, cell: (row) => count(row.n_links) },
    { name: "account_id_l", title: nameOf(left), value: (row) => row.account_id_l, cell: (row) => account(row.account_id_l) },
    { name: "account_id_r", title: nameOf(right), value: (row) => row.account_id_r, cell: (row) => account(row.account_id_r) },
    { name: "kind", title: "", hidden: true, value: (row) => row.kind },
  ];
  return (
    <section aria-label="Links that count">
      <DataTable caption="Links between the two that count" file={`${left.cluster_id}-${right.cluster_id}-links`} columns={columns} rows={page.bridges} keyOf={(row) => `${row.account_id_l}\n${row.account_id_r}`} empty="No link." />
    </section>
  );
}

const orNone = (n: number | null) => (n === null ? "\u2013" : count(n));

function Shared({ page, left, right }: { page: Comparison; left: Cluster; right: Cluster }) {
  const columns: Column<SharedIdentifier>[] = [
    { name: "value", title: "Both use", value: (row) => row.value, cell: (row) => (row.id ? <a href={linkTo("identifier", row.id)}><Value row={row} /></a> : <Value row={row} />) },
    { name: "role_words", title: "It is", value: (row) => row.role_words ?? words(row.facet) },
    { name: "n_left", title: nameOf(left), about: "Accounts of this cluster with it", number: true, value: (row) => row.n_left, cell: (row) => orNone(row.n_left) },
    { name: "n_right", title: nameOf(right), about: "Accounts of this cluster with it", number: true, value: (row) => row.n_right, cell: (row) => orNone(row.n_right) },
    { name: "n_others", title: "Others", about: "Accounts of neither cluster that use it", number: true, value: (row) => row.n_others, cell: (row) => orNone(row.n_others) },
    { name: "p_exclusive", title: "p(exclusive)", about: "Probability that one operator alone holds it", number: true, value: (row) => row.p_exclusive, cell: (row) => probability(row.p_exclusive) },
    { name: "n_links", title: "Links", about: "Links between the two with it", number: true, value: (row) => row.n_links, cell: (row) => count(row.n_links) },
    { name: "share", title: "Evidence", about: "Share of the evidence between the two", number: true, value: (row) => row.share, cell: (row) => (row.share ? percent(row.share) : "none") },
    { name: "owner", title: "Owner", about: "Who runs it, and what it is listed as, by the reference lists", value: (row) => row.owner, cell: (row) => (row.owner ? <Name text={`${row.owner} (${words(row.owner_type ?? "")})`} short={60} /> : "on no list") },
    { name: "kind", title: "", hidden: true, value: (row) => row.kind },
  ];
  const more = page.n_shared > page.shared.length ? `, the first ${count(page.shared.length)}` : "";
  return (
    <section aria-label="What both use">
      <DataTable caption={`What both use: ${counted(page.n_shared, "identifier or behaviour", "identifiers and behaviours")}${more}`} file={`${left.cluster_id}-${right.cluster_id}-shared`} columns={columns} rows={page.shared} keyOf={(row) => `${row.kind}:${row.value}`} empty="Nothing." />
    </section>
  );
}

/** The infrastructure of one of the two that the other does not use. */
function Only({ title, other, only }: { title: string; other: string; only: OnlyOne | null }) {
  if (!only) return null;
  const rest = only.total - only.rows.length;
  return (
    <section aria-label={`Only ${title}`}>
      <h3>{`Used by ${title}, not by ${other}`}</h3>
      <ul class="plain-list">
        {only.rows.map((row: InfrastructureRow) => (
          <li key={row.id}>
            <Value row={row} />
            <span class="quiet">{` ${row.role_words}, ${counted(row.n_members, "account")}`}</span>
          </li>
        ))}
        {!only.total && <li class="quiet">No further infrastructure that two of its accounts use.</li>}
        {rest > 0 && <li class="quiet">{`and ${count(rest)} more`}</li>}
      </ul>
    </section>
  );
}
