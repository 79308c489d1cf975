// Lists: the layers, all features of one, those of a cell type, modules, and all that a search finds.

import { front, layerList, names, placeOf } from "./data.js";
import { bar, count, el, featureLink, featureName, figure, link, note, pagedTable, percent, route, section, several, table } from "./dom.js";
import { result } from "./finder.js";
import { find, KINDS, prepare } from "./search.js";

const SORTS = {
  number: ["number", (list) => (a, b) => list.feature[a] - list.feature[b]],
  often: ["how often it fires", (list) => (a, b) => list.frequency[b] - list.frequency[a]],
  edges: ["number of edges", (list) => (a, b) => list.n_edges[b] - list.n_edges[a]],
};

function columnsOf(key, list, rule, edges) {
  const largest = list.frequency.reduce((most, one) => Math.max(most, one ?? 0), 0);
  return [
    ["Feature", (row) => featureLink(key, list.feature[row])], ["Name", (row) => list.name[row]], ["First genes", (row) => list.genes[row]],
    ["Cell type", (row) => list.type[row]], ["Gene set", (row) => list.label[row]],
    ["Fires at", (row) => bar(list.frequency[row], largest, percent(list.frequency[row])), "number"], ["Tier", (row) => list.tier[row]],
    [`Edges, ${rule}`, (row) => count(list.n_edges[row]), "number"],
  ].filter(([title]) => edges || !title.startsWith("Edges"));
}

export async function layer([key], query) {
  const [about, list] = await Promise.all([front(), placeOf(key).then(layerList)]);
  const edges = about.rule !== null;
  const box = el("div");
  const field = el("input", { type: "search", id: "filter", value: query.get("q") ?? "", autocomplete: "off" });
  const sort = el("select", { id: "sort" }, Object.entries(SORTS).filter(([name]) => edges || name !== "edges").map(([name, [title]]) =>
    el("option", { value: name, selected: query.get("sort") === name }, title)));
  const texts = list.feature.map((feature, row) => [featureName(key, feature), list.name[row], list.genes[row], list.label[row], list.type[row]].filter(Boolean).join("\n").toLowerCase());
  const draw = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    const rows = texts.flatMap((text, row) => (words.every((word) => text.includes(word)) ? [row] : [])).sort(SORTS[sort.value][1](list));
    box.replaceChildren(note(`${several(rows.length, "feature")} of ${count(texts.length)} living ones.`), pagedTable(`Features of ${key}`, columnsOf(key, list, about.rule, edges), rows));
  };
  const change = () => {
    draw();
    const chosen = Object.entries({ q: field.value, sort: sort.value }).filter(([, value]) => value && value !== "number");
    const asked = new URLSearchParams(chosen).toString();
    window.history.replaceState(window.history.state, "", `${route("layer", key)}${asked ? `?${asked}` : ""}`);
  };
  field.addEventListener("input", change);
  sort.addEventListener("change", change);
  draw();
  const [own] = about.layers.filter((one) => one.key === key);
  return {
    title: `Layer ${key}`,
    body: [
      el("h1", {}, `Layer ${key}`),
      note(`Autoencoder ${own.sae_id}: ${count(own.n_features)} features, ${count(own.n_alive)} living; it explains ${percent(own.variance_explained)} of the variance. Annotated: ${percent(own.annotated_fraction)}, by chance ${own.annotated_null_mean === null ? "not measured" : percent(own.annotated_null_mean)}.`),
      el("p", { class: "filters" }, el("label", { for: "filter" }, "Filter "), field, " ", el("label", { for: "sort" }, "Sort by "), sort),
      box,
    ],
  };
}

export async function layers() {
  const about = await front();
  const columns = [
    ["Layer", (row) => link(route("layer", row.key), row.key)], ["Autoencoder", (row) => row.sae_id],
    ["Features", (row) => count(row.n_features), "number"], ["Living", (row) => count(row.n_alive), "number"],
    ["Variance explained", (row) => percent(row.variance_explained), "number"], ["Annotated", (row) => percent(row.annotated_fraction), "number"],
    ["by chance", (row) => percent(row.annotated_null_mean), "number"],
  ];
  return { title: "Layers", body: [el("h1", {}, "Layers"), table("Autoencoders whose features are described", columns, about.layers)] };
}

export async function type([name]) {
  const { features } = await prepare();
  const rows = features.flatMap(({ key, list }) => list.type.flatMap((one, row) => (one === name ? [{ key, list, row }] : [])));
  rows.sort((a, b) => (b.list.low[b.row] ?? 0) - (a.list.low[a.row] ?? 0));
  const columns = [["Feature", ({ key, list, row }) => featureLink(key, list.feature[row])], ["Name", ({ list, row }) => list.name[row]],
    ["First genes", ({ list, row }) => list.genes[row]], ["AUROC at least", ({ list, row }) => figure(list.low[row]), "number"],
    ["Fires at", ({ list, row }) => percent(list.frequency[row]), "number"]];
  return {
    title: name,
    body: [el("h1", {}, name), note(`Cell type. ${several(rows.length, "feature tells", "features tell")} it best of all types. That says where they are active, not what they do.`),
      pagedTable(`Features of ${name}`, columns, rows)],
  };
}

export async function modules() {
  const rows = (await names()).modules;
  const columns = [["Module", (row) => link(route("module", row[0], row[1]), `${row[0]} module ${row[1]}`)],
    ["Features", (row) => count(row[2]), "number"], ["What members are labelled", (row) => row[3]]];
  return { title: "Modules", body: [el("h1", {}, "Modules"), note("Features of one layer that fire together. The page of a module has its null beside it."), pagedTable("Modules of all layers", columns, rows)] };
}

export async function search([text = ""]) {
  const results = await find(text);
  const kinds = Object.keys(KINDS).filter((kind) => results[kind].length);
  const columns = (kind) => [["Name", (row) => { const [address, name] = result(kind, row); return link(address, name); }], ["About", (row) => result(kind, row)[2]]];
  return {
    title: `Search: ${text}`,
    body: [
      el("h1", {}, `Search: ${text}`),
      ...(kinds.length ? kinds.map((kind) => section(`${KINDS[kind]} (${count(results[kind].length)})`, pagedTable(KINDS[kind], columns(kind), results[kind], 25)))
        : [note("Nothing is called like this. Genes are found by their beginning; gene sets, cell types, modules and features by the beginnings of words in their names.")]),
    ],
  };
}
