"""Files as a steering study deposits them, made from the figures that are printed of it: the true ones are not here.

The panel and its d are the printed ones. At the last layer, probes have one sign in all cells of a feature, as many
features of each sign as printed, and means in such an order that the printed Mann-Whitney p follows. Five features have
fewer than ten cells, as printed. All other values are drawn.
"""

import json
from pathlib import Path

import numpy as np

PANEL = {
    (0, "ON"): "2061 1.14, 25 .97, 1483 .93, 3567 .93, 3989 .91, 1295 .88, 479 .80, 1300 .80, 1786 .78, 4470 .77,"
    "1641 .71, 2456 .70",
    (0, "OFF"): "1270 -.85, 1644 -.79, 3117 -.76, 254 -.69, 810 -.66, 4474 -.65, 3161 -.65, 4216 -.63",
    (5, "ON"): "240 .89, 2016 .87, 4349 .87, 618 .86, 2378 .84, 4562 .81, 3399 .75, 1515 .72, 4174 .70, 296 .69,"
    "3019 .69, 90 .67",
    (5, "OFF"): "3692 -.78, 2221 -.67, 1848 -.67, 70 -.63, 648 -.61, 3682 -.60, 1902 -.59, 2207 -.59",
    (11, "ON"): "854 1.03, 4350 .93, 2174 .92, 666 .84, 3750 .83, 695 .82, 833 .82, 3950 .81, 3863 .79, 3453 .74,"
    "2123 .73, 3138 .72",
    (11, "OFF"): "3236 -.68, 951 -.58, 1941 -.55, 2999 -.52, 4092 -.52, 324 -.51, 3532 -.51, 368 -.51",
    (17, "ON"): "3730 1.09, 3567 1.03, 1607 .93, 2661 .83, 2366 .80, 3217 .79, 981 .78, 546 .75, 1068 .75, 3717 .74,"
    "2550 .74, 3036 .72",
    (17, "OFF"): "3089 -.73, 2056 -.63, 99 -.60, 2433 -.57, 1734 -.54, 1224 -.54, 4118 -.52, 608 -.52",
}
FEW_CELLS = {(5, 618), (5, 90), (11, 854), (11, 4350), (11, 3138)}
KEYS = (
    "delta_s_global", "delta_s_bone_marrow", "delta_s_blood_spleen", "marker_score", "delta_p_terminal",
    "delta_pseudotime",
)  # fmt: skip
# Means at the last layer, in units of their smallest size, by read-out and kind: the signs and ranks as printed.
LAST = {
    ("delta_p_terminal", "ON"): (12, 11, 10, 9, 8, 7, 6, 5, 4, 3, -1, -13),
    ("delta_p_terminal", "OFF"): (6.5, -2, -3, -4, -5, -6, -7, -8),
    ("delta_pseudotime", "ON"): (12, 11, 10, 9, 8, 7, 6, 5, -1, -2, -18, -19),
    ("delta_pseudotime", "OFF"): (13, 8.5, 2, -3, -4, -5, -6, -20),
}


def features() -> list[tuple[int, str, int, int, float]]:
    """Layer, kind, place in its list, feature and d of the panel."""
    return [
        (layer, kind, place, int(text.split()[0]), float(text.split()[1]))
        for (layer, kind), listed in PANEL.items()
        for place, text in enumerate(listed.split(","))
    ]


def multipliers(place: int) -> tuple[float, ...]:
    """Those of the dose response for the first four of a list."""
    return (1.5, 2.0, 3.0, 5.0, 8.0) if place < 4 else (2.0, 5.0)


def write_deposit(folder: Path, seed: int = 0) -> Path:
    """80 files below ``folder``/features."""
    rng = np.random.default_rng(seed)
    (folder / "features").mkdir(parents=True)
    for layer, kind, place, feature, d in features():
        n = 6 if (layer, feature) in FEW_CELLS else int(rng.integers(12, 60))
        mean = rng.uniform(0.5, 1.5, n)  # of activations
        alphas = {}
        for multiplier in multipliers(place):
            read = {}
            for key in KEYS:
                if layer == 17 and (key, kind) in LAST:
                    own = 1e-3 * (multiplier - 1) * LAST[key, kind][place] * mean / mean.mean()
                else:
                    own = 1e-3 * (multiplier - 1) * (rng.normal(0, 0.5) + rng.normal(size=n))
                read[key] = _said(own)
            alphas[str(multiplier)] = {"n_cells": n, **read}
        text = json.dumps({"layer": layer, "idx": feature, "d": d, "kind": kind, "alphas": alphas})
        (folder / "features" / f"L{layer}_F{feature}.json").write_text(text)
    return folder


def _said(values: np.ndarray) -> dict[str, object]:
    about = {"mean": values.mean(), "sd": values.std(), "frac_positive": (values > 0).mean()}
    return {name: float(one) for name, one in about.items()} | {"values": values.tolist()}
