// From what can be seen of a case to the marks that a renderer draws.
import { lookOf } from "../graph/looks";
import type { EdgeMark, NodeMark, Scene } from "../graph/scene";
import { shortened } from "../text";
import { classColor, classLetter, colors, faded, isDark, wheel } from "../theme";
import type { GraphEdge, GraphNode, Style } from "../types";
import type { Picture, Split } from "./picture";

const HUB_DEGREE = 100;
const LABEL = 26;

/** Whether many hold it: shared infrastructure rather than somebody's own. */
export function isShared(node: { is_hub: boolean | null; p_exclusive: number | null; degree: number | null }): boolean {
  return Boolean(node.is_hub) || ((node.p_exclusive ?? 1) < 0.1 && (node.degree ?? 0) >= HUB_DEGREE);
}

const FEW = 120; // nodes that a panel holds at full size
const LEAST = 0.45;

/** How much smaller marks are in a full picture, so that they don't lie over each other. */
function crowding(n_nodes: number): number {
  return Math.max(LEAST, Math.min(1, Math.sqrt(FEW / Math.max(1, n_nodes))));
}

const LARGEST_GROUP = 26;
const SMALLEST_GROUP = 7;

/** The radius of a group: its area shows its accounts, and all groups together leave room between them. */
function groupSize(node: GraphNode, { n_groups, most }: Around["groups"]): number {
  const largest = Math.max(SMALLEST_GROUP + 3, Math.min(LARGEST_GROUP, 80 / Math.sqrt(Math.max(1, n_groups))));
  return Math.max(SMALLEST_GROUP, largest * Math.sqrt((node.n_accounts ?? 1) / Math.max(1, most)));
}

const LETTERED = 6; // the radius from which a letter is drawn

function sizeOf(node: GraphNode, { crowd, groups, style }: Around): number {
  if (node.type === "group" || node.type === "cluster") return groupSize(node, groups);
  if (node.type === "account") return Math.max(style ? LETTERED : 4, 7 * crowd);
  return (5 + 1.8 * Math.log2(1 + node.n_edges)) * crowd;
}

export function labelOf(node: GraphNode): string {
  if (node.type === "group") return ""; // the number of its accounts stands in it
  return shortened(node.label || node.kind.replaceAll("_", " "), LABEL);
}

interface Around {
  chosen: Set<string>;
  near: Set<string>;
  isFocused: boolean;
  components: Picture["components"]["value"];
  bare: Set<string>;
  marked: Set<string>;
  pinned: Set<string>;
  crowd: number;
  groups: { n_groups: number; most: number };
  rank: Map<string, number>;
  split: Split | null;
  style: Style | null;
}

function aroundOf(store: Picture, split: Split | null): Around {
  const { nodes, edges, bare } = store.drawn.value;
  const chosen = new Set(store.selected.value);
  const focus = store.hovered.value ? new Set([store.hovered.value]) : chosen;
  const near = new Set(focus);
  for (const edge of edges) {
    if (focus.has(edge.source)) near.add(edge.target);
    if (focus.has(edge.target)) near.add(edge.source);
  }
  const sizes = nodes.filter((node) => node.type === "group").map((node) => node.n_accounts ?? 1);
  const groups = { n_groups: sizes.length, most: Math.max(1, ...sizes) };
  const pinned = new Set(Object.keys(store.doing.value.pinned));
  // What the cluster falls into is drawn in colours of its own.
  const style = split === null && store.style.value?.by ? store.style.value : null;
  return { chosen, near, isFocused: focus.size > 0, components: store.components.value, bare, marked: store.marked.value, pinned, crowd: crowding(nodes.length), groups, rank: store.folding.value.rank, split, style };
}

/** The part that an account is drawn in: of the split that is shown, else its connected component. */
function partOf(node: GraphNode, { split, components }: Around): number {
  return split ? (split.part.get(node.id) ?? 0) : (components.of.get(node.id) ?? 0);
}

/** Whether an edge is lost in the split that is shown. */
function isLostEdge(edge: GraphEdge, split: Split | null): boolean {
  if (!split) return false;
  return split.lost.has(edge.source) || split.lost.has(edge.target) || edge.kind.split(",").every((kind) => split.lostKinds.has(kind));
}

function nodeMark(node: GraphNode, around: Around, left: number): NodeMark {
  const look = lookOf(node.kind, node.facet ?? "");
  const component = partOf(node, around);
  const isSplit = around.split !== null || around.components.sizes.length > 1 || around.components.n_alone > 0;
  const isAccount = node.type === "account" || node.type === "group";
  const isLost = around.split !== null && (around.split.lost.has(node.id) || (node.type === "identifier" && around.split.lostKinds.has(node.kind)));
  const styled = isAccount && around.style ? (around.style.of[node.id] ?? null) : null;
  const isStyled = styled !== null && around.style !== null;
  const own = isStyled ? classColor(styled, around.style?.is_ordered ?? false) : isAccount && around.style ? classColor(-2, false) : isAccount && isSplit && component >= 0 ? wheel(component) : isDark.value ? look.dark : look.light;
  const isFringe = node.role === "fringe";
  const outsider = isAccount && node.role === "none";
  const isMarked = around.marked.has(node.id);
  const faint = around.marked.size ? !isMarked : (around.isFocused && !around.near.has(node.id)) || around.bare.has(node.id) || isLost;
  return {
    id: node.id,
    x: node.x,
    y: node.y,
    size: sizeOf(node, around),
    shape: look.shape,
    color: outsider ? faded(own, colors.value.ground, 0.45) : own,
    letter: !isAccount ? look.letter : node.type === "account" && around.style ? (isStyled ? classLetter(styled, around.style.is_ordered) : "") : letterOf(node, component, isSplit),
    label: labelOf(node),
    rank: around.rank.get(node.id) ?? null,
    halo: around.pinned.has(node.id) ? "pinned" : isFringe ? "fringe" : isShared(node) ? "hub" : "",
    faint,
    chosen: around.chosen.has(node.id),
    more: left,
  };
}

function letterOf(node: GraphNode, component: number, isSplit: boolean): string {
  if (node.type === "group") return String(node.n_accounts ?? "");
  return isSplit && component >= 0 ? String((component + 1) % 100) : "";
}

/** Width in pixels of an edge: a pixel for a bit, growing ever slower. */
export function widthOf(bits: number): number {
  return Math.max(0.6, Math.min(7, 0.8 * Math.log2(1 + Math.max(0, bits))));
}

function edgeMark(edge: GraphEdge, around: Around): EdgeMark {
  const look = lookOf(edge.kind, edge.facet ?? "");
  const both = around.near.has(edge.source) && around.near.has(edge.target);
  const touches = around.chosen.has(edge.source) || around.chosen.has(edge.target);
  const isMarked = around.marked.has(edge.source) && around.marked.has(edge.target);
  const color = isDark.value ? look.dark : look.light;
  const against = edge.bits < 0;
  return {
    id: edge.id,
    source: edge.source,
    target: edge.target,
    width: edge.facet === "behaviour" && !touches ? 0.6 : widthOf(edge.bits),
    color: faded(color, colors.value.ground, touches || isMarked ? 0.9 : edge.facet === "behaviour" ? 0.22 : 0.45),
    faint: isLostEdge(edge, around.split) || (around.marked.size ? !isMarked : around.isFocused && !both),
    dashed: against || edge.facet === "behaviour",
  };
}

/** The scene of a case as it stands, or as it falls apart. */
export function sceneOf(store: Picture, split: Split | null = store.split.value): Scene {
  const { nodes, edges } = store.drawn.value;
  const around = aroundOf(store, split);
  // What ties most lies above the accounts, these above other identifiers, and the selection above all.
  const above = (node: GraphNode) => (around.chosen.has(node.id) ? 3 : around.rank.has(node.id) ? 2 : node.type === "account" ? 1 : 0);
  return {
    nodes: [...nodes].sort((a, b) => above(a) - above(b)).map((node) => nodeMark(node, around, store.leftOf(node.id) ?? 0)),
    edges: edges.map((edge) => edgeMark(edge, around)),
  };
}
