// Announcements for people who do not see the screen change.
import { signal } from "@preact/signals";

/** The last thing that happened, announced politely and shown at the foot of the page. */
export const announcement = signal("");

export function announce(text: string): void {
  announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}
