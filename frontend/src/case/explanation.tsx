// Explanations of the server: sentences first, then every list of values as a table.
import { idOf } from "../ids";
import { Name } from "../elements";
import { bits as bitsText, count, minute, probability, words } from "../text";
import { DataTable, type Column } from "../table";

export type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain };
export type Explanation = { sentences?: string[] } & { [name: string]: Plain };

const ISO = /^\d{4}-\d\d-\d\dT/;
const LONGEST_LIST = 8;

/** A value on one line. */
export function asLine(name: string, value: Plain): string {
  if (value === null) return "\u2013";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (/bits|cut/.test(name)) return bitsText(value);
    if (/^n_|degree|accounts/.test(name)) return count(value);
    return Number.isInteger(value) ? count(value) : /prob|chance|exclusive|score|share|fdr/.test(name) ? probability(value) : value.toFixed(2);
  }
  if (typeof value === "string") return ISO.test(value) ? minute(value) : value;
  if (Array.isArray(value)) {
    const items = value.slice(0, LONGEST_LIST).map((item) => asLine(name, item));
    return items.join(", ") + (value.length > LONGEST_LIST ? ` and ${count(value.length - LONGEST_LIST)} more` : "");
  }
  return Object.entries(value)
    .filter(([, item]) => item !== null && item !== "")
    .map(([key, item]) => asLine(key, item))
    .join(" ");
}

export function Sentences({ explanation }: { explanation: Explanation }) {
  if (!explanation.sentences?.length) return null;
  return (
    <ul class="sentences">
      {explanation.sentences.map((sentence, place) => (
        <li key={place}>
          <Name text={sentence} short={600} />
        </li>
      ))}
    </ul>
  );
}

type Row = { [name: string]: Plain };

function isRows(value: Plain | undefined): value is Row[] {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === "object" && value[0] !== null && !Array.isArray(value[0]);
}

/** The node that a row is about, an account or an identifier; empty when it is about none. */
function nodeOf(row: Row): string {
  const { account_id, kind, value } = row;
  if (typeof account_id === "string") return `a:${account_id}`;
  return typeof kind === "string" && typeof value === "string" && value ? idOf(kind, value) : "";
}

/** A list of values as a table with all their fields; a row about a node in the graph can be chosen. */
export function Rows({ name, rows, file, choose }: { name: string; rows: Row[]; file: string; choose?: ((id: string) => void) | undefined }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((field): Column<Row> => {
    const isNumber = rows.some((row) => typeof row[field] === "number");
    const value = (row: Row) => {
      const own = row[field] ?? null;
      return typeof own === "object" && own !== null ? asLine(field, own) : own;
    };
    return { name: field, title: words(field), number: isNumber, value, cell: (row) => <Name text={asLine(field, row[field] ?? null)} short={120} /> };
  });
  const canChoose = choose && rows.some((row) => nodeOf(row));
  return (
    <DataTable
      caption={words(name)}
      file={`${file}-${name}`}
      columns={columns}
      rows={rows}
      keyOf={(row) => JSON.stringify(row)}
      empty="None."
      {...(canChoose ? { onChoose: (row: Row) => nodeOf(row) && choose(nodeOf(row)) } : {})}
    />
  );
}

/** All the lists of an explanation but those shown elsewhere. */
export function FurtherTables({ explanation, file, but = [], open = "", choose }: { explanation: Explanation; file: string; but?: string[]; open?: string; choose?: (id: string) => void }) {
  const lists = Object.entries(explanation).filter(([name, value]) => name !== "sentences" && !but.includes(name) && isRows(value));
  return (
    <>
      {lists.map(([name, value]) => (
        <details key={name} class="rest" open={name === open}>
          <summary>{`${words(name)} (${(value as Row[]).length})`}</summary>
          <Rows name={name} rows={value as Row[]} file={file} choose={choose} />
        </details>
      ))}
    </>
  );
}
