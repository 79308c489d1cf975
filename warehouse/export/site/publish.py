"""``publish_site``: write a run as a folder of web pages, range by range, and put it in place as a whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from warehouse.errors import UnknownName
from warehouse.export.contents import chosen_run
from warehouse.export.site.front import BLOCKS, MOST, front, layer_list, names
from warehouse.export.site.pages import feature_pages, listed_pages, module_pages
from warehouse.export.site.place import DATA, new_site, require_room, size_of
from warehouse.export.site.shards import write_blocks, write_json, write_pages
from warehouse.export.site.source import Autoencoder, Row, Source, ranges
from warehouse.notify import Notify, ignore_progress
from warehouse.reading import open_snapshot

SPAN = {"features": 4608, "genes": 1024, "terms": 1024}  # pages asked for at a time: these are held in memory
ROW, FILE = 45, 4096  # bytes of a row and of a file on the disk, reckoned on the large side
LISTS = {"genes": "gene_pages", "terms": "term_pages"}
Work = tuple[str, Callable[[], object]]


@dataclass(frozen=True)
class SiteReport:
    """What was written."""

    run_id: str
    n_features: int
    n_genes: int
    n_terms: int
    n_modules: int
    n_files: int
    n_bytes: int


def publish_site(
    folder: Path,
    home: Path | None = None,
    run_id: str | None = None,
    *,
    replace: bool = False,
    notify: Notify = ignore_progress,
) -> SiteReport:
    """Write a run's site to ``folder``, which is new, empty or, with ``replace``, an older site.

    ``run_id`` None is the newest run made here, else the newest imported one. ``notify(what, done, total)`` is called
    after each piece of work. Raises UnknownName for an unknown run, one without features, or a folder of other things;
    NoWarehouse; OutOfSpace.
    """
    with open_snapshot(home) as con:
        run = chosen_run(con, run_id)
        with new_site(folder, replace) as begun:
            source = Source(con, run)
            if not source.saes:
                raise UnknownName(f"run {run['run_id']} has no features to show: name another")
            known = names(source)
            n_features = sum(sae.n_features for sae in source.saes)
            require_room(begun, _bytes(source, n_features))
            work = list(_work(source, begun / DATA, known))
            for done, (what, piece) in enumerate(work, start=1):
                piece()
                notify(what, done, len(work))
            n_files, n_bytes = size_of(begun)
    counts = (len(known["genes"]), len(known["terms"]), len(known["modules"]))
    return SiteReport(run["run_id"], n_features, *counts, n_files, n_bytes)


def _bytes(source: Source, n_features: int) -> int:
    (n_rows,) = source.rows("volume", most=MOST["edges"])[0]
    return int(n_rows) * ROW + n_features // BLOCKS["features"] * FILE


def _work(source: Source, data: Path, known: dict[str, list[Row]]) -> Iterator[Work]:
    """All pieces of the work with what they write, each of bounded size."""
    yield "first page", lambda: write_json(data / "front.json.gz", front(source, known))
    yield "names", lambda: write_json(data / "names.json.gz", known)
    for place, sae in enumerate(source.saes):
        yield f"list of {sae.key}", partial(_layer, source, sae, data / "layers" / f"{place}.json.gz")
        yield f"modules of {sae.key}", partial(_modules, source, sae, data / "modules" / f"{place}.json.gz")
        for span in ranges(sae.n_features, SPAN["features"]):
            yield f"features of {sae.key}", partial(_features, source, sae, span, data / "features" / str(place))
    for kind in LISTS:
        for span in ranges(len(known[kind]), SPAN[kind]):
            yield kind, partial(_listed, source, kind, span, data / kind)


def _layer(source: Source, sae: Autoencoder, path: Path) -> None:
    write_json(path, layer_list(source, sae.sae_id))


def _modules(source: Source, sae: Autoencoder, path: Path) -> None:
    write_pages(path, module_pages(source, sae))


def _features(source: Source, sae: Autoencoder, span: tuple[int, int], folder: Path) -> None:
    write_blocks(folder, feature_pages(source, sae, *span), BLOCKS["features"])


def _listed(source: Source, kind: str, span: tuple[int, int], folder: Path) -> None:
    write_blocks(folder, listed_pages(source, LISTS[kind], *span), BLOCKS[kind])
