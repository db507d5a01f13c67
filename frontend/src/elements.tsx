// Small elements that every view is made of.
import type { ComponentChildren } from "preact";
import { segmentsOf, probability } from "./text";

const LONGEST = 160;

/** A name or value from the data: isolated from the text around it, nothing in it hidden. */
export function Name({ text, short = LONGEST }: { text: string; short?: number }) {
  const cut = text.length > short ? text.slice(0, short) : text;
  return (
    <bdi class="name">
      {segmentsOf(cut).map((segment) => (segment.unseen ? <span class="unseen">{segment.text}</span> : segment.text))}
      {cut !== text && <span class="unseen">{`\u2026 ${text.length} characters`}</span>}
    </bdi>
  );
}

/** The head of a table; a column without a title of its own is given as a child. */
export function Heads({ titles, children }: { titles: string[]; children?: ComponentChildren }) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
        {children}
      </tr>
    </thead>
  );
}

/** A short bar for a share, with its value as text next to it. */
export function Bar({ share, text, tone = "accent" }: { share: number; text: string; tone?: string }) {
  const width = `${(Math.max(0, Math.min(1, share)) * 100).toFixed(1)}%`;
  return (
    <span class="bar">
      <span class="bar-track" aria-hidden="true">
        <span class={`bar-fill ${tone}`} style={{ width }} />
      </span>
      <span class="bar-text">{text}</span>
    </span>
  );
}

/** A probability as a bar with its number. */
export function Probability({ value }: { value: number | null }) {
  return <Bar share={value ?? 0} text={probability(value)} />;
}

/** Activity over time as a small line, with a mark on the left where there is earlier activity; words say the same. */
export function Sparkline({ counts, label, isEarlier = false }: { counts: number[]; label: string; isEarlier?: boolean }) {
  const top = Math.max(1, ...counts);
  const step = counts.length > 1 ? 90 / (counts.length - 1) : 0;
  const points = counts.map((n, i) => `${(i * step).toFixed(1)},${(19 - (n / top) * 17).toFixed(1)}`).join(" ");
  return (
    <svg class="spark" viewBox="0 0 90 20" width="90" height="20" role="img" aria-label={label}>
      <polyline points={points} />
      {isEarlier && <path class="earlier" d="M6 5 L1 10 L6 15" />}
    </svg>
  );
}

/** What a view shows while it waits, when it is empty, and when it failed. */
export function Notice({ title, children, tone = "" }: { title: string; children?: ComponentChildren; tone?: string }) {
  return (
    <div class={`notice ${tone}`} role={tone === "error" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div class="notice loading" role="status">
      <span class="spinner" aria-hidden="true" /> {`Loading ${what}\u2026`}
    </div>
  );
}

/** A key as it stands on the keyboard. */
export function Key({ children }: { children: string }) {
  return <kbd>{children}</kbd>;
}

/** Tabs over a panel: walked by arrow keys, the chosen one in the order of Tab. */
export function Tabs<T extends string>({ title, tabs, chosen, panel, choose }: { title: string; tabs: readonly (readonly [T, string])[]; chosen: string; panel: string; choose: (tab: T) => void }) {
  const walk = (event: KeyboardEvent) => {
    const place = tabs.findIndex(([name]) => name === chosen);
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    choose(next[0]);
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={title} onKeyDown={walk}>
      {tabs.map(([name, text]) => (
        <button key={name} type="button" role="tab" id={`tab-${name}`} aria-controls={panel} aria-selected={chosen === name} tabIndex={chosen === name ? 0 : -1} onClick={() => choose(name)}>
          {text}
        </button>
      ))}
    </div>
  );
}
