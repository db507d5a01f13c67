// Requests to the workspace's API: answers with the version they were read under, and changes compared with it.
import { signal } from "@preact/signals";
import { ApiError, isKnown, isReachable } from "../api";
import type { Activity, Done, Me } from "./types";

/** Who the reader is; null where no workspace is served. */
export const me = signal<Me | null>(null);

export function may(right: string): boolean {
  return me.value?.rights.includes(right) ?? false;
}

/** An answer, with the version for the next change. */
export interface Read<T> {
  value: T;
  version: string;
}

/** The refusal of a change of what somebody else has changed since. */
export class ConflictError extends ApiError {
  constructor(
    message: string,
    readonly changes: Activity[],
  ) {
    super("changed", message);
  }
}

interface Refused {
  error?: { code?: string; message?: string };
  changes?: Activity[];
}

async function send<T>(path: string, options: RequestInit): Promise<Read<T>> {
  let response: Response;
  try {
    response = await fetch(`/api/v2/${path}`, { credentials: "same-origin", ...options });
    isReachable.value = true;
    isKnown.value = response.status !== 401;
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    isReachable.value = false;
    throw new ApiError("gone", "The server does not answer. Start graphlink serve again, then try again.");
  }
  const body: unknown = await response.json().catch(() => null);
  const version = response.headers.get("ETag") ?? "";
  if (response.ok) return { value: body as T, version };
  const { error, changes } = (body ?? {}) as Refused;
  const message = error?.message ?? response.statusText;
  if (response.status === 412) throw new ConflictError(message, changes ?? []);
  throw new ApiError(error?.code ?? `http_${response.status}`, message);
}

export function read<T>(path: string, query: Record<string, string | number> = {}, stop?: AbortSignal): Promise<Read<T>> {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return send<T>(text ? `${path}?${text}` : path, { method: "GET", ...(stop ? { signal: stop } : {}) });
}

/** Makes a change of what was read under a version. */
export function write<T = Done>(path: string, body: object, version: string): Promise<Read<T>> {
  const headers = { "Content-Type": "application/json", "If-Match": version };
  return send<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Learns who the reader is, once a workspace is served. */
export async function meet(): Promise<void> {
  if (!me.value) me.value = (await read<Me>("me")).value;
}

export async function signOut(): Promise<void> {
  await fetch("/sign-out", { method: "POST", credentials: "same-origin" });
  location.assign("/");
}
