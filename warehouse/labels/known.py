"""Which features there are: autoencoders of all published runs, by the key that labels name them by."""

from dataclasses import dataclass
from pathlib import Path

from warehouse.labels.entry import Entry, UnusableLabels
from warehouse.reading import open_snapshot
from warehouse.sql import statement


@dataclass(frozen=True)
class Known:
    """An autoencoder of a published run."""

    sae_key: str
    sae_id: str
    layer: int
    n_features: int
    run_id: str


Saes = dict[str, list[Known]]


def known_saes(home: Path | None = None) -> Saes:
    """By key and by name, the autoencoders of all runs, those of the newest run first. Raises NoWarehouse."""
    found: Saes = {}
    with open_snapshot(home) as con:
        for sae in (Known(*row) for row in con.execute(statement("known_saes")).fetchall()):
            found.setdefault(sae.sae_key, []).append(sae)
            found.setdefault(sae.sae_id, []).append(sae)
    return found


def placed(one: Entry, known: Saes) -> Entry:
    """The entry with the key, name and layer of its autoencoder. Raises UnusableLabels if there is no such feature."""
    named = {"sae_key": one.sae_key, "sae_id": one.sae_id, "run_id": "" if one.sae_key else one.run_id}
    asked = {column: value for column, value in named.items() if value}
    if not (one.sae_key or one.sae_id):
        raise UnusableLabels("names no autoencoder: fill in sae_key or sae_id")
    called = known.get(one.sae_key or one.sae_id, [])
    found = [sae for sae in called if all(getattr(sae, column) == value for column, value in asked.items())]
    words = ", ".join(f"{column} {value}" for column, value in asked.items())
    if not found:
        raise UnusableLabels(f"no autoencoder of the warehouse has {words}")
    if len({sae.sae_key for sae in found}) > 1:
        raise UnusableLabels(f"several autoencoders have {words}: fill in sae_key or run_id")
    sae = found[0]
    if one.feature >= sae.n_features:
        raise UnusableLabels(f"{sae.sae_id} has features 0 to {sae.n_features - 1}, and no feature {one.feature}")
    run_id = one.run_id if one.run_id in {other.run_id for other in found} else sae.run_id
    return one.model_copy(update={"sae_key": sae.sae_key, "sae_id": sae.sae_id, "layer": sae.layer, "run_id": run_id})
