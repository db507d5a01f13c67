// The graph of a cluster in a notebook, through anywidget: the explorer's picture over data that came with the
// cell. It uses no server, touches no address, and stands in a shadow root, so that no style leaks either way.
// It draws on a canvas: browsers allow a page few WebGL contexts, and a notebook has many cells.
import { effect } from "@preact/signals";
import { render as mount } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { actOn, BitsSlider, FoldNote, HoverCard, keysOfGraph, moverOf, summaryOf } from "./case/around";
import { sceneOf } from "./case/drawing";
import { Legend } from "./case/legend";
import { named, Picture } from "./case/picture";
import { canvasRenderer } from "./graph/canvas";
import { toPng, toSvg } from "./graph/paint";
import type { Renderer } from "./graph/scene";
import { announce, announcement } from "./live";
import { Name, Notice } from "./elements";
import style from "./style.css";
import { DataTable } from "./table";
import { saveFile } from "./take";
import { bits, count, day, probability, words } from "./text";
import { colors, isDark, theme } from "./theme";
import type { Graph, GraphEdge, GraphNode } from "./types";

/** What anywidget hands over: the traits of the Python side. */
interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

function graphOf(model: Model): Graph {
  const nodes = ((model.get("nodes") ?? []) as GraphNode[]).map(named);
  const edges = (model.get("edges") ?? []) as GraphEdge[];
  const n_accounts = nodes.filter((node) => node.type === "account").length;
  return { cluster_id: "", mode: "full", n_left_out: 0, n_accounts, n_identifiers: nodes.length - n_accounts, nodes, edges };
}

/** Whether what is behind an element is dark: notebooks have themes of their own. */
function isOnDark(element: HTMLElement): boolean | null {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const [r = 0, g = 0, b = 0, a = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (a > 0) return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  }
  return null;
}

function Widget({ model, store }: { model: Model; store: Picture }) {
  const box = useRef<HTMLDivElement>(null);
  const [renderer, setRenderer] = useState<Renderer | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    if (!box.current) return;
    let made: Renderer;
    try {
      made = canvasRenderer(box.current, {
        inset: 190,
        choose: (id, add) => store.select(id, add),
        open: (id) => store.select(id),
        hover: (id) => (store.hovered.value = id),
        move: moverOf(store),
      });
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
  }, [store]);
  const note = String(model.get("note") ?? "");
  const height = Number(model.get("height")) || 480;
  return (
    <div class="widget">
      {note && <p class="widget-note" role="note">{note}</p>}
      <Tools store={store} renderer={renderer} title={String(model.get("title") ?? "")} />
      <p class="graph-note">
        <FoldNote store={store} />
      </p>
      <div class="graph-frame" style={{ height: `${height}px` }}>
        {fault && (
          <Notice title="The graph can't be drawn in this browser." tone="error">
            The table below holds the same.
          </Notice>
        )}
        <div
          ref={box}
          class="graph-box"
          role="application"
          tabIndex={0}
          aria-label={`Graph of ${summaryOf(store)}. The table below holds the same.`}
          onKeyDown={(event) => actOn(event, keysOfGraph(store, renderer, event))}
        />
        <HoverCard store={store} />
        <Legend store={store} />
      </div>
      <BitsSlider store={store} />
      <p class="quiet widget-announcement" role="status">
        {announcement.value}
      </p>
      <details>
        <summary>Table of what is drawn</summary>
        <Nodes store={store} />
      </details>
    </div>
  );
}

function Tools({ store, renderer, title }: { store: Picture; renderer: Renderer | null; title: string }) {
  const chosen = store.selected.value;
  const save = async (kind: "PNG" | "SVG") => {
    if (kind === "SVG") saveFile(`${title}.svg`, "image/svg+xml", toSvg(sceneOf(store), colors.value));
    else saveFile(`${title}.png`, "image/png", await toPng(sceneOf(store), colors.value));
    announce(`Saved as ${kind}`);
  };
  return (
    <div class="tools" role="toolbar" aria-label="Graph tools">
      <strong>
        <Name text={title} short={60} />
      </strong>
      <span class="gap" />
      <button type="button" onClick={() => renderer?.zoom(1.3)} aria-label="Zoom in">+</button>
      <button type="button" onClick={() => renderer?.zoom(1 / 1.3)} aria-label="Zoom out">{"\u2212"}</button>
      <button type="button" onClick={() => renderer?.fit(chosen)}>Fit</button>
      <button type="button" disabled={!chosen.length} onClick={() => store.hide(chosen)}>Hide</button>
      <button type="button" disabled={!chosen.length} onClick={() => store.hideOthers(chosen)}>Only</button>
      <button type="button" disabled={!store.past.value.length} onClick={() => store.undo()}>Undo</button>
      <span class="gap" />
      <button type="button" class="small" onClick={() => void save("PNG")}>PNG</button>
      <button type="button" class="small" onClick={() => void save("SVG")}>SVG</button>
      <span class="quiet shown-count">{`${count(store.drawn.value.nodes.length)} of ${count(store.all.value.nodes.size)} nodes`}</span>
    </div>
  );
}

function Nodes({ store }: { store: Picture }) {
  return (
    <DataTable
      caption="What is drawn"
      file="graphlink-cluster"
      columns={[
        { name: "label", title: "Name", value: (row) => row.label, cell: (row) => <Name text={row.label || words(row.kind)} short={80} /> },
        { name: "kind", title: "Kind", value: (row) => row.kind, cell: (row) => words(row.kind) },
        { name: "role", title: "Role", value: (row) => row.role },
        { name: "probability", title: "p(member)", number: true, value: (row) => row.probability, cell: (row) => probability(row.probability) },
        { name: "degree", title: "Holders", number: true, value: (row) => row.degree },
        { name: "p_exclusive", title: "p(exclusive)", number: true, value: (row) => row.p_exclusive, cell: (row) => probability(row.p_exclusive) },
        { name: "bits", title: "Bits", number: true, value: (row) => row.bits, cell: (row) => bits(row.bits) },
        { name: "last_seen", title: "Last seen", value: (row) => row.last_seen, cell: (row) => day(row.last_seen) },
      ]}
      rows={store.drawn.value.nodes}
      keyOf={(row) => row.id}
      onChoose={(row, add) => store.select(row.id, add)}
      isChosen={(row) => store.selected.value.includes(row.id)}
      empty="Nothing is drawn."
    />
  );
}

/** Draws a widget in its cell; what it answers frees everything. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = document.createElement("div");
  el.append(host);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style.replaceAll(":root", ":host"));
  root.adoptedStyleSheets = [sheet];
  const dark = isOnDark(el);
  if (dark !== null) theme.value = dark ? "dark" : "light";
  const body = document.createElement("div");
  root.append(body);

  // The still picture before it is for where no widget draws.
  for (const still of document.querySelectorAll<HTMLElement>(`[data-graphlink-still="${CSS.escape(String(model.get("still_id") ?? ""))}"]`)) still.style.display = "none";

  const store = new Picture();
  const load = () => (store.graph.value = graphOf(model));
  const select = () => (store.selected.value = (model.get("selected") ?? []) as string[]);
  load();
  select();
  model.on("change:nodes", load);
  model.on("change:edges", load);
  model.on("change:selected", select);
  const stops = [
    effect(() => {
      body.dataset["theme"] = isDark.value ? "dark" : "light";
    }),
    effect(() => {
      const ids = store.selected.value;
      if (JSON.stringify(ids) === JSON.stringify(model.get("selected") ?? [])) return;
      model.set("selected", ids);
      model.save_changes();
    }),
  ];
  mount(<Widget model={model} store={store} />, body);
  return () => {
    for (const stop of stops) stop();
    model.off("change:nodes", load);
    model.off("change:edges", load);
    model.off("change:selected", select);
    mount(null, body);
    host.remove();
  };
}

export default { render };
