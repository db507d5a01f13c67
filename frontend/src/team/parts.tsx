// Lists that come by the part: the first at once, the next ones on request.
import { useState } from "preact/hooks";
import { Explained } from "../case/explained";
import { useAnswer } from "../loading";
import { count } from "../text";
import { read } from "./api";
import { Refusal, useChange } from "./change";

const LIMIT = 100;

interface Part<R> {
  rows: R[];
  total: number | null;
  next: string | null;
}

/** Rows that follow on those that a page has, read on request; what was read is forgotten when the page changes. */
export function useFurther<R>(page: unknown, path: string, query: Record<string, string>, first: string | null) {
  const [further, setFurther] = useState<{ page: unknown; rows: R[]; next: string | null }>({ page: null, rows: [], next: null });
  const change = useChange(() => undefined);
  const own = further.page === page ? further : { page, rows: [] as R[], next: first };
  const readMore = async () => {
    if (own.next === null) return;
    const { value } = await read<Part<R>>(path, { ...query, limit: LIMIT, after: own.next });
    setFurther({ page, rows: [...own.rows, ...value.rows], next: value.next });
  };
  return { rows: own.rows, next: own.next, change, more: () => void change.run("More rows are shown.", readMore) };
}

interface PartsProps<R> {
  path: string;
  query?: Record<string, string>;
  what: string;
  show: (rows: R[]) => preact.ComponentChildren;
}

/** A list with a button for its next part. */
export function Parts<R>({ path, query = {}, what, show }: PartsProps<R>) {
  const answer = useAnswer(`${path} ${JSON.stringify(query)}`, (stop) => read<Part<R>>(path, { ...query, limit: LIMIT }, stop));
  const page = answer.value?.value ?? null;
  const further = useFurther<R>(page, path, query, page?.next ?? null);
  return (
    <Explained
      answer={answer}
      what={what}
      show={({ value }) => (
        <>
          {show([...value.rows, ...further.rows])}
          <Refusal change={further.change} again={answer.again} />
          {further.next !== null && (
            <p class="row quiet">
              {value.total !== null && <span>{`${count(value.rows.length + further.rows.length)} of ${count(value.total)}`}</span>}
              <button type="button" disabled={further.change.isBusy} onClick={further.more}>
                Show more
              </button>
            </p>
          )}
        </>
      )}
    />
  );
}
