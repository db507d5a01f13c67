// What is told to people who do not see the screen change.
import { signal } from "@preact/signals";

/** The last thing that happened, read out politely and shown at the foot of the page. */
export const said = signal("");

export function announce(text: string): void {
  said.value = said.value === text ? `${text}\u00a0` : text;
}
