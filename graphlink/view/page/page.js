"use strict";
// The large drawing: everything it writes goes in as text, never as markup.
(function () {
  if (typeof vis === "undefined") return;
  const data = JSON.parse(document.getElementById("graph-data").textContent);
  const byId = (id) => document.getElementById(id);
  const stage = byId("graph"), canvas = byId("canvas"), panel = byId("panel"), tip = byId("tip");
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = isDark ? "#e8ecf1" : "#1c2430", paper = isDark ? "#161b22" : "#ffffff";
  const node = new Map(data.nodes.map((one) => [one.id, one]));
  data.edges.forEach((one, i) => { one.id = "e" + i; one.facet = one.facet || node.get(one.to).group; });
  const edge = new Map(data.edges.map((one) => [one.id, one]));
  const near = new Map(data.nodes.map((one) => [one.id, []]));
  for (const one of data.edges) {
    near.get(one.from).push([one.to, one]);
    near.get(one.to).push([one.from, one]);
  }
  for (const list of near.values()) list.sort((a, b) => b[1].bits - a[1].bits);
  stage.hidden = false;
  document.documentElement.classList.add("has-script");

  const colour = (one, opacity) => ({ color: data.colours[one.facet], opacity: one.facet === "behaviour" ? opacity / 2 : opacity, highlight: data.colours[one.facet], hover: data.colours[one.facet] });
  const nodes = new vis.DataSet(data.nodes.map((one) => ({ id: one.id, label: one.label, group: one.group, x: one.x, y: one.y, size: one.size })));
  const edges = new vis.DataSet(data.edges.map((one) => ({
    id: one.id, from: one.from, to: one.to, width: one.width, dashes: one.facet === "behaviour",
    color: colour(one, 0.45),
  })));
  const isLarge = data.edges.length > 2000;
  const network = new vis.Network(canvas, { nodes, edges }, {
    physics: { enabled: false },
    layout: { improvedLayout: false },
    groups: data.groups,
    nodes: { font: { size: 12, color: ink, strokeWidth: 3, strokeColor: paper }, scaling: { label: { drawThreshold: 9 } } },
    edges: { smooth: false, arrows: { to: { enabled: false } }, selectionWidth: 2, hoverWidth: 0 },
    interaction: { hover: true, keyboard: { enabled: false }, hideEdgesOnDrag: isLarge, hideEdgesOnZoom: isLarge, tooltipDelay: 1e9 },
  });
  const showAll = () => { network.fit({ animation: false }); label(); };
  network.once("afterDrawing", () => {
    showAll();
    label();
    document.documentElement.dataset.drawn = "yes";
  });

  // The strongest identifiers keep a label that can be read, however far away they are.
  let told = 0;
  function label() {
    const size = Math.round(Math.max(12, 12 / Math.max(0.02, network.getScale())));
    if (size === told) return;
    told = size;
    nodes.update(data.nodes.filter((one) => one.is_labelled).map((one) => ({ id: one.id, font: { size } })));
  }
  network.on("zoom", label);

  const line = (text) => { const item = document.createElement("li"); item.append(isolated(text)); return item; };
  function isolated(text) { const part = document.createElement("bdi"); part.textContent = text; return part; }
  function button(id, text) {
    const made = document.createElement("button");
    made.type = "button"; made.dataset.node = id; made.className = "find"; made.append(isolated(text));
    return made;
  }
  const edgeWords = (one) => (one.facet === "behaviour" ? one.kind + ", " : "") + "+" + one.bits + " bits" + times(one);
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const times = (one) => one.first_seen === undefined ? "" : ", " + day(one.first_seen) + " to " + day(one.last_seen);

  let current = null;
  function select(id, moves) {
    current = id;
    if (id === null) {
      network.unselectAll();
      panel.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: "Select a node to see what it is and why it counts." }));
      fade(null);
      return;
    }
    const one = node.get(id), head = document.createElement("h3"), facts = document.createElement("ul"), ties = document.createElement("ul");
    head.append(isolated(one.label));
    facts.append(...one.facts.map(line));
    const told = near.get(id);
    for (const [other, tie] of told.slice(0, 40)) {
      const item = document.createElement("li");
      item.append(button(other, node.get(other).label), " ", isolated(edgeWords(tie)));
      ties.append(item);
    }
    const count = document.createElement("p");
    count.textContent = "Tied to " + told.length + (told.length > 40 ? "; the 40 strongest:" : ":");
    panel.replaceChildren(head, facts, count, ties);
    network.selectNodes([id]);
    if (moves) { network.moveTo({ position: network.getPosition(id), scale: Math.max(network.getScale(), 0.8), animation: false }); label(); }
    fade(id);
  }
  let faded = false;
  function fade(id) {
    if (id === null && !faded) return;
    const kept = id === null ? null : new Set([id, ...near.get(id).map(([other]) => other)]);
    faded = id !== null;
    nodes.update(data.nodes.map((one) => ({ id: one.id, opacity: kept === null || kept.has(one.id) ? 1 : 0.15 })));
    edges.update(data.edges.map((one) => ({ id: one.id, color: colour(one, id === null ? 0.45 : one.from === id || one.to === id ? 0.7 : 0.05) })));
  }
  network.on("select", (told) => select(told.nodes.length ? told.nodes[0] : null, false));

  function hint(text, event) {
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - 350) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - 120) + "px";
  }
  network.on("hoverNode", (told) => { const one = node.get(told.node); hint([one.label, ...one.facts].join("\n"), told.event); });
  network.on("hoverEdge", (told) => { const one = edge.get(told.edge); hint(node.get(one.from).label + " – " + node.get(one.to).label + "\n" + edgeWords(one), told.event); });
  for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) network.on(name, () => { tip.hidden = true; });

  // What is shown: kinds by the legend, edges by the span of time.
  const off = new Set();
  const from = byId("from"), to = byId("to"), seen = data.edges.filter((one) => one.first_seen !== undefined);
  let span = null;
  if (seen.length) {
    const first = Math.floor(Math.min(...seen.map((one) => one.first_seen)) / 86400), last = Math.floor(Math.max(...seen.map((one) => one.last_seen)) / 86400);
    if (last > first) {
      byId("span").hidden = false;
      for (const part of [from, to]) { part.min = first; part.max = last; part.step = 1; part.addEventListener("input", filter); }
      from.value = first; to.value = last;
      span = () => { const a = Math.min(+from.value, +to.value), b = Math.max(+from.value, +to.value); return [a * 86400, (b + 1) * 86400]; };
    }
  }
  function filter() {
    const range = span && span();
    if (range) byId("span-told").textContent = day(range[0]) + " to " + day(range[1] - 1);
    const gone = (one) => off.has(one.group);
    nodes.update(data.nodes.map((one) => ({ id: one.id, hidden: gone(one) })));
    edges.update(data.edges.map((one) => ({
      id: one.id,
      hidden: (one.facet === "behaviour" && off.has("behaviour")) || gone(node.get(one.from)) || gone(node.get(one.to)) ||
        Boolean(range && one.first_seen !== undefined && (one.last_seen < range[0] || one.first_seen > range[1])),
    })));
  }
  if (span) byId("span-told").textContent = day(span()[0]) + " to " + day(span()[1] - 1);
  for (const box of document.querySelectorAll("#legend input")) {
    box.addEventListener("change", () => { if (box.checked) off.delete(box.dataset.group); else off.add(box.dataset.group); filter(); });
  }

  const search = byId("search"), found = byId("found");
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    const hits = wanted ? data.nodes.filter((one) => one.label.toLowerCase().includes(wanted)) : [];
    found.replaceChildren(...hits.slice(0, 20).map((one) => { const item = document.createElement("li"); item.append(button(one.id, one.label)); return item; }));
    if (wanted && !hits.length) found.replaceChildren(line("nothing found; only what is drawn is searched"));
    if (hits.length > 20) found.append(line((hits.length - 20) + " more"));
  });
  search.addEventListener("keydown", (event) => {
    const first = found.querySelector("button");
    if (event.key === "Enter" && first) { select(first.dataset.node, true); canvas.focus(); }
  });
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-node]");
    if (asked && node.has(asked.dataset.node)) { select(asked.dataset.node, true); if (!stage.contains(asked)) { stage.scrollIntoView(); canvas.focus(); } }
    const does = event.target.closest("[data-do]");
    if (does) zoom(does.dataset.do);
  });
  function zoom(how) {
    if (how === "fit") showAll();
    else { network.moveTo({ scale: network.getScale() * (how === "in" ? 1.3 : 1 / 1.3), animation: false }); label(); }
  }
  function pan(x, y) {
    const at = network.getViewPosition(), step = 80 / network.getScale();
    network.moveTo({ position: { x: at.x + x * step, y: at.y + y * step }, animation: false });
  }
  // Nodes in the order of what they say: identifiers first, then accounts.
  const order = [...data.nodes.filter((one) => one.id[0] === "i"), ...data.nodes.filter((one) => one.id[0] === "a")].map((one) => one.id);
  let home = null, place = -1;
  function step(by) { const at = current === null ? (by > 0 ? -1 : 0) : order.indexOf(current); home = null; select(order[(at + by + order.length) % order.length], true); }
  function neighbour(by) {
    if (current === null) return step(1);
    if (home === null) { home = current; place = -1; }
    const list = near.get(home);
    if (list.length) { place = (place + by + list.length) % list.length; select(list[place][0], true); }
  }
  const keys = {
    n: () => step(1), p: () => step(-1), "]": () => neighbour(1), "[": () => neighbour(-1), "+": () => zoom("in"), "=": () => zoom("in"), "-": () => zoom("out"), 0: showAll,
    ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1),
    Escape: () => { home = null; tip.hidden = true; select(null); }, "/": () => search.focus(),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
