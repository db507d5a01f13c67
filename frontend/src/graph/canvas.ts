// The renderer without WebGL: one canvas, redrawn when something changes.
import { fitted, paint, toGraph, toScreen, type Camera } from "./paint";
import { WIDE, type Colors, type Events, type NodeMark, type Point, type Renderer, type Scene } from "./scene";

/** A renderer on a 2D canvas, with the same events as the one on WebGL. */
export function canvasRenderer(box: HTMLElement, events: Events): Renderer {
  const canvas = document.createElement("canvas");
  if (!canvas.getContext("2d")) throw new Error("this browser draws on no canvas");
  canvas.className = "graph-canvas";
  box.append(canvas);
  let scene: Scene = { nodes: [], edges: [] };
  let colors: Colors | null = null;
  let camera: Camera | null = null;
  let isMoved = false; // until somebody moves the camera, all stays in view when the panel changes its size
  let waiting = 0;

  function draw(): void {
    waiting = 0;
    const context = canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = box;
    if (!context || !colors || !width || !height) return;
    if (!camera || !isMoved) camera = fitted(scene.nodes, width, height, 36, width > WIDE ? events.inset : 0);
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    paint(context, scene, camera, colors, { left: width > WIDE ? events.inset : 0, width, height });
  }
  const redraw = () => {
    waiting ||= requestAnimationFrame(draw);
  };
  const watcher = new ResizeObserver(redraw);
  watcher.observe(box);

  function at(event: MouseEvent): Point {
    const frame = canvas.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }
  function hit(point: Point): NodeMark | null {
    if (!camera) return null;
    let best: NodeMark | null = null;
    let least = Infinity;
    for (const node of scene.nodes) {
      const place = toScreen(camera, node);
      const distance = Math.hypot(place.x - point.x, place.y - point.y) - node.size * camera.grow;
      if (distance < 4 && distance < least) [best, least] = [node, distance];
    }
    return best;
  }
  function zoomAt(factor: number, point: Point): void {
    if (!camera) return;
    isMoved = true;
    const fixed = toGraph(camera, point);
    const scale = camera.scale * factor;
    const grow = Math.max(0.6, Math.min(2.5, camera.grow * Math.sqrt(factor)));
    camera = { scale, grow, dx: point.x - fixed.x * scale, dy: point.y - fixed.y * scale };
    redraw();
  }

  let drag: { node: NodeMark | null; from: Point; moved: boolean } | null = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag = { node: hit(at(event)), from: at(event), moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    const point = at(event);
    if (!drag) {
      events.hover(hit(point)?.id ?? null);
      return;
    }
    const [dx, dy] = [point.x - drag.from.x, point.y - drag.from.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    isMoved = true;
    if (drag.node && camera) events.move(drag.node.id, toGraph(camera, point));
    else if (camera) {
      isMoved = true;
      camera = { ...camera, dx: camera.dx + dx, dy: camera.dy + dy };
      drag.from = point;
      redraw();
    }
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) events.choose(drag.node?.id ?? null, event.shiftKey || event.ctrlKey || event.metaKey);
    drag = null;
  });
  canvas.addEventListener("dblclick", (event) => {
    const node = hit(at(event));
    if (node) events.open(node.id);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY / 400), at(event));
    },
    { passive: false },
  );

  return {
    show(next, nextColors) {
      scene = next;
      colors = nextColors;
      redraw();
    },
    fit(ids) {
      const chosen = ids?.length ? scene.nodes.filter((node) => ids.includes(node.id)) : scene.nodes;
      isMoved = Boolean(ids?.length);
      camera = fitted(chosen, box.clientWidth, box.clientHeight, isMoved ? 120 : 36, box.clientWidth > WIDE ? events.inset : 0);
      redraw();
    },
    zoom(factor) {
      zoomAt(factor, { x: box.clientWidth / 2, y: box.clientHeight / 2 });
    },
    pan(dx, dy) {
      isMoved = true;
      if (camera) camera = { ...camera, dx: camera.dx + dx, dy: camera.dy + dy };
      redraw();
    },
    end() {
      watcher.disconnect();
      cancelAnimationFrame(waiting);
      canvas.remove();
    },
  };
}
