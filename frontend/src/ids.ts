// The ids of nodes, as in docs/explorer-api.md: i:, the kind, a colon, the value.

/** The kind and value of an identifier's id; a kind that is badly coded is taken as it stands. */
export function identifierOf(id: string): { kind: string; value: string } {
  const [, coded = "", ...rest] = id.split(":");
  let kind = coded;
  try {
    kind = decodeURIComponent(coded);
  } catch {
    // An address that somebody typed or cut off; no identifier has it, and the view shows that.
  }
  return { kind, value: rest.join(":") };
}

/** The id of an identifier. */
export function idOf(kind: string, value: string): string {
  return `i:${kind.replaceAll("%", "%25").replaceAll(":", "%3A")}:${value}`;
}
