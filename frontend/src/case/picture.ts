// A picture of a graph: what there is, what somebody did to it, what is selected. It knows no address and no
// server, so that it draws in a notebook as in the explorer.
// Everything that changes the picture is in `doing`, which can be undone.
import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { announce } from "../live";
import { counted, visible } from "../text";
import type { Graph, GraphEdge, GraphNode, Style } from "../types";
import { componentsOf, type Components } from "./components";
import { foldingOf, type Folding } from "./folding";

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
  /** Whether identifiers that tie little are drawn too. */
  isWhole: boolean;
  /** Time span, in ISO 8601; empty means open. */
  from: string;
  to: string;
}

/** The picture as the server gives it. */
export const AT_FIRST: Doing = { hidden: [], expanded: [], pinned: {}, kindsOff: [], minBits: 0, isWhole: false, from: "", to: "" };
export const BETWEEN = "\n";

/** The neighbours that one expansion of a node brought, and how many it left. */
export interface Batch {
  nodes: GraphNode[];
  edges: GraphEdge[];
  n_left: number;
}

/** The key of each expansion: the node, and the how manieth of this node it is. */
export function keysOf(expanded: string[]): string[] {
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

/** What the cluster falls into without some of its evidence. */
export interface Split {
  /** Identifiers that are lost, and whole kinds. */
  lost: Set<string>;
  lostKinds: Set<string>;
  /** Account or group to its part, from 1; those of the largest part have none, what is in no part -1. */
  part: Map<string, number>;
}

/** An outcome that is drawn next to the graph as it is. */
export interface Compared {
  /** What is left out, in words. */
  title: string;
  split: Split;
}

export class Picture {
  readonly graph = signal<Graph | null>(null);
  /** What each expansion brought, by its key; kept when it is undone, for doing it again. */
  protected readonly batches = signal<Map<string, Batch>>(new Map());
  readonly doing: Signal<Doing>;
  readonly selected: Signal<string[]>;
  readonly hovered = signal<string | null>(null);
  /** Nodes and edges of a path or a what-if that is shown in the picture. */
  readonly marked = signal<Set<string>>(new Set());
  /** The parts of the cluster that are drawn apart; null shows it as it is. */
  readonly split = signal<Split | null>(null);
  /** The outcome of a what-if that is drawn side by side with the graph as it is. */
  readonly compared = signal<Compared | null>(null);
  /** What the accounts are coloured by; null where it is not known yet, and without `by` nothing. */
  readonly style = signal<Style | null>(null);
  readonly past = signal<Doing[]>([]);
  readonly future = signal<Doing[]>([]);

  readonly all: ReadonlySignal<{ nodes: Map<string, GraphNode>; edges: GraphEdge[] }> = computed(() => {
    const batches = keysOf(this.doing.value.expanded).map((key) => this.batches.value.get(key));
    const nodes = new Map<string, GraphNode>();
    for (const batch of [this.graph.value, ...batches]) {
      for (const node of batch?.nodes ?? []) if (!nodes.has(node.id)) nodes.set(node.id, node);
    }
    const seen = new Set<string>();
    const edges = [this.graph.value, ...batches].flatMap((batch) => batch?.edges ?? []).filter((edge) => {
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

  readonly folding: ReadonlySignal<Folding> = computed(() => {
    const { nodes, edges } = this.seen.value;
    const brought = [...this.batches.value.values()].flatMap((batch) => batch.nodes.map((node) => node.id));
    const kept = new Set([...this.selected.value, ...this.marked.value, ...(this.split.value?.lost ?? []), ...(this.compared.value?.split.lost ?? []), ...Object.keys(this.doing.value.pinned), ...brought]);
    return foldingOf(nodes, edges, kept, !this.doing.value.isWhole);
  });

  /** What is drawn: what can be seen, without what is folded. Components are those of all that can be seen. */
  readonly drawn: ReadonlySignal<Seen> = computed(() => {
    const { nodes, edges, bare } = this.seen.value;
    const { folded } = this.folding.value;
    if (!folded.size) return this.seen.value;
    return { nodes: nodes.filter((node) => !folded.has(node.id)), edges: edges.filter((edge) => !folded.has(edge.source) && !folded.has(edge.target)), bare };
  });

  /** The connected components of the accounts in the picture. */
  readonly components: ReadonlySignal<Components> = computed(() => componentsOf(this.seen.value.nodes, this.seen.value.edges));

  constructor(doing: Doing = AT_FIRST, selected: string[] = []) {
    this.doing = signal(doing);
    this.selected = signal(selected);
  }

  private isKept(edge: GraphEdge): boolean {
    const { minBits, from, to } = this.doing.value;
    if (edge.bits < minBits) return false;
    return (!from || !edge.last_seen || edge.last_seen >= from) && (!to || !edge.first_seen || edge.first_seen <= to);
  }

  /** Changes the picture; `step` false joins the change to the one before, as a slider's moves do. */
  change(changes: Partial<Doing>, step = true): void {
    batch(() => {
      if (step) this.past.value = [...this.past.value.slice(-99), this.doing.value];
      this.future.value = [];
      this.doing.value = { ...this.doing.value, ...changes };
    });
    this.wrote();
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
    this.wrote();
    announce(word);
  }

  /** Called after every change, for those who store it. */
  protected wrote(): void {}

  select(id: string | null, add = false): void {
    const old = this.selected.value;
    const next = id === null ? [] : !add ? [id] : old.includes(id) ? old.filter((one) => one !== id) : [...old, id];
    this.selectAll(next);
  }

  selectAll(ids: string[]): void {
    this.selected.value = ids;
    this.wrote();
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

  /** Takes back what the last expansion of a node brought. */
  collapse(id: string): void {
    const { expanded } = this.doing.value;
    const last = expanded.lastIndexOf(id);
    if (last < 0) return;
    this.change({ expanded: expanded.filter((_, place) => place !== last) });
    announce("Collapsed");
  }
}

/** A node as it is drawn: a group is recognized by its type, whatever kind of identifier it is named after. */
export function named(node: GraphNode): GraphNode {
  const label = (node.label as string | null) ?? ""; // null for a group that no identifier names
  if (node.type !== "group") return { ...node, label };
  return { ...node, kind: "group", facet: null, label: label && `around ${label}` };
}
