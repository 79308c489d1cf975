// A feature and the strongest features one step before and behind it, as a picture whose nodes are links.

import { el, featureName, figure, note, route, svg } from "./dom.js";

const MOST = 12; // on either side
const [WIDTH, STEP, BOX, GAP, HALF] = [960, 30, 290, 14, 60];

export function graph(name, before, behind, weight, measure) {
  const [left, right] = [before.slice(0, MOST), behind.slice(0, MOST)];
  if (!left.length && !right.length) return null;
  const height = Math.max(left.length, right.length, 3) * STEP + GAP;
  const largest = Math.max(...[...left, ...right].map((row) => Math.abs(weight(row) ?? 0)), 1e-9);
  const x = !left.length ? GAP + HALF : !right.length ? WIDTH - GAP - HALF : WIDTH / 2; // beside the margin where one side is empty
  const middle = { x, y: height / 2 };
  const side = (rows, x, end) => rows.map((row, place) => node(row, x, end, ((place + 0.5) * height) / rows.length, middle, weight(row), largest, measure));
  const parts = [...side(left, GAP, "left"), ...side(right, WIDTH - GAP - BOX, "right")];
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "graph", role: "group", "aria-label": `${name} and its strongest neighbours` },
    parts.map(([line]) => line), parts.map(([, box]) => box), centre(name, middle));
  const cut = before.length > MOST || behind.length > MOST ? ` The ${MOST} strongest of either side are drawn; the tables have more.` : "";
  const key = measure === "g" ? "Orange: g above 0; blue, dashed: g below 0." : "Wider: stronger.";
  return el("figure", {}, el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Graph of one step" }, picture),
    el("figcaption", {}, note(`Left: what leads to ${name}; right: what it leads to. Each box opens its feature. ${key}${cut}`)));
}

function node([key, feature, label, genes], x, end, y, middle, value, largest, measure) {
  const name = featureName(key, feature);
  const [from, to] = end === "left" ? [x + BOX, middle.x - HALF] : [middle.x + HALF, x];
  const [y1, y2] = end === "left" ? [y, middle.y] : [middle.y, y];
  const bend = (from + to) / 2;
  const line = svg("path", {
    d: `M ${from} ${y1} C ${bend} ${y1}, ${bend} ${y2}, ${to} ${y2}`, class: value < 0 ? "down" : "up",
    "stroke-width": (1 + (5 * Math.abs(value ?? 0)) / largest).toFixed(2),
  });
  const words = `${name} ${label ?? genes ?? ""}`.trim();
  const box = svg("a", { href: route("feature", name), "aria-label": `${words}, ${measure} ${figure(value)}` },
    svg("title", {}, `${words}\n${genes ?? ""}\n${measure} ${figure(value)}`),
    svg("rect", { x, y: y - 11, width: BOX, height: 22, rx: 4 }),
    svg("text", { x: x + 8, y: y + 5 }, words.length > 33 ? `${words.slice(0, 32)}…` : words));
  return [line, box];
}

function centre(name, { x, y }) {
  return svg("g", { class: "centre" }, svg("rect", { x: x - HALF, y: y - 14, width: 2 * HALF, height: 28, rx: 6 }),
    svg("text", { x, y: y + 5, "text-anchor": "middle" }, name.length > 15 ? `${name.slice(0, 14)}…` : name));
}
