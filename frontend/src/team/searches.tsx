// Saved searches: the view one looks at under a name, kept or shared with the team, from any page.
import { useState } from "preact/hooks";
import { Explained } from "../case/explained";
import { Name, Notice } from "../elements";
import { useAnswer } from "../loading";
import { Popover } from "../popover";
import { linkTo, route } from "../route";
import { day } from "../text";
import { may, read, write } from "./api";
import { Refusal, useChange, type Change } from "./change";
import type { Page, SearchRow } from "./types";

/** Views whose address has all that they show; a pasted list and planned actions are not in theirs. */
const VIEWS = ["queue", "map", "cluster", "compare", "account", "identifier", "cases"];

export function Searches() {
  if (!may("searches.keep")) return null;
  return (
    <Popover id="searches" title="Searches">
      {(close) => <SearchList close={close} />}
    </Popover>
  );
}

function SearchList({ close }: { close: () => void }) {
  const answer = useAnswer("searches", (stop) => read<Page<SearchRow>>("searches", { limit: 500 }, stop));
  const change = useChange(answer.again);
  return (
    <>
      <Refusal change={change} again={answer.again} />
      <Explained
        answer={answer}
        what="the saved searches"
        show={({ value }) => (
          <>
            {VIEWS.includes(route.value.view) && <SaveForm rows={value.rows} change={change} />}
            {value.rows.length ? (
              <ul class="plain-list searches">
                {value.rows.map((one) => (
                  <SearchItem key={one.number} row={one} change={change} close={close} />
                ))}
              </ul>
            ) : (
              <Notice title="No search is saved yet." />
            )}
          </>
        )}
      />
    </>
  );
}

function SaveForm({ rows, change }: { rows: SearchRow[]; change: Change }) {
  const [name, setName] = useState("");
  const isTaken = rows.some((one) => one.is_own && one.name === name.trim());
  const save = async () => {
    const { view, subject, query } = route.value;
    const kept = Object.fromEntries([...query].filter(([parameter]) => parameter !== "offset"));
    await write("searches", { name: name.trim(), view, subject, query: kept }, '"0"');
    setName("");
  };
  return (
    <form
      class="row"
      aria-label="Save this view"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run("The search is saved.", save);
      }}
    >
      <label class="check">
        Name of this view
        <input value={name} maxLength={200} autoComplete="off" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={!name.trim() || isTaken || change.isBusy}>
        Save
      </button>
      {isTaken && <span class="quiet">You have a search of this name.</span>}
    </form>
  );
}

function SearchItem({ row, change, close }: { row: SearchRow; change: Change; close: () => void }) {
  const act = (what: string, name: string) => void change.run(what, () => write(`searches/${row.number}/${name}`, {}, `"${row.version}"`));
  return (
    <li>
      <a href={linkTo(row.view, row.subject, row.query)} onClick={close}>
        <Name text={row.name} short={80} />
      </a>{" "}
      <span class="quiet nowrap">
        {row.is_own ? (row.is_shared ? "shared" : "yours only") : <>by <Name text={row.owner} short={40} /></>}
        {`, ${day(row.saved_at)}`}
      </span>
      {row.is_own && (
        <span class="row" role="group" aria-label="This search">
          {row.is_shared ? (
            <button type="button" class="small" disabled={change.isBusy} onClick={() => act("The search is yours only.", "unshare")}>
              Keep to yourself
            </button>
          ) : (
            may("searches.share") && (
              <button type="button" class="small" disabled={change.isBusy} onClick={() => act("The search is shared.", "share")}>
                Share
              </button>
            )
          )}
          <button type="button" class="small" disabled={change.isBusy} onClick={() => act("The search is deleted.", "delete")}>
            Delete
          </button>
        </span>
      )}
    </li>
  );
}
