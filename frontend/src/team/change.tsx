// A change that is under way: what was refused, and what somebody else did in between, stated plainly.
import { useState } from "preact/hooks";
import { ApiError } from "../api";
import { Name, Notice } from "../elements";
import { announce } from "../live";
import { counted, minute } from "../text";
import { ConflictError } from "./api";
import type { Activity } from "./types";

export interface Change {
  isBusy: boolean;
  error: ApiError | null;
  /** Makes a change and states that it is done; whether it was. */
  run: (what: string, change: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

/** Makes changes one at a time; `done` reads again what they changed. */
export function useChange(done: () => void): Change {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (what: string, change: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await change();
      announce(what);
      done();
      return true;
    } catch (fault) {
      setError(fault instanceof ApiError ? fault : new ApiError("fault", String(fault)));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run, clear: () => setError(null) };
}

/** What was refused; after a conflict what happened in between, and the way to go on. */
export function Refusal({ change, again, about }: { change: Change; again: () => void; about?: string }) {
  const { error } = change;
  if (!error) return null;
  if (!(error instanceof ConflictError)) return <Notice title={`Not done: ${error.message}`} tone="error" />;
  const people = [...new Set(error.changes.map((one) => one.by))].join(", ");
  return (
    <Notice title={`Not done: ${people || "somebody"} changed it since you read it (${counted(error.changes.length, "event")}).`} tone="error">
      <ActivityList activity={error.changes} lastOwn={Infinity} {...(about ? { about } : {})} />
      <p>What you wrote is still in the form.</p>
      <button
        type="button"
        class="main"
        onClick={() => {
          change.clear();
          again();
        }}
      >
        Read it again
      </button>
    </Notice>
  );
}

/** Events in order, those after the reader's own last one marked as news; of what the page is about no subject is named. */
export function ActivityList({ activity, lastOwn, about }: { activity: Activity[]; lastOwn: number; about?: string }) {
  return (
    <ol class="activity">
      {activity.map((one) => (
        <li key={one.seq} class={one.seq > lastOwn ? "since" : ""}>
          <span class="quiet">
            <time dateTime={one.at}>{minute(one.at)}</time> <b>{one.by}</b>
            {one.subject === about ? "" : ` on ${one.subject}`}
            {one.seq > lastOwn && <span class="badge new">new to you</span>}
          </span>
          <div class={one.action === "case.comment" ? "said" : "quiet"}>
            <Name text={one.text || one.action} short={2_000} />
          </div>
        </li>
      ))}
    </ol>
  );
}
