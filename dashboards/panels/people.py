"""What people say of the feature that is shown, marked as theirs, and the form in which the reader says something."""

import streamlit as st

from dashboards.address import touched
from dashboards.data import chosen_run
from dashboards.people import AUTHOR, about, author, done, people, spot_of
from dashboards.text import markdown
from warehouse.labels.entry import CONFIDENCES, LONGEST_LINE, LONGEST_NOTE, Entry, Spot
from warehouse.labels.ledger import cannot_write
from warehouse.labels.store import remove_label, save

OPEN = "Say what this feature is"


def what_people_say(sae_id: str, feature: int) -> None:
    """Labels by people, the lists that the feature is in, and the form, where labels can be saved."""
    spot = spot_of(sae_id, feature)
    for one in people().of(spot):
        st.markdown(f":material/person: {signed_line(one)}")
    if lists := people().lists_of(spot):
        places = st.columns(min(len(lists), 4))
        for number, name in enumerate(lists):
            words = f"In the list {markdown(name)}"
            query = {"run": chosen_run(), "list": name}
            places[number % 4].page_link("pages/lists.py", label=words, icon=":material/list:", query_params=query)
    if why := cannot_write():
        st.caption(markdown(why))
        return
    with st.popover(OPEN, icon=":material/edit:"):
        label_form(sae_id, feature, spot)
        list_form(sae_id, feature, spot)
        history(spot)


def signed_line(one: Entry) -> str:
    """A label with who said it, how surely and when, as Markdown."""
    sure = f" ({one.confidence})" if one.confidence else ""
    note = f" {markdown(one.note)}" if one.note else ""
    what = f"**{markdown(one.label)}**" if one.label else "label removed"
    return f"{what}{sure}, says {markdown(one.author)}, {markdown(one.time[:10])}.{note}"


def label_form(sae_id: str, feature: int, spot: Spot) -> None:
    """The reader's own label: one for each person and feature, of which earlier versions are kept."""
    own = next((one for one in people().of(spot) if one.author == author()), None)
    key = f"{spot.sae_key}.{feature}"
    with st.form(f"label.{key}", border=False):
        label = st.text_input("Your label", own.label if own else "", key=f"label_text.{key}", max_chars=LONGEST_LINE)
        left, right = st.columns(2)
        sure = left.selectbox(
            "How sure are you?",
            ["", *CONFIDENCES],
            ["", *CONFIDENCES].index(own.confidence) if own else 0,
            key=f"label_sure.{key}",
            format_func=lambda one: one or "not said",
        )
        name = right.text_input("Your name", author(), key=f"label_author.{key}", max_chars=LONGEST_LINE)
        note = st.text_area("Note", own.note if own else "", key=f"label_note.{key}", max_chars=LONGEST_NOTE)
        saved = st.form_submit_button("Save label", icon=":material/save:", on_click=touched)
    if saved and not (label.strip() and name.strip()):
        st.warning("Write a label and your name.")
    elif saved:
        st.session_state[AUTHOR] = " ".join(name.split())
        words = {"label": label, "confidence": sure, "note": note}
        done(lambda: save(None, [about("label", sae_id, feature, **words)], name), "Label saved")
    if own and st.button("Remove my label", key=f"label_remove.{key}", icon=":material/delete:", on_click=touched):
        done(lambda: remove_label(None, spot, own.author), "Label removed")


def list_form(sae_id: str, feature: int, spot: Spot) -> None:
    """Put the feature into a list, new or old."""
    key = f"{spot.sae_key}.{feature}"
    with st.form(f"list.{key}", border=False):
        left, right = st.columns(2)
        name = left.selectbox(
            "Put it into the list",
            list(people().lists),
            None,
            key=f"list_name.{key}",
            accept_new_options=True,
            placeholder="choose or type one",
        )
        note = right.text_input("Why", key=f"list_note.{key}", max_chars=LONGEST_LINE)
        added = st.form_submit_button("Add to list", icon=":material/playlist_add:", on_click=touched)
    if added and not (name or "").strip():
        st.warning("Choose a list, or type a name for a new one.")
    elif added:
        row = {"list_name": str(name), "note": note}
        done(lambda: save(None, [about("list", sae_id, feature, **row)], author()), "Added to the list")


def history(spot: Spot) -> None:
    """All that was ever said of the feature, newest first, if anything was said more than once."""
    said = people().said.get(spot, [])
    if len(said) > 1:
        st.caption("Said before, newest first:")
        st.markdown("\n".join(f"* {signed_line(one)}" for one in reversed(said)))
