"""One search box on every page: genes, gene sets, cell types and features that are called like what is typed."""

from typing import Any

import streamlit as st

from dashboards.address import touched
from dashboards.browser import help_browser
from dashboards.data import chosen_run, query_run
from dashboards.links import feature_name, feature_query, type_query
from dashboards.people import called_so
from dashboards.text import counted, markdown

KEY = "search_everywhere"  # in the session
N_ROWS = 5  # of each kind that are listed
KINDS = {"gene": "Genes", "gene set": "Gene sets", "cell type": "Cell types", "feature": "Features"}


def search_box() -> None:
    """The box, and below it links to what it finds, by kind."""
    with st.sidebar:
        help_browser()
        text = st.text_input(
            "Find (key /)", key=KEY, placeholder="gene, gene set, cell type, L2_F268", on_change=touched
        ).strip()
        if not text:
            return
        found = query_run("search_everywhere", text=text, n_rows=N_ROWS)
        said = said_by_people(text)
        if found.is_empty() and not said:
            st.caption(f"Nothing is called {markdown(text)}.")
        for kind, title in KINDS.items():
            rows = found.filter(kind=kind)
            for place, row in enumerate(rows.iter_rows(named=True)):
                if not place:
                    st.caption(f"**{title}** ({row['n_of_kind']:,})")
                page, words, query = target(row)
                st.page_link(f"pages/{page}.py", label=words, query_params={"run": chosen_run()} | query)
        if said:
            st.caption(f"**Your labels** ({len(said):,})")
        for words, query in said[:N_ROWS]:
            st.page_link("pages/feature.py", label=words, query_params=query)
        if said or not found.is_empty():
            asked = {"run": chosen_run(), "search": text}
            st.page_link(
                "pages/features.py", label="All features that match", icon=":material/search:", query_params=asked
            )


def said_by_people(text: str) -> list[tuple[str, dict[str, str]]]:
    """Words (Markdown) and parameters of links to features of the run that people call so, each label once."""
    return [
        (f"{feature_name(layer, feature)} {markdown(label)}", feature_query(sae_id, feature))
        for sae_id, layer, feature, label in called_so(text)
    ]


def target(row: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Page, words (Markdown) and parameters of the link to a row of query ``search_everywhere``."""
    name, n = markdown(row["name"]), counted(row["n_features"] or 0, "feature")
    match row["kind"]:
        case "gene":
            return "gene", f"{name} ({n})", {"gene": row["name"]}
        case "gene set":
            return "pathway", f"{name} ({n})", {"term": f"{row['about']} / {row['name']}"}
        case "cell type":
            return "cell_type", f"{name} ({n})", type_query("cell type", row["name"])
        case _:
            return (
                "feature",
                f"{name} {markdown(row['about'] or '')}".rstrip(),
                feature_query(row["sae_id"], row["feature"]),
            )
