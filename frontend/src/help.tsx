// The sheet of keys.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { glossary } from "./definitions";
import { Key } from "./elements";

export const isHelpOpen = signal(false);

const GROUPS: [string, [string, string][]][] = [
  ["Everywhere", [["/", "search"], ["g", "to the queue"], ["?", "this sheet"], ["Tab", "to the next panel or group of controls"], ["Esc", "close, or clear the selection"]]],
  ["Tables", [["\u2193 \u2191 or j k", "next and previous row"], ["\u2192 \u2190", "next and previous column heading"], ["Enter", "open or select the row"], ["Shift+Enter", "add to the selection"]]],
  ["A workspace, when one is served", [["y n m", "label the pair or the member: yes, no, unsure; then Enter"]]],
  ["A case", [["Shift+J", "next cluster"], ["Shift+K", "previous cluster"], ["1 2 3 4", "why, depends on, collateral, what if"]]],
  [
    "Graph, when it has the focus",
    [["arrows", "pan; with Shift faster"], ["+ - 0", "zoom, fit everything"], ["f", "fit the selection"], ["[ ]", "step along ties"], ["e c", "expand, collapse"], ["h Shift+H", "hide, hide all others"], ["u", "unpin"], ["Ctrl+Z", "undo; with Shift, redo"], ["Ctrl+A", "select everything"]],
  ],
];

export function HelpSheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="help" aria-label="Keys and terms" onClose={() => (isHelpOpen.value = false)}>
      <div class="row">
        <h2>Keys and terms</h2>
        <button type="button" onClick={() => (isHelpOpen.value = false)}>
          Close
        </button>
      </div>
      <div class="help-groups">
        {GROUPS.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, about]) => (
                <div key={key}>
                  <dt>
                    <Key>{key}</Key>
                  </dt>
                  <dd>{about}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <details class="rest" open={glossary.value.length > 0}>
        <summary>Glossary</summary>
        <dl class="help-terms">
          {glossary.value.map((term) => (
            <div key={term.name}>
              <dt>{term.name}</dt>
              <dd>
                {term.meaning} <span class="quiet">{term.example}</span> {term.is_not}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </dialog>
  );
}
