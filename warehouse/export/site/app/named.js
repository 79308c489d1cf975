// Pages of a gene, a gene set and a module: the features that each has.

import { front, genePage, Missing, modulePage, termPage } from "./data.js";
import { bar, count, el, featureLink, figure, geneLink, link, note, pagedTable, percent, route, section, several, shownOf, small, table } from "./dom.js";

const ENDS = [["Feature", (row) => featureLink(row[0], row[1])], ["Name", (row) => row[2]], ["First genes", (row) => row[3]]];

export async function gene([symbol]) {
  const about = await front();
  const page = await genePage(symbol).catch((error) => { if (error instanceof Missing) return null; throw error; });
  if (!page) return { title: symbol, body: [el("h1", {}, symbol), note("No feature of this run lists it among its first genes.")] };
  const listing = about.layers.reduce((sum, one) => sum + one.n_alive, 0);
  const columns = [...ENDS, ["Rank", (row) => count(row[4]), "number"], ["Fires at", (row) => percent(row[5]), "number"], ["Score", (row) => figure(row[6]), "number"]];
  return {
    title: symbol,
    body: [
      el("h1", {}, symbol),
      note(`Gene. ${several(page.n, "feature lists", "features list")} it among the first genes, of ${count(listing)} living ones; a gene of this run stands in ${figure(about.mean_listed)} lists in the mean.`),
      byLayer(page.layers, about),
      section("Features by the rank of the gene", pagedTable(`Features that list ${symbol}`, columns, page.rows), note(shownOf(page.rows.length, page.n, "first"))),
    ],
  };
}

function byLayer(layers, about) {
  const counted = Object.fromEntries(layers);
  const rows = about.layers.map(({ key }) => [key, counted[key] ?? 0]);
  const largest = Math.max(...rows.map(([, n]) => n));
  const columns = [["Layer", (row) => link(route("layer", row[0]), row[0])], ["Features", (row) => bar(row[1], largest, count(row[1])), "number"]];
  return el("details", {}, el("summary", {}, "Features by layer"), table("Features that list it, by layer", columns, rows));
}

export async function term([library, name]) {
  const page = await termPage(library, name);
  const columns = [...ENDS, ["Shared genes", (row) => count(row[4]), "number"], ["Expected", (row) => figure(row[5]), "number"],
    ["Fold", (row) => figure(row[6]), "number"], ["q", (row) => small(row[7]), "number"], ["Genes", (row) => row[8]]];
  const genes = (page.genes ?? []).flatMap(([symbol, n], place) => [place ? ", " : "", geneLink(symbol), ` (${count(n)})`]);
  return {
    title: name,
    body: [
      el("h1", {}, name),
      note(`Gene set of ${library}${page.n_set === null ? "" : `, ${count(page.n_set)} genes`}. It labels ${several(page.n, "feature")} (q at most 0.05).`),
      section("Genes by which it does, with the number of features", el("p", {}, genes)),
      section("Features by q", pagedTable(`Features that ${name} labels`, columns, page.rows), note(shownOf(page.rows.length, page.n, "surest"))),
    ],
  };
}

export async function moduleOf([key, number]) {
  if (number === undefined) throw new Missing("module");
  const page = await modulePage(key, number);
  const columns = [["Feature", (row) => featureLink(key, row[0])], ["Name", (row) => row[1]], ["First genes", (row) => row[2]],
    ["Members it is joined to", (row) => count(row[3]), "number"]];
  return {
    title: `Module ${number} of ${key}`,
    body: [
      el("h1", {}, `Module ${number} of ${key}`),
      note(firm(page)),
      page.labels.length ? section("What members are labelled", el("p", {}, page.labels.join("; "))) : null,
      section("Members", pagedTable(`Members of module ${number} of ${key}`, columns, page.rows), note(shownOf(page.rows.length, page.n, "most joined"))),
    ].filter(Boolean),
  };
}

// How firm a module is, beside networks in which every feature keeps the number of its pairs.
function firm({ n, n_edges: pairs, rule, stability, modularity, null_modularity: chance, null_sd: spread }) {
  const said = [`${several(n, "feature")} that fire together.`];
  if (pairs !== null) said.push(`${several(pairs, "pair")} of them ${pairs === 1 ? "is" : "are"} joined (rule ${rule.replaceAll("_", " ")}).`);
  if (stability !== null) said.push(`Two members stay together in ${percent(stability)} of the runs over seeds and resolutions.`);
  if (modularity === null) said.push("How firm it is beside chance was not published.");
  else said.push(`Modularity of the layer: ${figure(modularity)}; of networks with the same degrees: ${figure(chance)}${spread === null ? "" : ` (standard deviation ${figure(spread)})`}.`);
  return said.join(" ");
}
