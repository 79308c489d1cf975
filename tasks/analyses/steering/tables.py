"""Rows of the tables of the step that are no summary of effects."""

import numpy as np
import polars as pl

from tasks.analyses.steering.inputs import SteeringInputs
from tasks.analyses.steering.measure import Effect
from tasks.analyses.steering.roles import Roles
from tasks.analyses.steering.step import SteeringSettings
from tasks.interventions.bank import Signature
from tasks.store import RequestError, table_frame


def cell_frame(roles: Roles, steered: list[int]) -> pl.DataFrame:
    """Table steering_cell: where every cell on the trajectory stands, and what it does."""
    return table_frame(
        "steering_cell",
        [
            {
                "cell_id": int(cell),
                "pseudotime": float(roles.time[row]),
                "stage": "early" if roles.early[row] else "late" if roles.late[row] else "between",
                "chooses": bool(roles.choose[row]),
                "fits": bool(roles.fit[row]),
                "steered": int(cell) in steered,
            }
            for row, cell in enumerate(roles.cell_id)
            if np.isfinite(roles.time[row])
        ],
    )


def feature_frame(inputs: SteeringInputs) -> pl.DataFrame:
    """Table steering_feature: the panel."""
    rows = [{"sae_id": inputs.saes[one.layer].sae_id, **vars(one)} for one in inputs.panel]
    return table_frame("steering_feature", rows).sort("layer", "kind", "rank")


def marker_frame(settings: SteeringSettings, genes: pl.DataFrame) -> pl.DataFrame:
    """Table marker_gene: the named markers, and the genes of the input that they are.

    Raises RequestError if the model knows none of a list.
    """
    known = genes.sort("token_id", nulls_last=True).unique("symbol", keep="first", maintain_order=True)
    rows = []
    for panel, symbols in (("early", settings.early_markers), ("late", settings.late_markers)):
        named = pl.DataFrame({"symbol": list(dict.fromkeys(symbols))}, schema={"symbol": pl.String})
        found = named.join(known.select("symbol", "gene_id", "token_id"), on="symbol", how="left")
        if symbols and found["token_id"].null_count() == found.height:
            raise RequestError(
                f"steering.{panel}_markers: the model knows none of {', '.join(symbols[:5])}: give symbols of its genes"
            )
        known_to_model = pl.col("token_id").is_not_null()
        rows += found.select(pl.lit(panel).alias("panel"), "symbol", "gene_id", known=known_to_model).to_dicts()
    return table_frame("marker_gene", rows)


def marker_tokens(markers: pl.DataFrame, genes: pl.DataFrame) -> dict[str, list[int]]:
    """Tokens of the markers that the model knows, by panel."""
    known = markers.filter("known").join(genes.select("gene_id", "token_id"), on="gene_id", how="left")
    return {panel: known.filter(panel=panel)["token_id"].to_list() for panel in ("early", "late")}


def signature_frame(signature: Signature | None, genes: pl.DataFrame) -> pl.DataFrame:
    """Table signature: what the model predicts of each gene on average in early and in late cells."""
    if signature is None:
        return table_frame("signature", [])
    known = genes.filter(pl.col("token_id").is_not_null()).sort("gene_id")
    token = known["token_id"].to_numpy()
    late, early = ((end[0] + signature.centre)[token] for end in (signature.late, signature.early))
    return pl.DataFrame({"gene_id": known["gene_id"], "early": early, "late": late, "difference": late - early})


def value_frame(effects: list[Effect], inputs: SteeringInputs, place: int, cell_id: int) -> pl.DataFrame:
    """Rows of steering_value of one cell."""
    rows = [
        {
            "sae_id": inputs.saes[one.condition.chosen.layer].sae_id,
            "layer": one.condition.chosen.layer,
            "feature": one.condition.chosen.feature,
            "kind": one.condition.chosen.kind,
            "arm": one.condition.arm,
            "multiplier": one.condition.multiplier,
            "readout": readout,
            "place": place,
            "cell_id": cell_id,
            "dose": one.dose,
            "value": float(values[0]),
        }
        for one in effects
        for readout, values in one.values.items()
    ]
    frame = table_frame("steering_value", rows)
    return frame.sort("layer", "feature", "arm", "multiplier", "readout")


def null_arrays(effects: list[Effect]) -> dict[str, np.ndarray]:
    """What the shuffled read-outs say of the panel's features in one cell, by name of file entry: float32.

    ``condition`` [c, 3] holds layer, feature and multiplier; the others [c, R] are by read-out.
    """
    own = [one for one in effects if len(next(iter(one.values.values()))) > 1]
    at = [(one.condition.chosen.layer, one.condition.chosen.feature, one.condition.multiplier) for one in own]
    arrays = {"condition": np.array(at, dtype=np.float64).reshape(-1, 3)}
    for name in own[0].values if own else ():
        arrays[name] = np.stack([one.values[name] for one in own]).astype(np.float32)
    return arrays
