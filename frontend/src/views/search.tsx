// Search first: suggestions as one types; a pasted list opens as a list.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post } from "../api";
import { Kind } from "../case/legend";
import { AccountFacts, IdentifierFacts } from "../case/explain";
import { Explained } from "../case/explained";
import { identifierOf } from "../ids";
import { announce } from "../live";
import { useAnswer } from "../loading";
import { Name, Notice } from "../elements";
import { goTo, linkTo, route } from "../route";
import { DataTable } from "../table";
import { count, counted, visible } from "../text";
import type { AccountAnswer, Hit, IdentifierAnswer, Lookup, LookupRow, SearchAnswer } from "../types";

const SPLIT = /[\s,;]+/;
const LONGEST_QUERY = 400;

/** A list that was pasted; too long and too private for the address. */
export const pastedList = signal<string[]>([]);

/** Opens a hit: its cluster with it selected, or what is known of it. */
function open(hit: Hit): void {
  if (hit.type === "cluster") return goTo("cluster", hit.cluster_id ?? hit.value ?? "");
  if (hit.type === "account") {
    const account = hit.account_id ?? hit.value ?? "";
    return hit.cluster_id ? goTo("cluster", hit.cluster_id, { select: `a:${account}` }) : goTo("account", account);
  }
  if (hit.type === "network") {
    pastedList.value = [hit.value ?? hit.id];
    return goTo("list");
  }
  return goTo("identifier", hit.id);
}

function aboutHit(hit: Hit): string {
  const facts: string[] = [];
  if (hit.n_accounts) facts.push(counted(hit.n_accounts, "account"));
  if (hit.label) facts.push(visible(hit.label));
  if (hit.type === "account") facts.push(hit.cluster_id ? `in ${visible(hit.cluster_id)}` : "in no cluster");
  return facts.join(", ");
}

function textOf(hit: Hit): string {
  return hit.value ?? hit.account_id ?? hit.cluster_id ?? hit.id;
}

/** The hit that Enter means when nobody walked to another: what is typed itself, else the first. */
function meantBy(wanted: string, hits: Hit[]): number {
  const same = (fold: (text: string) => string) => hits.findIndex((hit) => fold(textOf(hit)) === fold(wanted));
  const exact = same((text) => text);
  return Math.max(0, exact < 0 ? same((text) => text.toLowerCase()) : exact);
}

export function SearchBox() {
  const [text, setText] = useState("");
  // Where somebody walked to, and among the hits of which text; the text that Enter was pressed on too early.
  const [walked, setWalked] = useState({ wanted: "", place: 0 });
  const [wish, setWish] = useState("");
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const wanted = text.trim().slice(0, LONGEST_QUERY);
  const fetchHits = (stop: AbortSignal) => get<SearchAnswer>("search", { q: wanted }, stop).then((result) => ({ wanted, result }));
  const answer = useAnswer(wanted || null, fetchHits, true);
  const shownAnswer = wanted ? answer.value : null;
  const isCurrent = shownAnswer?.wanted === wanted;
  const hits = shownAnswer?.result.hits ?? [];
  const place = walked.wanted === wanted ? walked.place : meantBy(wanted, hits);

  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    setOpen(false);
    setText("");
    setWish("");
    input.current?.blur();
    open(hit);
  };
  useEffect(() => {
    if (!shownAnswer || !isCurrent) return;
    announce(shownAnswer.result.n ? counted(shownAnswer.result.n, "hit") : "No hits");
    if (wish === wanted) choose(hits[place]);
    setWish("");
  }, [shownAnswer]);
  const paste = (event: ClipboardEvent) => {
    const ids = (event.clipboardData?.getData("text") ?? "").split(SPLIT).filter(Boolean);
    if (ids.length < 2) return;
    event.preventDefault();
    pastedList.value = ids;
    setText("");
    goTo("list");
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = Math.max(0, Math.min(hits.length - 1, place + (event.key === "ArrowDown" ? 1 : -1)));
      if (isCurrent) setWalked({ wanted, place: next });
    } else if (event.key === "Enter" && !event.isComposing) {
      // What is shown may still be the hits of what was typed before: then Enter waits for its own.
      if (isCurrent) choose(hits[place]);
      else setWish(wanted);
    } else if (event.key === "Escape") {
      setText("");
      setWish("");
      input.current?.blur();
    }
  };
  const shown = isOpen && wanted !== "";
  return (
    <div class="search" role="search">
      <input
        ref={input}
        id="search"
        type="text"
        role="combobox"
        aria-label="Search"
        aria-expanded={shown}
        aria-controls="search-hits"
        aria-autocomplete="list"
        aria-activedescendant={shown && isCurrent && hits.length ? `hit-${place}` : undefined}
        placeholder="Search account, address, network, card, router, or paste a list  ( / )"
        autoComplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setWish("");
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setWish(""); // who went elsewhere meanwhile is not called back
          setTimeout(() => setOpen(false), 150);
        }}
        onPaste={paste}
        onKeyDown={onKey}
      />
      {shown && (
        <div class="hits-box">
          <ul id="search-hits" role="listbox" aria-label="Hits" aria-busy={!isCurrent} class={isCurrent ? "hits" : "hits stale"}>
            {hits.map((hit, i) => (
              <li key={hit.id} id={`hit-${i}`} role="option" aria-selected={isCurrent && i === place} onMouseDown={() => choose(hit)}>
                <Kind kind={hit.kind ?? hit.type} facet={hit.facet} /> <Name text={textOf(hit)} short={60} />
                <span class="quiet">{aboutHit(hit)}</span>
              </li>
            ))}
          </ul>
          {!answer.isLoading && !hits.length && (
            <p class="quiet hits-none">{answer.error ? answer.error.message : "Nothing begins like this. Whole addresses, networks such as 203.0.113.0/24, account names and fingerprints work."}</p>
          )}
          {shownAnswer && isCurrent && shownAnswer.result.n > hits.length && <p class="quiet hits-none">{`${count(shownAnswer.result.n)}${shownAnswer.result.is_capped ? " or more" : ""} in all; type on to narrow`}</p>}
        </div>
      )}
    </div>
  );
}

export function ListView() {
  const ids = pastedList.value;
  const [text, setText] = useState("");
  const answer = useAnswer(ids.length ? JSON.stringify(ids) : null, (stop) => post<Lookup>("lookup", { ids: ids.slice(0, 10000) }, stop));
  return (
    <div class="page">
      <h2>A list of accounts and identifiers</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          pastedList.value = text.split(SPLIT).filter(Boolean);
        }}
      >
        <label for="list-text">One per line, or separated by commas or blanks</label>
        <textarea id="list-text" rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit">Look up</button>
      </form>
      {ids.length > 0 && <Explained answer={answer} what="the list" show={(lookup) => <LookupResult lookup={lookup} />} />}
    </div>
  );
}

function openRow(row: LookupRow): void {
  if (row.type === "cluster") goTo("cluster", row.cluster_id ?? row.q);
  else if (row.type === "account" && row.cluster_id) goTo("cluster", row.cluster_id, { select: row.id ?? "" });
  else if (row.type === "account") goTo("account", row.accounts[0] ?? row.q);
  else if (row.id?.startsWith("i:")) goTo("identifier", row.id);
}

function LookupResult({ lookup }: { lookup: Lookup }) {
  return (
    <>
      <p class="verdict">{`${counted(lookup.n_found, "id")} found, ${count(lookup.n_unknown)} unknown; in ${counted(lookup.clusters.length, "cluster")}.`}</p>
      <div class="columns">
        <DataTable
          caption="Clusters they are in"
          file="graphlink-list-clusters"
          columns={[
            { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id },
            { name: "n_found", title: "Of your list", number: true, value: (row) => row.n_found },
            { name: "n_accounts", title: "Accounts", number: true, value: (row) => row.n_accounts },
          ]}
          rows={lookup.clusters}
          keyOf={(row) => row.cluster_id}
          onChoose={(row) => goTo("cluster", row.cluster_id)}
          empty="None of them is in a cluster."
        />
        <DataTable
          caption="Your list"
          file="graphlink-list"
          columns={[
            { name: "q", title: "Entry", value: (row) => row.q, cell: (row) => <Name text={row.q} short={60} /> },
            { name: "type", title: "It is", value: (row) => row.type ?? "unknown", cell: (row) => (row.kind ? <Kind kind={row.kind} /> : (row.type ?? "unknown")) },
            { name: "n_accounts", title: "Accounts", number: true, value: (row) => row.n_accounts },
            { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id },
          ]}
          rows={lookup.rows}
          keyOf={(row) => row.q}
          onChoose={openRow}
          empty="The list is empty."
        />
      </div>
      {lookup.unknown.length > 0 && (
        <p class="quiet">
          Unknown: <Name text={lookup.unknown.slice(0, 50).join(", ")} short={2000} />
        </p>
      )}
    </>
  );
}

export function AccountView() {
  const account = route.value.subject;
  const answer = useAnswer(account, (stop) => get<AccountAnswer>("account", { id: account }, stop));
  return (
    <div class="page">
      <h2>
        Account <Name text={account} />
      </h2>
      <Explained
        answer={answer}
        what="the account"
        show={(value) => (
          <>
            <AccountFacts value={value} />
            <DataTable
              caption="What it holds with others"
              file={`${account}-identifiers`}
              columns={[
                { name: "value", title: "Identifier", value: (row) => row.value, cell: (row) => <><Kind kind={row.kind} /> <Name text={row.value} short={80} /></> },
                { name: "n", title: "Obs.", number: true, value: (row) => row.n },
                { name: "degree", title: "Holders", number: true, value: (row) => row.degree },
                { name: "p_exclusive", title: "p(exclusive)", number: true, value: (row) => row.p_exclusive },
              ]}
              rows={value.identifiers}
              keyOf={(row) => row.id}
              onChoose={(row) => goTo("identifier", row.id)}
              empty="It shares nothing with any other account."
            />
          </>
        )}
      />
    </div>
  );
}

export function IdentifierView() {
  const id = route.value.subject;
  const { kind, value } = identifierOf(id);
  const answer = useAnswer(id, (stop) => get<IdentifierAnswer>("identifier", { kind, value, limit: 200 }, stop));
  return (
    <div class="page">
      <h2>
        <Kind kind={kind} /> <Name text={value} />
      </h2>
      <Explained
        answer={answer}
        what="the identifier"
        show={(identifier) => (
          <>
            <IdentifierFacts identifier={identifier} />
            <DataTable
              caption={`Accounts that use it (${count(identifier.holders.total)})`}
              file="graphlink-holders"
              columns={[
                { name: "account_id", title: "Account", value: (row) => row.account_id, cell: (row) => <Name text={row.account_id} short={80} /> },
                { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id },
                { name: "role", title: "Role", value: (row) => row.role },
                { name: "status", title: "Status", value: (row) => row.status },
                { name: "n", title: "Obs.", number: true, value: (row) => row.n },
              ]}
              rows={identifier.holders.rows}
              keyOf={(row) => row.id}
              onChoose={(row) => (row.cluster_id ? goTo("cluster", row.cluster_id, { select: row.id }) : goTo("account", row.account_id))}
              empty="Nobody."
            />
          </>
        )}
      />
    </div>
  );
}

export function NothingHere() {
  return (
    <Notice title="There is no such view.">
      <a href={linkTo("queue")}>To the queue</a>
    </Notice>
  );
}
