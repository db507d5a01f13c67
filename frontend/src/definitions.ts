// What figures and values mean, as the server words it for every face: nothing here has words of its own.
import { signal } from "@preact/signals";
import { words } from "./text";
import type { GlossaryTerm } from "./types";

/** Definitions by the name of the column; empty until the summary is there. */
export const definitions = signal<Record<string, string>>({});

/** The words of the values of each column; empty until the summary is there. */
export const vocabulary = signal<Record<string, Record<string, string>>>({});

/** The terms of the glossary; empty until the summary is there. */
export const glossary = signal<GlossaryTerm[]>([]);

/** What a term means, with its example and what it is not; empty for what is no term. */
export function meaningOf(name: string): string {
  const term = glossary.value.find((one) => one.name === name);
  return term ? `${term.meaning} ${term.example} ${term.is_not}` : "";
}

export function definitionOf(name: string): string {
  return definitions.value[name] ?? "";
}

/** A value of a column in words; with blanks for its underscores where the server has none for it. */
export function wordsOf(column: string, value: string): string {
  return vocabulary.value[column]?.[value] ?? words(value);
}
