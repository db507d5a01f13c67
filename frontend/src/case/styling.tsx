// What the accounts of the graph are coloured by: the choice, and the classes as a legend that marks them.
import { useEffect } from "preact/hooks";
import { clusterPath, get } from "../api";
import { announce } from "../live";
import { useAnswer } from "../loading";
import { route, setQuery } from "../route";
import { useRoving } from "../roving";
import { count, counted, visible } from "../text";
import { classColor, classLetter } from "../theme";
import type { Style, StyleClass } from "../types";
import type { CaseStore } from "./store";

export function Styling({ store }: { store: CaseStore }) {
  const by = route.value.query.get("colour") ?? "";
  const answer = useAnswer(`${store.clusterId}\n${by}`, (stop) => get<Style>(clusterPath(store.clusterId, "style"), { by }, stop), true);
  const style = answer.value;
  useEffect(() => {
    store.style.value = style;
  }, [style, store]);
  const choose = (name: string) => {
    store.marked.value = new Set();
    setQuery({ colour: name });
    announce(name ? `Accounts are coloured by ${style?.offered.find((one) => one.name === name)?.title ?? name}` : "Accounts are not coloured");
  };
  return (
    <div class="styling">
      <label>
        {"Colour accounts by "}
        <select value={by} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">nothing</option>
          {style?.offered.map((one) => (
            <option key={one.name} value={one.name}>
              {visible(one.title)}
            </option>
          ))}
          {by && !style?.offered.some((one) => one.name === by) && <option value={by}>{visible(by)}</option>}
        </select>
      </label>
      {answer.error && <p class="quiet">{answer.error.message}</p>}
      {style?.by && <Classes store={store} style={style} />}
    </div>
  );
}

/** The classes with their colours, letters and counts; a press marks the accounts of one in the graph. */
function Classes({ store, style }: { store: CaseStore; style: Style }) {
  const roving = useRoving<HTMLUListElement>("column");
  const idsOf = (place: number) => Object.entries(style.of).filter(([, one]) => one === place).map(([id]) => id);
  const isMarked = (one: StyleClass) => {
    const ids = idsOf(one.place);
    return ids.length > 0 && ids.length === store.marked.value.size && ids.every((id) => store.marked.value.has(id));
  };
  const mark = (one: StyleClass) => {
    const isOff = isMarked(one);
    store.marked.value = new Set(isOff ? [] : idsOf(one.place));
    announce(isOff ? "Nothing marked" : `${counted(one.n, "account")} marked: ${style.title} ${visible(one.title)}`);
  };
  return (
    <ul aria-label={`Classes of accounts by ${style.title}`} {...roving}>
      {style.classes.map((one) => (
        <li key={one.place}>
          <button type="button" aria-pressed={isMarked(one)} onClick={() => mark(one)} title="Mark these accounts in the graph">
            <svg class="kind-mark" viewBox="-10 -10 20 20" width="16" height="16" aria-hidden="true">
              <circle r="9" fill={classColor(one.place, style.is_ordered)} />
              <text y="0.5" text-anchor="middle" dominant-baseline="central" class="kind-letter">
                {classLetter(one.place, style.is_ordered)}
              </text>
            </svg>
            <span>
              <bdi>{visible(one.title).slice(0, 60)}</bdi>
            </span>
            <span class="quiet">{count(one.n)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
