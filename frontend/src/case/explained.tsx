// What every explanation has in common: it is waited for, and an error offers to try again.
import type { useAnswer } from "../loading";
import { Loading, Name, Notice } from "../elements";

/** Waits for an explanation and shows it, or why there is none. */
export function Explained<T>({ answer, what, show }: { answer: ReturnType<typeof useAnswer<T>>; what: string; show: (value: T) => preact.ComponentChildren }) {
  if (answer.error) {
    return (
      <Notice title={`There is no answer for ${what}.`} tone="error">
        <Name text={answer.error.message} short={400} />{" "}
        <button type="button" onClick={answer.again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!answer.value) return <Loading what={what} />;
  return <>{show(answer.value)}</>;
}
