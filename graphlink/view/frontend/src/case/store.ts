// One case on the table: the graph as the server gave it, what the investigator did to it, what is selected.
// Everything that changes the picture is in `doing`, which can be undone and is kept in the address.
import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { clusterPath, get } from "../api";
import { announce } from "../live";
import { route, setQuery } from "../route";
import { count, counted, visible } from "../text";
import type { Expansion, Graph, GraphEdge, GraphNode } from "../types";
import { partsOf, type Parts } from "./parts";

export interface Doing {
  /** Nodes taken out of the picture. */
  hidden: string[];
  /** Nodes whose neighbours were fetched, in order. */
  expanded: string[];
  /** Nodes moved by hand. */
  pinned: Record<string, { x: number; y: number }>;
  /** Kinds switched off in the legend. */
  kindsOff: string[];
  /** Edges with fewer bits are not drawn. */
  minBits: number;
  /** Time span, in ISO 8601; empty means open. */
  from: string;
  to: string;
}

/** The picture as the server gives it. */
export const AT_FIRST: Doing = { hidden: [], expanded: [], pinned: {}, kindsOff: [], minBits: 0, from: "", to: "" };
const BETWEEN = "\n";
const EXPANDED_AT_ONCE = 10;

function list(text: string | null): string[] {
  return text ? text.split(BETWEEN) : [];
}

function fromAddress(): Doing {
  const { query } = route.value;
  const pinned: Doing["pinned"] = {};
  for (const entry of list(query.get("pin"))) {
    const [x, y, ...id] = entry.split(",");
    if (Number.isFinite(Number(x)) && Number.isFinite(Number(y))) pinned[id.join(",")] = { x: Number(x), y: Number(y) };
  }
  return {
    hidden: list(query.get("hide")),
    expanded: list(query.get("expand")),
    pinned,
    kindsOff: list(query.get("off")),
    minBits: Number(query.get("min")) || 0,
    from: query.get("from") ?? "",
    to: query.get("to") ?? "",
  };
}

function toAddress(doing: Doing): Record<string, string> {
  const pins = Object.entries(doing.pinned).map(([id, { x, y }]) => `${x.toFixed(3)},${y.toFixed(3)},${id}`);
  return {
    hide: doing.hidden.join(BETWEEN),
    expand: doing.expanded.join(BETWEEN),
    pin: pins.join(BETWEEN),
    off: doing.kindsOff.join(BETWEEN),
    min: doing.minBits ? String(doing.minBits) : "",
    from: doing.from,
    to: doing.to,
  };
}

/** The neighbours that one expansion of a node brought, and how many it left. */
interface Batch {
  nodes: GraphNode[];
  edges: GraphEdge[];
  n_left: number;
}

/** The key of each expansion: the node, and the how manieth of this node it is. */
function keysOf(expanded: string[]): string[] {
  const times = new Map<string, number>();
  return expanded.map((id) => {
    const n = (times.get(id) ?? 0) + 1;
    times.set(id, n);
    return `${id}${BETWEEN}${n}`;
  });
}

/** What can be seen now: nodes and edges after hiding, the legend, the slider and the time span. */
export interface Seen {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Nodes that stay in the picture but have no edge left. */
  bare: Set<string>;
}

export class CaseStore {
  readonly graph = signal<Graph | null>(null);
  /** What each expansion brought, by its key; kept when it is undone, for doing it again. */
  private readonly batches = signal<Map<string, Batch>>(new Map());
  /** Nodes whose neighbours are being fetched. */
  private readonly waiting = new Set<string>();
  readonly doing: Signal<Doing> = signal(fromAddress());
  readonly selected: Signal<string[]> = signal(list(route.value.query.get("select")));
  readonly hovered = signal<string | null>(null);
  /** Nodes and edges of a path or a what-if that is shown in the picture. */
  readonly marked = signal<Set<string>>(new Set());
  readonly past = signal<Doing[]>([]);
  readonly future = signal<Doing[]>([]);

  readonly all: ReadonlySignal<{ nodes: Map<string, GraphNode>; edges: GraphEdge[] }> = computed(() => {
    const batches = keysOf(this.doing.value.expanded).map((key) => this.batches.value.get(key));
    const nodes = new Map<string, GraphNode>();
    for (const part of [this.graph.value, ...batches]) {
      for (const node of part?.nodes ?? []) if (!nodes.has(node.id)) nodes.set(node.id, node);
    }
    const seen = new Set<string>();
    const edges = [this.graph.value, ...batches].flatMap((part) => part?.edges ?? []).filter((edge) => {
      const key = `${edge.source}${BETWEEN}${edge.target}${BETWEEN}${edge.kind}`;
      return !seen.has(key) && seen.add(key);
    });
    return { nodes, edges };
  });

  readonly seen: ReadonlySignal<Seen> = computed(() => {
    const { hidden, kindsOff, pinned } = this.doing.value;
    // A group that was opened gives way to its accounts.
    const gone = new Set([...hidden, ...this.doing.value.expanded.filter((id) => id.startsWith("g:"))]);
    const off = new Set(kindsOff);
    const nodes = [...this.all.value.nodes.values()]
      .filter((node) => !gone.has(node.id) && !off.has(node.kind))
      .map((node) => (pinned[node.id] ? { ...node, ...pinned[node.id] } : node));
    const there = new Set(nodes.map((node) => node.id));
    const edges = this.all.value.edges.filter(
      (edge) => there.has(edge.source) && there.has(edge.target) && !off.has(edge.kind) && this.isKept(edge),
    );
    const tied = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
    return { nodes, edges, bare: new Set(nodes.filter((node) => !tied.has(node.id)).map((node) => node.id)) };
  });

  /** The parts that the accounts in the picture fall into. */
  readonly parts: ReadonlySignal<Parts> = computed(() => partsOf(this.seen.value.nodes, this.seen.value.edges));

  constructor(readonly clusterId: string) {}

  private isKept(edge: GraphEdge): boolean {
    const { minBits, from, to } = this.doing.value;
    if (edge.bits < minBits) return false;
    return (!from || !edge.last_seen || edge.last_seen >= from) && (!to || !edge.first_seen || edge.first_seen <= to);
  }

  /** Takes up what the address says, after coming to it by a link or a step back. */
  async adopt(): Promise<void> {
    const doing = fromAddress();
    const isKnown = JSON.stringify(doing) === JSON.stringify(this.doing.value);
    batch(() => {
      if (!isKnown) {
        this.remember();
        this.doing.value = doing;
      }
      this.selected.value = list(route.value.query.get("select"));
    });
    if (isKnown) return;
    await this.expandAgain().catch((error: unknown) => announce(`Not expanded: ${(error as Error).message}`));
  }

  /** Whether the strongest nodes of a large cluster are shown in place of its parts. */
  isStrongest(): boolean {
    return route.value.query.get("picture") === "strongest";
  }

  async load(stop?: AbortSignal): Promise<Graph> {
    const graph = await get<Graph>(clusterPath(this.clusterId, "graph"), this.isStrongest() ? { groups: 0 } : {}, stop);
    this.graph.value = { ...graph, nodes: graph.nodes.map(named) };
    await this.expandAgain();
    return graph;
  }

  /** Changes the picture; `step` false joins the change to the one before, as a slider's moves do. */
  change(changes: Partial<Doing>, step = true): void {
    batch(() => {
      if (step) this.past.value = [...this.past.value.slice(-99), this.doing.value];
      this.future.value = [];
      this.doing.value = { ...this.doing.value, ...changes };
    });
    setQuery(toAddress(this.doing.value));
  }

  /** Remembers the picture as it is, for a row of changes that is undone as one. */
  remember(): void {
    this.past.value = [...this.past.value.slice(-99), this.doing.value];
  }

  undo(): void {
    this.step(this.past, this.future, "Undone");
  }

  redo(): void {
    this.step(this.future, this.past, "Done again");
  }

  private step(from: Signal<Doing[]>, to: Signal<Doing[]>, word: string): void {
    const next = from.value.at(-1);
    if (!next) {
      announce(word === "Undone" ? "Nothing to undo" : "Nothing to do again");
      return;
    }
    batch(() => {
      to.value = [...to.value, this.doing.value];
      from.value = from.value.slice(0, -1);
      this.doing.value = next;
    });
    setQuery(toAddress(next));
    announce(word);
  }

  select(id: string | null, add = false): void {
    const old = this.selected.value;
    const next = id === null ? [] : !add ? [id] : old.includes(id) ? old.filter((one) => one !== id) : [...old, id];
    this.selectAll(next);
  }

  selectAll(ids: string[]): void {
    this.selected.value = ids;
    setQuery({ select: ids.slice(0, 200).join(BETWEEN) });
    if (ids.length === 1) {
      const node = this.all.value.nodes.get(ids[0] as string);
      if (node) announce(`Selected ${node.kind} ${visible(node.label)}, ${counted(node.n_edges, "tie")}`);
    } else announce(ids.length ? `${ids.length} selected` : "Nothing selected");
  }

  hide(ids: string[]): void {
    if (!ids.length) return;
    this.change({ hidden: [...new Set([...this.doing.value.hidden, ...ids])] });
    this.selectAll([]);
    announce(`${counted(ids.length, "node")} hidden`);
  }

  hideOthers(ids: string[]): void {
    const kept = new Set(ids);
    this.hide(this.seen.value.nodes.map((node) => node.id).filter((id) => !kept.has(id)));
    this.selectAll(ids);
  }

  pin(id: string, to: { x: number; y: number }, step: boolean): void {
    this.change({ pinned: { ...this.doing.value.pinned, [id]: to } }, step);
  }

  unpin(ids: string[]): void {
    const gone = new Set(ids);
    this.change({ pinned: Object.fromEntries(Object.entries(this.doing.value.pinned).filter(([id]) => !gone.has(id))) });
  }

  toggleKind(kind: string): void {
    const { kindsOff } = this.doing.value;
    this.change({ kindsOff: kindsOff.includes(kind) ? kindsOff.filter((one) => one !== kind) : [...kindsOff, kind] });
  }

  reset(): void {
    this.change(AT_FIRST);
  }

  /** Neighbours of a node that its last expansion left out; null when it was not expanded. */
  leftOf(id: string): number | null {
    const n = this.doing.value.expanded.filter((one) => one === id).length;
    return n ? (this.batches.value.get(`${id}${BETWEEN}${n}`)?.n_left ?? null) : null;
  }

  /** Shows the strongest neighbours of a node that are not in the picture; nothing that is shown moves. */
  async expand(id: string): Promise<void> {
    if (this.waiting.has(id)) return; // asked twice, as by a double click: the first answer is the answer
    this.waiting.add(id);
    try {
      await this.expandOnce(id);
    } catch (error) {
      announce(`Not expanded: ${(error as Error).message}`);
    } finally {
      this.waiting.delete(id);
    }
  }

  private async expandOnce(id: string): Promise<void> {
    const batch = await this.fetchNeighbours(id);
    if (!batch.nodes.length && !batch.edges.length) {
      announce("Nothing more is tied to it");
      return;
    }
    const key = keysOf([...this.doing.value.expanded, id]).at(-1) as string;
    this.batches.value = new Map(this.batches.value).set(key, batch);
    this.change({ expanded: [...this.doing.value.expanded, id] });
    announce(`${counted(batch.nodes.length, "neighbour")} added${batch.n_left ? `, ${count(batch.n_left)} more not shown` : ""}`);
  }

  /** Takes back what the last expansion of a node brought. */
  collapse(id: string): void {
    const { expanded } = this.doing.value;
    const last = expanded.lastIndexOf(id);
    if (last < 0) return;
    this.change({ expanded: expanded.filter((_, place) => place !== last) });
    announce("Collapsed");
  }

  private async expandAgain(): Promise<void> {
    for (const [place, key] of keysOf(this.doing.value.expanded).entries()) {
      if (this.batches.value.has(key)) continue;
      const batch = await this.fetchNeighbours(this.doing.value.expanded[place] as string);
      this.batches.value = new Map(this.batches.value).set(key, batch);
    }
  }

  /** The strongest neighbours that are not known yet: a few of an account or identifier, all of a group. */
  private async fetchNeighbours(id: string): Promise<Batch> {
    const known = this.all.value.nodes;
    const at = this.doing.value.pinned[id] ?? known.get(id) ?? { x: 0, y: 0 };
    const cap = id.startsWith("g:") ? 1500 : EXPANDED_AT_ONCE;
    const nodes: GraphNode[] = [];
    const edges: GraphEdge[] = [];
    let offset = 0;
    let total = 0;
    for (let turn = 0; turn < 8 && nodes.length < cap; turn++) {
      const answer = await get<Expansion>("expand", { node: id, limit: 200, offset });
      total = answer.total;
      const fresh = answer.nodes.map(named).filter((node) => !known.has(node.id)).slice(0, cap - nodes.length);
      const there = new Set([...known.keys(), ...nodes.map((node) => node.id), ...fresh.map((node) => node.id)]);
      nodes.push(...fresh);
      edges.push(...answer.edges.filter((edge) => there.has(edge.source) && there.has(edge.target)));
      offset += answer.nodes.length;
      if (!answer.nodes.length || offset >= total) break;
    }
    const shown = edges.filter((edge) => edge.source === id || edge.target === id).length;
    return {
      nodes: spread(nodes, at),
      edges: edges.map((edge) => ({ ...edge, id: `${id}${BETWEEN}${edge.id}` })),
      n_left: Math.max(0, total - shown),
    };
  }
}

/** A node as it is drawn: a group is told by its type, whatever kind of identifier it is named after. */
function named(node: GraphNode): GraphNode {
  const label = (node.label as string | null) ?? ""; // null for a group that no identifier names
  if (node.type !== "group") return { ...node, label };
  return { ...node, kind: "group", facet: null, label: label && `around ${label}` };
}

/** Nodes around the one they belong to: at the server's offsets, or evenly on rings when only some are shown. */
function spread(nodes: GraphNode[], at: { x: number; y: number }): GraphNode[] {
  return nodes.map((node) => ({ ...node, x: at.x + node.x, y: at.y + node.y }));
}
