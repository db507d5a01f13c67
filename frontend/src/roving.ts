// One stop of Tab for a set of controls that belong together; arrows walk between them.
import { useEffect, useRef } from "preact/hooks";

const CONTROLS = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled)";

interface Roving<E> {
  ref: { current: E | null };
  onFocusIn: (event: FocusEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The props of a box whose items, as `selector` names them, are one stop of Tab.
 *
 * Along a column the arrows up and down and j and k walk, along a row the arrows left and right. Further
 * controls stand in the order of Tab only within the current item's row of a table.
 */
export function useRoving<E extends HTMLElement>(along: "row" | "column", selector: string = CONTROLS): Roving<E> {
  const ref = useRef<E>(null);
  const current = useRef<Element | null>(null);
  const items = () => [...(ref.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const arrange = () => {
    const all = items();
    if (!all.some((item) => item === current.current)) current.current = all.find((item) => item.ariaPressed === "true") ?? all[0] ?? null;
    const row = current.current?.closest("tr");
    for (const control of ref.current?.querySelectorAll<HTMLElement>(CONTROLS) ?? []) {
      control.tabIndex = control === current.current || (row && along === "column" && control.closest("tr") === row && !control.matches(selector)) ? 0 : -1;
    }
  };
  useEffect(arrange);
  const onFocusIn = (event: FocusEvent) => {
    const target = event.target as HTMLElement;
    const item = target.matches(selector) ? target : (target.closest("tr")?.querySelector(selector) ?? null);
    if (!item || item === current.current) return;
    current.current = item;
    arrange();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).matches("input, select")) return;
    const steps: Record<string, number> = along === "column" ? { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 } : { ArrowRight: 1, ArrowLeft: -1 };
    const all = items();
    const place = all.findIndex((item) => item === current.current);
    const ends: Record<string, number> = { Home: 0, End: all.length - 1 };
    const to = ends[event.key] ?? (steps[event.key] === undefined ? undefined : place + (steps[event.key] ?? 0));
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    // The first j means the first row, not the second.
    // In a notebook the document knows the host of the shadow root only.
    const isInside = (event.target as HTMLElement).getRootNode() === ref.current?.getRootNode() && event.target === current.current;
    (isInside ? all[Math.max(0, Math.min(all.length - 1, to))] : all[Math.max(0, place)])?.focus();
  };
  return { ref, onFocusIn, onKeyDown };
}
