// Light, dark, or the system's choice; and the colours that the graph needs as values.
import { computed, signal } from "@preact/signals";
import type { Colors } from "./graph/scene";

export type Theme = "system" | "light" | "dark";
const STORE = "graphlink-theme";
const media = window.matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(media.matches);
media.addEventListener("change", (event) => {
  systemIsDark.value = event.matches;
});

function stored(): Theme {
  try {
    const theme = localStorage.getItem(STORE);
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    return "system"; // storage can be switched off; then the choice lasts as long as the page
  }
}

export const theme = signal<Theme>(stored());
export const isDark = computed(() => (theme.value === "system" ? systemIsDark.value : theme.value === "dark"));

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // As above.
  }
}

const LIGHT: Colors = { ground: "#ffffff", text: "#1b2430", halo: "#46566a", hub: "#b3261e", choice: "#101820", letter: "#ffffff" };
const DARK: Colors = { ground: "#10161d", text: "#e4eaf1", halo: "#b9c6d4", hub: "#ff8a80", choice: "#ffffff", letter: "#10161d" };

export const colors = computed(() => (isDark.value ? DARK : LIGHT));

/** A colour mixed into the ground, so that faint things stay faint however many lie over each other. */
export function faded(color: string, ground: string, share: number): string {
  const channel = (text: string, at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(channel(color, at) * share + channel(ground, at) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Distinguishes components, facets and identifiers; each at least 3:1 against its ground. */
const WHEEL_LIGHT = ["#1f5fa8", "#b85a00", "#1d7a46", "#7a3fb0", "#b0306e", "#0b7285", "#8a6d00", "#5b6470", "#c0392b", "#3d6b1f"];
const WHEEL_DARK = ["#79b0f2", "#f5a34d", "#5fcf92", "#c39af0", "#f28cbb", "#5cc8da", "#e0c34a", "#a8b2be", "#ff8a80", "#a5d46a"];

export function wheel(place: number): string {
  const colorsOfWheel = isDark.value ? WHEEL_DARK : WHEEL_LIGHT;
  return colorsOfWheel[place % colorsOfWheel.length] as string;
}

export const isStill = window.matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Classes of accounts: seven without an order, five steps with one. At least 4.5:1 against their ground, and far enough
 * from each other for every form of colour blindness (tests/test_frontend.py); a letter or number stands in each as well.
 */
const CLASSES_LIGHT = ["#0a6fd6", "#c24e00", "#1b1464", "#c2308f", "#5d0f1a", "#0b7a5c", "#84724a"];
const CLASSES_DARK = ["#4f9dff", "#ff7a2f", "#b7e34b", "#f08bd0", "#f2efff", "#19b58a", "#a08c5c"];
const STEPS_LIGHT = ["#c2480c", "#a3206b", "#6b1f8f", "#1f1d63", "#07080f"];
const STEPS_DARK = ["#9a7bff", "#ee74bd", "#ff9a6e", "#ffd052", "#fcffc4"];
const REST = ["#5b6470", "#a8b2be"] as const;

/** The colour of a class by its place; of what is not known, and of further values, grey. */
export function classColor(place: number, isOrdered: boolean): string {
  if (place < 0) return REST[isDark.value ? 1 : 0];
  const of = isOrdered ? (isDark.value ? STEPS_DARK : STEPS_LIGHT) : isDark.value ? CLASSES_DARK : CLASSES_LIGHT;
  return of[place % of.length] as string;
}

/** What stands in the nodes of a class, so that colour never stands alone. */
export function classLetter(place: number, isOrdered: boolean): string {
  if (place < 0) return place === -1 ? "?" : "*";
  return isOrdered ? String(place + 1) : String.fromCharCode(65 + place);
}
