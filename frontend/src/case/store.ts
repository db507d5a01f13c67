// One case on the table: the picture of a cluster, kept in the address, with more of it requested from the server.
import { batch } from "@preact/signals";
import { clusterPath, get } from "../api";
import { announce } from "../live";
import { route, setQuery } from "../route";
import { count, counted } from "../text";
import type { Expansion, Graph, GraphEdge, GraphNode } from "../types";
import { BETWEEN, keysOf, named, Picture, type Batch, type Doing } from "./picture";

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
    isWhole: query.get("whole") === "1",
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
    whole: doing.isWhole ? "1" : "",
    from: doing.from,
    to: doing.to,
  };
}

export class CaseStore extends Picture {
  /** Nodes whose neighbours are being fetched. */
  private readonly waiting = new Set<string>();

  constructor(readonly clusterId: string) {
    super(fromAddress(), list(route.value.query.get("select")));
  }

  protected override wrote(): void {
    setQuery({ ...toAddress(this.doing.value), select: this.selected.value.slice(0, 200).join(BETWEEN) });
  }

  /** Applies the address, after coming to it by a link or a step back. */
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

  /** Whether the strongest nodes of a large cluster are shown in place of its groups. */
  isStrongest(): boolean {
    return route.value.query.get("picture") === "strongest";
  }

  async load(stop?: AbortSignal): Promise<Graph> {
    const graph = await get<Graph>(clusterPath(this.clusterId, "graph"), this.isStrongest() ? { groups: 0 } : {}, stop);
    this.graph.value = { ...graph, nodes: graph.nodes.map(named) };
    await this.expandAgain();
    return graph;
  }

  /** Shows the strongest neighbours of a node that are not in the picture; nothing that is shown moves. */
  async expand(id: string): Promise<void> {
    if (this.waiting.has(id)) return; // requested twice, as by a double click: the first answer is the answer
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
    if (id.startsWith("g:")) this.selectAll([]); // the group itself gives way to its accounts
    announce(`${counted(batch.nodes.length, "neighbour")} added${batch.n_left ? `, ${count(batch.n_left)} more not shown` : ""}`);
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
      n_left: Math.max(0, total - (id.startsWith("g:") ? offset : shown)),
    };
  }
}

/** Nodes around the one they belong to: at the server's offsets, or evenly on rings when only some are shown. */
function spread(nodes: GraphNode[], at: { x: number; y: number }): GraphNode[] {
  return nodes.map((node) => ({ ...node, x: at.x + node.x, y: at.y + node.y }));
}
