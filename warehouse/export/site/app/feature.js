// One feature: what it is and how surely, its genes, gene sets, cell types, contexts, neighbours, edges and links.

import { featurePage, front, layerList, Missing, placeOf } from "./data.js";
import { bar, between, count, el, featureLink, featureName, figure, geneLink, link, note, pagedTable, percent, route, section, shownOf, small, table } from "./dom.js";
import { graph } from "./graph.js";
import { CLAIM, PUBLISHED, signOf, standing, told } from "./words.js";

const NAME = /^(.*)_F(\d+)$/;
const ENDS = [["Feature", (row) => featureLink(row[0], row[1])], ["Name", (row) => row[2]], ["First genes", (row) => row[3]]];

export async function featureOf([name]) {
  const [, key, number] = NAME.exec(name ?? "") ?? [];
  if (key === undefined) throw new Missing(name);
  const feature = Number(number);
  const [page, about] = await Promise.all([featurePage(key, feature), front()]);
  const called = page.about.name ?? "unnamed";
  const body = [
    el("h1", {}, `${name} · ${called}`),
    beside(key, feature),
    el("p", { class: "sentence" }, told(page.about, about.run.imported).join(" ")),
    note(about.run.imported ? `Evidence: ${PUBLISHED}. ` : "", CLAIM, " ", module(key, page.about)),
    ...(page.about.alive ? sections(page, about, key, name) : []),
  ];
  return { title: `${name} ${called}`, body };
}

function module(key, { module: number }) {
  return number === null ? "" : el("span", {}, "It belongs to ", link(route("module", key, number), `module ${number}`), ".");
}

// Links to the living features before and after, and to the layer, once its list is there.
function beside(key, feature) {
  const box = el("nav", { class: "beside", "aria-label": "Features beside this one" }, link(route("layer", key), `All of ${key}`));
  placeOf(key).then(layerList).then(({ feature: numbers }) => {
    const before = numbers.findLast((one) => one < feature);
    const after = numbers.find((one) => one > feature);
    if (before !== undefined) box.prepend(link(route("feature", featureName(key, before)), `← ${featureName(key, before)}`));
    if (after !== undefined) box.append(link(route("feature", featureName(key, after)), `${featureName(key, after)} →`));
  }, () => {});
  return box;
}

function sections(page, about, key, name) {
  return [genes(page), terms(page), types(page, about), ...edges(page, about, name), ...links(page, about, name),
    contexts(page), neighbours(page, key)].filter(Boolean);
}

function genes({ genes: [n, rows] = [0, []] }) {
  if (!n) return section("Genes", note("No gene fires often enough to be ranked."));
  const largest = Math.max(...rows.map((row) => row[1] ?? 0));
  const interval = rows.some((row) => row[2] !== null);
  const columns = [
    ["Gene", (row) => geneLink(row[0])],
    ["Score", (row) => bar(row[1], largest, figure(row[1])), "number"],
    ["95 % interval", (row) => between(row[2], row[3]), "number"],
    ["Fires at", (row) => percent(row[4]), "number"], ["Firings", (row) => count(row[5]), "number"],
    ["Times as often as anywhere", (row) => figure(row[6]), "number"],
    ["Mean where it fires", (row) => figure(row[7]), "number"],
  ];
  return section("Genes", table("Genes on which it fires most strongly", columns, rows),
    note(interval ? "Score: summed activation on the gene over how often the gene occurs, shrunk towards zero for rare genes. Intervals are over cells." : "Ranked by the mean where it fires, as published."));
}

function terms({ terms: [n, rows] = [0, []] }) {
  if (!n) return section("Gene sets", note("No gene set holds more of its genes than chance gives (q at most 0.05)."));
  const columns = [
    ["Gene set", (row) => link(route("term", row[0], row[1]), row[1])], ["Library", (row) => row[0]],
    ["Shared genes", (row) => count(row[2]), "number"], ["Size", (row) => count(row[3]), "number"],
    ["Expected", (row) => figure(row[4]), "number"], ["q", (row) => small(row[6]), "number"], ["Genes", (row) => row[7]],
  ];
  return section("Gene sets", pagedTable("Gene sets that its genes fall into", columns, rows, 10), note(shownOf(rows.length, n, "surest")));
}

function types({ types: [n, rows] = [0, []] }, { run }) {
  if (!n) return null;
  const columns = [
    ["Cell type", (row) => link(route("type", row[0]), row[0])], ["AUROC", (row) => figure(row[1]), "number"],
    ["95 % interval", (row) => between(row[2], row[3]), "number"], ["Odds ratio", (row) => (row[6] === "infinite" ? row[6] : figure(row[6])), "number"],
    ["q", (row) => small(row[4]), "number"], [run.imported ? "Of the most active cells" : "Cells", (row) => count(row[7]), "number"],
    ["Called", (row) => (row[5] ? "yes" : "no")],
  ];
  const how = run.imported ? "Over-representation among the cells in which it is most active, as published."
    : "AUROC among cells of the same length; 0.5 is no difference. A type is called if the lower end is high enough.";
  return section("Cell types", table("Cell types in which it is more active", columns, rows), note(how, " ", shownOf(rows.length, n, "first")));
}

function edges(page, about, name) {
  if (!page.degrees) return [];
  const total = page.degrees[1].filter(([effect]) => effect === "total");
  const said = (place) => total.map((row) => `${count(row[place] ?? 0)} ${row[1]}`).join(", ") || "none";
  const columns = [...ENDS, ["g", (row) => figure(row[4]), "number"], ["q", (row) => small(row[5]), "number"],
    ["Cells", (row) => count(row[6]), "number"], ["Rules that call it", (row) => row[7]]];
  const one = (part, title, caption) => part ? [el("h3", {}, title), pagedTable(caption, columns, part[1], 15), note(shownOf(part[1].length, part[0], "strongest by |g|"))]
    : [el("h3", {}, title), note(`No edge by the rule ${about.rule}, or it was not traced in this direction.`)];
  return [section(`Edges by the rule ${about.rule}`,
    note(`Total effects that leave it: ${said(2)}. That reach it: ${said(3)}. ${standing(about.edges)} ${signOf(about)}`),
    graph(name, page.in?.[1] ?? [], page.out?.[1] ?? [], (row) => row[4], "g"),
    ...one(page.out, "Outgoing: what it acts on", "Edges that leave it"), ...one(page.in, "Incoming: what acts on it", "Edges that reach it"))];
}

function links(page, about, name) {
  const [out, into] = [page.links_out, page.links_in];
  if (!out && !into) return [];
  const tested = [...(out?.[1] ?? []), ...(into?.[1] ?? [])].some((row) => row[6] !== null);
  const columns = [...ENDS, ["PMI (bits)", (row) => figure(row[4]), "number"], ["Together at", (row) => count(row[7]), "number"],
    ["Expected", (row) => figure(row[8]), "number"], ["q", (row) => small(row[6]), "number"]];
  const one = (part, title) => part ? [el("h3", {}, title), table(title, columns, part[1]), note(shownOf(part[1].length, part[0], "strongest"))] : [];
  const how = tested ? "Pairs that fire at the same positions more often than their genes explain." : "Pairs that fire together, by pointwise mutual information as published, without a test.";
  return [section("Links to other layers", note(`${how} A link is no effect of one feature on the other.`),
    ...(page.degrees ? [] : [graph(name, into?.[1] ?? [], out?.[1] ?? [], (row) => row[4], "PMI")]),
    ...one(into, "Linked features of earlier layers"), ...one(out, "Linked features of later layers"))];
}

function contexts({ contexts: [n, rows] = [0, []] }) {
  if (!rows?.length) return null;
  const largest = Math.max(...rows.map((row) => row[5] ?? 0));
  const columns = [
    ["Cell type", (row) => row[0]], ["Tissue", (row) => row[1]], ["Gene", (row) => (row[2] ? geneLink(row[2]) : null)],
    ["Place of the gene", (row) => (row[3] === null ? null : `${count(row[3])} of ${count(row[4])}`), "number"],
    ["Activation", (row) => bar(row[5], largest, figure(row[5])), "number"],
  ];
  return section("Where it is most active", table("Cells and genes at which it is most active", columns, rows), note(shownOf(rows.length, n, "strongest")));
}

function neighbours({ neighbours: [n, rows] = [0, []] }) {
  if (!n) return null;
  const columns = [...ENDS, ["Cosine", (row) => figure(row[4]), "number"]];
  return section("Nearest directions", table("Features of the layer that point most nearly the same way", columns, rows));
}
