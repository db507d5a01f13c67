// The renderer on WebGL: sigma draws nodes and edges, a canvas above it letters and labels.
import Graph from "graphology";
import Sigma from "sigma";
import { faded, isStill } from "../theme";
import { letterSize, paintLabels, placeLabels } from "./paint";
import { boundsOf, WIDE, type Colors, type Events, type NodeMark, type Point, type Renderer, type Scene } from "./scene";
import { ShapeProgram } from "./shapes";

const MANY_EDGES = 3000;
const FAINT = 0.15;

function nodeAttributes(node: NodeMark, colors: Colors) {
  const ringColor = node.chosen ? colors.choice : node.halo === "hub" ? colors.hub : colors.halo;
  const fade = (color: string) => (node.faint ? faded(color, colors.ground, FAINT) : color);
  return {
    x: node.x,
    y: -node.y, // sigma's y grows upwards
    size: node.size,
    type: "shape",
    shape: node.shape,
    ring: node.chosen ? "chosen" : node.halo,
    ringColor: fade(ringColor),
    color: fade(node.color),
    zIndex: node.chosen ? 2 : node.faint ? 0 : 1,
  };
}

/** A renderer on WebGL; throws where there is none. */
export function sigmaRenderer(box: HTMLElement, events: Events): Renderer {
  const graph = new Graph({ multi: true, type: "undirected" });
  const sigma = new Sigma(graph, box, {
    nodeProgramClasses: { shape: ShapeProgram },
    defaultNodeType: "shape",
    renderLabels: false,
    zIndex: true,
    allowInvalidContainer: true,
    minEdgeThickness: 0.6,
    doubleClickZoomingRatio: 1,
    zoomDuration: isStill.matches ? 0 : 150,
    inertiaDuration: isStill.matches ? 0 : 200,
    defaultDrawNodeHover: () => undefined,
  });
  const above = document.createElement("canvas");
  above.className = "graph-above";
  box.append(above);
  let scene: Scene = { nodes: [], edges: [] };
  let colors: Colors | null = null;

  const place = (node: NodeMark): Point => sigma.graphToViewport({ x: node.x, y: -node.y });

  function drawAbove(): void {
    const context = above.getContext("2d");
    const { clientWidth: width, clientHeight: height } = box;
    if (!context || !colors || !width) return;
    const ratio = window.devicePixelRatio || 1;
    above.width = width * ratio;
    above.height = height * ratio;
    context.scale(ratio, ratio);
    const grow = sigma.scaleSize(1);
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const node of scene.nodes) {
      const radius = node.size * grow;
      if (node.faint || !node.letter || radius < 6) continue;
      const at = place(node);
      context.font = `600 ${letterSize(node, radius)}px system-ui, sans-serif`;
      context.fillStyle = colors.letter;
      context.fillText(node.letter, at.x, at.y + 0.5);
    }
    const frame = { left: width > WIDE ? events.inset : 0, width, height };
    paintLabels(context, placeLabels(scene, place, grow, frame), colors, (node) => (node.more ? `${node.label}  +${node.more}` : node.label));
  }
  sigma.on("afterRender", drawAbove);
  // sigma looks at the window only; the panel changes its size without it.
  const watcher = new ResizeObserver(() => {
    if (!box.clientWidth || !box.clientHeight) return;
    sigma.resize(true);
    sigma.refresh();
  });
  watcher.observe(box);

  const isAdding = (event: MouseEvent | TouchEvent) => event.shiftKey || event.ctrlKey || event.metaKey;
  let drag: { id: string; from: Point; moved: boolean } | null = null;
  sigma.on("clickNode", ({ node, event }) => events.choose(node, isAdding(event.original)));
  sigma.on("clickStage", () => events.choose(null, false));
  sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
    preventSigmaDefault();
    events.open(node);
  });
  sigma.on("enterNode", ({ node }) => events.hover(node));
  sigma.on("leaveNode", () => events.hover(null));
  sigma.on("downNode", ({ node, event }) => {
    drag = { id: node, from: { x: event.x, y: event.y }, moved: false };
  });
  sigma.on("moveBody", ({ event, preventSigmaDefault }) => {
    if (!drag || (!drag.moved && Math.hypot(event.x - drag.from.x, event.y - drag.from.y) < 4)) return;
    drag.moved = true;
    const to = sigma.viewportToGraph(event);
    events.move(drag.id, { x: to.x, y: -to.y });
    preventSigmaDefault();
    event.original.preventDefault();
  });
  sigma.on("upNode", () => (drag = null));
  sigma.on("upStage", () => (drag = null));

  return {
    show(next, nextColors) {
      scene = next;
      colors = nextColors;
      const before = graph.order;
      graph.clear();
      for (const node of scene.nodes) graph.addNode(node.id, nodeAttributes(node, nextColors));
      for (const edge of scene.edges) {
        const color = edge.faint ? faded(edge.color, nextColors.ground, 0.12) : edge.color;
        graph.addEdgeWithKey(edge.id, edge.source, edge.target, { size: edge.width, color, zIndex: edge.faint ? 0 : 1 });
      }
      sigma.setSetting("hideEdgesOnMove", graph.size > MANY_EDGES);
      if (!before && graph.order) {
        // The frame stays as it is first shown: what comes and goes moves nothing.
        const { x0, y0, x1, y1 } = boundsOf(scene.nodes);
        // Room for the legend, as a share of the panel's width.
        const room = box.clientWidth > WIDE ? ((x1 - x0) * events.inset) / (box.clientWidth - events.inset) : 0;
        sigma.setCustomBBox({ x: [x0 - room, x1], y: [-y1, -y0] });
      }
      sigma.refresh();
    },
    fit(ids) {
      const chosen = (ids?.length ? ids : scene.nodes.map((node) => node.id)).flatMap((id) => {
        const data = sigma.getNodeDisplayData(id);
        return data ? [{ x: data.x, y: data.y }] : [];
      });
      if (!chosen.length) return;
      if (!ids?.length) {
        sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1.05 });
        return;
      }
      const { x0, y0, x1, y1 } = boundsOf(chosen);
      const least = Math.min(box.clientWidth, box.clientHeight);
      const ratio = Math.max(((x1 - x0) * least) / box.clientWidth, ((y1 - y0) * least) / box.clientHeight, 0.08);
      sigma.getCamera().setState({ x: (x0 + x1) / 2, y: (y0 + y1) / 2, ratio: ratio * 1.5 });
    },
    zoom(factor) {
      const camera = sigma.getCamera();
      camera.setState({ ratio: camera.ratio / factor });
    },
    pan(dx, dy) {
      const camera = sigma.getCamera();
      const least = Math.min(box.clientWidth, box.clientHeight);
      camera.setState({ x: camera.x - (dx / least) * camera.ratio, y: camera.y + (dy / least) * camera.ratio });
    },
    end() {
      watcher.disconnect();
      sigma.kill();
      above.remove();
    },
  };
}
