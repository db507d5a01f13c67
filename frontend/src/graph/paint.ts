// Draws a scene on a canvas or as SVG: the fallback where there is no WebGL, and the pictures to take away.
import { cornersOf } from "./looks";
import { boundsOf, type Colors, type Frame, type NodeMark, type Point, type Scene } from "./scene";

/** Graph space to pixels; y grows downwards in both. */
export interface Camera {
  scale: number;
  dx: number;
  dy: number;
  /** How much larger than at rest nodes are drawn. */
  grow: number;
}

export function toScreen(camera: Camera, point: Point): Point {
  return { x: point.x * camera.scale + camera.dx, y: point.y * camera.scale + camera.dy };
}

export function toGraph(camera: Camera, point: Point): Point {
  return { x: (point.x - camera.dx) / camera.scale, y: (point.y - camera.dy) / camera.scale };
}

/** The camera that holds points in a box of pixels. */
export function fitted(points: Point[], width: number, height: number, margin = 36, left = 0): Camera {
  const box = boundsOf(points);
  const wide = Math.max(box.x1 - box.x0, 1e-6);
  const high = Math.max(box.y1 - box.y0, 1e-6);
  let scale = Math.min((width - left - 2 * margin) / wide, (height - 2 * margin) / high);
  if (!Number.isFinite(scale) || scale <= 0 || (wide <= 1e-6 && high <= 1e-6)) scale = 1;
  const dx = left + (width - left) / 2 - ((box.x0 + box.x1) / 2) * scale;
  const dy = height / 2 - ((box.y0 + box.y1) / 2) * scale;
  return { scale, dx, dy, grow: 1 };
}

function outline(context: CanvasRenderingContext2D, node: NodeMark, at: Point, radius: number): void {
  context.beginPath();
  const corners = cornersOf(node.shape);
  if (!corners.length) {
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([x, y], i) => (i ? context.lineTo : context.moveTo).call(context, at.x + x * radius, at.y + y * radius));
  context.closePath();
}

/** The size of the letters in a node, so that numbers of several digits fit too. */
export function letterSize(node: NodeMark, radius: number): number {
  return Math.round(Math.min(1.15, 2 / node.letter.length) * radius);
}

const FAINT = 0.16;

function paintNode(context: CanvasRenderingContext2D, node: NodeMark, at: Point, grow: number, colors: Colors): void {
  const radius = node.size * grow;
  context.globalAlpha = node.faint ? FAINT : 1;
  if (node.halo || node.chosen) {
    outline(context, node, at, radius + (node.chosen ? 5 : 3.5));
    context.lineWidth = node.chosen ? 3 : 1.5;
    context.setLineDash(node.halo === "fringe" && !node.chosen ? [3, 2.5] : []);
    context.strokeStyle = node.chosen ? colors.choice : node.halo === "hub" ? colors.hub : colors.halo;
    context.stroke();
    context.setLineDash([]);
  }
  outline(context, node, at, radius);
  context.fillStyle = node.color;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = colors.ground;
  context.stroke();
  if (node.letter && radius >= 6) {
    context.fillStyle = colors.letter;
    context.font = `600 ${letterSize(node, radius)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(node.letter, at.x, at.y + 0.5);
  }
  if (node.more && radius >= 4) {
    context.font = "600 10px system-ui, sans-serif";
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = colors.text;
    context.fillText(`+${node.more}`, at.x + radius + 2, at.y - radius);
  }
  context.globalAlpha = 1;
}

const MOST_LABELS = 36;

/** How many labels a picture bears: the fuller it is, the fewer, until somebody zooms in. */
function mostLabels(scene: Scene, grow: number): number {
  const clear = scene.nodes.filter((node) => !node.faint).length;
  return Math.max(10, Math.min(MOST_LABELS, Math.round((2400 * grow * grow) / Math.max(1, clear))));
}

interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

const overlap = (a: Box, b: Box) => a.x0 < b.x1 && a.x1 > b.x0 && a.y0 < b.y1 && a.y1 > b.y0;

const LETTER = 7.6; // pixels that a letter of a label takes: a digit of a wide font such as DejaVu Sans, at 12 pixels
const HALF = 8;
const AWAY = [0, 14, 32, 56, 84, 120]; // pixels from a node at which its label may stand, nearest first

/** Where a label may stand at a distance from its node, the best first: right, left, below, above, and the corners. */
function* spotsOf(at: Point, reach: number, width: number): Generator<Box> {
  const [right, left, middle] = [at.x + reach + 4, at.x - reach - 4 - width, at.x - width / 2];
  const [below, above] = [at.y + reach + HALF + 2, at.y - reach - HALF - 2];
  const spots: [number, number][] = [[right, at.y], [left, at.y], [middle, below], [middle, above], [right, below], [right, above], [left, below], [left, above]];
  for (const [x, y] of spots) yield { x0: x, y0: y - HALF, x1: x + width, y1: y + HALF };
}

/** Boxes by the cells of a grid that they touch, so that a label is compared with what is near it only. */
class Taken {
  private readonly cells = new Map<number, Box[]>();
  private static readonly SIDE = 64;

  private *cellsOf(box: Box): Generator<number> {
    const place = (value: number) => Math.floor(value / Taken.SIDE);
    for (let x = place(box.x0); x <= place(box.x1); x++) for (let y = place(box.y0); y <= place(box.y1); y++) yield x * 65_536 + y;
  }

  add(box: Box): void {
    for (const cell of this.cellsOf(box)) {
      const known = this.cells.get(cell);
      if (known) known.push(box);
      else this.cells.set(cell, [box]);
    }
  }

  isFree(box: Box): boolean {
    for (const cell of this.cellsOf(box)) if (this.cells.get(cell)?.some((other) => overlap(box, other))) return false;
    return true;
  }
}

/** A label, and the line that leads to its node where it stands away from it. */
export interface Label {
  node: NodeMark;
  at: Point;
  lead: [Point, Point] | null;
}

/** The line from a node's edge to the nearest point of its label; none where they touch. */
function leadTo(box: Box, node: Point, radius: number): Label["lead"] {
  const end = { x: Math.max(box.x0, Math.min(box.x1, node.x)), y: Math.max(box.y0, Math.min(box.y1, node.y)) };
  const away = Math.hypot(end.x - node.x, end.y - node.y);
  if (away < radius + 10) return null;
  const share = radius / away;
  return [{ x: node.x + (end.x - node.x) * share, y: node.y + (end.y - node.y) * share }, end];
}

/**
 * Labels from the most important down: none over a node, another label or beyond the frame. Where there is no room
 * next to a node, what ties most and what is chosen stands further off, at the end of a line; the rest has no label.
 */
export function placeLabels(scene: Scene, place: (node: NodeMark) => Point, grow: number, frame: Frame): Label[] {
  const taken = new Taken();
  const labels: Label[] = [];
  const clear = scene.nodes.filter((node) => !node.faint);
  for (const node of clear) {
    const { x, y } = place(node);
    const radius = node.size * grow + (node.halo || node.chosen ? 5 : 1); // with its ring
    taken.add({ x0: x - radius, y0: y - radius, x1: x + radius, y1: y + radius });
  }
  const order = clear.filter((node) => node.label);
  const n_ranked = order.filter((node) => node.rank !== null).length;
  const most = Math.max(n_ranked, mostLabels(scene, grow));
  order.sort((a, b) => Number(b.chosen) - Number(a.chosen) || (a.rank ?? Infinity) - (b.rank ?? Infinity) || b.size - a.size || (a.id < b.id ? -1 : 1));
  for (const node of order.slice(0, 400)) {
    const [at, radius, width] = [place(node), node.size * grow + (node.halo || node.chosen ? 5 : 0), node.label.length * LETTER];
    const spot = freeSpot(at, radius, width, node.rank === null && !node.chosen ? 1 : AWAY.length, taken, frame);
    if (!spot) continue;
    taken.add(spot);
    labels.push({ node, at: { x: spot.x0, y: (spot.y0 + spot.y1) / 2 }, lead: leadTo(spot, at, radius) });
    if (labels.length >= most && !node.chosen) break;
  }
  return labels;
}

function freeSpot(at: Point, radius: number, width: number, n_away: number, taken: Taken, frame: Frame): Box | null {
  for (const away of AWAY.slice(0, n_away)) {
    for (const spot of spotsOf(at, radius + away, width)) {
      const isInside = spot.x0 >= frame.left && spot.x1 <= frame.width && spot.y0 >= 0 && spot.y1 <= frame.height;
      if (isInside && taken.isFree(spot)) return spot;
    }
  }
  return null;
}

/** Draws labels with their lines; `textOf` may add to the name. */
export function paintLabels(context: CanvasRenderingContext2D, labels: Label[], colors: Colors, textOf: (node: NodeMark) => string = (node) => node.label): void {
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.setLineDash([]);
  for (const { lead } of labels) {
    if (!lead) continue;
    context.lineWidth = 1;
    context.strokeStyle = colors.halo;
    context.beginPath();
    context.moveTo(lead[0].x, lead[0].y);
    context.lineTo(lead[1].x, lead[1].y);
    context.stroke();
  }
  for (const { node, at } of labels) {
    context.lineWidth = 3;
    context.strokeStyle = colors.ground;
    context.strokeText(textOf(node), at.x, at.y);
    context.fillStyle = colors.text;
    context.fillText(textOf(node), at.x, at.y);
  }
}

/** Paints a scene; the canvas is in CSS pixels already. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, camera: Camera, colors: Colors, frame: Frame): void {
  const places = new Map(scene.nodes.map((node) => [node.id, toScreen(camera, node)]));
  for (const edge of scene.edges) {
    const from = places.get(edge.source);
    const to = places.get(edge.target);
    if (!from || !to) continue;
    context.globalAlpha = edge.faint ? 0.08 : 0.7;
    context.strokeStyle = edge.color;
    context.lineWidth = edge.width;
    context.setLineDash(edge.dashed ? [4, 3] : []);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.setLineDash([]);
  for (const node of scene.nodes) paintNode(context, node, places.get(node.id) as Point, camera.grow, colors);
  paintLabels(context, placeLabels(scene, (one) => places.get(one.id) as Point, camera.grow, frame), colors);
}

const SVG = "http://www.w3.org/2000/svg";

function element(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text) made.textContent = text;
  return made;
}

function svgNode(node: NodeMark, at: Point, colors: Colors): SVGElement {
  const group = element("g", { opacity: node.faint ? FAINT : 1 });
  const shape = (radius: number, more: Record<string, string | number>) => {
    const corners = cornersOf(node.shape);
    if (!corners.length) return element("circle", { cx: at.x, cy: at.y, r: radius, ...more });
    const points = corners.map(([x, y]) => `${(at.x + x * radius).toFixed(1)},${(at.y + y * radius).toFixed(1)}`);
    return element("polygon", { points: points.join(" "), ...more });
  };
  if (node.halo || node.chosen) {
    const stroke = node.chosen ? colors.choice : node.halo === "hub" ? colors.hub : colors.halo;
    group.append(shape(node.size + 4, { fill: "none", stroke, "stroke-width": node.chosen ? 3 : 1.5 }));
  }
  group.append(shape(node.size, { fill: node.color, stroke: colors.ground }));
  if (node.letter && node.size >= 6) {
    const style = { "font-size": letterSize(node, node.size), "text-anchor": "middle", "dominant-baseline": "central" };
    group.append(element("text", { x: at.x, y: at.y, fill: colors.letter, ...style }, node.letter));
  }
  return group;
}

/** The scene as an SVG file; every text is a text node. */
export function toSvg(scene: Scene, colors: Colors, width = 1600, height = 1100): string {
  const camera = fitted(scene.nodes, width, height, 60);
  const root = element("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, "font-family": "system-ui, sans-serif" });
  root.append(element("rect", { width, height, fill: colors.ground }));
  const places = new Map(scene.nodes.map((node) => [node.id, toScreen(camera, node)]));
  for (const edge of scene.edges) {
    const from = places.get(edge.source);
    const to = places.get(edge.target);
    if (!from || !to) continue;
    const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke: edge.color, "stroke-width": edge.width };
    root.append(element("line", { ...line, opacity: edge.faint ? 0.08 : 0.7 }));
  }
  for (const node of scene.nodes) root.append(svgNode(node, places.get(node.id) as Point, colors));
  for (const { node, at, lead } of placeLabels(scene, (one) => places.get(one.id) as Point, 1, { left: 0, width, height })) {
    if (lead) root.append(element("line", { x1: lead[0].x, y1: lead[0].y, x2: lead[1].x, y2: lead[1].y, stroke: colors.halo }));
    const halo = { stroke: colors.ground, "stroke-width": 3, "paint-order": "stroke" };
    root.append(element("text", { x: at.x, y: at.y + 4, "font-size": 12, fill: colors.text, ...halo }, node.label));
  }
  return new XMLSerializer().serializeToString(root);
}

/** The scene as a PNG at twice the size of a screen. */
export async function toPng(scene: Scene, colors: Colors, width = 1600, height = 1100): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser can't draw on a canvas");
  context.scale(2, 2);
  context.fillStyle = colors.ground;
  context.fillRect(0, 0, width, height);
  paint(context, scene, fitted(scene.nodes, width, height, 60), colors, { left: 0, width, height });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be made"))), "image/png");
  });
}
