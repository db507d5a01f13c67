// When: a lane per account, sessions coloured by the identifier they ran on, births and bans marked, and a
// span over the activity that filters the graph and can be played.
import { useEffect, useRef, useState } from "preact/hooks";
import { clusterPath, get } from "../api";
import { useAnswer } from "../loading";
import { Loading, Name, Notice } from "../elements";
import { route, setQuery } from "../route";
import { useRoving } from "../roving";
import { count, counted, day, minute, shortened, words } from "../text";
import { colors, isDark, isStill, wheel } from "../theme";
import type { Timeline } from "../types";
import type { CaseStore } from "./store";

const LANE = 14;
const NAMES = 132;
const HEAD = 46;
const FRAME_MS = 450;

export function TimelinePanel({ store }: { store: CaseStore }) {
  const kind = route.value.query.get("lanes") ?? "";
  const span = route.value.query.get("time") ?? "";
  const answer = useAnswer(`${store.clusterId} ${kind} ${span}`, (stop) => get<Timeline>(clusterPath(store.clusterId, "timeline"), { kind, span }, stop), true);
  if (answer.error) {
    return (
      <Notice title="No timeline." tone="error">
        {answer.error.message}{" "}
        <button type="button" onClick={answer.again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!answer.value) return <Loading what="the timeline" />;
  return <Lanes store={store} timeline={answer.value} />;
}

interface Span {
  from: number;
  to: number;
}

/** The span of the address in seconds from the start. */
function spanOf(store: CaseStore, timeline: Timeline): Span {
  const start = Date.parse(timeline.start);
  const length = (Date.parse(timeline.end) - start) / 1000;
  const { from, to } = store.doing.value;
  return { from: from ? (Date.parse(from) - start) / 1000 : 0, to: to ? (Date.parse(to) - start) / 1000 : length };
}

function setSpan(store: CaseStore, timeline: Timeline, span: Span, step: boolean): void {
  const start = Date.parse(timeline.start);
  const length = (Date.parse(timeline.end) - start) / 1000;
  const iso = (seconds: number) => `${new Date(start + seconds * 1000).toISOString().slice(0, 19)}Z`;
  const isOpen = span.from <= 0 && span.to >= length;
  store.change({ from: isOpen ? "" : iso(Math.max(0, span.from)), to: isOpen ? "" : iso(Math.min(length, span.to)) }, step);
}

function Lanes({ store, timeline }: { store: CaseStore; timeline: Timeline }) {
  const [width, setWidth] = useState(700);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.max(320, entry.contentRect.width)));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const length = Math.max(1, (Date.parse(timeline.end) - Date.parse(timeline.start)) / 1000);
  const room = width - NAMES - 8;
  const x = (seconds: number) => NAMES + (seconds / length) * room;
  return (
    <section class="timeline" aria-label="Timeline">
      <TimelineTools store={store} timeline={timeline} length={length} />
      <div class="timeline-scroll" ref={box}>
        <Overview store={store} timeline={timeline} width={width} x={x} length={length} room={room} />
        <LaneCanvas store={store} timeline={timeline} width={width} x={x} length={length} />
      </div>
    </section>
  );
}

function TimelineTools({ store, timeline, length }: { store: CaseStore; timeline: Timeline; length: number }) {
  const span = spanOf(store, timeline);
  const isOpen = !store.doing.value.from && !store.doing.value.to;
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      const now = spanOf(store, timeline);
      const wide = Math.min(now.to - now.from, length / 4) || length / 12;
      const from = now.to >= length ? 0 : now.from + wide / 3;
      setSpan(store, timeline, { from, to: Math.min(length, from + wide) }, false);
    }, isStill.matches ? FRAME_MS * 3 : FRAME_MS);
    return () => clearInterval(timer);
  }, [isPlaying, timeline]);
  const play = () => {
    if (!isPlaying && isOpen) setSpan(store, timeline, { from: 0, to: length / 12 }, true);
    setPlaying(!isPlaying);
  };
  const start = Date.parse(timeline.start);
  return (
    <div class="tools">
      <strong>Timeline</strong>
      <label>
        coloured by{" "}
        <select value={timeline.kind} onChange={(event) => setQuery({ lanes: event.currentTarget.value })}>
          {timeline.kinds.map((kind) => (
            <option key={kind} value={kind}>
              {words(kind)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={play} aria-pressed={isPlaying} title="Moves a window over time; the graph shows the ties in it">
        {isPlaying ? "Pause" : "Play"}
      </button>
      {!isOpen && (
        <>
          <span class="quiet">{`${minute(start + span.from * 1000)} to ${minute(start + span.to * 1000)} UTC`}</span>
          <button type="button" onClick={() => setSpan(store, timeline, { from: 0, to: length }, true)}>
            All time
          </button>
        </>
      )}
      <Beyond timeline={timeline} />
      <SpanInputs store={store} timeline={timeline} span={span} length={length} />
      {timeline.n_left_out > 0 && <span class="quiet">{`${counted(timeline.n_left_out, "further account")} in the sum only`}</span>}
    </div>
  );
}

/** What lies beyond the bulk that is drawn, and the way to all of it. */
function Beyond({ timeline }: { timeline: Timeline }) {
  const isAll = route.value.query.get("time") === "all";
  const { n_before, n_after } = timeline;
  if (!isAll && !n_before && !n_after) return null;
  const earlier = n_before ? [`\u2039 ${count(n_before)} earlier, since ${day(timeline.first)}`] : [];
  const later = n_after ? [`${count(n_after)} later, until ${day(timeline.last)} \u203a`] : [];
  return (
    <button type="button" class="small" title={isAll ? "Draw the 1st to the 99th percentile of the observations" : "Draw all observations"} onClick={() => setQuery({ time: isAll ? "" : "all" })}>
      {isAll ? "Only the bulk" : [...earlier, ...later].join(", ")}
    </button>
  );
}

/** The span by keyboard: two sliders in days. */
function SpanInputs({ store, timeline, span, length }: { store: CaseStore; timeline: Timeline; span: Span; length: number }) {
  const start = Date.parse(timeline.start);
  const step = Math.min(length, Math.max(3600, length / 200));
  const input = (name: string, value: number, next: (seconds: number) => Span) => (
    <label class="quiet">
      {`${name} `}
      <input
        type="range"
        class="span-input"
        aria-valuetext={minute(start + value * 1000)}
        min={0}
        max={length}
        step={step}
        value={value}
        onPointerDown={() => store.remember()}
        onInput={(event) => setSpan(store, timeline, next(near(Number(event.currentTarget.value))), false)}
      />
    </label>
  );
  // The steps may not add up to the length: the last of them means the end.
  const near = (seconds: number) => (length - seconds < step ? length : seconds);
  return (
    <span class="span-inputs">
      {input("From", span.from, (from) => ({ from, to: Math.max(from, span.to) }))}
      {input("Until", span.to, (to) => ({ from: Math.min(span.from, to), to }))}
    </span>
  );
}

interface DrawProps {
  store: CaseStore;
  timeline: Timeline;
  width: number;
  x: (seconds: number) => number;
  length: number;
}

/** Days between the marks of the axis, so that at most ten stand on it. */
function marksOf(timeline: Timeline, length: number): { at: number; text: string }[] {
  const start = Date.parse(timeline.start);
  const days = length / 86400;
  const every = [1 / 24, 0.25, 1, 2, 7, 14, 30, 91, 365].find((step) => days / step <= 10) ?? 730;
  const step = every * 86400;
  const first = Math.ceil(start / 1000 / step) * step - start / 1000;
  const marks = [];
  for (let at = first; at < length; at += step) {
    const text = new Date(start + at * 1000).toISOString();
    marks.push({ at, text: every < 1 ? text.slice(5, 16).replace("T", " ") : text.slice(5, 10) });
  }
  return marks;
}

/** All activity over time; dragging over it sets the span. */
function Overview({ store, timeline, width, x, length, room }: DrawProps & { room: number }) {
  const [drag, setDrag] = useState<number | null>(null);
  const top = Math.max(1, ...timeline.activity);
  const bar = Math.max(1, (timeline.bin / length) * room - 0.5);
  const span = spanOf(store, timeline);
  const at = (event: PointerEvent) => {
    const frame = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(length, ((event.clientX - frame.left - NAMES) / room) * length));
  };
  const pull = (event: PointerEvent) => {
    if (drag === null) return;
    const now = at(event);
    if (Math.abs(now - drag) > length / 200) setSpan(store, timeline, { from: Math.min(drag, now), to: Math.max(drag, now) }, false);
  };
  return (
    <svg
      class="overview"
      width={width}
      height={HEAD}
      role="img"
      aria-label={`Activity from ${minute(timeline.start)} to ${minute(timeline.end)}`}
      onPointerDown={(event) => {
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        store.remember();
        setDrag(at(event));
      }}
      onPointerMove={pull}
      onPointerUp={() => setDrag(null)}
    >
      {timeline.activity.map((n, i) => (
        <rect key={i} class="activity" x={x(i * timeline.bin)} y={30 - (n / top) * 28} width={bar} height={(n / top) * 28} />
      ))}
      <rect class="span" x={x(span.from)} y={0} width={Math.max(1, x(span.to) - x(span.from))} height={31} />
      {marksOf(timeline, length).map((mark) => (
        <g key={mark.at} transform={`translate(${x(mark.at)},0)`}>
          <line class="mark" y1={30} y2={34} />
          <text class="mark-text" y={44} text-anchor="middle">
            {mark.text}
          </text>
        </g>
      ))}
      <text class="mark-text" x={4} y={18}>
        drag for a span
      </text>
    </svg>
  );
}

/** The lanes on a canvas: thousands of sessions are too many for elements. The names are a list next to it. */
function LaneCanvas({ store, timeline, width, x, length }: DrawProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = timeline.lanes.length * LANE;
  const chosen = store.selected.value;
  const span = spanOf(store, timeline);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    for (const [place, lane] of timeline.lanes.entries()) drawLane(context, timeline, lane, place * LANE, { x, width, chosen });
    context.globalAlpha = 0.75;
    context.fillStyle = colors.value.ground;
    context.fillRect(NAMES, 0, x(span.from) - NAMES, height);
    context.fillRect(x(span.to), 0, x(length) - x(span.to), height);
    context.globalAlpha = 1;
  }, [timeline, width, height, chosen, span.from, span.to, isDark.value]);
  const roving = useRoving<HTMLUListElement>("column");
  return (
    <div class="lanes" style={{ height: `${height}px` }}>
      <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} aria-hidden="true" />
      <ul class="lane-names" {...roving}>
        {timeline.lanes.map((lane, place) => (
          <li key={lane.id ?? `rest${place}`}>
            {lane.id ? (
              <button
                type="button"
                aria-pressed={chosen.includes(lane.id)}
                title={shortened(lane.account_id ?? "", 200)}
                onClick={(event) => store.select(lane.id, event.shiftKey || event.ctrlKey || event.metaKey)}
              >
                <Name text={lane.account_id ?? ""} short={40} />
              </button>
            ) : (
              <span class="quiet">the rest</span>
            )}
          </li>
        ))}
      </ul>
      {height === 0 && <p class="quiet">No observation has a time.</p>}
    </div>
  );
}

interface LaneDrawing {
  x: (seconds: number) => number;
  width: number;
  chosen: string[];
}

function drawLane(context: CanvasRenderingContext2D, timeline: Timeline, lane: Timeline["lanes"][number], y: number, drawing: LaneDrawing): void {
  const { x, width, chosen } = drawing;
  const { text, hub, ground } = colors.value;
  const isChosen = lane.id !== null && chosen.includes(lane.id);
  if (isChosen) {
    context.globalAlpha = 0.12;
    context.fillStyle = text;
    context.fillRect(0, y, width, LANE);
    context.globalAlpha = 1;
  }
  for (const session of lane.sessions) {
    const id = timeline.identifiers[session.identifier]?.id;
    const dim = chosen.length && !isChosen && !(id && chosen.includes(id));
    context.globalAlpha = dim ? 0.25 : 1;
    context.fillStyle = session.identifier < 0 ? (isDark.value ? "#4b5866" : "#b8c2cd") : wheel(session.identifier);
    const left = Math.max(NAMES, x(session.from));
    const high = session.identifier < 0 ? 4 : LANE - 5;
    context.fillRect(left, y + (LANE - high) / 2, Math.max(1.5, x(session.to) - left), high);
  }
  context.globalAlpha = 1;
  if (lane.born !== null && lane.born >= 0) {
    const at = x(lane.born);
    context.fillStyle = text;
    context.beginPath();
    context.moveTo(at - 4, y + 2);
    context.lineTo(at + 3, y + LANE / 2);
    context.lineTo(at - 4, y + LANE - 2);
    context.fill();
  }
  if (lane.born !== null && lane.born < 0 && timeline.n_before > 0) {
    // It began before what is drawn.
    context.fillStyle = text;
    context.fillRect(NAMES - 3, y + 3, 2, LANE - 6);
  }
  if (lane.closed !== null && x(lane.closed) >= NAMES) {
    const at = x(lane.closed);
    context.lineWidth = 4;
    context.strokeStyle = ground;
    cross(context, at, y + LANE / 2);
    context.lineWidth = 2;
    context.strokeStyle = hub;
    cross(context, at, y + LANE / 2);
  }
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x - 4, y - 4);
  context.lineTo(x + 4, y + 4);
  context.moveTo(x + 4, y - 4);
  context.lineTo(x - 4, y + 4);
  context.stroke();
}
