// The map of the whole result: a node per cluster, sized by its accounts, ties that stay below the threshold.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api";
import { chooseRenderer } from "../graph/choose";
import type { Scene } from "../graph/scene";
import { announce } from "../live";
import { useAnswer } from "../loading";
import { Explained } from "../case/explained";
import { goTo, route } from "../route";
import { DataTable } from "../table";
import { bits, count, counted, probability, words } from "../text";
import { colors, faded } from "../theme";
import type { MapAnswer } from "../types";
import { facetColor } from "./queue";

function sceneOf(map: MapAnswer): Scene {
  const ground = colors.value.ground;
  return {
    nodes: map.nodes.map((node) => ({
      id: node.id,
      x: node.x,
      y: node.y,
      size: 4 + 1.6 * Math.sqrt(node.n_accounts),
      shape: node.finding === "same_operator" ? "circle" : "square",
      color: facetColor(node.facet),
      letter: String(node.n_accounts),
      label: "",
      rank: null,
      halo: node.score < 0.9 ? "fringe" : "",
      faint: false,
      chosen: false,
      more: 0,
    })),
    edges: map.edges.map((edge, place) => ({
      id: `e${place}`,
      source: edge.source,
      target: edge.target,
      width: Math.max(0.6, Math.min(4, edge.bits / 3)),
      color: faded(colors.value.halo, ground, 0.4),
      faint: false,
      dashed: true,
    })),
  };
}

export function MapView() {
  const answer = useAnswer("map", (stop) => get<MapAnswer>("map", {}, stop));
  return (
    <div class="map-page">
      <Explained answer={answer} what="the map" show={(map) => <Map map={map} />} />
    </div>
  );
}

function Map({ map }: { map: MapAnswer }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = "Map \u00b7 graphlink";
    if (!box.current) return;
    const open = (id: string | null) => id?.startsWith("c:") && goTo("cluster", id.slice(2));
    const { renderer } = chooseRenderer(
      box.current,
      { inset: 0, choose: open, open, hover: (id) => id && announce(id.slice(2)), move: () => undefined },
      route.value.query.get("renderer") ?? "",
    );
    const stop = effect(() => renderer.show(sceneOf(map), colors.value));
    renderer.fit();
    return () => {
      stop();
      renderer.end();
    };
  }, [map]);
  return (
    <div class="map-grid">
      <section class="map-side" aria-label="Map">
        <div class="map-room">
          <div ref={box} class="graph-box" role="img" aria-label={`Map of ${counted(map.nodes.length, "cluster")}. The table next to it holds the same.`} />
        </div>
        <p class="map-note quiet">
          {`Circle: likely one operator. Square: undecided, or another hypothesis is likelier. Size and number: accounts. Colour: the facet it rests on most. Dashed ring: p(member) below 0.9. Dashed line: links too weak to join clusters.${map.n_left_out ? ` ${count(map.n_left_out)} smaller clusters are left out.` : ""}`}
        </p>
      </section>
      <DataTable
        caption={counted(map.nodes.length, "cluster")}
        file="graphlink-map"
        columns={[
          { name: "cluster_id", title: "Cluster", value: (row) => row.cluster_id },
          { name: "n_accounts", title: "Accounts", number: true, value: (row) => row.n_accounts },
          { name: "priority", title: "Priority", number: true, value: (row) => row.priority, cell: (row) => bits(row.priority) },
          { name: "score", title: "p(member)", number: true, value: (row) => row.score, cell: (row) => probability(row.score) },
          { name: "facet", title: "Rests on", value: (row) => row.facet, cell: (row) => <span class="nowrap">{words(row.facet)}</span> },
        ]}
        rows={map.nodes}
        keyOf={(row) => row.id}
        onChoose={(row) => goTo("cluster", row.cluster_id)}
        empty="The run has no clusters."
      />
    </div>
  );
}
