// How each kind looks: a shape per facet, a colour and a letter per kind, so that colour never stands alone.

export type Shape = "circle" | "square" | "diamond" | "triangle" | "hexagon" | "star";
export const SHAPES: Shape[] = ["circle", "square", "diamond", "triangle", "hexagon", "star"];

export interface Look {
  shape: Shape;
  letter: string;
  /** Colours on light and on dark ground, each at least 3:1 against it. */
  light: string;
  dark: string;
}

const BLUE = ["#1f5fa8", "#79b0f2"] as const;
const ORANGE = ["#b85a00", "#f5a34d"] as const;
const BROWN = ["#8a5a2b", "#d3a878"] as const;
const GREEN = ["#1d7a46", "#5fcf92"] as const;
const PURPLE = ["#7a3fb0", "#c39af0"] as const;
const TEAL = ["#0b7285", "#5cc8da"] as const;
const PINK = ["#b0306e", "#f28cbb"] as const;
const GREY = ["#5b6470", "#a8b2be"] as const;

function look(shape: Shape, letter: string, [light, dark]: readonly [string, string]): Look {
  return { shape, letter, light, dark };
}

const LOOKS: Record<string, Look> = {
  account: look("circle", "", BLUE),
  group: look("circle", "#", BLUE),
  cluster: look("circle", "#", BLUE),
  ip: look("square", "I", ORANGE),
  ip_64: look("square", "6", ORANGE),
  ip_prefix: look("square", "N", BROWN),
  asn: look("square", "A", BROWN),
  country: look("square", "L", GREY),
  router: look("square", "R", PURPLE),
  payment: look("diamond", "P", GREEN),
  email: look("triangle", "@", PINK),
  email_domain: look("triangle", "D", PINK),
  phone: look("triangle", "T", PINK),
  api_key: look("triangle", "K", PURPLE),
  client: look("hexagon", "C", TEAL),
};

const FACET_SHAPES: Record<string, Look> = {
  network: look("square", "", ORANGE),
  payment: look("diamond", "", GREEN),
  identity: look("triangle", "", PINK),
  client: look("hexagon", "", TEAL),
  behaviour: look("star", "B", GREY),
};

/** The look of a kind; a kind that is not known takes its facet's, with its own first letter. */
export function lookOf(kind: string, facet: string = ""): Look {
  const known = LOOKS[kind];
  if (known) return known;
  const base = FACET_SHAPES[facet] ?? look("hexagon", "", GREY);
  return { ...base, letter: base.letter || (kind[0] ?? "?").toUpperCase() };
}

/** The corners of a shape around the origin, at a radius of 1; a circle has none. */
export function cornersOf(shape: Shape): [number, number][] {
  const ring = (n: number, turn: number, radius = () => 1) =>
    Array.from({ length: n }, (_, i): [number, number] => {
      const angle = turn + (i * 2 * Math.PI) / n;
      return [Math.cos(angle) * radius(), Math.sin(angle) * radius()];
    });
  switch (shape) {
    case "circle":
      return [];
    case "square":
      return [[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]];
    case "diamond":
      return [[0, -1.18], [1.18, 0], [0, 1.18], [-1.18, 0]];
    case "triangle":
      return [[0, -1.15], [1.1, 0.8], [-1.1, 0.8]];
    case "hexagon":
      return ring(6, 0);
    case "star":
      return ring(10, -Math.PI / 2).map(([x, y], i) => (i % 2 ? [x * 0.5, y * 0.5] : [x * 1.2, y * 1.2]));
  }
}
