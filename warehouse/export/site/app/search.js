// What is called like a text: genes by their beginning, the others by beginnings of their words, features also by genes.

import { front, layerList, names } from "./data.js";
import { featureName } from "./dom.js";

export const KINDS = { gene: "Genes", term: "Gene sets", type: "Cell types", module: "Modules", feature: "Features" };

const LETTER = /[\p{L}\p{N}]/u;
let catalogue = null;

// All names of the run, read once: while nothing else happens, or when the box is first used.
export function prepare() {
  catalogue ??= collect();
  catalogue.catch(() => (catalogue = null));
  return catalogue;
}

async function collect() {
  const [about, known] = await Promise.all([front(), names()]);
  const lists = await Promise.all(about.layers.map((_, place) => layerList(place)));
  const features = lists.map((list, place) => {
    const texts = list.feature.map((_, row) =>
      [list.name[row], list.genes[row], list.label[row], list.type[row]].filter(Boolean).join("\n").toLowerCase());
    return { key: about.layers[place].key, list, texts };
  });
  const knownAs = (rows, of) => rows.map((row) => [of(row).toLowerCase(), row]);
  return {
    features,
    genes: knownAs(known.genes, (row) => row[0]),
    terms: knownAs(known.terms, (row) => row[1]),
    types: knownAs(known.types, (row) => row[0]),
    modules: knownAs(known.modules, (row) => row[3] ?? ""),
  };
}

// Whether a word of the text begins like this; a single letter is a word of its own, as in "B cell".
function begins(text, word) {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const inside = at > 0 && LETTER.test(text[at - 1]);
    const goesOn = word.length === 1 && LETTER.test(text[at + 1] ?? " ");
    if (!inside && !goesOn) return true;
  }
  return false;
}

// {kind: rows}, best first; all of them, so that their number is known.
export async function find(asked) {
  const all = await prepare();
  const text = asked.trim().toLowerCase();
  const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (!words.length) return Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  const holds = (name) => words.every((word) => begins(name, word));
  const by = (n) => (a, b) => b[n] - a[n];
  const genes = all.genes.filter(([name]) => name.startsWith(text));
  return {
    gene: genes.sort((a, b) => (b[0] === text) - (a[0] === text) || b[1][1] - a[1][1]).map(([, row]) => row),
    term: all.terms.filter(([name]) => holds(name)).map(([, row]) => row).sort(by(2)),
    type: all.types.filter(([name]) => holds(name)).map(([, row]) => row).sort(by(1)),
    module: all.modules.filter(([name]) => holds(name)).map(([, row]) => row).sort(by(2)),
    feature: features(all.features, text, words),
  };
}

function features(layers, text, words) {
  const ranked = [[], [], [], [], []];
  for (const { key, list, texts } of layers) {
    for (let row = 0; row < texts.length; row += 1) {
      const rank = rankOf(key, list, row, texts[row], text, words);
      if (rank !== null) ranked[rank].push({ key, list, row });
    }
  }
  return ranked.flatMap((alike) => alike.sort((a, b) => (b.list.low[b.row] ?? 0) - (a.list.low[a.row] ?? 0)));
}

// Of features alike in rank, those that tell a cell type best come first. 0: its own number; 1: its first gene; 2: the beginning of its name; 3: one of its genes; 4: any part of what it is called.
function rankOf(key, list, row, known, text, words) {
  if (text.includes("_f") && featureName(key, list.feature[row]).toLowerCase() === text) return 0;
  if (!words.every((word) => begins(known, word))) return null;
  const genes = (list.genes[row] ?? "").toLowerCase().split(/,\s*/);
  if (genes[0] === text) return 1;
  if ((list.name[row] ?? "").toLowerCase().startsWith(text)) return 2;
  return genes.includes(text) ? 3 : 4;
}
