// Which page the address names, and what happens as it changes.

import { front, Missing } from "./data.js";
import { el, link, note, route } from "./dom.js";
import { startFinder } from "./finder.js";
import { featureOf } from "./feature.js";
import { layer, layers, modules, search, type } from "./lists.js";
import { gene, moduleOf, term } from "./named.js";
import { prepare } from "./search.js";
import { start } from "./start.js";

const PAGES = { "": start, feature: featureOf, gene, term, type, module: moduleOf, modules, layer, layers, search };
const main = document.getElementById("main");
let shown = 0;
let scrolled = null;

async function show() {
  const mine = (shown += 1);
  const { title, body } = await page().catch(trouble);
  if (mine !== shown) return;
  document.title = `${title} · scfm-atlas`;
  main.replaceChildren(...body);
  main.dataset.shown = window.location.hash;
  if (mine > 1) main.focus({ preventScroll: true });
  window.scrollTo(0, window.history.state?.y ?? 0);
}

async function page() {
  const [path, query] = window.location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...parts] = path.split("/").map(decodeURIComponent);
  if (!Object.hasOwn(PAGES, name)) throw new Missing(path);
  return PAGES[name](parts, new URLSearchParams(query ?? ""));
}

function trouble(error) {
  const missing = error instanceof Missing || error instanceof URIError;
  const title = missing ? "Not in this run" : "This page cannot be shown";
  const old = typeof DecompressionStream === "undefined";
  const why = missing ? "Nothing of this name is in the run that this site shows. Look for it in the box above, or go to the "
    : old ? "This browser is too old: it takes Chrome 97, Firefox 113 or Safari 16.4, or a newer one. Go to the "
    : `${error.message}. Load the page again, or go to the `;
  return { title, body: [el("h1", {}, title), note(why, link("#/", "first page"), ".")] };
}

async function frame() {
  const about = await front();
  const lists = [["layers", "Layers"], ["modules", "Modules"]];
  const kept = lists.filter(([name]) => name !== "modules" || about.counts.modules);
  document.getElementById("nav").replaceChildren(...kept.map(([name, title]) => link(route(name), title)));
  const origin = about.run.imported ? "published (not re-validated)" : `computed ${about.run.finished} UTC`;
  document.getElementById("footer").replaceChildren(`Run ${about.run.run_id} of study ${about.run.study}, ${origin}.`);
}

window.history.scrollRestoration = "manual";
window.addEventListener("hashchange", () => { clearTimeout(scrolled); show(); });
window.addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(() => window.history.replaceState({ y: window.scrollY }, ""), 150);
});
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
startFinder();
show().then(() => (window.requestIdleCallback ?? setTimeout)(() => prepare().catch(() => {})));
frame().catch(() => {}); // the page itself says what is wrong
