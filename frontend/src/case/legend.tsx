// The legend: every kind in the picture with its shape, colour and letter; a click takes the kind out.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { cornersOf, lookOf } from "../graph/looks";
import { WIDE } from "../graph/scene";
import { count, words } from "../text";
import { useRoving } from "../roving";
import { isDark } from "../theme";
import type { Picture } from "./picture";

/** The mark of a kind as it is drawn in the graph. */
export function KindMark({ kind, facet }: { kind: string; facet?: string | null }) {
  const look = lookOf(kind, facet ?? "");
  const color = isDark.value ? look.dark : look.light;
  const corners = cornersOf(look.shape);
  return (
    <svg class="kind-mark" viewBox="-10 -10 20 20" width="16" height="16" aria-hidden="true">
      {corners.length ? <polygon points={corners.map(([x, y]) => `${x * 8},${y * 8}`).join(" ")} fill={color} /> : <circle r="7" fill={color} />}
      {look.letter && (
        <text y="0.5" text-anchor="middle" dominant-baseline="central" class="kind-letter">
          {look.letter}
        </text>
      )}
    </svg>
  );
}

/** A kind with its mark and name. */
export function Kind({ kind, facet }: { kind: string; facet?: string | null }) {
  return (
    <span class="kind">
      <KindMark kind={kind} facet={facet ?? null} /> {words(kind)}
    </span>
  );
}

export function Legend({ store, children }: { store: Picture; children?: ComponentChildren }) {
  const kinds = new Map<string, { facet: string | null; n: number }>();
  for (const node of store.all.value.nodes.values()) {
    const entry = kinds.get(node.kind) ?? { facet: node.facet, n: 0 };
    kinds.set(node.kind, { ...entry, n: entry.n + 1 });
  }
  const off = new Set(store.doing.value.kindsOff);
  const order = [...kinds].sort((a, b) => Number(b[0] === "account") - Number(a[0] === "account") || b[1].n - a[1].n);
  const roving = useRoving<HTMLUListElement>("column");
  const fold = useRef<HTMLDetailsElement>(null);
  const [isOpen, setOpen] = useState(false);
  const isCompared = store.compared.value !== null;
  // Open where the picture leaves room beside it; over a narrow one it is folded until it is asked for.
  useLayoutEffect(() => {
    const frame = fold.current?.parentElement;
    if (!frame) return;
    let was: boolean | null = null;
    const follow = () => {
      const hasRoom = frame.clientWidth > WIDE && !isCompared;
      if (hasRoom !== was) setOpen(hasRoom);
      was = hasRoom;
    };
    const observer = new ResizeObserver(follow);
    observer.observe(frame);
    follow();
    return () => observer.disconnect();
  }, [store, isCompared]);
  return (
    <details class="legend" ref={fold} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Legend</summary>
      <ul {...roving}>
        {order.map(([kind, { facet, n }]) => (
          <li key={kind}>
            <button type="button" aria-pressed={!off.has(kind)} onClick={() => store.toggleKind(kind)} title={off.has(kind) ? "Show" : "Take out of the picture"}>
              <KindMark kind={kind} facet={facet} />
              <span>{words(kind)}</span>
              <span class="quiet">{count(n)}</span>
            </button>
          </li>
        ))}
      </ul>
      {children}
      <p class="quiet">Dashed ring: fringe member. Red ring: used by many accounts. Thicker line: stronger evidence. Larger: connects more.</p>
    </details>
  );
}
