// Which renderer: WebGL where a graphics card is behind it, else the canvas, which is faster without one.
import { canvasRenderer } from "./canvas";
import type { Events, Renderer } from "./scene";
import { sigmaRenderer } from "./sigma";

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

function webglKind(): "hardware" | "software" | "none" {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return "none";
  const about = context.getExtension("WEBGL_debug_renderer_info");
  const name = about ? String(context.getParameter(about.UNMASKED_RENDERER_WEBGL)) : "";
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name) ? "software" : "hardware";
}

/** The renderer for this machine, or the one that is requested by name. */
export function chooseRenderer(box: HTMLElement, events: Events, wanted: string = ""): { renderer: Renderer; name: string } {
  const kind = wanted === "canvas" ? "none" : webglKind();
  if (kind === "hardware" || (wanted === "webgl" && kind !== "none")) {
    try {
      return { renderer: sigmaRenderer(box, events), name: "webgl" };
    } catch {
      box.replaceChildren(); // a context that is refused after all: the canvas draws the same
    }
  }
  return { renderer: canvasRenderer(box, events), name: "canvas" };
}
