// What figures mean, as the server words it for every face: nothing here has words of its own for them.
import { signal } from "@preact/signals";

/** Definitions by the name of the column; empty until the summary is there. */
export const definitions = signal<Record<string, string>>({});

/** The harmless readings by what the column calls them. */
export const harmlessNames = signal<Record<string, string>>({});

export function definitionOf(name: string): string {
  return definitions.value[name] ?? "";
}
