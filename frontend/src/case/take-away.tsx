// What leaves a case: the link to this view, pictures, data, and the commands that go on from here.
import { addressOf, clusterPath } from "../api";
import { toPng, toSvg } from "../graph/paint";
import { announce } from "../live";
import { Popover } from "../popover";
import { copyText, saveFile } from "../take";
import { count, toCsv, visible } from "../text";
import { colors } from "../theme";
import { sceneOf } from "./drawing";
import type { CaseStore } from "./store";

/** A word for a POSIX shell: as it is where that is safe, else in single quotes. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The commands that hand a cluster over; a name that can't be typed is not put on a line. */
export function commandsFor(result: string, clusterId: string): [string, string][] {
  const [name, id] = [quoted(result || "RESULT"), quoted(clusterId)];
  const page = `${visible(clusterId).replace(/[^\w.-]+/g, "_")}.html`;
  return [
    ["One page for a review", `graphlink export ${name} --cluster ${id} --out ${page}`],
    ["For a graph tool", `graphlink export ${name} --cluster ${id} --format graphml --out ${page.replace(/html$/, "graphml")}`],
    ["On a terminal", `graphlink show ${name} ${id}`],
  ];
}

/** The selection, or with nothing selected all that can be seen. */
function taken(store: CaseStore) {
  const chosen = new Set(store.selected.value);
  const { nodes, edges } = store.seen.value;
  const own = chosen.size ? nodes.filter((node) => chosen.has(node.id)) : nodes;
  const ids = new Set(own.map((node) => node.id));
  return { nodes: own, edges: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)) };
}

const COLUMNS = ["type", "kind", "label", "role", "probability", "status", "degree", "p_exclusive", "bits", "first_seen", "last_seen"] as const;

export function TakeAway({ store, result }: { store: CaseStore; result: string }) {
  return (
    <Popover id="take-away" title="Export">
      {() => <Choices store={store} result={result} />}
    </Popover>
  );
}

function Choices({ store, result }: { store: CaseStore; result: string }) {
  const n = store.selected.value.length;
  const name = `graphlink-${store.clusterId}`;
  const what = n ? `${count(n)} selected` : "the picture";
  const picture = async (kind: "PNG" | "SVG") => {
    try {
      if (kind === "SVG") saveFile(`${name}.svg`, "image/svg+xml", toSvg(sceneOf(store), colors.value));
      else saveFile(`${name}.png`, "image/png", await toPng(sceneOf(store), colors.value));
      announce(`Graph saved as ${kind}`);
    } catch (error) {
      announce(`Not saved: ${(error as Error).message}`);
    }
  };
  const json = () => saveFile(`${name}-selection.json`, "application/json", JSON.stringify({ cluster_id: store.clusterId, ...taken(store) }, null, 1));
  const csv = () => saveFile(`${name}-selection.csv`, "text/csv", toCsv([...COLUMNS], taken(store).nodes.map((node) => COLUMNS.map((column) => node[column]))));
  const copy = (text: string) => void copyText(text).then(() => announce("Copied"));
  return (
    <>
      <div class="row">
        <span class="quiet">This view</span>
        <button type="button" class="small" onClick={() => void copyText(location.href).then(() => announce("Link to this view copied"))}>
          Copy link
        </button>
      </div>
      <div class="row">
        <span class="quiet">Graph</span>
        <button type="button" class="small" onClick={() => void picture("PNG")}>PNG</button>
        <button type="button" class="small" onClick={() => void picture("SVG")}>SVG</button>
      </div>
      <div class="row">
        <span class="quiet">{`Data: ${what}`}</span>
        <button type="button" class="small" onClick={json}>JSON</button>
        <button type="button" class="small" onClick={csv}>CSV</button>
        <a class="button small" href={addressOf(clusterPath(store.clusterId, "members"), { format: "csv", limit: 100000 })} download>
          All members as CSV
        </a>
      </div>
      <p class="quiet">Commands, to run in the folder that holds the result. With <code class="nowrap">--profile legal</code> an export is redacted.</p>
      {commandsFor(result, store.clusterId).map(([about, command]) => (
        <div key={about} class="command">
          <span class="quiet">{about}</span>
          <code>{visible(command)}</code>
          <button type="button" class="small" aria-label={`Copy: ${about}`} onClick={() => copy(command)}>
            Copy
          </button>
        </div>
      ))}
    </>
  );
}
