"""What people say of features: reading their labels and lists, which lie beside the warehouse, and saving new ones."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboards.address import touched
from dashboards.data import chosen_run, query_run
from dashboards.text import markdown
from warehouse.errors import WarehouseError
from warehouse.labels.entry import Entry, Spot, entry, this_person
from warehouse.labels.labels import Labels, read_labels
from warehouse.labels.ledger import ledger_path

AUTHOR = "author"  # key in the session
SAID = "human_label"  # column of tables
MOST_SHOWN = 3  # labels of one feature in a table

Identity = tuple[str, int, int, int]  # path, inode, size, modification time


def people() -> Labels:
    """All labels and lists as they stand now; nobody may change what is returned."""
    path = ledger_path()
    if not path.exists():
        return Labels()
    status = path.stat()
    return _read((str(path.resolve()), status.st_ino, status.st_size, status.st_mtime_ns))


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(identity: Identity) -> Labels:
    return read_labels()


def keys_of_run() -> dict[str, str]:
    """By autoencoder of the chosen run, the key under which people name it."""
    return dict(query_run("sae_keys").select("sae_id", "sae_key").iter_rows())


def names_of_keys() -> dict[str, tuple[str, int]]:
    """The other way round: autoencoder and layer."""
    found = query_run("sae_keys").select("sae_key", "sae_id", "layer").iter_rows()
    return {key: (sae_id, layer) for key, sae_id, layer in found}


def spot_of(sae_id: str, feature: int) -> Spot:
    """A feature of the chosen run as labels name it."""
    return Spot(keys_of_run()[sae_id], feature)


def with_labels(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` (sae_id, feature, …) with a column of what people call each feature, if they label any of the run's."""
    keys = keys_of_run()
    named = {key: sae_id for sae_id, key in keys.items()}
    said = [
        (named[spot.sae_key], spot.feature, "; ".join(one.label for one in list(by.values())[:MOST_SHOWN]))
        for spot, by in people().labels.items()
        if spot.sae_key in named
    ]
    if not said:
        return frame
    labels = pl.DataFrame(said, schema=["sae_id", "feature", SAID], orient="row")
    labels = labels.cast({"feature": frame.schema["feature"]})
    return frame.join(labels, on=["sae_id", "feature"], how="left", maintain_order="left")


def called_so(text: str) -> list[tuple[str, int, int, str]]:
    """Autoencoder, layer, number and label of what people say of the run's features with ``text`` in label or note."""
    if not people().labels:
        return []
    named = names_of_keys()
    return [
        (*named[spot.sae_key], spot.feature, one.label)
        for spot, by in people().labels.items()
        for one in by.values()
        if spot.sae_key in named and text.lower() in f"{one.label}\n{one.note}".lower()
    ]


def in_list(name: str) -> list[str]:
    """Those of a list's features that the chosen run has, as queries name them: autoencoder, a blank, number."""
    named = names_of_keys()
    members = people().lists.get(name, {})
    return [f"{named[spot.sae_key][0]} {spot.feature}" for spot in members if spot.sae_key in named]


def about(kind: str, sae_id: str, feature: int, **words: str) -> Entry:
    """A row about a feature of the chosen run. Raises UnusableLabels."""
    spot = spot_of(sae_id, feature)
    return entry(kind=kind, sae_key=spot.sae_key, sae_id=sae_id, feature=feature, run_id=chosen_run(), **words)


def author() -> str:
    """Who the reader says they are, at first who started the dashboard."""
    name: str = st.session_state.setdefault(AUTHOR, this_person())
    return name


def done(work: Callable[[], object], words: str) -> None:
    """Change labels and show the page anew, with a word of what was done; what goes wrong is one line.

    ``words`` may name what ``work`` returns, as ``{0}``.
    """
    try:
        found = work()
    except WarehouseError as error:
        st.error(markdown(error), icon=":material/block:")
        return
    st.toast(words.format(found))
    touched()
    st.rerun()
