// The one table of the explorer: sorted by its headers, walked by keyboard, taken away as CSV or text.
import { useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { count, toCsv, visible } from "./text";
import { announce } from "./live";
import { copyText, saveFile } from "./take";

export type Cell = string | number | boolean | null;

export interface Column<R> {
  name: string;
  title: string;
  about?: string;
  number?: boolean;
  value: (row: R) => Cell;
  cell?: (row: R) => ComponentChildren;
  /** Whether it is only in the CSV. */
  hidden?: boolean;
  /** Whether its header sorts nothing. */
  unsorted?: boolean;
}

interface TableProps<R> {
  caption: string;
  file: string;
  columns: Column<R>[];
  rows: R[];
  keyOf: (row: R) => string;
  /** Called when a row is opened or chosen; the first column becomes a button. */
  onChoose?: (row: R, add: boolean) => void;
  isChosen?: (row: R) => boolean;
  sort?: string;
  onSort?: (sort: string) => void;
  empty: string;
  /** Rows that the server holds beyond those given. */
  more?: ComponentChildren;
  tools?: ComponentChildren;
}

const PAGE = 200;

function compare(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function sorted<R>(rows: R[], columns: Column<R>[], sort: string): R[] {
  const column = columns.find((one) => one.name === sort.replace(/^-/, ""));
  if (!column) return rows;
  const sign = sort.startsWith("-") ? -1 : 1;
  return rows
    .map((row, place) => ({ row, place, value: column.value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return compare(a.value, b.value) || a.place - b.place;
      return sign * compare(a.value, b.value) || a.place - b.place;
    })
    .map(({ row }) => row);
}

/** Moves the focus between the rows' buttons: arrows and j, k. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const body = event.currentTarget as HTMLElement;
  const buttons = [...body.querySelectorAll<HTMLButtonElement>("button.row-open")];
  const place = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[place < 0 ? 0 : Math.max(0, Math.min(buttons.length - 1, place + step))];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

function HeaderCell<R>({ column, sort, onSort }: { column: Column<R>; sort: string; onSort: (sort: string) => void }) {
  if (column.unsorted) {
    return (
      <th scope="col" class={column.number ? "number" : ""} title={column.about}>
        <span class="sort">{column.title}</span>
      </th>
    );
  }
  const isSorted = sort.replace(/^-/, "") === column.name;
  const falls = sort.startsWith("-");
  const next = isSorted ? (falls ? column.name : `-${column.name}`) : column.number ? `-${column.name}` : column.name;
  return (
    <th scope="col" class={column.number ? "number" : ""} aria-sort={isSorted ? (falls ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" title={column.about} onClick={() => onSort(next)}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (falls ? " \u25be" : " \u25b4") : ""}</span>
      </button>
    </th>
  );
}

export function DataTable<R>(props: TableProps<R>) {
  const [ownSort, setOwnSort] = useState("");
  const [shown, setShown] = useState(PAGE);
  const sort = props.sort ?? ownSort;
  const rows = useMemo(
    () => (props.onSort ? props.rows : sorted(props.rows, props.columns, sort)),
    [props.rows, sort, props.columns],
  );
  const columns = props.columns.filter((column) => !column.hidden);
  return (
    <div class="table-box">
      <div class="table-tools">
        <span class="table-caption">{props.caption}</span>
        {props.tools}
        <TakeAway {...props} rows={rows} />
      </div>
      <div class="table-scroll" tabIndex={-1}>
        <table>
          <caption class="unsighted">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.name} column={column} sort={sort} onSort={props.onSort ?? setOwnSort} />
              ))}
            </tr>
          </thead>
          <tbody onKeyDown={walk}>
            {rows.slice(0, shown).map((row) => (
              <Row key={props.keyOf(row)} row={row} columns={columns} props={props} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p class="table-empty">{props.empty}</p>}
        {rows.length > shown && (
          <button type="button" class="more" onClick={() => setShown(shown + PAGE)}>
            {`Show ${count(Math.min(PAGE, rows.length - shown))} more of ${count(rows.length)}`}
          </button>
        )}
        {props.more}
      </div>
    </div>
  );
}

function Row<R>({ row, columns, props }: { row: R; columns: Column<R>[]; props: TableProps<R> }) {
  const { onChoose, isChosen } = props;
  const chosen = isChosen?.(row) ?? false;
  const choose = (event: MouseEvent) => onChoose?.(row, event.shiftKey || event.ctrlKey || event.metaKey);
  return (
    <tr class={chosen ? "chosen" : ""} onClick={onChoose && choose}>
      {columns.map((column, place) => {
        const content = column.cell ? column.cell(row) : visible(String(column.value(row) ?? "\u2013"));
        return (
          <td key={column.name} class={column.number ? "number" : ""}>
            {place === 0 && onChoose ? (
              <button type="button" class="row-open" aria-pressed={isChosen ? chosen : undefined}>
                {content}
              </button>
            ) : (
              content
            )}
          </td>
        );
      })}
    </tr>
  );
}

function TakeAway<R>({ columns, rows, file, caption }: TableProps<R>) {
  if (!rows.length) return null;
  const titles = columns.map((column) => column.name);
  const cells = () => rows.map((row) => columns.map((column) => column.value(row)));
  const copy = async () => {
    const lines = [titles, ...cells()].map((line) => line.map((cell) => visible(String(cell ?? ""))).join("\t"));
    await copyText(lines.join("\n"));
    announce(`${caption}: ${count(rows.length)} rows copied`);
  };
  return (
    <span class="take">
      <button type="button" class="small" onClick={copy} title="Copy these rows as text, for a sheet or a note">
        Copy
      </button>
      <button
        type="button"
        class="small"
        title="Save these rows as CSV; what a spreadsheet would run is defused"
        onClick={() => saveFile(`${file}.csv`, "text/csv", toCsv(titles, cells()))}
      >
        CSV
      </button>
    </span>
  );
}
