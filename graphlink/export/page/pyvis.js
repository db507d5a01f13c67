"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("graph-data");
  const place = document.getElementById("network");
  Object.assign(place.style, read("graph-size"));
  const nodes = new vis.DataSet(data.nodes);
  const edges = new vis.DataSet(data.edges);
  window.network = new vis.Network(place, { nodes, edges }, data.options);
})();
