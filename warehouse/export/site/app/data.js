// The data beside the pages: compressed JSON, each file read once and kept while it is in use.

const KEPT = 80; // files in memory
const files = new Map();

export class Missing extends Error {}

export function load(path) {
  const known = files.get(path);
  files.delete(path);
  const file = known ?? read(path);
  files.set(path, file); // the last asked for stands last
  file.catch(() => files.delete(path));
  for (const old of files.keys()) {
    if (files.size <= KEPT) break;
    files.delete(old);
  }
  return file;
}

async function read(path) {
  const answer = await fetch(`data/${path}.json.gz`, { cache: "no-cache" }); // a site that was replaced is seen at once
  if (answer.status === 404) throw new Missing(path);
  if (!answer.ok) throw new Error(`data/${path}.json.gz: the server answers ${answer.status}`);
  return JSON.parse(await text(new Uint8Array(await answer.arrayBuffer())));
}

async function text(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes); // the server unpacked it
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

export const front = () => load("front");
export const names = () => load("names");

// Place of an autoencoder among all, by its name in addresses.
export async function placeOf(key) {
  const place = (await front()).layers.findIndex((layer) => layer.key === key);
  if (place < 0) throw new Missing(key);
  return place;
}

export const layerList = (place) => load(`layers/${place}`);

export async function featurePage(key, feature) {
  const [about, place] = [await front(), await placeOf(key)];
  const block = await load(`features/${place}/${Math.floor(feature / about.blocks.features)}`);
  return found(block[feature], `${key}_F${feature}`);
}

export async function genePage(symbol) {
  const place = (await names()).genes.findIndex(([name]) => name === symbol);
  return listed("genes", place, symbol);
}

export async function termPage(library, term) {
  const place = (await names()).terms.findIndex(([inside, name]) => inside === library && name === term);
  return listed("terms", place, term);
}

export async function modulePage(key, module) {
  const modules = await load(`modules/${await placeOf(key)}`);
  return found(modules[module], `module ${module} of ${key}`);
}

async function listed(kind, place, name) {
  if (place < 0) throw new Missing(name);
  const block = await load(`${kind}/${Math.floor(place / (await front()).blocks[kind])}`);
  return found(block[place], name);
}

function found(page, name) {
  if (page === undefined) throw new Missing(name);
  return page;
}
