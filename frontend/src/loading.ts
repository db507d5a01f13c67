// An answer of the server in a component: waiting, there, or failed; a newer request discards the older.
import { useEffect, useState } from "preact/hooks";
import { ApiError, isReachable } from "./api";

export interface Loaded<T> {
  value: T | null;
  error: ApiError | null;
  isLoading: boolean;
  again: () => void;
}

/** Requests when `key` changes (null requests nothing); the last value stays until the next is there. */
export function useAnswer<T>(key: string | null, request: (stop: AbortSignal) => Promise<T>, keep = false): Loaded<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ key: string | null; value: T | null; error: ApiError | null; isLoading: boolean }>({
    key: null,
    value: null,
    error: null,
    isLoading: key !== null,
  });
  useEffect(() => {
    if (key === null) {
      setState({ key, value: null, error: null, isLoading: false });
      return;
    }
    const control = new AbortController();
    setState((old) => ({ key, value: keep || old.key === key ? old.value : null, error: null, isLoading: true }));
    request(control.signal)
      .then((value) => !control.signal.aborted && setState({ key, value, error: null, isLoading: false }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        const fault = error instanceof ApiError ? error : new ApiError("fault", String(error));
        setState({ key, value: null, error: fault, isLoading: false });
      });
    return () => control.abort();
  }, [key, turn]);
  // What failed because the server was gone is requested again once it is back.
  const isBack = isReachable.value && state.error?.code === "gone";
  useEffect(() => {
    if (isBack) setTurn((old) => old + 1);
  }, [isBack]);
  const isCurrent = state.key === key;
  return {
    value: isCurrent || keep ? state.value : null,
    error: isCurrent ? state.error : null,
    isLoading: !isCurrent || state.isLoading,
    again: () => setTurn(turn + 1),
  };
}
