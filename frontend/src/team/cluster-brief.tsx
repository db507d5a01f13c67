// What decides about the cluster of a case, in the sentences of the explorer's own page of it.
import { clusterPath, get } from "../api";
import { useAnswer } from "../loading";
import { linkTo } from "../route";
import type { Brief } from "../types";
import type { LineageName } from "./types";

export function ClusterBrief({ lineage }: { lineage: LineageName }) {
  const { name, cluster_id } = lineage;
  const answer = useAnswer(cluster_id ?? "", (stop) => (cluster_id ? get<Brief>(clusterPath(cluster_id, "brief"), {}, stop) : Promise.resolve(null)));
  if (!cluster_id) {
    return (
      <p class="quiet">
        {`${name} is not in the last run. `}
        <a href={linkTo("lineage", name)}>{`${name} over time`}</a>
      </p>
    );
  }
  const brief = answer.value;
  const rows: [string, string][] = brief
    ? [
        ["Accounts", brief.accounts],
        ["Since", brief.since],
        ["Came back", brief.back],
        ["Through", brief.through],
        ["How sure", brief.sure],
        ["What else", brief.otherwise],
      ]
    : [];
  return (
    <section aria-label={`${name} in brief`}>
      <p>
        <a href={linkTo("cluster", cluster_id)}>{`${name}: open the cluster`}</a> <a href={linkTo("lineage", name)}>{`${name} over time`}</a>
        {brief && <b>{` ${brief.what}`}</b>}
      </p>
      {answer.error && <p class="quiet">{answer.error.message}</p>}
      <dl class="brief" aria-busy={!brief && !answer.error}>
        {rows.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
