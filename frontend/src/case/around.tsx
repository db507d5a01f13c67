// The controls around the picture of a graph, in the explorer and in a notebook: keys, the card of what is
// pointed at, the slider of bits.
import type { Renderer } from "../graph/scene";
import { bits, count, counted, visible } from "../text";
import type { GraphNode } from "../types";
import { foldedWords } from "./folding";
import { KindMark } from "./legend";
import type { Picture } from "./picture";

/** Keys that move the camera and change the picture, by name; those of undo are pressed with Ctrl. */
export function keysOfGraph(store: Picture, renderer: Renderer | null, event: KeyboardEvent): Record<string, () => void> {
  const chosen = store.selected.value;
  const far = event.shiftKey ? 160 : 40;
  if (event.ctrlKey || event.metaKey) {
    return {
      z: () => store.undo(),
      Z: () => store.redo(),
      y: () => store.redo(),
      a: () => store.selectAll(store.drawn.value.nodes.map((node) => node.id)),
    };
  }
  return {
    ArrowLeft: () => renderer?.pan(far, 0),
    ArrowRight: () => renderer?.pan(-far, 0),
    ArrowUp: () => renderer?.pan(0, far),
    ArrowDown: () => renderer?.pan(0, -far),
    "+": () => renderer?.zoom(1.3),
    "=": () => renderer?.zoom(1.3),
    "-": () => renderer?.zoom(1 / 1.3),
    "0": () => renderer?.fit(),
    f: () => renderer?.fit(chosen),
    h: () => store.hide(chosen),
    H: () => store.hideOthers(chosen),
    u: () => store.unpin(chosen),
    "]": () => stepNeighbour(store, 1),
    "[": () => stepNeighbour(store, -1),
    Escape: () => store.select(null),
  };
}

/** Does what a key means and keeps it from everything else. */
export function actOn(event: KeyboardEvent, keys: Record<string, () => void>): void {
  const act = event.altKey ? undefined : keys[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/** Walks along the ties of the selected node, the strongest first; without a selection, along all nodes. */
function stepNeighbour(store: Picture, step: number): void {
  const { nodes, edges } = store.drawn.value;
  const at = store.selected.value.at(-1);
  const around = at ? edges.filter((edge) => edge.source === at || edge.target === at) : [];
  around.sort((a, b) => b.bits - a.bits);
  const ids = around.length ? around.map((edge) => (edge.source === at ? edge.target : edge.source)) : nodes.map((node) => node.id);
  const next = step > 0 ? ids[0] : ids.at(-1);
  if (next) store.select(next);
}

/** What is in the picture, for those who do not see it. */
export function summaryOf(store: Picture): string {
  const { nodes, edges } = store.drawn.value;
  const n = nodes.filter((node) => node.type === "account").length;
  return `${counted(n, "account")}, ${counted(nodes.length - n, "other node")}, ${counted(edges.length, "tie")}`;
}

/** Moves of one drag are undone as one. */
export function moverOf(store: Picture): (id: string, to: { x: number; y: number }) => void {
  let last = { id: "", at: 0 };
  return (id, to) => {
    const now = performance.now();
    store.pin(id, to, id !== last.id || now - last.at > 800);
    last = { id, at: now };
  };
}

export function HoverCard({ store }: { store: Picture }) {
  const id = store.hovered.value;
  const node = id ? store.all.value.nodes.get(id) : undefined;
  if (!node) return null;
  return (
    <div class="hover-card" aria-hidden="true">
      <KindMark kind={node.kind} facet={node.facet} /> <bdi>{visible(node.label || node.kind).slice(0, 200)}</bdi>
      <div class="quiet">{factsOf(node).join(" \u00b7 ")}</div>
    </div>
  );
}

function factsOf(node: GraphNode): string[] {
  const facts = [node.kind.replaceAll("_", " ")];
  if (node.type === "group") facts.push(counted(node.n_accounts ?? 0, "account"));
  if (node.type === "identifier" && node.degree !== null) facts.push(`${counted(node.degree, "account uses", "accounts use")} it`);
  if (node.type === "identifier" && node.p_exclusive !== null) facts.push(`p(exclusive) ${node.p_exclusive.toFixed(2)}`);
  if (node.tag) facts.push(visible(node.tag));
  if (node.role) facts.push(node.role);
  if (node.status) facts.push(visible(node.status));
  if (node.bits !== null) facts.push(`${bits(node.bits)} bits`);
  return facts;
}

/** What is folded, and the way to all of it. */
export function FoldNote({ store }: { store: Picture }) {
  const { kinds } = store.folding.value;
  const { isWhole } = store.doing.value;
  if (!kinds.length && !isWhole) return null;
  return (
    <span title={isWhole ? "" : `${foldedWords(kinds)}: each ties little, and no account by itself`}>
      {isWhole ? "All identifiers are drawn. " : `Folded: ${foldedWords(kinds, 2)}. `}
      <button type="button" class="small" aria-pressed={isWhole} onClick={() => store.change({ isWhole: !isWhole })}>
        {isWhole ? "Fold what ties little" : "Draw them"}
      </button>
    </span>
  );
}

const STEPS = 100;

/** Slides a threshold over the ties' bits and states the components that remain. */
export function BitsSlider({ store }: { store: Picture }) {
  const all = store.all.value.edges.map((edge) => edge.bits).filter((value) => value > 0);
  const most = all.length ? Math.max(...all) : 1;
  const { minBits } = store.doing.value;
  // Four digits lead back to the same step; fewer would hold the keys fast at the low end.
  const toBits = (step: number) => (step <= 0 ? 0 : step >= STEPS ? most : Number(Math.expm1((step / STEPS) * Math.log1p(most)).toPrecision(4)));
  const toStep = (value: number) => Math.round((Math.log1p(value) / Math.log1p(most)) * STEPS);
  const { sizes, n_alone } = store.components.value;
  const sizesText = sizes.length > 6 ? `${sizes.slice(0, 6).map(count).join(", ")} and ${sizes.length - 6} smaller` : sizes.map(count).join(", ");
  const isWhole = sizes.length <= 1 && !n_alone;
  const verdict = isWhole ? "one component" : `${counted(sizes.length, "component")}${sizesText ? `: ${sizesText} accounts` : ""}${n_alone ? `; ${counted(n_alone, "account")} alone` : ""}`;
  return (
    <div class="slider">
      <label>
        <span>{`Ties of at least ${bits(minBits)} bits`}</span>
        <input
          type="range"
          min={0}
          max={STEPS}
          step={1}
          value={toStep(minBits)}
          aria-valuetext={`${bits(minBits)} bits: ${verdict}`}
          onPointerDown={() => store.remember()}
          onInput={(event) => store.change({ minBits: toBits(Number(event.currentTarget.value)) }, false)}
        />
      </label>
      <output class={isWhole ? "whole" : "split"}>{verdict}</output>
    </div>
  );
}
