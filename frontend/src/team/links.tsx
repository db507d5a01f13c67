// What of the workspace stands in the explorer: who the reader is, and the case of a cluster.
import { useAnswer } from "../loading";
import { goTo, linkTo, route } from "../route";
import { visible } from "../text";
import { may, me, read, signOut, write } from "./api";
import { useChange } from "./change";
import type { LineageRow, Page } from "./types";

/** The way to the cases, in the bar at the top. */
export function CasesLink() {
  if (!me.value) return null;
  const isHere = ["cases", "case", "lineage", "organisations", "organisation"].includes(route.value.view);
  return (
    <a href={linkTo("cases")} aria-current={isHere ? "page" : undefined}>
      Cases
    </a>
  );
}

export function Reader() {
  const person = me.value;
  if (!person) return null;
  const seen = person.profile ? `, sees the ${person.profile} view` : "";
  return (
    <span class="reader quiet">
      <span title={person.rights.join(", ")}>{`${visible(person.name)} (${person.roles.join(", ")}${seen})`}</span>
      {person.way === "sign_in" && (
        <button type="button" class="small" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </span>
  );
}

/** The case about a cluster, or a button that opens one. */
export function CaseLink({ clusterId }: { clusterId: string }) {
  const isServed = me.value !== null;
  const answer = useAnswer(isServed ? `case of ${clusterId}` : null, (stop) => read<Page<LineageRow>>("lineages", { cluster: clusterId }, stop));
  const change = useChange(() => undefined);
  const lineage = answer.value?.value.rows[0];
  if (!lineage) return null;
  if (lineage.case !== null) {
    return (
      <a class="button" href={linkTo("case", String(lineage.case))}>
        {`Case ${lineage.case}`}
      </a>
    );
  }
  if (!may("cases.work")) return null;
  const open = async () => {
    const made = await write("cases", { title: `${lineage.name} by hand`, lineages: [lineage.name] }, '"0"');
    goTo("case", String(made.value.number));
  };
  return (
    <button type="button" disabled={change.isBusy} title={change.error?.message ?? ""} onClick={() => void change.run("The case is open.", open)}>
      Open a case
    </button>
  );
}
