// Which identifiers a picture shows: those that tie most, and the strongest of each account; the rest is folded.
import { count, words } from "../text";
import type { GraphEdge, GraphNode } from "../types";

export interface Folding {
  /** Identifiers that are not drawn. */
  folded: Set<string>;
  /** The identifiers that tie most, by their rank from 0; they are labelled first. */
  rank: Map<string, number>;
  /** How many are folded, by kind, the most first. */
  kinds: [string, number][];
}

const TOP = 20;
/** Pictures with fewer identifiers are shown whole. */
const LEAST = 30;

/** Folds identifiers that tie little; `kept` stay, and so does what alone ties an account or a group. */
export function foldingOf(nodes: GraphNode[], edges: GraphEdge[], kept: Set<string>, isOn: boolean): Folding {
  const identifiers = new Map(nodes.filter((node) => node.type === "identifier").map((node) => [node.id, node]));
  const bits = new Map<string, number>();
  const strongest = new Map<string, { id: string; bits: number }>();
  for (const edge of edges) {
    const [id, other] = identifiers.has(edge.target) ? [edge.target, edge.source] : [edge.source, edge.target];
    if (!identifiers.has(id)) continue;
    bits.set(id, (bits.get(id) ?? 0) + edge.bits);
    if (edge.bits > (strongest.get(other)?.bits ?? -Infinity)) strongest.set(other, { id, bits: edge.bits });
  }
  const order = [...identifiers.keys()].sort((a, b) => (bits.get(b) ?? 0) - (bits.get(a) ?? 0) || (a < b ? -1 : 1));
  const rank = new Map(order.slice(0, TOP).map((id, place) => [id, place]));
  const folded = new Set(isOn && order.length > LEAST ? order.slice(TOP).filter((id) => !kept.has(id)) : []);
  if (folded.size) {
    const isTied = new Set(edges.flatMap((edge) => (folded.has(edge.source) || folded.has(edge.target) ? [] : [edge.source, edge.target])));
    for (const [other, { id }] of strongest) if (!isTied.has(other)) folded.delete(id);
  }
  const kinds = new Map<string, number>();
  for (const id of folded) {
    const kind = identifiers.get(id)?.kind ?? "";
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return { folded, rank, kinds: [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)) };
}

const NOUNS: Record<string, [string, string]> = {
  ip: ["address", "addresses"],
  ip_64: ["IPv6 /64", "IPv6 /64s"],
  ip_prefix: ["address range", "address ranges"],
  payment: ["payment instrument", "payment instruments"],
  email_domain: ["mail domain", "mail domains"],
  tls_fingerprint: ["TLS fingerprint", "TLS fingerprints"],
  api_key: ["API key", "API keys"],
};

/** What is folded, in words: "370 further addresses, 12 further clients"; of many kinds the first by name. */
export function foldedWords(kinds: Folding["kinds"], most = Infinity): string {
  const named = kinds.slice(0, most).map(([kind, n]) => {
    const [one, many] = NOUNS[kind] ?? [words(kind), `${words(kind)}s`];
    return `${count(n)} further ${n === 1 ? one : many}`;
  });
  const n_others = kinds.slice(most).reduce((sum, [, n]) => sum + n, 0);
  return [...named, ...(n_others ? [`${count(n_others)} of other kinds`] : [])].join(", ");
}
