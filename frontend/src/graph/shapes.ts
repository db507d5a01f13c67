// A node program for sigma that draws every shape and its ring, by distance to the outline.
import { NodeProgram } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import { SHAPES, type Shape } from "./looks";

const UNIFORMS = ["u_sizeRatio", "u_correctionRatio", "u_matrix"] as const;
const RINGS = ["", "fringe", "hub", "pinned", "chosen"];

const VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_ringColor;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
attribute float a_ring;
attribute float a_angle;
uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;
varying vec4 v_color;
varying vec4 v_ringColor;
varying vec2 v_at;
varying float v_radius;
varying float v_shape;
varying float v_ring;
varying float v_pixel;
void main() {
  float pixel = u_correctionRatio * 2.0;
  float radius = a_size * pixel / u_sizeRatio;
  // The triangle's inner circle has half its outer radius; room for corners and the ring.
  vec2 offset = (radius * 1.3 + 7.0 * pixel) * 2.0 * vec2(cos(a_angle), sin(a_angle));
  gl_Position = vec4((u_matrix * vec3(a_position + offset, 1)).xy, 0, 1);
  v_at = offset;
  v_radius = radius;
  v_shape = a_shape;
  v_ring = a_ring;
  v_pixel = pixel;
  v_ringColor = a_ringColor;
  v_ringColor.a *= 255.0 / 254.0;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
}`;

const FRAGMENT = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec4 v_ringColor;
varying vec2 v_at;
varying float v_radius;
varying float v_shape;
varying float v_ring;
varying float v_pixel;
float outline(vec2 at, float r) {
  vec2 p = abs(at);
  if (v_shape < 0.5) return length(at) - r;
  if (v_shape < 1.5) return max(p.x, p.y) - 0.86 * r;
  if (v_shape < 2.5) return (p.x + p.y - 1.18 * r) * 0.7071;
  if (v_shape < 3.5) return max(-at.y - 0.8 * r, 0.871 * p.x + 0.4913 * at.y - 0.565 * r);
  if (v_shape < 4.5) return max(p.y - 0.866 * r, 0.866 * p.x + 0.5 * p.y - 0.866 * r);
  float turn = mod(atan(at.x, at.y) + 0.62832, 1.25664) - 0.62832;
  vec2 folded = length(at) * vec2(abs(sin(turn)), cos(turn));
  return dot(folded, vec2(0.938, 0.3466)) - 0.4159 * r;
}
void main() {
  float inside = outline(v_at, v_radius);
  #ifdef PICKING_MODE
  gl_FragColor = inside > 3.0 * v_pixel ? vec4(0.0) : v_color;
  #else
  vec4 color = mix(v_color, vec4(0.0), smoothstep(-0.5 * v_pixel, 0.5 * v_pixel, inside));
  if (v_ring > 0.5) {
    float thick = v_ring > 3.5 ? 1.6 : 0.8;
    float away = abs(inside - (v_ring > 3.5 ? 4.0 : 3.2) * v_pixel) / v_pixel;
    float gap = v_ring < 1.5 && sin(atan(v_at.y, v_at.x) * 14.0) < -0.2 ? 0.0 : 1.0;
    color = mix(color, v_ringColor, gap * (1.0 - smoothstep(thick - 0.4, thick + 0.4, away)));
  }
  gl_FragColor = color;
  #endif
}`;

interface ShapeData extends NodeDisplayData {
  shape: Shape;
  ring: string;
  ringColor: string;
}

/** Shapes with an optional ring: dashed for fringe, solid for others, thick for what is chosen. */
export class ShapeProgram extends NodeProgram<(typeof UNIFORMS)[number]> {
  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, TRIANGLES } = WebGLRenderingContext;
    return {
      VERTICES: 3,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: TRIANGLES,
      UNIFORMS,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_size", size: 1, type: FLOAT },
        { name: "a_shape", size: 1, type: FLOAT },
        { name: "a_ring", size: 1, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_ringColor", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_angle", size: 1, type: FLOAT }],
      CONSTANT_DATA: [[0], [(2 * Math.PI) / 3], [(4 * Math.PI) / 3]],
    };
  }

  processVisibleItem(nodeIndex: number, startIndex: number, data: NodeDisplayData): void {
    const { shape, ring, ringColor } = data as ShapeData;
    const values = [
      data.x,
      data.y,
      data.size,
      SHAPES.indexOf(shape),
      RINGS.indexOf(ring),
      floatColor(data.color),
      floatColor(ringColor),
      nodeIndex,
    ];
    values.forEach((value, i) => {
      this.array[startIndex + i] = value;
    });
  }

  setUniforms(params: RenderParams, { gl, uniformLocations }: Parameters<NodeProgram<(typeof UNIFORMS)[number]>["setUniforms"]>[1]): void {
    gl.uniform1f(uniformLocations.u_correctionRatio ?? null, params.correctionRatio);
    gl.uniform1f(uniformLocations.u_sizeRatio ?? null, params.sizeRatio);
    gl.uniformMatrix3fv(uniformLocations.u_matrix ?? null, false, params.matrix);
  }
}
