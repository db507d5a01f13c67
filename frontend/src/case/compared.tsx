// The outcome of a what-if: drawn next to the graph as it is, and as the flow of accounts from group to group.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { canvasRenderer } from "../graph/canvas";
import { idOf } from "../ids";
import { count, counted, shortened } from "../text";
import { colors, wheel } from "../theme";
import { moverOf, summaryOf } from "./around";
import { sceneOf } from "./drawing";
import type { Compared, Picture } from "./picture";

/** The second graph: the same nodes in the same places, in the colours of their groups after. */
export function ComparedGraph({ store }: { store: Picture }) {
  const box = useRef<HTMLDivElement>(null);
  const isShown = store.compared.value !== null;
  useEffect(() => {
    if (!box.current || !isShown) return;
    const renderer = canvasRenderer(box.current, {
      inset: 0,
      choose: (id, add) => store.select(id, add),
      open: () => undefined,
      hover: (id) => (store.hovered.value = id),
      move: moverOf(store),
    });
    const stop = effect(() => {
      if (store.compared.value) renderer.show(sceneOf(store, store.compared.value.split), colors.value);
    });
    renderer.fit();
    return () => {
      stop();
      renderer.end();
    };
  }, [isShown, store]);
  if (!store.compared.value) return null;
  const { title } = store.compared.value;
  return (
    <div class="graph-after">
      <div ref={box} class="graph-box" role="img" aria-label={`Graph without ${title}: ${summaryOf(store)}. The What if panel lists the same.`} />
      <p class="graph-title">{`Without ${shortened(title, 60)}`}</p>
    </div>
  );
}

export interface Outcome {
  cluster_id: string;
  without: string[];
  before: { name: string; n_accounts: number }[];
  after: { name: string; n_accounts: number }[];
  moves: { before: string; after: string; n_accounts: number }[];
  parts: Record<string, number>;
}

/** The outcome as the graph draws it. */
export function comparedOf(outcome: Outcome, without: { identifiers: { kind: string; value: string }[]; kinds: string[] }): Compared {
  return {
    title: outcome.without.join(", "),
    split: {
      lost: new Set(without.identifiers.map(({ kind, value }) => idOf(kind, value))),
      lostKinds: new Set(without.kinds),
      part: new Map(Object.entries(outcome.parts).filter(([, part]) => part !== 0)),
    },
  };
}

interface Flow {
  from: string;
  to: string;
  n: number;
}

interface Block {
  name: string;
  n: number;
  y: number;
  height: number;
}

const MOST_BLOCKS = 7;
const REST = "\u2026"; // of the groups that are not drawn one by one
const NONE = "";
const [WIDTH, BLOCK, HEIGHT, GAP, LEFT, RIGHT] = [340, 10, 190, 6, 92, 112];

/** The flows with all but the largest groups of each side joined into one. */
function fewer(moves: Outcome["moves"]): Flow[] {
  const largest = (side: "before" | "after") => {
    const sums = new Map<string, number>();
    for (const move of moves) sums.set(move[side], (sums.get(move[side]) ?? 0) + move.n_accounts);
    const order = [...sums].filter(([name]) => name !== NONE).sort((a, b) => b[1] - a[1]);
    return new Set([NONE, ...order.slice(0, order.length > MOST_BLOCKS ? MOST_BLOCKS - 1 : MOST_BLOCKS).map(([name]) => name)]);
  };
  const [left, right] = [largest("before"), largest("after")];
  const flows = new Map<string, Flow>();
  for (const move of moves) {
    const [from, to] = [left.has(move.before) ? move.before : REST, right.has(move.after) ? move.after : REST];
    const known = flows.get(`${from}\n${to}`);
    if (known) known.n += move.n_accounts;
    else flows.set(`${from}\n${to}`, { from, to, n: move.n_accounts });
  }
  return [...flows.values()];
}

/** The blocks of one side from the top down, the groups in order and what is in none last. */
function blocksOf(flows: Flow[], side: "from" | "to", scale: number): Block[] {
  const sums = new Map<string, number>();
  for (const flow of flows) sums.set(flow[side], (sums.get(flow[side]) ?? 0) + flow.n);
  const place = (name: string) => (name === NONE ? 2 : name === REST ? 1 : 0);
  let y = 0;
  return [...sums]
    .sort((a, b) => place(a[0]) - place(b[0]))
    .map(([name, n]) => {
      const block = { name, n, y, height: Math.max(1.5, n * scale) };
      y += Math.max(block.height, 13) + GAP;
      return block;
    });
}

/** How many accounts go from which group to which, as bands as wide as they are many. */
export function Flows({ outcome }: { outcome: Outcome }) {
  const flows = fewer(outcome.moves);
  const total = flows.reduce((sum, flow) => sum + flow.n, 0);
  if (!total) return null;
  const scale = HEIGHT / total;
  const [left, right] = [blocksOf(flows, "from", scale), blocksOf(flows, "to", scale)];
  const height = Math.max(...[...left, ...right].map((block) => block.y + Math.max(block.height, 13))) + 4;
  const used = new Map<string, number>();
  const take = (side: string, block: Block, n: number) => {
    const at = used.get(side + block.name) ?? block.y;
    used.set(side + block.name, at + n * scale);
    return at;
  };
  const colorOf = (name: string) => (name.startsWith("after-") ? wheel(Number(name.slice(6)) - 1) : "var(--edge)");
  const inOrder = left.flatMap((block) => right.flatMap((other) => flows.filter((flow) => flow.from === block.name && flow.to === other.name)));
  const [x0, x1] = [LEFT + BLOCK, WIDTH - RIGHT - BLOCK];
  const nameBefore = (block: Block) => (block.name === NONE ? "in no group" : block.name === REST ? "other groups" : shortened(block.name, 13));
  const nameAfter = (block: Block) => (block.name === NONE ? "in no group" : block.name === REST ? "smaller groups" : `group ${block.name.slice(6)}`);
  const words = inOrder.map((flow) => `${counted(flow.n, "account")} from ${nameBefore({ name: flow.from } as Block)} to ${nameAfter({ name: flow.to } as Block)}`);
  return (
    <svg class="flows" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`Groups as they are, left, and without it, right: ${words.join("; ")}`}>
      {inOrder.map((flow) => {
        const [from, to] = [left.find((block) => block.name === flow.from) as Block, right.find((block) => block.name === flow.to) as Block];
        const [a, b, thick, middle] = [take("from", from, flow.n), take("to", to, flow.n), Math.max(1, flow.n * scale), (x0 + x1) / 2];
        const d = `M${x0} ${a}C${middle} ${a} ${middle} ${b} ${x1} ${b}V${b + thick}C${middle} ${b + thick} ${middle} ${a + thick} ${x0} ${a + thick}Z`;
        return <path key={`${flow.from} ${flow.to}`} d={d} fill={colorOf(flow.to)} fill-opacity="0.45" />;
      })}
      {left.map((block) => (
        <g key={`l${block.name}`}>
          <rect x={LEFT} y={block.y} width={BLOCK} height={block.height} class="flow-block" />
          <text x={LEFT - 4} y={block.y + 10} text-anchor="end">{nameBefore(block)}</text>
        </g>
      ))}
      {right.map((block) => (
        <g key={`r${block.name}`}>
          <rect x={x1} y={block.y} width={BLOCK} height={block.height} fill={colorOf(block.name)} />
          <text x={x1 + BLOCK + 4} y={block.y + 10}>{`${nameAfter(block)}: ${count(block.n)}`}</text>
        </g>
      ))}
    </svg>
  );
}
