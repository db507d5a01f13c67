// What the cluster falls into without the one thing that holds most of it together: said, and drawn.
import { get } from "../api";
import { Name } from "../elements";
import { idOf } from "../ids";
import { useAnswer } from "../loading";
import { count, counted, words } from "../text";
import { KindMark } from "./legend";
import type { Split } from "./picture";
import type { CaseStore } from "./store";

interface Item {
  kind: string;
  value: string;
}

interface Fragment {
  n_accounts: number;
  accounts: string[];
}

interface Breaks {
  n_accounts: number;
  singles: (Item & { falls_off: Fragment[] })[];
  smallest: Item[];
  falls_off: Fragment[];
}

const MOST_LINKS = 100_000; // beyond, the search takes many seconds; the tab "Depends on" does it
const MOST_NAMED = 3;
const LEAST_SHARE = 0.05; // of the accounts: what splits off fewer is no part worth a picture

/** The parts that remain when the items are lost, as they are drawn; null where the answer names too few accounts. */
function splitOf(items: Item[], off: Fragment[]): Split | null {
  if (off.some((part) => part.accounts.length < part.n_accounts)) return null;
  return {
    lost: new Set(items.filter((item) => item.value).map((item) => idOf(item.kind, item.value))),
    lostKinds: new Set(items.filter((item) => !item.value).map((item) => item.kind)),
    part: new Map(off.flatMap((part, place) => part.accounts.map((account): [string, number] => [`a:${account}`, place + 1]))),
  };
}

/** "80 + 100": the largest part first; single accounts are one number. */
function partsWords(breaks: Breaks, off: Fragment[]): string {
  const several = off.filter((part) => part.n_accounts > 1).map((part) => part.n_accounts);
  const rest = breaks.n_accounts - off.reduce((sum, part) => sum + part.n_accounts, 0);
  const n_alone = off.length - several.length;
  const sizes = [rest, ...several].sort((a, b) => b - a).map(count).join(" + ");
  return `${sizes} accounts${n_alone ? ` and ${count(n_alone)} alone` : ""}`;
}

export function SplitNote({ store, n_links }: { store: CaseStore; n_links: number }) {
  const answer = useAnswer(n_links <= MOST_LINKS ? store.clusterId : null, (stop) => get<Breaks>("break", { cluster: store.clusterId }, stop));
  const breaks = answer.value;
  const single = breaks?.singles[0];
  const items: Item[] = single ? [single] : (breaks?.smallest ?? []);
  const off = single?.falls_off ?? breaks?.falls_off ?? [];
  if (!breaks || !items.length || !off.length) return null;
  const n_off = off.reduce((sum, part) => sum + part.n_accounts, 0);
  if (n_off < Math.max(2, LEAST_SHARE * breaks.n_accounts)) {
    return <span class="split-note">{single ? `Holds together: no single loss splits off more than ${counted(n_off, "account")}.` : "Holds together: no single loss splits it."}</span>;
  }
  const split = splitOf(items, off);
  const isShown = store.split.value !== null;
  return (
    <span class="split-note">
      {`Falls into ${partsWords(breaks, off)} without `}
      {items.slice(0, MOST_NAMED).map((item, place) => (
        <span key={`${item.kind} ${item.value}`}>
          {place > 0 && ", "}
          <KindMark kind={item.kind} /> {item.value ? <Name text={item.value} short={40} /> : words(item.kind)}
        </span>
      ))}
      {items.length > MOST_NAMED && ` and ${count(items.length - MOST_NAMED)} more together`}
      {". "}
      {split && (
        <button type="button" class="small" aria-pressed={isShown} onClick={() => (store.split.value = isShown ? null : split)}>
          {isShown ? "Hide the parts" : "Show the parts"}
        </button>
      )}
    </span>
  );
}
