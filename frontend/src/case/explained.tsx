// What every explanation has in common: it is waited for, and an error offers to try again.
import type { useAnswer } from "../loading";
import { Loading, Name, Notice } from "../parts";

/** Waits for an explanation and shows it, or why there is none. */
export function Explained<T>({ ask, what, show }: { ask: ReturnType<typeof useAnswer<T>>; what: string; show: (value: T) => preact.ComponentChildren }) {
  if (ask.error) {
    return (
      <Notice title={`There is no answer for ${what}.`} tone="error">
        <Name text={ask.error.message} short={400} />{" "}
        <button type="button" onClick={ask.again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!ask.value) return <Loading what={what} />;
  return <>{show(ask.value)}</>;
}
