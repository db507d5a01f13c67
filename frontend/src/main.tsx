// The explorer's shell: where one is, search, theme, the state of the server, and the keys that work everywhere.
import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { get, isKnown, isReachable } from "./api";
import { CaseView } from "./case/case";
import { HelpSheet, isHelpOpen } from "./help";
import { announcement } from "./live";
import { useAnswer } from "./loading";
import { Notice } from "./elements";
import { goTo, linkTo, route, setQuery } from "./route";
import "./style.css";
import { count, visible } from "./text";
import { isDark, setTheme, theme, type Theme } from "./theme";
import { definitions, glossary, vocabulary } from "./definitions";
import { me, meet } from "./team/api";
import { TeamCaseView } from "./team/case-view";
import { CasesView } from "./team/cases-view";
import { OrganisationsView, OrganisationView } from "./team/organisations-view";
import { LineageView } from "./team/lineage-view";
import { CasesLink, Reader } from "./team/links";
import { Searches } from "./team/searches";
import type { Status, Summary } from "./types";
import { CompareView } from "./views/compare";
import { MapView } from "./views/map";
import { neighbourOf } from "./views/order";
import { QueueView } from "./views/queue";
import { planned } from "./actions";
import { ActionsView } from "./views/actions";
import { AccountView, IdentifierView, ListView, NothingHere, SearchBox } from "./views/search";

const POLL_MS = 1000;
const TABS = ["why", "break", "collateral", "whatif"];

/** Polls how far the index is until it is ready. */
function useStatus(): Status | null {
  const [turn, setTurn] = useState(0);
  const answer = useAnswer(`status ${turn}`, (stop) => get<Status>("status", {}, stop), true);
  const state = answer.value?.state;
  const isGone = !isReachable.value;
  useEffect(() => {
    if (state !== "indexing" && !isGone) return;
    const timer = setTimeout(() => setTurn(turn + 1), POLL_MS);
    return () => clearTimeout(timer);
  }, [state, turn, isGone]);
  return answer.value;
}

function App() {
  const status = useStatus();
  const summary = useAnswer(`summary ${status?.fingerprint ?? ""}`, (stop) => get<Summary>("summary", {}, stop), true);
  useEffect(() => {
    if (!summary.value) return;
    definitions.value = summary.value.definitions;
    vocabulary.value = summary.value.vocabulary;
    glossary.value = summary.value.glossary;
  }, [summary.value]);
  useEffect(() => {
    if (status?.is_of_workspace) void meet().catch(() => undefined); // who is refused reads so in the views
  }, [status?.is_of_workspace]);
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        To the content
      </a>
      <TopBar status={status} />
      {!isReachable.value && (
        <Notice title="The server does not answer." tone="error">
          What is shown stays. Start graphlink explore again; this page tries on by itself.
        </Notice>
      )}
      {!isKnown.value && (
        <Notice title="The server does not know this page." tone="error">
          It was started again, or signed this page out. Open the address that graphlink explore printed, then come back here and{" "}
          <button type="button" onClick={() => location.reload()}>
            load this view again
          </button>
        </Notice>
      )}
      {status?.state === "indexing" && (
        <div class="indexing" role="status">{`Reading the result: ${Math.round(status.done * 100)} %. The queue and the search for accounts work already.`}</div>
      )}
      {status?.state === "failed" && (
        <Notice title="The result could not be read." tone="error">
          {visible(status.message)}
        </Notice>
      )}
      <main id="content" tabIndex={-1}>
        <h1 class="unsighted">{`graphlink: ${route.value.view} ${visible(route.value.subject)}`}</h1>
        <GuardedView summary={summary.value} isReady={status?.state === "ready"} result={status?.name ?? ""} />
      </main>
      <HelpSheet />
      <div class="announcement" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/** A view, or that it failed: one view that can't be drawn takes the others with it otherwise. */
function GuardedView(props: { summary: Summary | null; isReady: boolean; result: string }) {
  const [error, reset] = useErrorBoundary();
  const { view, subject } = route.value;
  const [place, setPlace] = useState(`${view} ${subject}`);
  useEffect(() => {
    if (error && place !== `${view} ${subject}`) reset();
    setPlace(`${view} ${subject}`);
  }, [view, subject, error]);
  if (!error) return <View {...props} />;
  return (
    <Notice title="This view can't be shown." tone="error">
      {visible(String(error))} <a href={linkTo("queue")}>Back to the queue</a>
    </Notice>
  );
}

function View({ summary, isReady, result }: { summary: Summary | null; isReady: boolean; result: string }) {
  const { view, subject } = route.value;
  switch (view) {
    case "queue":
      return <QueueView summary={summary} isReady={isReady} />;
    case "map":
      return <MapView />;
    case "cluster":
      return <CaseView key={subject} result={result} />;
    case "compare":
      return <CompareView />;
    case "account":
      return <AccountView />;
    case "identifier":
      return <IdentifierView />;
    case "list":
      return <ListView />;
    case "actions":
      return <ActionsView />;
    case "cases":
      return me.value ? <CasesView /> : <NothingHere />;
    case "organisations":
      return me.value ? <OrganisationsView /> : <NothingHere />;
    case "organisation":
      return me.value && subject ? <OrganisationView key={subject} /> : <NothingHere />;
    case "lineage":
      return me.value ? <LineageView key={subject} /> : <NothingHere />;
    case "case":
      return me.value ? <TeamCaseView key={subject} /> : <NothingHere />;
    default:
      return <NothingHere />;
  }
}

function TopBar({ status }: { status: Status | null }) {
  const { view } = route.value;
  const views = [
    ["queue", "Queue"],
    ["map", "Map"],
    ["list", "List"],
    ["actions", planned.value.length ? `Actions (${planned.value.length})` : "Actions"],
  ] as const;
  return (
    <header class="top">
      <a class="brand" href={linkTo("queue")}>
        graphlink
      </a>
      <nav aria-label="Views">
        {views.map(([name, title]) => (
          <a key={name} href={linkTo(name)} aria-current={view === name ? "page" : undefined}>
            {title}
          </a>
        ))}
        <CasesLink />
      </nav>
      <SearchBox />
      <Searches />
      <span class="quiet result-name" title={status ? `Version ${status.graphlink}, settings ${status.fingerprint}` : ""}>
        {status ? visible(status.name) : ""}
      </span>
      <Reader />
      <label class="theme">
        <span class="unsighted">Theme</span>
        <select value={theme.value} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
          <option value="system">System</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      <button type="button" onClick={() => (isHelpOpen.value = true)} aria-label="Keys" title="Keys (?)">
        ?
      </button>
    </header>
  );
}

/** Focuses the current row of the tables: in a case of those of the cluster. */
function focusRow(): void {
  const row = ".side button.row-open[tabindex='0']";
  (document.querySelector<HTMLElement>(row) ?? document.querySelector<HTMLElement>("main button.row-open[tabindex='0']"))?.focus();
}

/** Keys that work wherever nobody is typing. */
function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input:not([type=range]), textarea, select") || document.querySelector("dialog[open]")) return;
  const { view, subject } = route.value;
  const step = (to: string | null) => to && goTo("cluster", to);
  const keys: Record<string, () => void> = {
    "/": () => document.getElementById("search")?.focus(),
    "?": () => (isHelpOpen.value = true),
    g: () => goTo("queue"),
    j: () => focusRow(),
    k: () => focusRow(),
  };
  if (view === "cluster") {
    keys["J"] = () => step(neighbourOf(subject, 1));
    keys["K"] = () => step(neighbourOf(subject, -1));
    TABS.forEach((tab, place) => (keys[count(place + 1)] = () => setQuery({ tab })));
  }
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

effect(() => {
  document.documentElement.dataset["theme"] = isDark.value ? "dark" : "light";
});
document.addEventListener("keydown", onKey);
const root = document.getElementById("app");
if (root) render(<App />, root);
