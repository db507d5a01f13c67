// Text from the data made safe to read, and numbers and times in one style everywhere.

// Controls, formats (bidi marks, zero-width joiners), surrogates, private use, unassigned, line separators.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const LONGEST = 120;

/** The code of a character that can't be seen or moves others: U+202E. */
export function codeOf(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text with every character that can't be seen replaced by its code, as the command line shows it. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (letter) => `<${codeOf(letter)}>`);
}

/** The visible text, cut to a number of characters with an ellipsis. */
export function shortened(text: string, width: number = LONGEST): string {
  const seen = visible(text.slice(0, width * 4));
  return seen.length <= width ? seen : `${seen.slice(0, width - 1)}\u2026`;
}

/** The segments of a text: what can be read as it is, and the codes of what can't. */
export function segmentsOf(text: string): { text: string; unseen: boolean }[] {
  const segments: { text: string; unseen: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > end) segments.push({ text: text.slice(end, match.index), unseen: false });
    segments.push({ text: codeOf(match[0]), unseen: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) segments.push({ text: text.slice(end), unseen: false });
  return segments;
}

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const ONE_PLACE = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A count with thousands marked. */
export function count(n: number): string {
  return WHOLE.format(n);
}

/** A count with its noun, singular or plural. */
export function counted(n: number, one: string, many: string = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Bits: one place below a thousand, whole above. */
export function bits(value: number | null | undefined): string {
  if (value === null || value === undefined) return "\u2013";
  return (Math.abs(value) < 1000 ? ONE_PLACE : WHOLE).format(value).replace("-", "\u2212");
}

/** Bits with their sign. */
export function signedBits(value: number): string {
  return value > 0 ? `+${bits(value)}` : bits(value);
}

/** A probability without false certainty: never 0 or 1. */
export function probability(value: number | null | undefined): string {
  if (value === null || value === undefined) return "\u2013";
  if (value > 0.999) return "> 0.999";
  if (value < 0.001) return "< 0.001";
  return value > 0.99 || value < 0.01 ? value.toFixed(3) : value.toFixed(2);
}

/** A share in percent: whole percents from a tenth, tenths below. */
export function percent(share: number): string {
  return share > 0 && share < 0.001 ? "<0.1%" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
}

/** A day, in UTC: 2026-03-01. */
export function day(time: string | number | null | undefined): string {
  return moment(time).slice(0, 10) || "\u2013";
}

/** A moment, in UTC: 2026-03-01 09:30. */
export function minute(time: string | number | null | undefined): string {
  return moment(time).slice(0, 16).replace("T", " ") || "\u2013";
}

function moment(time: string | number | null | undefined): string {
  if (time === null || time === undefined) return "";
  const when = new Date(time);
  return Number.isNaN(when.valueOf()) ? "" : when.toISOString();
}

/** Words of the schema for people: same_operator becomes same operator. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

type Cell = string | number | boolean | null | undefined;

/** A CSV cell that no spreadsheet runs: an apostrophe before text that starts like a formula. */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const guarded = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Rows as CSV, safe to open in a spreadsheet. */
export function toCsv(titles: string[], rows: Cell[][]): string {
  return [titles, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}
