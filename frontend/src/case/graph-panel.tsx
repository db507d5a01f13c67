// The graph of a case: the picture, the legend that filters, the bits slider, and what can be done to it.
import { useEffect, useRef, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import { chooseRenderer } from "../graph/choose";
import type { Renderer } from "../graph/scene";
import { Loading, Notice } from "../elements";
import { route, setQuery } from "../route";
import { useRoving } from "../roving";
import { count, counted } from "../text";
import { colors } from "../theme";
import type { Graph } from "../types";
import { ComparedGraph } from "./compared";
import { actOn, BitsSlider, FoldNote, HoverCard, keysOfGraph, moverOf, summaryOf } from "./around";
import { sceneOf } from "./drawing";
import { Legend } from "./legend";
import { AT_FIRST } from "./picture";
import { SplitNote } from "./split";
import { Styling } from "./styling";
import type { CaseStore } from "./store";

/** Keys of the graph, only while it has the focus. */
function onKey(event: KeyboardEvent, store: CaseStore, renderer: Renderer | null): void {
  const chosen = store.selected.value;
  const keys = keysOfGraph(store, renderer, event);
  if (!event.ctrlKey && !event.metaKey) {
    keys["e"] = () => chosen.forEach((id) => void store.expand(id));
    keys["c"] = () => chosen.forEach((id) => store.collapse(id));
  }
  actOn(event, keys);
}

export function GraphPanel({ store, n_left_out, n_links }: { store: CaseStore; n_left_out: number; n_links: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [renderer, setRenderer] = useState<Renderer | null>(null);
  const [fault, setFault] = useState("");
  const graph = store.graph.value;
  useEffect(() => {
    if (!box.current || !graph) return;
    let made: Renderer;
    try {
      const wanted = route.value.query.get("renderer") ?? "";
      const chosen = chooseRenderer(
        box.current,
        {
          inset: 204, // the legend
          choose: (id, add) => store.select(id, add),
          open: (id) => void store.expand(id),
          hover: (id) => (store.hovered.value = id),
          move: moverOf(store),
        },
        wanted,
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
      <p class="graph-note">
        <FoldNote store={store} />
        <SplitNote store={store} n_links={n_links} />
      </p>
      <div class={store.compared.value ? "graph-frame compared" : "graph-frame"}>
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
          aria-label={`Graph of ${summaryOf(store)}. The tables next to it hold the same. Press question mark for keys.`}
          onKeyDown={(event) => onKey(event, store, renderer)}
        />
        {store.compared.value && <p class="graph-title">As it is</p>}
        <HoverCard store={store} />
        <Legend store={store}>
          <Styling store={store} />
        </Legend>
        <ComparedGraph store={store} />
      </div>
      <BitsSlider store={store} />
    </section>
  );
}

/** Of a cluster too large to draw whole: what is shown instead, and the other way to show it. */
function LargeNote({ store, graph }: { store: CaseStore; graph: Graph }) {
  const isStrongest = graph.mode !== "groups"; // as it is drawn, which the address may be ahead of
  if (isStrongest && !store.isStrongest()) return null;
  const n_groups = graph.nodes.filter((node) => node.type === "group").length;
  const whole = `${counted(graph.n_accounts, "account")} and ${counted(graph.n_identifiers, "identifier")}`;
  const show = (picture: string) => {
    store.change(AT_FIRST);
    setQuery({ picture });
  };
  return (
    <p class="large-note">
      {isStrongest ? `The strongest ${counted(graph.nodes.length, "node")} of ${whole}. ` : `${whole}: too many to draw one by one. Each disc is one of ${counted(n_groups, "group")}, with its accounts; open one by double click or Expand. `}
      <button type="button" class="small" onClick={() => show(isStrongest ? "" : "strongest")}>
        {isStrongest ? "Show its groups" : "Show the strongest nodes"}
      </button>
    </p>
  );
}

function GraphTools({ store, renderer, n_left_out }: { store: CaseStore; renderer: Renderer | null; n_left_out: number }) {
  const chosen = store.selected.value;
  const { nodes } = store.drawn.value;
  const all = store.all.value.nodes.size;
  const doing = store.doing.value;
  const changed = doing.hidden.length + doing.expanded.length + doing.kindsOff.length + Object.keys(doing.pinned).length;
  const expandable = chosen.length === 1 ? (chosen[0] as string) : "";
  const left = expandable ? store.leftOf(expandable) : null;
  const roving = useRoving<HTMLDivElement>("row");
  return (
    <div class="tools" role="toolbar" aria-label="Graph tools" {...roving}>
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

