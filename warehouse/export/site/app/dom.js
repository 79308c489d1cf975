// Elements, tables and figures. Text from the data only ever becomes text: nothing here reads HTML.

const NOTHING = "–";
const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// The address of a page: #/feature/L2_F17. Names may hold any character.
export function route(...parts) {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export function link(address, ...text) {
  return el("a", { href: address }, ...text);
}

export const featureName = (key, feature) => `${key}_F${feature}`;
export const featureLink = (key, feature) => link(route("feature", featureName(key, feature)), featureName(key, feature));
export const geneLink = (symbol) => link(route("gene", symbol), symbol);

export const count = (n) => (n === null || n === undefined ? NOTHING : n.toLocaleString("en"));
export const figure = (x) => (x === null || x === undefined ? NOTHING : String(Number(x.toPrecision(3))));
export const percent = (x) => (x === null || x === undefined ? NOTHING : `${Number((100 * x).toPrecision(3))} %`);
export const several = (n, one, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;

// An interval; nothing where an end is not known.
export function between(low, high, form = figure) {
  return low === null || high === null ? NOTHING : `${form(low)} to ${form(high)}`;
}

export function small(x) {
  if (x === null || x === undefined) return NOTHING;
  if (x === 0) return "< 1e-300";
  return x < 0.001 ? x.toExponential(1) : String(Number(x.toPrecision(2)));
}

// "the 50 strongest of 340", or "all 12" where nothing is cut.
export function shownOf(shown, n, how) {
  return shown < n ? `The ${count(shown)} ${how} of ${count(n)} are shown.` : `All ${count(n)} are shown.`;
}

// columns: [heading, cell of a row (text or node), "number" for figures]. The first one stays while the table scrolls;
// a column that says nothing in any row is left out.
export function table(caption, columns, rows) {
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row) ?? NOTHING));
  const kept = columns.flatMap((_, place) => (!place || cells.some((row) => row[place] !== NOTHING) ? [place] : []));
  const head = el("tr", {}, kept.map((place) => el("th", { scope: "col", class: columns[place][2] }, columns[place][0])));
  const body = cells.map((row) => el("tr", {}, kept.map((place) =>
    el(place ? "td" : "th", { scope: place ? null : "row", class: columns[place][2] }, row[place]))));
  const whole = el("table", {}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, body));
  return el("div", { class: "wide", role: "region", "aria-label": caption, tabindex: "0" }, whole);
}

// A table of many rows, so many at a time.
export function pagedTable(caption, columns, rows, step = 100) {
  const box = el("div");
  const show = (n) => {
    const left = rows.length - n;
    const more = el("button", { type: "button", onclick: () => show(n + step) }, `Show ${count(Math.min(step, left))} more of ${count(left)}`);
    box.replaceChildren(table(caption, columns, rows.slice(0, n)), ...(left > 0 ? [more] : []));
  };
  show(step);
  return box;
}

export function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

export function note(...text) {
  return el("p", { class: "note" }, ...text);
}

// A bar behind a figure: as long as its share of the largest.
export function bar(value, largest, text) {
  if (value === null) return NOTHING;
  const inner = el("span", { class: "bar" });
  inner.style.inlineSize = `${largest > 0 && value > 0 ? (100 * value) / largest : 0}%`;
  return el("span", { class: "barred" }, inner, el("span", {}, text));
}
