// The search box: results by kind below it, reached with the arrow keys.

import { count, el, featureName, link, route, several } from "./dom.js";
import { find, KINDS, prepare } from "./search.js";

const FEW = 5; // of each kind
const box = document.getElementById("find");
const found = document.getElementById("found");
const told = document.getElementById("told");
let asked = 0;

// Link and words of one result.
export function result(kind, row) {
  switch (kind) {
    case "gene": return [route("gene", row[0]), row[0], several(row[1], "feature")];
    case "term": return [route("term", row[0], row[1]), row[1], `${row[0]}, ${several(row[2], "feature")}`];
    case "type": return [route("type", row[0]), row[0], several(row[1], "feature")];
    case "module": return [route("module", row[0], row[1]), `Module ${row[1]} of ${row[0]}`, row[3] ?? ""];
    default: {
      const { key, list, row: place } = row;
      const name = featureName(key, list.feature[place]);
      return [route("feature", name), `${name} ${list.name[place] ?? ""}`.trim(), list.genes[place] ?? ""];
    }
  }
}

async function show() {
  const mine = (asked += 1);
  const text = box.value;
  if (!text.trim()) return close();
  const results = await find(text);
  if (mine !== asked) return undefined; // typed on
  const kinds = Object.keys(KINDS).filter((kind) => results[kind].length);
  const groups = kinds.map((kind) => group(kind, results[kind]));
  const all = link(route("search", text.trim()), "All results");
  found.replaceChildren(...(kinds.length ? [...groups, el("p", {}, all)] : [el("p", {}, "Nothing is called like this.")]));
  found.hidden = false;
  told.textContent = kinds.map((kind) => `${KINDS[kind]}: ${count(results[kind].length)}`).join(", ") || "Nothing found";
  found.dataset.text = text;
  return undefined;
}

function group(kind, rows) {
  const items = rows.slice(0, FEW).map((row) => {
    const [address, name, about] = result(kind, row);
    return el("li", {}, link(address, el("strong", {}, name), " ", el("span", { class: "about" }, about)));
  });
  return el("div", { "data-kind": kind }, el("h3", {}, `${KINDS[kind]} (${count(rows.length)})`), el("ul", {}, items));
}

function refused(error) {
  found.replaceChildren(el("p", {}, `The names cannot be read: ${error.message}.`));
  found.hidden = false;
}

function close() {
  asked += 1;
  found.hidden = true;
  told.textContent = "";
}

function step(event, by) {
  const links = [...found.querySelectorAll("a")];
  const next = links.indexOf(document.activeElement) + by;
  event.preventDefault();
  (next < 0 ? box : links[Math.min(next, links.length - 1)])?.focus();
}

export function startFinder() {
  box.addEventListener("focus", () => prepare().catch(() => {})); // said once something is typed
  box.addEventListener("input", () => show().catch(refused));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !box.value.trim()) return;
    window.location.hash = route("search", box.value.trim());
    close();
  });
  document.querySelector(".finder").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !found.hidden) step(event, 1);
    else if (event.key === "ArrowUp" && !found.hidden && document.activeElement !== box) step(event, -1);
    else if (event.key === "Escape") { close(); box.focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".finder")) close(); });
  window.addEventListener("hashchange", close);
}
