// The one table of the explorer: sorted by its headers, walked by keyboard, taken away as CSV or text.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { count, counted, toCsv, visible } from "./text";
import { meaningOf } from "./definitions";
import { announce } from "./live";
import { useRoving } from "./roving";
import { copyText, saveFile } from "./take";

export type Cell = string | number | boolean | null;

export interface Column<R> {
  name: string;
  title: string;
  about?: string;
  /** The term of the glossary that its title is. */
  term?: string;
  number?: boolean;
  value: (row: R) => Cell;
  cell?: (row: R) => ComponentChildren;
  /** Whether it is only in the CSV. */
  hidden?: boolean;
  /** Whether it is not in the CSV. */
  unsaved?: boolean;
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
  /** The columns that can be sorted by; undefined is all. */
  sorted?: readonly string[];
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

function inOrder<R>(rows: R[], columns: Column<R>[], sort: string): R[] {
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

function aboutOf<R>(column: Column<R>): string | undefined {
  return (column.term && meaningOf(column.term)) || column.about;
}

function HeaderCell<R>({ column, sort, onSort, isSortable }: { column: Column<R>; sort: string; onSort: (sort: string) => void; isSortable: boolean }) {
  if (column.unsorted || !isSortable) {
    return (
      <th scope="col" class={column.number ? "number" : ""} title={aboutOf(column)}>
        <span class="sort">{column.title}</span>
      </th>
    );
  }
  const isSorted = sort.replace(/^-/, "") === column.name;
  const falls = sort.startsWith("-");
  const next = isSorted ? (falls ? column.name : `-${column.name}`) : column.number ? `-${column.name}` : column.name;
  return (
    <th scope="col" class={column.number ? "number" : ""} aria-sort={isSorted ? (falls ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" title={aboutOf(column)} onClick={() => onSort(next)}>
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
    () => (props.onSort ? props.rows : inOrder(props.rows, props.columns, sort)),
    [props.rows, sort, props.columns],
  );
  const columns = props.columns.filter((column) => !column.hidden);
  const head = useRoving<HTMLTableRowElement>("row");
  const body = useRoving<HTMLTableSectionElement>("column", "button.row-open");
  const { box, n_beyond, scrollOn } = useBeyond();
  return (
    <div class="table-box">
      <div class="table-tools">
        <span class="table-caption">{props.caption}</span>
        {props.tools}
        {n_beyond > 0 && (
          <button type="button" class="small beyond" onClick={scrollOn} title="Scroll the table to the right">
            {`${counted(n_beyond, "more column")} \u2192`}
          </button>
        )}
        <TakeAway {...props} rows={rows} />
      </div>
      <div class={n_beyond > 0 ? "table-scroll cut" : "table-scroll"} tabIndex={-1} ref={box}>
        <table>
          <caption class="unsighted">{props.caption}</caption>
          <thead>
            <tr {...head}>
              {columns.map((column) => (
                <HeaderCell key={column.name} column={column} sort={sort} onSort={props.onSort ?? setOwnSort} isSortable={props.sorted?.includes(column.name) ?? true} />
              ))}
            </tr>
          </thead>
          <tbody {...body}>
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

/** How many columns lie, whole or in part, to the right of what a table's box shows, and how to get there. */
function useBeyond() {
  const box = useRef<HTMLDivElement>(null);
  const [n_beyond, setBeyond] = useState(0);
  const measure = () => {
    if (!box.current) return;
    const edge = box.current.getBoundingClientRect().right + 1;
    setBeyond([...box.current.querySelectorAll("thead th")].filter((cell) => cell.getBoundingClientRect().right > edge).length);
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    const table = element.querySelector("table");
    if (table) watcher.observe(table);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const scrollOn = () => box.current?.scrollBy({ left: box.current.clientWidth * 0.7 });
  return { box, n_beyond, scrollOn };
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

function TakeAway<R>({ columns: all, rows, file, caption }: TableProps<R>) {
  if (!rows.length) return null;
  const columns = all.filter((column) => !column.unsaved);
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
