// The graph of a case: the picture, the legend that filters, the bits slider, and what can be done to it.
import { useEffect, useRef, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import { chooseRenderer } from "../graph/choose";
import type { Renderer } from "../graph/scene";
import { Loading, Notice } from "../parts";
import { route, setQuery } from "../route";
import { bits, count, counted, visible } from "../text";
import { colors } from "../theme";
import type { Graph, GraphNode } from "../types";
import { sceneOf } from "./drawing";
import { KindMark, Legend } from "./legend";
import { AT_FIRST, type CaseStore } from "./store";

/** Keys of the graph, only while it has the focus. */
function onKey(event: KeyboardEvent, store: CaseStore, renderer: Renderer | null): void {
  if (event.altKey) return;
  const chosen = store.selected.value;
  const far = event.shiftKey ? 160 : 40;
  const withCommand = event.ctrlKey || event.metaKey;
  const keys: Record<string, () => void> = withCommand
    ? {
        z: () => store.undo(),
        Z: () => store.redo(),
        y: () => store.redo(),
        a: () => store.selectAll(store.seen.value.nodes.map((node) => node.id)),
      }
    : {
        ArrowLeft: () => renderer?.pan(far, 0),
        ArrowRight: () => renderer?.pan(-far, 0),
        ArrowUp: () => renderer?.pan(0, far),
        ArrowDown: () => renderer?.pan(0, -far),
        "+": () => renderer?.zoom(1.3),
        "=": () => renderer?.zoom(1.3),
        "-": () => renderer?.zoom(1 / 1.3),
        "0": () => renderer?.fit(),
        f: () => renderer?.fit(chosen),
        e: () => chosen.forEach((id) => void store.expand(id)),
        c: () => chosen.forEach((id) => store.collapse(id)),
        h: () => store.hide(chosen),
        H: () => store.hideOthers(chosen),
        u: () => store.unpin(chosen),
        "]": () => stepNeighbour(store, 1),
        "[": () => stepNeighbour(store, -1),
        Escape: () => store.select(null),
      };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/** Walks along the ties of the selected node, the strongest first; without a selection, along all nodes. */
function stepNeighbour(store: CaseStore, step: number): void {
  const { nodes, edges } = store.seen.value;
  const at = store.selected.value.at(-1);
  const around = at ? edges.filter((edge) => edge.source === at || edge.target === at) : [];
  around.sort((a, b) => b.bits - a.bits);
  const ids = around.length ? around.map((edge) => (edge.source === at ? edge.target : edge.source)) : nodes.map((node) => node.id);
  const next = step > 0 ? ids[0] : ids.at(-1);
  if (next) store.select(next);
}

function summaryOf(store: CaseStore): string {
  const { nodes, edges } = store.seen.value;
  const n = nodes.filter((node) => node.type === "account").length;
  return `${counted(n, "account")}, ${counted(nodes.length - n, "other node")}, ${counted(edges.length, "tie")}`;
}

export function GraphPanel({ store, n_left_out }: { store: CaseStore; n_left_out: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [renderer, setRenderer] = useState<Renderer | null>(null);
  const [fault, setFault] = useState("");
  const graph = store.graph.value;
  useEffect(() => {
    if (!box.current || !graph) return;
    let made: Renderer;
    try {
      const asked = route.value.query.get("renderer") ?? "";
      const chosen = chooseRenderer(
        box.current,
        {
          inset: 190,
          choose: (id, add) => store.select(id, add),
          open: (id) => void store.expand(id),
          hover: (id) => (store.hovered.value = id),
          move: moverOf(store),
        },
        asked,
      );
      made = chosen.renderer;
      box.current.dataset["renderer"] = chosen.name;
    } catch (error) {
      setFault(String(error));
      return;
    }
    setRenderer(made);
    const stop = effect(() => made.show(sceneOf(store), colors.value));
    made.fit();
    return () => {
      stop();
      made.end();
    };
  }, [graph, store]);
  if (!graph) return <Loading what="the graph" />;
  return (
    <section class="graph-panel" aria-label="Graph">
      <GraphTools store={store} renderer={renderer} n_left_out={n_left_out} />
      <LargeNote store={store} graph={graph} />
      <div class="graph-frame">
        {fault && (
          <Notice title="The graph can't be drawn in this browser." tone="error">
            The tables hold the same.
          </Notice>
        )}
        <div
          ref={box}
          class="graph-box"
          role="application"
          tabIndex={0}
          aria-label={`Graph of ${summaryOf(store)}. The tables beside it hold the same. Press question mark for keys.`}
          onKeyDown={(event) => onKey(event, store, renderer)}
        />
        <HoverCard store={store} />
        <Legend store={store} />
      </div>
      <BitsSlider store={store} />
    </section>
  );
}

/** Of a cluster too large to draw whole: what is shown instead, and the other way to show it. */
function LargeNote({ store, graph }: { store: CaseStore; graph: Graph }) {
  const isStrongest = store.isStrongest();
  if (graph.mode !== "groups" && !isStrongest) return null;
  const n_groups = graph.nodes.filter((node) => node.type === "group").length;
  const whole = `${counted(graph.n_accounts, "account")} and ${counted(graph.n_identifiers, "identifier")}`;
  const show = (picture: string) => {
    store.change(AT_FIRST);
    setQuery({ picture });
  };
  return (
    <p class="large-note">
      {isStrongest ? `The strongest ${counted(graph.nodes.length, "node")} of ${whole}. ` : `${whole}: too many to draw one by one. Each disc is one of ${counted(n_groups, "part")}, with its accounts; open one by double click or Expand. `}
      <button type="button" class="small" onClick={() => show(isStrongest ? "" : "strongest")}>
        {isStrongest ? "Show its parts" : "Show the strongest nodes"}
      </button>
    </p>
  );
}

/** Moves of one drag are undone as one. */
function moverOf(store: CaseStore): (id: string, to: { x: number; y: number }) => void {
  let last = { id: "", at: 0 };
  return (id, to) => {
    const now = performance.now();
    store.pin(id, to, id !== last.id || now - last.at > 800);
    last = { id, at: now };
  };
}

function HoverCard({ store }: { store: CaseStore }) {
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
  if (node.type === "identifier" && node.degree !== null) facts.push(`${counted(node.degree, "account holds", "accounts hold")} it`);
  if (node.type === "identifier" && node.private !== null) facts.push(`p(private) ${node.private.toFixed(2)}`);
  if (node.tag) facts.push(visible(node.tag));
  if (node.role) facts.push(node.role);
  if (node.status) facts.push(visible(node.status));
  if (node.bits !== null) facts.push(`${bits(node.bits)} bits`);
  return facts;
}

function GraphTools({ store, renderer, n_left_out }: { store: CaseStore; renderer: Renderer | null; n_left_out: number }) {
  const chosen = store.selected.value;
  const { nodes } = store.seen.value;
  const all = store.all.value.nodes.size;
  const doing = store.doing.value;
  const changed = doing.hidden.length + doing.expanded.length + doing.kindsOff.length + Object.keys(doing.pinned).length;
  const expandable = chosen.length === 1 ? (chosen[0] as string) : "";
  const left = expandable ? store.leftOf(expandable) : null;
  return (
    <div class="tools" role="toolbar" aria-label="Graph tools">
      <button type="button" onClick={() => renderer?.zoom(1.3)} aria-label="Zoom in" title="Zoom in (+)">+</button>
      <button type="button" onClick={() => renderer?.zoom(1 / 1.3)} aria-label="Zoom out" title="Zoom out (-)">{"\u2212"}</button>
      <button type="button" onClick={() => renderer?.fit(chosen)} title="Fit the selection, or everything (f, 0)">Fit</button>
      <span class="gap" />
      <button type="button" disabled={!expandable} onClick={() => void store.expand(expandable)} title="Show its strongest neighbours (e)">
        {left === null ? "Expand" : left ? `Expand: ${count(left)} more` : "All shown"}
      </button>
      <button type="button" disabled={!doing.expanded.includes(expandable)} onClick={() => store.collapse(expandable)} title="Take back what expanding brought (c)">Collapse</button>
      <button type="button" disabled={!chosen.length} onClick={() => store.hide(chosen)} title="Hide the selection (h)">Hide</button>
      <button type="button" disabled={!chosen.length} onClick={() => store.hideOthers(chosen)} title="Hide everything else (Shift+h)">Only</button>
      <span class="gap" />
      <button type="button" disabled={!store.past.value.length} onClick={() => store.undo()} title="Undo (Ctrl+Z)">Undo</button>
      <button type="button" disabled={!store.future.value.length} onClick={() => store.redo()} title="Redo (Ctrl+Shift+Z)">Redo</button>
      {changed > 0 && <button type="button" onClick={() => store.reset()}>Reset</button>}
      {store.marked.value.size > 0 && <button type="button" onClick={() => (store.marked.value = new Set())}>Unmark</button>}
      <span class="quiet shown-count">
        {`${count(nodes.length)} of ${count(all)} nodes${n_left_out && store.graph.value?.mode !== "groups" ? `, ${count(n_left_out)} more left out` : ""}`}
      </span>
    </div>
  );
}

const STEPS = 100;

/** Slides a threshold over the ties' bits and says what the accounts fall into. */
function BitsSlider({ store }: { store: CaseStore }) {
  const all = store.all.value.edges.map((edge) => edge.bits).filter((value) => value > 0);
  const most = all.length ? Math.max(...all) : 1;
  const { minBits } = store.doing.value;
  // Four digits lead back to the same step; fewer would hold the keys fast at the low end.
  const toBits = (step: number) => (step <= 0 ? 0 : step >= STEPS ? most : Number(Math.expm1((step / STEPS) * Math.log1p(most)).toPrecision(4)));
  const toStep = (value: number) => Math.round((Math.log1p(value) / Math.log1p(most)) * STEPS);
  const { sizes, n_alone } = store.parts.value;
  const pieces = sizes.length > 6 ? `${sizes.slice(0, 6).map(count).join(", ")} and ${sizes.length - 6} smaller` : sizes.map(count).join(", ");
  const isWhole = sizes.length <= 1 && !n_alone;
  const verdict = isWhole ? "one piece" : `${counted(sizes.length, "part")}${pieces ? `: ${pieces} accounts` : ""}${n_alone ? `; ${counted(n_alone, "account")} alone` : ""}`;
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
