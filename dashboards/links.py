"""Deep links: addresses of feature pages, as columns of tables and as parameters of the page."""

from typing import Any
from urllib.parse import quote

import polars as pl
import streamlit as st

from dashboards.data import chosen_run

FEATURE_PAGE = "pages/feature.py"


def feature_name(layer: int, feature: int) -> str:
    """The field's short name of a feature, as in L0_F2551."""
    return f"L{layer}_F{feature}"


def feature_query(sae_id: str, feature: int) -> dict[str, str]:
    """Parameters that open a feature's page on the chosen run."""
    return {"run": chosen_run(), "sae": sae_id, "feature": str(feature)}


def feature_address(end: str = "") -> pl.Expr:
    """Addresses of the features in ``<end>sae_id`` (or ``<end>sae``), ``<end>layer``, ``<end>feature``.

    The part behind ``#`` is what the link shows; addresses are relative, so that they work behind any host.
    """
    sae = f"{end}sae" if end else "sae_id"
    return pl.format(
        f"feature?run={quote(chosen_run())}&sae={{}}&feature={{}}#L{{}}_F{{}}",
        pl.col(sae).map_elements(quote, pl.String),
        f"{end}feature",
        f"{end}layer",
        f"{end}feature",
    )


def link_column(label: str) -> Any:  # noqa: ANN401 - Streamlit's column settings have no public type
    """Table column that shows a feature's short name and opens its page."""
    return st.column_config.LinkColumn(label, display_text=r"#(.*)$", help="Opens the page of this feature")


def link_to_feature(sae_id: str, layer: int, feature: int, label: str | None = None) -> None:
    """A link below a chart or table."""
    text = label or f"Open feature {feature_name(layer, feature)}"
    st.page_link(FEATURE_PAGE, label=text, icon=":material/open_in_new:", query_params=feature_query(sae_id, feature))


def link_beside(sae_id: str, layer: int, feature: int | None, icon: str, meaning: str) -> None:
    """A link to a feature near the one shown, which keeps all else in the address; nothing if there is none."""
    if feature is not None:
        asked = st.query_params.to_dict() | feature_query(sae_id, feature)
        st.page_link(FEATURE_PAGE, label=feature_name(layer, feature), icon=icon, help=meaning, query_params=asked)
