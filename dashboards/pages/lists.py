"""Lists: features that people chose, kept by name or in the address: ``?list=…``, ``?features=L0_F12,L3_F7``."""

import streamlit as st

from dashboards.address import ALL, addressed_choice, addressed_text, box_key
from dashboards.page import Page, run_page
from dashboards.panels.lists import NEXT, all_labels, import_form, kept_list, typed_list
from dashboards.people import people
from dashboards.text import markdown
from warehouse.labels.ledger import cannot_write

NONE = {True: "choose one", False: "there is none yet"}


def head() -> bool:
    """A list by name, or the features that the address names; then labels, and importing."""
    kept = people().lists
    if NEXT in st.session_state:
        st.session_state[box_key("list")] = st.session_state.pop(NEXT) or ALL
    left, right = st.columns([1, 2])
    with left:
        name = addressed_choice("List", "list", [None, *kept], lambda one: one or NONE[bool(kept)])
    typed = addressed_text(
        "Or features by name (press Enter)", "features", right, placeholder="L0_F12, L3_F7: the address then holds them"
    )
    if why := cannot_write():
        st.caption(markdown(why))
    if typed.strip():
        typed_list(typed)
    if name is not None:
        kept_list(name)
    elif not typed.strip():
        st.info(
            "Choose a list or name some features. Features get into lists on their own pages, under "
            "*Say what this feature is*."
        )
    all_labels()
    if not cannot_write():
        import_form()
    return True


PAGE = Page(
    name="lists",
    title="Lists",
    icon="list",
    shows="features that people chose and labelled by hand: lists to keep, share, export and import",
    intro="What people say and choose. It is kept beside the warehouse, as rows of its own: no run holds it, and "
    "nothing is computed from it.",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
