// The order of the queue as it was last seen, for stepping from case to case.
import { signal } from "@preact/signals";

export const queueOrder = signal<string[]>([]);

/** The cluster before or after another in the queue; null when there is none. */
export function neighbourOf(id: string, step: 1 | -1): string | null {
  const place = queueOrder.value.indexOf(id);
  return place < 0 ? null : (queueOrder.value[place + step] ?? null);
}
