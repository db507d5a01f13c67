// What a renderer is given: marks in graph space, and what happens to them. No renderer knows the data.
import type { Shape } from "./looks";

export interface NodeMark {
  id: string;
  x: number;
  y: number;
  /** Radius in pixels at the camera's rest. */
  size: number;
  shape: Shape;
  color: string;
  letter: string;
  label: string;
  /** Its place among what is labelled first, from 0; null is labelled where there is room. */
  rank: number | null;
  /** A ring: fringe members, and what is shared by many. */
  halo: "" | "fringe" | "hub" | "pinned";
  faint: boolean;
  chosen: boolean;
  /** How many more it would bring when it is expanded; 0 shows nothing. */
  more: number;
}

export interface EdgeMark {
  id: string;
  source: string;
  target: string;
  width: number;
  color: string;
  faint: boolean;
  dashed: boolean;
}

export interface Scene {
  nodes: NodeMark[];
  edges: EdgeMark[];
}

/** Where labels may stand, in pixels. */
export interface Frame {
  left: number;
  width: number;
  height: number;
}

export interface Colors {
  ground: string;
  text: string;
  halo: string;
  hub: string;
  choice: string;
  letter: string;
}

export interface Point {
  x: number;
  y: number;
}

/** Pixels from which the legend has room of its own beside what is drawn. */
export const WIDE = 560;

export interface Events {
  /** Pixels on the left that something lies over. */
  inset: number;
  choose: (node: string | null, add: boolean) => void;
  open: (node: string) => void;
  hover: (node: string | null) => void;
  move: (node: string, to: Point) => void;
}

export interface Renderer {
  /** Shows a scene; the camera stays where it is. */
  show(scene: Scene, colors: Colors): void;
  /** Moves the camera to hold all nodes, or those given. */
  fit(ids?: string[]): void;
  zoom(factor: number): void;
  pan(dx: number, dy: number): void;
  /** Frees everything it holds. */
  end(): void;
}

/** The least box around points; a unit box when there are none. */
export function boundsOf(points: Point[]): { x0: number; y0: number; x1: number; y1: number } {
  if (!points.length) return { x0: -1, y0: -1, x1: 1, y1: 1 };
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}
