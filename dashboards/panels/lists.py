"""Panels of the page Lists: features of a list or of the address, changing a list, all labels, and importing a file."""

import re
from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboards.address import touched
from dashboards.data import chosen_run, query_run
from dashboards.layout import filled
from dashboards.links import feature_address, feature_name, link_column
from dashboards.panels.beside import named_feature
from dashboards.people import about, author, done, in_list, names_of_keys, people, with_labels
from dashboards.tables import show_table
from dashboards.text import counted, markdown
from warehouse.labels.entry import LONGEST_LINE, Entry, Spot
from warehouse.labels.files import MOST_BYTES, as_text
from warehouse.labels.ledger import cannot_write
from warehouse.labels.store import import_labels, remove_from_list, remove_list, rename_list, save

MOST_NAMED = 200  # features of an address
LONGEST = 80  # characters of unknown names that are shown
NEXT = "list_next"  # key in the session: the list to show next
TAKEN = "{0.n_new:,} rows taken, {0.n_same:,} said already"
FIRST = ("page", "human_label", "list_note", "name", "evidence", "top_genes", "label", "top_cell_type")
Named = tuple[str, int]  # autoencoder and number


def typed_list(text: str) -> None:
    """The features that a text names, with what it names in vain; and a form that keeps them."""
    names = [name for name in re.split(r"[\s,;]+", text) if name]
    if len(names) > MOST_NAMED:
        st.warning(
            f"The address names {len(names):,} features; the first {MOST_NAMED} are shown. Larger lists need a name."
        )
    found = {name: named_feature(name) for name in names[:MOST_NAMED]}
    if unknown := [name for name, feature in found.items() if feature is None]:
        words = markdown(", ".join(unknown)[:LONGEST])
        st.warning(f"This run has no feature {words}: write layer and number, as in L2\\_F268.")
    features = list(dict.fromkeys(feature for feature in found.values() if feature is not None))
    if not features:
        return
    st.subheader(f"{counted(len(features), 'feature')} of the address")
    feature_table([f"{sae_id} {feature}" for sae_id, feature in features], {})
    if not cannot_write():
        _keep(features)


def _keep(features: Sequence[Named]) -> None:
    with st.form("keep_typed", border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        name = left.text_input("Keep them as a list called", key="keep_name", max_chars=LONGEST_LINE)
        kept = right.form_submit_button("Keep", icon=":material/save:", on_click=touched)
    if kept and not name.strip():
        st.warning("Type a name for the list.")
    elif kept:
        rows = [("list", sae_id, feature) for sae_id, feature in features]
        show_next(name)
        done(lambda: save(None, [about(*row, list_name=name) for row in rows], author()), "List kept")


def feature_table(chosen: list[str], notes: dict[str, str]) -> None:
    """The features in their order, each with its links, notes and labels."""
    found = query_run("listed_features", chosen=chosen)
    if not filled(found, "This run described none of these features."):
        return
    order = {name: place for place, name in enumerate(chosen)}
    name = pl.concat_str("sae_id", "feature", separator=" ")
    place = name.replace_strict(order, return_dtype=pl.Int64)
    note = name.replace_strict(notes, default=None, return_dtype=pl.String)
    shown = with_labels(found.sort(place)).with_columns(note_of_list=note, page=feature_address())
    shown = shown.rename({"note_of_list": "list_note"})
    first = [column for column in FIRST if column in shown.columns]
    shown = shown.select(*first, pl.exclude(first))
    show_table(shown, {"page": link_column("feature")}, of=("feature",), height=520)


def kept_list(name: str) -> None:
    """The features of a list that the run has; those of other runs by name; downloads, an address, and changes."""
    members = people().lists[name]
    chosen = in_list(name)
    named = names_of_keys()
    own = {spot: one for spot, one in members.items() if spot.sae_key in named}
    st.subheader(f"{markdown(name)}: {counted(len(members), 'feature')}")
    if own:
        feature_table(chosen, {f"{named[spot.sae_key][0]} {spot.feature}": one.note for spot, one in own.items()})
    if others := [one for spot, one in members.items() if spot not in own]:
        st.caption(f"{counted(len(others), 'feature')} of autoencoders that this run does not have:")
        columns = ("sae_id", "layer", "feature", "note", "run_id")
        show_table(pl.DataFrame([{column: getattr(one, column) for column in columns} for one in others]), height=280)
    downloads(name, list(members.values()))
    list_address([named[spot.sae_key] + (spot.feature,) for spot in own])
    if not cannot_write():
        changes(name, members)


def show_next(name: str) -> None:
    """Let the page show another list once it is drawn anew; it is ignored where there is none of that name."""
    st.session_state[NEXT] = " ".join(name.split())


def downloads(name: str, rows: list[Entry]) -> None:
    """Buttons for the rows as CSV and as JSON, to be imported elsewhere."""
    file = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "list"
    left, right, _ = st.columns([1, 1, 3])
    for place, ending, kind in ((left, "csv", "text/csv"), (right, "json", "application/json")):
        place.download_button(
            f"Download {ending.upper()}", as_text(f".{ending}", rows), f"{file}.{ending}", kind,
            key=f"{ending}.{name}", on_click="ignore",
        )  # fmt: skip


def list_address(features: Sequence[tuple[str, int, int]]) -> None:
    """The list as an address, for readers of other dashboards with the run; what an address cannot hold is said."""
    short = [(feature_name(layer, feature), (sae_id, feature)) for sae_id, layer, feature in features]
    names = [name for name, feature in short if named_feature(name) == feature]
    if not names:
        return
    if len(names) > MOST_NAMED:
        st.caption(f"An address holds up to {MOST_NAMED} features: share this list as a file.")
        return
    left_out = len(short) - len(names)
    more = (
        f" {left_out:,} of another autoencoder of their layer have no short name and are left out." if left_out else ""
    )
    st.caption(f"The list as an address, for any dashboard that has this run.{more}")
    st.code(
        f"{st.context.url or 'lists'}?run={chosen_run()}&features={','.join(names)}", language=None, wrap_lines=True
    )


def changes(name: str, members: dict[Spot, Entry]) -> None:
    """Take features out, give another name, delete."""
    shown = {spot: f"{feature_name(one.layer, one.feature)} · {one.sae_id}" for spot, one in members.items()}
    with st.expander("Change this list", icon=":material/edit:"):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        gone = left.multiselect(
            "Features to take out", list(members), key=f"gone.{name}", format_func=shown.__getitem__, on_change=touched
        )
        if right.button("Take out", key=f"take_out.{name}", disabled=not gone, on_click=touched):
            done(lambda: remove_from_list(None, name, gone, author()), "Taken out")
        new = left.text_input("Another name", key=f"rename.{name}", max_chars=LONGEST_LINE, on_change=touched)
        if right.button("Rename", key=f"do_rename.{name}", disabled=not new.strip(), on_click=touched):
            show_next(new)
            done(lambda: rename_list(None, name, new, author()), "Renamed")
        sure = left.checkbox("Delete the whole list", key=f"sure.{name}", on_change=touched)
        if right.button("Delete", key=f"delete.{name}", disabled=not sure, on_click=touched):
            show_next("")
            done(lambda: remove_list(None, name, author()), "List deleted")


def all_labels() -> None:
    """Every label that people gave, of the run first, and all rows as files."""
    found = people()
    labels = [one for by in found.labels.values() for one in by.values()]
    if not labels:
        return
    named = names_of_keys()
    st.subheader(counted(len(labels), "label"))
    columns = ("label", "confidence", "author", "note", "time", "sae_id", "feature")
    rows = [one.model_dump() | {"here": one.sae_key in named} for one in labels]
    frame = pl.DataFrame(rows).with_columns(page=pl.when("here").then(feature_address())).sort("here", descending=True)
    shown = frame.select("page", *columns).rename({"feature": "number"})
    show_table(shown, {"page": link_column("feature")}, height=400)
    st.caption("Features without a link belong to autoencoders that this run does not have.")
    downloads("labels and lists", found.standing())


def import_form() -> None:
    """Take rows from a file: all of them, or none and the reason."""
    with st.expander("Import labels and lists", icon=":material/upload:"):
        st.caption(
            "A CSV or JSON file as the downloads here are. What it says stands afterwards; what was said before stays "
            f"in the history. Up to {MOST_BYTES >> 20} MiB."
        )
        file = st.file_uploader("File", ["csv", "json"], key="import_file", on_change=touched)
        if st.button("Import", disabled=file is None, on_click=touched) and file is not None:
            done(lambda: import_labels(file.name[-LONGEST:], file.getvalue(), None, author()), TAKEN)
