// Sentences that several pages say, and words of the field.

import { count, el, figure, percent, small } from "./dom.js";

const NAMED_AFTER = { genes: "its genes", type: "a cell type", term: "a gene set" };
export const PUBLISHED = "published (not re-validated)";

export const WORDS = {
  Feature: "A direction in the model's activity that a sparse autoencoder learned. It is off at most positions and fires at some; the genes and cells where it fires tell what it may stand for.",
  Position: "One gene of one cell, as the model reads it.",
  Annotated: "A feature is annotated if its genes overlap a known gene set more than random genes would, at a q of at most 0.05.",
  q: "The share of false findings to expect among all that are as good as this one or better.",
  AUROC: "The chance that of two cells the one of the type is the more active one. 0.5 is no difference, 1 is perfect.",
  Null: "What the same analysis gives where there is nothing to find: random genes, shuffled labels. A number means something only beside its null.",
  Edge: "Source feature, target feature in a later layer: switching the source off changes how strongly the target fires, consistently across cells. It is no gene regulation.",
  Specific: "An edge is specific if displacements of the same size in other directions do less to its target. The calibrated rule asks only whether the effect differs from 0; the published rule makes no test.",
  g: "The mean change over its standard deviation between cells, corrected for small numbers of cells.",
  Module: "Features of one layer that fire together more than their frequencies explain.",
};

export function glossary() {
  const words = Object.entries(WORDS).flatMap(([word, meaning]) => [el("dt", {}, word), el("dd", {}, meaning)]);
  return el("details", {}, el("summary", {}, "Words on these pages"), el("dl", {}, words));
}

// What a feature is, with the evidence for it, in a few sentences.
export function told(about, imported) {
  if (!about.alive) return ["This feature never fires on the cells of this run, so there is nothing to show about it."];
  const said = [];
  if (about.evidence) said.push(`It is named after ${NAMED_AFTER[about.named_by] ?? "what follows"}: ${about.evidence}.`);
  else if (imported && about.published_label) said.push(`Its published label is ${about.published_label}.`);
  if (about.top_genes) {
    const share = about.top5_share === null ? "" : `, which hold ${percent(about.top5_share)} of its activation`;
    said.push(`Its first genes are ${about.top_genes}${share}.`);
  }
  said.push(typed(about));
  if (about.label) {
    const q = about.label_q === null ? "" : `, q ${small(about.label_q)}`;
    said.push(`Its genes overlap with the gene set ${about.label} (${about.label_library ?? "published"}${q}).`);
  }
  const often = `It fires at ${percent(about.frequency)} of the positions`;
  said.push(`${often}${about.n_cells_active ? `, in ${count(about.n_cells_active)} cells` : ""}.`);
  return said.filter(Boolean);
}

function typed(about) {
  if (!about.top_cell_type) return about.auroc_low === null && about.label ? "" : "No cell type is told by it.";
  if (about.auroc === null) return `It is most active in cells of type ${about.top_cell_type} more often than chance has it.`;
  const low = about.auroc_low === null ? "" : `, at least ${figure(about.auroc_low)}`;
  const cells = about.type_cells ? ` (${count(about.type_cells)} cells)` : "";
  return `Cells of type ${about.top_cell_type}${cells} are told from others of the same length with an AUROC of ${figure(about.auroc)}${low}.`;
}

export const CLAIM = "This says where the feature is active in the model. It does not say what the feature does, nor what genes do in cells.";
export const NONE_SPECIFIC = "No edge of this run is specific: displacements of the same size do as much to their targets as the features.";
export const UNCONTROLLED = "This run measured no displacements of the same size, so no edge is known to be specific.";

// What edges of the run are worth, beside their counts.
export function standing(edges) {
  if (edges.n_specific === null) return UNCONTROLLED;
  return edges.n_specific === 0 ? NONE_SPECIFIC : "";
}

const DONE = {
  zero: "g below 0: switching the source off lowers the target, so the source supports it.",
  mean: "Sources were set to their mean, not taken out. g below 0: weakening the source lowers the target.",
  resample: "Sources were set to other values of their own, so the sign of g does not say whether they support a target.",
};

export function signOf(about) {
  const [{ ablation, multiplier } = { ablation: "zero" }] = about.ablation;
  if (ablation !== "scale") return DONE[ablation] ?? "";
  return `Activations of sources were multiplied by ${multiplier}. ${multiplier > 1 ? "g above 0: strengthening the source raises the target." : "g below 0: weakening the source lowers the target."}`;
}
