// The connected components of a graph: what the bits slider and the time span make visible.
import type { GraphEdge, GraphNode } from "../types";

export interface Components {
  /** Component of each node, 0 for the one with the most accounts; -1 for accounts without a tie. */
  of: Map<string, number>;
  /** Accounts in each component, the largest first; components of one account are only counted in `n_alone`. */
  sizes: number[];
  n_alone: number;
}

/** Connected components by union and find. */
export function componentsOf(nodes: GraphNode[], edges: GraphEdge[]): Components {
  const parent = new Map(nodes.map((node) => [node.id, node.id]));
  const root = (id: string): string => {
    let top = id;
    for (let up = parent.get(top); up !== undefined && up !== top; up = parent.get(top)) {
      parent.set(top, parent.get(up) ?? up);
      top = up;
    }
    return top;
  };
  for (const edge of edges) {
    const [a, b] = [root(edge.source), root(edge.target)];
    if (a !== b) parent.set(a, b);
  }
  const accounts = new Map<string, number>();
  for (const node of nodes) {
    const n = node.type === "account" || node.type === "group" ? (node.n_accounts ?? 1) : 0;
    accounts.set(root(node.id), (accounts.get(root(node.id)) ?? 0) + n);
  }
  const several = [...accounts].filter(([, n]) => n > 1).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rank = new Map(several.map(([id], place) => [id, place]));
  return {
    of: new Map(nodes.map((node) => [node.id, rank.get(root(node.id)) ?? -1])),
    sizes: several.map(([, n]) => n),
    n_alone: [...accounts.values()].filter((n) => n === 1).length,
  };
}
