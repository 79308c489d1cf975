"""Cases from published mistakes: usual directions, empty nulls, tables read by place, codes of labels."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.claim_cases_hooks import explained
from tests.builders.planted_claims import Tables

NO, YES, OPEN = "not supported", "supported", "cannot be told"
SAE = {"sae_id": "L00-a"}
WIDTH = 64


def directions(
    rng: np.random.Generator, slope: float, usual: float = 0.0, falls: float = 0.6, n: int = 200, n_genes: int = 3_000
) -> Tables:
    """Predicted and real directions after ``n`` knock-downs, each seen in 400 genes (a seventh of them, if fewer).

    A gene's change is its usual one, the knock-down's, that of the pair, and noise. Predictions follow the pair
    (``slope``) or the gene's usual direction alone (``usual``); ``falls``: the share of falls that are predicted.
    """
    seen = min(400, n_genes // 7)
    gene = np.stack([rng.choice(n_genes, seen, replace=False) for _ in range(n)])
    own, knock, pair = rng.normal(-0.02, 0.1, n_genes)[gene], rng.normal(0, 0.05, (n, 1)), rng.normal(size=gene.shape)
    change = own + knock + 0.1 * pair + 0.2 * rng.normal(size=gene.shape)
    logit = np.log(falls / (1 - falls)) + rng.normal(0, 1.5, (n, 1)) - slope * pair - usual * own / 0.1
    fall = rng.random(gene.shape) < 1 / (1 + np.exp(-logit))
    knocked, target = np.repeat(np.arange(n), seen), gene.ravel()
    source = pl.Series([f"K{each}" for each in knocked])
    named = pl.Series([f"G{each}" for each in target])
    score = np.where(fall, 1.0, -1.0).ravel()
    pairs = pl.DataFrame({"source_gene": source, "target_gene": named, "signed_score": score})
    rose = (change > 0).ravel()
    sets = pl.DataFrame({"reference": "screen", "kind": "signature", "term": source + "_KD", "gene": named})
    return {"gene_pair": pairs, "gene_set": sets.filter(pl.Series(rose))}


def groups(rng: np.random.Generator, matched: bool, gain: float = 0.0, n_null: int = 999) -> Tables:
    """A mean over the features of a factor, beside random groups of cells, in nearly all of which no feature responds.

    300 features with effects |N(0, 1)| times 0.12, of which one responds above 0.5. ``matched``: groups in which as
    many respond as do for the factor, five.
    """
    responding = (np.abs(rng.normal(size=(n_null, 300))) * 0.12 > 0.5).sum(1)
    n_features = np.full(n_null, 5) if matched else responding
    null = [float(rng.normal(0.5, 0.05, n).mean()) if n else None for n in n_features]
    known = np.array([value for value in null if value is not None])
    observed = 0.5 + gain
    p = (1 + np.sum(known >= observed)) / (1 + n_null)
    named = {"statistic": "mean_auroc", "null_kind": "random groups of cells"}
    numbers = {"observed": observed, "null_mean": known.mean(), "null_sd": known.std(), "n_null": n_null, "p": p}
    row = {"check_name": ["tf_targets"], "reference": "network", **named, **numbers, "meaning": "A sentence."}
    draws = pl.DataFrame({"analysis": "validation", **named, "draw": range(n_null), "value": null})
    return {"validation": pl.DataFrame(row), "null_draw": draws}


def looked_up(rng: np.random.Generator, by_id: bool, n_genes: int = 400) -> Tables:
    """A model whose table of genes is read by the gene's id, or by its place in a list of another order."""
    table, frequency = 0.4 * rng.normal(size=(n_genes, 30)), rng.gamma(1.0, size=n_genes)
    states = rng.normal(size=(300, 30))
    read = table if by_id else table[rng.permutation(n_genes)]

    def log_chance(logits: np.ndarray) -> np.ndarray:
        logits = np.log(frequency) + logits
        return logits - np.log(np.exp(logits).sum(-1, keepdims=True))

    truth = np.exp(log_chance(states @ table.T))
    hidden = np.array([rng.choice(n_genes, p=chance / chance.sum()) for chance in truth])
    loss, without = (-log_chance(each)[range(300), hidden].mean() for each in (states @ read.T, 0 * states @ read.T))
    model = {"model_id": ["m"], "name": "its name", "stand_in": False, "heldout_loss": loss, "baseline_loss": without}
    return {"model": pl.DataFrame(model)}


def dictionaries(rng: np.random.Generator, related: bool) -> Tables:
    """Two dictionaries of 512 directions: the second the first with noise, or directions of its own."""
    first, noise, chance = (rng.normal(size=(512, WIDTH)) for _ in range(3))
    second = first + 0.4 * noise if related else noise
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (first, second, chance)]
    best, by_chance = ((unit[0] @ other.T).max(1) for other in unit[1:])
    ids = ["L00-a", "L00-z"]
    saes = {"sae_id": ids, "described": [True, False], "variant": "topk", "k": 8, "n_features": 512, "layer": 0}
    found = {**SAE, "other_sae": "L00-z", "n_living": [512], "matched_fraction": float((best >= 0.7).mean())}
    cosines = {"mean_cosine": float(best.mean()), "chance_cosine": float(by_chance.mean())}
    return {"sae": pl.DataFrame(saes), "sae_overlap": pl.DataFrame({**found, **cosines})}


def trajectory(rng: np.random.Generator, ordered: bool) -> Tables:
    """300 cells of four branches and five stages whose states hold a code at random for each branch and each label.

    ``ordered``: states move along each branch, too, and labels name the branch alone; else they name branch and stage.
    """
    branch, stage = rng.integers(4, size=300), rng.integers(5, size=300)
    label = 5 * branch + stage
    codes = rng.normal(size=(4, WIDTH)), rng.normal(size=(20, WIDTH))
    states = codes[0][branch] + 0.7 * codes[1][label] + 0.3 * rng.normal(size=(300, WIDTH))
    if ordered:
        axis = rng.normal(size=(4, WIDTH))
        states += 3 * stage[:, None] * (axis / np.linalg.norm(axis, axis=1, keepdims=True))[branch]
    times = [stage / 4, *(rng.permutation(stage) / 4 for _ in range(20))]
    learnt, out = slice(0, 225), slice(225, None)
    design = np.column_stack([states, np.ones(300)])
    gram = design[learnt].T @ design[learnt] + np.eye(WIDTH + 1)
    r2 = [explained(time[out], design[out] @ np.linalg.solve(gram, design[learnt].T @ time[learnt])) for time in times]
    named = [f"B{each}" if ordered else f"B{each} S{one}" for each, one in zip(branch, stage, strict=True)]
    probe = {"readout": ["pseudotime"], "metric": "r2", "value": r2[0], "null_high": max(r2[1:])}
    return {
        "probe": pl.DataFrame(probe),
        "steering_cell": pl.DataFrame({"cell_id": range(300), "pseudotime": times[0], "fits": True}),
        "cell": pl.DataFrame({"cell_id": range(300), "label": named, "chosen": True}),
    }


def modules(rng: np.random.Generator, shift: float, n_null: int = 5) -> Tables:
    """The modularity of a network, ``shift`` above what chance gives it, beside that of rewired networks."""
    null = rng.normal(0.4, 0.01, n_null)
    spread = {"null_sd": null.std(ddof=1) if n_null > 1 else None, "n_null": n_null}
    found = {"modularity": float(rng.normal(0.4, 0.01)) + shift, "null_modularity": null.mean(), **spread}
    return {"module": pl.DataFrame({**SAE, "module": [1, 2], **found}, schema_overrides={"null_sd": pl.Float64})}


CASES = (
    ("falls_foreseen", "directions_beyond_genes", NO, partial(directions, slope=0.0, falls=0.9)),
    ("usual_directions", "directions_beyond_genes", NO, partial(directions, slope=0.0, usual=1.0)),
    ("directions_of_pairs", "directions_beyond_genes", YES, partial(directions, slope=1.0)),
    ("few_knock_downs", "directions_beyond_genes", OPEN, partial(directions, slope=1.0, n=5)),
    ("empty_groups", "targets_beyond_rewiring", OPEN, partial(groups, matched=False, gain=0.2)),
    ("groups_alike", "targets_beyond_rewiring", NO, partial(groups, matched=True, gain=0.0)),
    ("beyond_groups_alike", "targets_beyond_rewiring", YES, partial(groups, matched=True, gain=0.2)),
    ("read_by_place", "real_model", NO, partial(looked_up, by_id=False)),
    ("read_by_id", "real_model", YES, partial(looked_up, by_id=True)),
    ("unrelated", "features_of_other_seeds", NO, partial(dictionaries, related=False)),
    ("related", "features_of_other_seeds", YES, partial(dictionaries, related=True)),
    ("code_of_labels", "order_beyond_types", NO, partial(trajectory, ordered=False)),
    ("order_in_branches", "order_beyond_types", YES, partial(trajectory, ordered=True)),
    ("modules_of_chance", "modules_beyond_chance", NO, partial(modules, shift=0.0)),
    ("modules_apart", "modules_beyond_chance", YES, partial(modules, shift=0.1)),
    ("one_rewiring", "modules_beyond_chance", OPEN, partial(modules, shift=0.1, n_null=1)),
)
