"""The work of step ``tracking``.

1. For each pair of layers, the rows of ``persistence`` and ``feature_match``, in a unit of their own (``rates``).
2. The correlation of the codes of mutual pairs (``code_correlations``): does what points the same way fire alike?
3. Lives of features, and the published comparison of the first layer with every other (``lives``).

Layers of a transformer write into one residual stream but may turn what they read: a direction that is not found
again is no proof that what it stood for is gone.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import polars as pl

from tasks.analyses.tracking.code_correlations import code_correlations
from tasks.analyses.tracking.dictionary import Layered, read_layer
from tasks.analyses.tracking.lives import chains, lifecycle_rows, span_rows
from tasks.analyses.tracking.rates import PUBLISHED, PUBLISHED_RULE, Matches, mutual_rule, persistence_row
from tasks.analyses.tracking.step import TrackingSettings
from tasks.codes.reader import CodesReader
from tasks.step import Info, Inputs
from tasks.store import Progress, StepFolder, table_frame
from tasks.store.memory import require_memory

LIVES = "lives"
FLOATS = 8  # arrays [F, d] of 4 bytes that are alive at once for one layer, beside its two dictionaries


def track(settings: TrackingSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Match the features of all pairs of layers that are asked for; killed, it goes on with the next pair.

    Raises RequestError if the dictionaries do not fit into memory.
    """
    layers = sorted(inputs.layers("sae"))
    pairs = list(pairwise(layers)) if settings.pairs == "adjacent" else list(combinations(layers, 2))
    units = {f"pair-{one:03d}-{other:03d}": (one, other) for one, other in pairs}
    missing = [unit for unit in units if not out.has(unit)]
    if missing or not out.has(LIVES):
        known = _read_layers(inputs, layers)
        with Progress("track", len(missing), unit="pair") as bar:
            for unit in missing:
                one, other = units[unit]
                tables = pair_tables(settings, known[one], known[other], layers, inputs)
                with out.unit(unit) as shard:
                    for table, frame in tables.items():
                        shard.table(table, frame)
                bar.advance()
        if not out.has(LIVES):
            tables = life_tables(settings, [known[layer] for layer in layers], out.read_table("feature_match"), inputs)
            with out.unit(LIVES) as shard:
                for table, frame in tables.items():
                    shard.table(table, frame)
    matches = out.read_table("feature_match")
    n_seeds = out.read_table("persistence")["seed_rate"].count()
    told = {} if n_seeds else {"no_seed_rate": "compare trained no other seed of these autoencoders"}
    return {"n_pairs": len(pairs), "n_matched": int(matches["matched"].sum()), **told}


def _read_layers(inputs: Inputs, layers: Sequence[int]) -> dict[int, Layered]:
    codes = {layer: CodesReader(folder) for layer, folder in inputs.layers("codes").items()}
    reading = StepFolder.open(inputs.folder("activations")).info
    widest = max(codes[layer].n_features for layer in layers)
    needed = 4 * int(reading["d_model"]) * widest * (2 * len(layers) + FLOATS) + 4 * widest**2
    require_memory(needed, f"tracking {widest} features over {len(layers)} layers", "name fewer layers in sae.layers")
    describe, compare = inputs.layers("describe"), inputs.layers("compare")
    return {
        layer: read_layer(folder, describe[layer], compare.get(layer), inputs.folder("activations"))
        for layer, folder in inputs.layers("sae").items()
    }


def pair_tables(
    settings: TrackingSettings, one: Layered, other: Layered, layers: Sequence[int], inputs: Inputs
) -> dict[str, pl.DataFrame]:
    """Rows of ``persistence`` and ``feature_match`` for the features of ``one`` in a later layer."""
    ends = one.usable.layer, other.usable.layer
    kind = "adjacent" if ends in set(pairwise(layers)) else "long_range"
    draws = settings.null_draws, settings.interval_draws
    row, found = persistence_row(mutual_rule(settings.level), kind, (one, other), *draws, [settings.seed, *ends, 0])
    rows = [row]
    if kind == "adjacent":
        rows.append(persistence_row(PUBLISHED_RULE, kind, (one, other), *draws, [settings.seed, *ends, 1])[0])
    codes = [CodesReader(inputs.layers("codes")[layer]) for layer in ends]
    return {"persistence": table_frame("persistence", rows), "feature_match": match_rows(found, *codes)}


def match_rows(found: Matches, one: CodesReader, other: CodesReader) -> pl.DataFrame:
    """Table ``feature_match``: the best partner of every feature, and how alike the codes of mutual ones are."""
    if not found.other.n:
        return table_frame("feature_match", [])
    best, features = found.best, found.one.features
    partners, kept = found.other.features[best.partner], np.flatnonzero(found.best.mutual)
    frame = pl.DataFrame(
        {
            "from_sae": pl.repeat(found.one.sae_id, found.one.n, eager=True),
            "from_feature": features,
            "to_sae": pl.repeat(found.other.sae_id, found.one.n, eager=True),
            "to_feature": partners,
            "cosine": best.cosine,
            "mutual": best.mutual,
            "p": found.p,
            "q": found.q,
            "matched": found.matched,
        }
    )
    r = code_correlations(one, other, features[kept], partners[kept])
    alike = pl.DataFrame({"from_feature": features[kept], "code_r": r})
    return frame.join(alike, on="from_feature", how="left", maintain_order="left")


def life_tables(
    settings: TrackingSettings, layers: Sequence[Layered], matches: pl.DataFrame, inputs: Inputs
) -> dict[str, pl.DataFrame]:
    """Rows of ``feature_life``, ``lifecycle``, ``lifecycle_span``, and of ``persistence`` for the first layer."""
    first = layers[0]
    lives = chains([layer.usable for layer in layers], _joined(layers, matches.filter("matched")))
    lasted = lives.filter(pl.col("sae_id") == first.usable.sae_id)["n_layers"].to_numpy().astype(np.int64)
    rows, alike = [], np.ones(first.living.n, dtype=np.int64)
    for other in layers[1:]:
        seed = [settings.seed, first.living.layer, other.living.layer, 2]
        row, found = persistence_row(
            PUBLISHED_RULE, "long_range", (first, other), settings.null_draws, settings.interval_draws, seed
        )
        rows.append(row)
        alike += found.best.cosine >= PUBLISHED
    annotation = StepFolder.open(inputs.layers("describe")[first.living.layer]).read_table("annotation")
    n_terms = np.bincount(
        annotation.filter("significant")["feature"].to_numpy().astype(np.int64), minlength=_end(first)
    )
    mine, theirs = n_terms[first.usable.features], n_terms[first.living.features]
    return {
        "persistence": table_frame("persistence", rows),
        "feature_life": lives,
        "lifecycle": pl.concat(
            [lifecycle_rows(lasted, mine, "mutual", len(layers)), lifecycle_rows(alike, theirs, "published", None)]
        ),
        "lifecycle_span": pl.concat([span_rows(lasted, "mutual"), span_rows(alike, "published")]),
    }


def _joined(layers: Sequence[Layered], matched: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Matched pairs of each layer with the next one."""
    found = {}
    for one, other in pairwise(layers):
        ends = pl.col("from_sae") == one.usable.sae_id, pl.col("to_sae") == other.usable.sae_id
        found[one.usable.layer] = matched.filter(*ends).select("from_feature", "to_feature")
    return found


def _end(layer: Layered) -> int:
    """One more than the highest number of a living feature."""
    return int(layer.living.features.max(initial=-1)) + 1
