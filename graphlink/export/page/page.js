"use strict";
// The large drawing: everything it writes goes in as text, never as markup.
(function () {
  // Without the parts, as in an installation without the front end, the drawing that prints stays.
  if (typeof vis === "undefined" || typeof graphlinkParts === "undefined") return;
  const WIDEST = 6; // pixels of an edge
  const data = JSON.parse(document.getElementById("graph-data").textContent);
  const byId = (id) => document.getElementById(id);
  const stage = byId("graph"), canvas = byId("canvas"), panel = byId("panel"), tip = byId("tip");
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = isDark ? "#e8ecf1" : "#1c2430", paper = isDark ? "#161b22" : "#ffffff", shade = isDark ? data.dark : data.light;
  // The data come as a list per column; texts that recur stand once, in words.
  const facts = data.nodes, ties = data.edges, word = (i) => i === null || i === undefined ? null : data.words[i];
  const isAccount = (i) => i < data.n_accounts, named = (i) => isAccount(i) ? "a" + i : "i" + (i - data.n_accounts);
  const nodeList = facts.label.map((text, i) => ({ i, id: named(i), label: text, group: word(facts.group[i]), x: facts.x[i], y: facts.y[i], size: facts.size[i] }));
  const nHolds = ties.from.length - ties.kind.length, most = ties.bits.reduce((a, b) => Math.max(a, b), 1), DAY = 86400;
  const edgeList = ties.from.map((from, i) => ({
    id: "e" + i, from: nodeList[from], to: nodeList[ties.to[i]], bits: ties.bits[i], kind: i < nHolds ? null : word(ties.kind[i - nHolds]),
    facet: i < nHolds ? nodeList[ties.to[i]].group : "behaviour",
    first: ties.first[i] === null ? null : data.start + ties.first[i] * DAY, last: ties.first[i] === null ? null : data.start + (ties.first[i] + ties.days[i]) * DAY,
  }));
  const node = new Map(nodeList.map((one) => [one.id, one])), edge = new Map(edgeList.map((one) => [one.id, one]));
  const near = new Map(nodeList.map((one) => [one.id, []]));
  for (const one of edgeList) {
    near.get(one.from.id).push([one.to, one]);
    near.get(one.to.id).push([one.from, one]);
  }
  for (const list of near.values()) list.sort((a, b) => b[1].bits - a[1].bits);
  const count = (n, digits = 0) => n.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const signed = (bits) => (bits < 0 ? "" : "+") + count(bits, 1) + " bits";
  const moment = (minutes) => new Date((data.start + minutes * 60) * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  function factsOf(one) {
    const fact = (name) => facts[name][one.i], texts = [];
    const add = (value, sentence) => { if (value !== null && value !== undefined) texts.push(sentence(value)); };
    if (isAccount(one.i)) {
      add(word(fact("role")), (role) => "account, " + role);
      add(word(fact("share")), (share) => "belongs to its cluster with probability " + share);
      for (const [name, words] of [["opened", "opened"], ["closed", "closed"], ["seen", "last seen"]]) add(fact(name), (minutes) => words + " " + moment(minutes));
      add(word(fact("state")), (state) => "state: " + state);
    } else {
      add(word(fact("kind")), (kind) => kind);
      add(fact("bits"), (bits) => signed(bits) + " over the links shown");
      add(fact("n_members"), (n) => "links " + count(n) + " accounts here" + (fact("degree") === null ? "" : "; " + count(fact("degree")) + " use it in total"));
      add(word(fact("p_exclusive")), (share) => "exclusive to one operator with probability " + share);
      add(word(fact("listed")), (name) => "listed as " + name);
    }
    return texts;
  }
  stage.hidden = false;
  document.documentElement.classList.add("has-script");

  // Folded as in the explorer: what ties little is not drawn, unless it alone ties an account or was selected.
  const shapes = nodeList.map((one) => ({ id: one.id, type: isAccount(one.i) ? "account" : "identifier", kind: isAccount(one.i) ? "account" : word(facts.kind[one.i]).replaceAll(" ", "_") }));
  const tied = edgeList.map((one) => ({ source: one.from.id, target: one.to.id, bits: one.bits }));
  const wanted = new Set();
  let isWhole = false, folding = graphlinkParts.foldingOf(shapes, tied, wanted, true);
  const rankOf = (id) => folding.rank.get(id) ?? null;

  // The first scale is known before anything is drawn, so that the first picture is the last.
  const ends = (values) => values.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  const [left, right] = ends(facts.x), [top, bottom] = ends(facts.y), MARGIN = 40;
  function fitted() {
    const scale = Math.min(2, canvas.clientWidth / (right - left + 2 * MARGIN), canvas.clientHeight / (bottom - top + 2 * MARGIN));
    return { position: { x: (left + right) / 2, y: (top + bottom) / 2 }, scale };
  }
  const colours = new Map();
  function colour(one, opacity) {
    const shown = one.facet === "behaviour" ? opacity / 2 : opacity, key = one.facet + shown, plain = shade.colours[one.facet];
    if (!colours.has(key)) colours.set(key, { color: plain, opacity: shown, highlight: plain, hover: plain });
    return colours.get(key);
  }
  const nodes = new vis.DataSet(nodeList.map(({ id, group, x, y, size }) => ({ id, group, x, y, size, hidden: folding.folded.has(id) })));
  const edges = new vis.DataSet(edgeList.map((one) => {
    const shown = { id: one.id, from: one.from.id, to: one.to.id, width: 0.6 + WIDEST * Math.sqrt(Math.max(0, one.bits) / most), color: colour(one, 0.45) };
    if (one.facet === "behaviour") shown.dashes = true;
    shown.hidden = folding.folded.has(one.from.id) || folding.folded.has(one.to.id);
    return shown;
  }));
  const isLarge = edgeList.length > 2000;
  const network = new vis.Network(canvas, { nodes, edges }, {
    physics: { enabled: false },
    layout: { improvedLayout: false },
    groups: shade.groups,
    edges: { smooth: false, arrows: { to: { enabled: false } }, selectionWidth: 2, hoverWidth: 0 },
    interaction: { hover: true, keyboard: { enabled: false }, hideEdgesOnDrag: isLarge, hideEdgesOnZoom: isLarge, tooltipDelay: 1e9 },
  });
  const showAll = () => network.moveTo({ ...fitted(), animation: false });
  network.moveTo({ ...fitted(), animation: false });
  network.once("afterDrawing", () => {
    document.documentElement.dataset.drawn = "yes";
    // Tables out of sight are laid out once the drawing is there; from then on the page is whole, as for a picture of it.
    setTimeout(() => document.documentElement.classList.add("whole"), 100);
  });

  // Labels stand where they hide no node; where there is no room, a line leads to the node.
  const short = (text) => text.length > 28 ? text.slice(0, 27) + "\u2026" : text;
  const colors = { ground: paper, text: ink, halo: ink };
  let around = null; // the neighbourhood of what is selected
  network.on("afterDrawing", (context) => {
    const scale = network.getScale(), ratio = canvas.querySelector("canvas").width / canvas.clientWidth;
    const marks = nodeList.filter((one) => !hidden(one)).map((one) => ({ id: one.id, i: one.i, size: one.size, label: short(one.label), rank: rankOf(one.id), halo: "", faint: around !== null && !around.has(one.id), chosen: one.id === current }));
    const place = (mark) => network.canvasToDOM({ x: facts.x[mark.i], y: facts.y[mark.i] });
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    graphlinkParts.paintLabels(context, graphlinkParts.placeLabels({ nodes: marks, edges: [] }, place, scale, { left: 0, width: canvas.clientWidth, height: canvas.clientHeight }), colors);
    context.restore();
  });

  const line = (text) => { const item = document.createElement("li"); item.append(isolated(text)); return item; };
  function isolated(text) { const element = document.createElement("bdi"); element.textContent = text; return element; }
  function button(id, text) {
    const made = document.createElement("button");
    made.type = "button"; made.dataset.node = id; made.className = "find"; made.append(isolated(text));
    return made;
  }
  const edgeWords = (one) => (one.kind === null ? "" : one.kind + ", ") + signed(one.bits) + times(one);
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const times = (one) => one.first === null ? "" : ", " + day(one.first) + " to " + day(one.last);

  let current = null;
  function select(id, moves) {
    current = id;
    if (id !== null && folding.folded.has(id)) { wanted.add(id); fold(); }
    if (id === null) {
      network.unselectAll();
      panel.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: "Select a node to see what it is and why it counts." }));
      fade(null);
      return;
    }
    const one = node.get(id), head = document.createElement("h3"), facts = document.createElement("ul"), held = document.createElement("ul");
    head.append(isolated(one.label));
    facts.append(...factsOf(one).map(line));
    const around = near.get(id);
    for (const [other, tie] of around.slice(0, 40)) {
      const item = document.createElement("li");
      item.append(button(other.id, other.label), " ", isolated(edgeWords(tie)));
      held.append(item);
    }
    const intro = document.createElement("p");
    intro.textContent = "Tied to " + count(around.length) + (around.length > 40 ? "; the 40 strongest:" : ":");
    panel.replaceChildren(head, facts, intro, held);
    network.selectNodes([id]);
    if (moves) { network.moveTo({ position: network.getPosition(id), scale: Math.max(network.getScale(), 0.8), animation: false }); }
    fade(id);
  }
  let faded = false;
  function fade(id) {
    if (id === null && !faded) return;
    const kept = id === null ? null : new Set([id, ...near.get(id).map(([other]) => other.id)]);
    faded = id !== null;
    around = kept;
    nodes.update(nodeList.map((one) => ({ id: one.id, opacity: kept === null || kept.has(one.id) ? 1 : 0.15 })));
    edges.update(edgeList.map((one) => ({ id: one.id, color: colour(one, id === null ? 0.45 : one.from.id === id || one.to.id === id ? 0.7 : 0.05) })));
  }
  network.on("select", (event) => select(event.nodes.length ? event.nodes[0] : null, false));

  function hint(text, event) {
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - 350) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - 120) + "px";
  }
  network.on("hoverNode", (event) => { const one = node.get(event.node); hint([one.label, ...factsOf(one)].join("\n"), event.event); });
  network.on("hoverEdge", (event) => { const one = edge.get(event.edge); hint(one.from.label + " – " + one.to.label + "\n" + edgeWords(one), event.event); });
  for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) network.on(name, () => { tip.hidden = true; });

  // What is shown: kinds by the legend, edges by the span of time.
  const off = new Set();
  function hidden(one) { return off.has(one.group) || folding.folded.has(one.id); }
  const from = byId("from"), to = byId("to"), seen = edgeList.filter((one) => one.first !== null);
  let span = null;
  if (seen.length) {
    const first = seen.reduce((a, one) => Math.min(a, one.first), Infinity) / DAY, last = seen.reduce((a, one) => Math.max(a, one.last), 0) / DAY;
    if (last > first) {
      byId("span").hidden = false;
      for (const slider of [from, to]) { slider.min = first; slider.max = last; slider.step = 1; slider.addEventListener("input", filter); }
      from.value = first; to.value = last;
      span = () => [Math.min(+from.value, +to.value) * DAY, Math.max(+from.value, +to.value) * DAY];
    }
  }
  const showSpan = (range) => { byId("span-shown").textContent = day(range[0]) + " to " + day(range[1]); };
  function filter() {
    const range = span && span();
    if (range) showSpan(range);
    nodes.update(nodeList.map((one) => ({ id: one.id, hidden: hidden(one) })));
    edges.update(edgeList.map((one) => ({
      id: one.id,
      hidden: (one.facet === "behaviour" && off.has("behaviour")) || hidden(one.from) || hidden(one.to) ||
        Boolean(range && one.first !== null && (one.last < range[0] || one.first > range[1])),
    })));
  }
  if (span) showSpan(span());
  const foldButton = byId("fold-button");
  function fold() {
    folding = graphlinkParts.foldingOf(shapes, tied, wanted, !isWhole);
    filter();
    showFold();
  }
  function showFold() {
    byId("fold").hidden = !folding.kinds.length && !isWhole;
    byId("fold-words").textContent = isWhole ? "All identifiers are drawn." : "Folded: " + graphlinkParts.foldedWords(folding.kinds, 3) + ".";
    foldButton.textContent = isWhole ? "Fold what ties little" : "Draw them";
    foldButton.setAttribute("aria-pressed", String(isWhole));
  }
  foldButton.addEventListener("click", () => { isWhole = !isWhole; fold(); });
  showFold();
  for (const box of document.querySelectorAll("#legend input")) {
    box.addEventListener("change", () => { if (box.checked) off.delete(box.dataset.group); else off.add(box.dataset.group); filter(); });
  }

  const search = byId("search"), hitList = byId("hits");
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    const hits = wanted ? nodeList.filter((one) => one.label.toLowerCase().includes(wanted)) : [];
    hitList.replaceChildren(...hits.slice(0, 20).map((one) => { const item = document.createElement("li"); item.append(button(one.id, one.label)); return item; }));
    if (wanted && !hits.length) hitList.replaceChildren(line("no match; only what is drawn is searched"));
    if (hits.length > 20) hitList.append(line((hits.length - 20) + " more"));
  });
  search.addEventListener("keydown", (event) => {
    const first = hitList.querySelector("button");
    if (event.key === "Enter" && first) { select(first.dataset.node, true); canvas.focus(); }
  });
  document.addEventListener("click", (event) => {
    const trigger = event.target.closest("[data-node]");
    if (trigger && node.has(trigger.dataset.node)) { select(trigger.dataset.node, true); if (!stage.contains(trigger)) { stage.scrollIntoView(); canvas.focus(); } }
    const does = event.target.closest("[data-do]");
    if (does) zoom(does.dataset.do);
  });
  function zoom(how) {
    if (how === "fit") showAll();
    else { network.moveTo({ scale: network.getScale() * (how === "in" ? 1.3 : 1 / 1.3), animation: false }); }
  }
  function pan(x, y) {
    const at = network.getViewPosition(), step = 80 / network.getScale();
    network.moveTo({ position: { x: at.x + x * step, y: at.y + y * step }, animation: false });
  }
  // Nodes in order of bits: identifiers first, then accounts.
  const order = [...nodeList.slice(data.n_accounts), ...nodeList.slice(0, data.n_accounts)].map((one) => one.id);
  let home = null, place = -1;
  function step(by) { const at = current === null ? (by > 0 ? -1 : 0) : order.indexOf(current); home = null; select(order[(at + by + order.length) % order.length], true); }
  function neighbour(by) {
    if (current === null) return step(1);
    if (home === null) { home = current; place = -1; }
    const list = near.get(home);
    if (list.length) { place = (place + by + list.length) % list.length; select(list[place][0].id, true); }
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
