// The requests to the server: reads JSON, describes failures in words, drops answers that came too late.
import { signal } from "@preact/signals";

/** Whether the last request reached the server. */
export const isReachable = signal(true);

/** Whether the server knows this page; a server that was started again does not. */
export const isKnown = signal(true);

/** What the server, or the way to it, answered instead. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** The address of a call, without what is empty. */
export function addressOf(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `/api/v1/${path}${text ? `?${text}` : ""}`;
}

async function answerOf<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const error = (body as { error?: { code?: string; message?: string } } | null)?.error;
  const hint = response.status === 401 ? "Open the address that graphlink explore printed; it signs you in." : "";
  throw new ApiError(error?.code ?? `http_${response.status}`, hint || (error?.message ?? response.statusText));
}

const PATIENCE = 4;

async function request<T>(address: string, options: RequestInit): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(address, { credentials: "same-origin", ...options });
      isReachable.value = true;
      isKnown.value = response.status !== 401;
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      isReachable.value = false;
      throw new ApiError("gone", "The server does not answer. Start graphlink explore again, then try again.");
    }
    if (response.status !== 503 || attempt >= PATIENCE) return answerOf<T>(response);
    await new Promise((done) => setTimeout(done, 400 * attempt));
  }
}

export function get<T>(path: string, query: Query = {}, stop?: AbortSignal): Promise<T> {
  return request<T>(addressOf(path, query), { method: "GET", ...(stop ? { signal: stop } : {}) });
}

export function post<T>(path: string, body: unknown, stop?: AbortSignal): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return request<T>(addressOf(path), { method: "POST", headers, body: JSON.stringify(body), ...(stop ? { signal: stop } : {}) });
}

/** The path of a cluster's calls. */
export function clusterPath(clusterId: string, rest: string = ""): string {
  return `clusters/${encodeURIComponent(clusterId)}${rest && `/${rest}`}`;
}
