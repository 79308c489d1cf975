// The first page: what run this is, how much it holds beside what chance gives, and where to begin.

import { front } from "./data.js";
import { between, count, el, featureLink, figure, link, note, percent, route, section, small, table } from "./dom.js";
import { glossary, PUBLISHED, standing } from "./words.js";

export async function start() {
  const about = await front();
  const { run } = about;
  const origin = run.imported ? `imported, ${PUBLISHED}` : `seed ${run.seed}, computed on ${run.device}, ${run.precision}`;
  const body = [
    el("h1", {}, run.title),
    note(`Study ${run.study}, ${origin}. ${about.model.map(modelled).join(" ")}`),
    ...about.model.filter((one) => one.stand_in).map(warned),
    tiles(about),
    note(standing(about.edges.n_calibrated || about.edges.n_published ? about.edges : { n_specific: 1 })),
    ...best(about),
    layers(about),
    ...baselines(about),
    ...controls(about),
    ...published(about),
    glossary(),
    provenance(about),
  ];
  return { title: run.title, body };
}

function modelled(one) {
  const loss = one.heldout_loss === null ? "" : ` Held-out loss ${figure(one.heldout_loss)}, of the baseline ${figure(one.baseline_loss)}.`;
  return `Model ${one.name}: ${one.n_layers} layers of width ${one.d_model}.${loss}`;
}

function warned(one) {
  return el("p", { class: "warning", role: "note" }, el("strong", {}, one.name),
    " is a small stand-in model, trained in minutes on the study's own cells. It shows that the line works from cells to circuits; it is not the published model, and its biology is no finding.");
}

function tiles({ totals, edges, run, counts, layers: all }) {
  const dead = totals.n_features - totals.n_alive;
  const rows = [
    ["Living features", count(totals.n_alive), `${count(dead)} more never fire`],
    ["Annotated", count(totals.n_annotated), chance(all)],
    ["Genes listed", count(counts.genes), "with a feature"],
    ["Gene sets", count(counts.terms), "that label a feature"],
    ["Modules", count(counts.modules), "of features that fire together"],
  ];
  if (!run.imported) {
    rows.unshift(["Cells", count(totals.n_cells), "used"]);
    rows.push(["Edges, specific", count(edges.n_specific), "more than displacements of the same size do"]);
    rows.push(["Edges, calibrated", count(edges.n_calibrated), `anything at all; ${count(edges.n_published)} by the published rule`]);
    rows.push(["Checks passed", count(totals.n_checks - totals.n_failed), `of ${count(totals.n_checks)}`]);
  }
  const boxes = rows.map(([name, value, meaning]) =>
    el("div", {}, el("dt", {}, name), el("dd", { class: "value" }, value), el("dd", {}, meaning)));
  return el("dl", { class: "tiles" }, boxes);
}

function chance(all) {
  const known = all.filter((one) => one.annotated_null_mean !== null);
  if (!known.length) return "what chance gives was not measured";
  const of = (name) => known.reduce((sum, one) => sum + one[name], 0) / known.length;
  return `${percent(of("annotated_fraction"))} of a layer in the mean; random gene sets: ${percent(of("annotated_null_mean"))}`;
}

function best({ best: rows, telling, most }) {
  if (!rows.length) {
    if (!telling.length) return [];
    const columns = [
      ["Feature", (row) => featureLink(row.key, row.feature)], ["Name", (row) => row.name], ["First genes", (row) => row.top_genes],
      ["Gene set", (row) => link(route("term", row.label_library, row.label), row.label)], ["q", (row) => small(row.label_q), "number"],
    ];
    return [section("Features with the surest gene sets", table("Features by the q of their best gene set", columns, telling))];
  }
  const columns = [
    ["Cell type", (row) => link(route("type", row.cell_type), row.cell_type)],
    ["Feature", (row) => featureLink(row.key, row.feature)],
    ["Name", (row) => row.name],
    ["First genes", (row) => row.top_genes],
    ["AUROC", (row) => figure(row.auroc), "number"],
    ["At least", (row) => figure(row.auroc_low), "number"],
    ["Cells", (row) => count(row.n_cells), "number"],
    ["Features of the type", (row) => count(row.n_features), "number"],
  ];
  const caption = `Cell types by the features that tell them best, at most ${most.best} each`;
  return [section("Cell types by their best features", table(caption, columns, rows),
    note("It says where a feature is active, not what it does."))];
}

function layers({ layers: rows, run }) {
  const edges = (name) => (row) => `${count(row[`edges_out_${name}`])} / ${count(row[`edges_in_${name}`])}`;
  const columns = [
    ["Layer", (row) => link(route("layer", row.key), row.key)],
    ["Features", (row) => count(row.n_features), "number"], ["Living", (row) => count(row.n_alive), "number"],
    ["Variance explained", (row) => percent(row.variance_explained), "number"],
    ["Active at a position", (row) => figure(row.l0), "number"],
    ["Annotated", (row) => percent(row.annotated_fraction), "number"],
    ["by chance", (row) => percent(row.annotated_null_mean), "number"],
    ["Specific edges out / in", edges("specific"), "number"], ["Calibrated edges out / in", edges("calibrated"), "number"],
  ].filter(([title]) => !run.imported || !title.includes("edges"));
  return section("Layers", table("Autoencoders, one a layer", columns, rows));
}

function baselines({ baselines: rows, layers: all }) {
  if (!rows.length) return [];
  const keys = Object.fromEntries(all.map((one) => [one.sae_id, one.key]));
  const beside = (name) => (row) => `${percent(row[`${name}_fraction`])} (${percent(row[`null_${name}`])})`;
  const columns = [
    ["Layer", (row) => keys[row.sae_id] ?? row.sae_id], ["Basis", (row) => row.basis.replaceAll("_", " ")],
    ["Annotated (by chance)", beside("annotated"), "number"], ["With a cell type (by chance)", beside("type"), "number"],
    ["Named (by chance)", beside("named"), "number"],
  ];
  return [el("details", {}, el("summary", {}, "Features beside neurons, principal axes and untrained models"),
    table("Shares that can be described, each with its null in brackets", columns, rows))];
}

function controls({ controls: rows, layers: all }) {
  if (!rows.length) return [];
  const keys = Object.fromEntries(all.map((one) => [one.sae_id, one.key]));
  const columns = [
    ["Layer", (row) => keys[row.source_sae] ?? row.source_sae], ["Control", (row) => row.control.replaceAll("_", " ")],
    ["Features", (row) => count(row.n_features), "number"], ["Edges of the ablation", (row) => figure(row.real_mean), "number"],
    ["Edges of the control", (row) => figure(row.control_mean), "number"], ["Excess", (row) => percent(row.excess), "number"],
    ["95 % interval", (row) => between(row.low, row.high, percent), "number"],
  ];
  return [el("details", {}, el("summary", {}, "Edges beside their controls"),
    table("Mean number of edges of a feature, and of controls in its place", columns, rows))];
}

function published({ standings }) {
  const rows = standings.filter((row) => row.standing);
  if (!rows.length) return [];
  const columns = [["Standing", (row) => row.standing.replaceAll("_", " ")], ["Numbers", (row) => row.quantities.replaceAll("_", " ")],
    ["Why", (row) => row.reason], ["Said by", (row) => row.said_by]];
  return [section("Where the published numbers stand", table("Standing of the published numbers today", columns, rows))];
}

function provenance({ run }) {
  const rows = Object.entries(run).flatMap(([name, value]) => [el("dt", {}, name.replaceAll("_", " ")), el("dd", {}, String(value))]);
  return el("details", {}, el("summary", {}, "Where this comes from"), el("dl", {}, rows));
}
