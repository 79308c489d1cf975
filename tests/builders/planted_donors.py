"""Effects with donor effects: every donor shifts all its cells, which says nothing of the next donor.

An effect is mean + b_g + e of cell c in donor g, both normal, of variance ``icc`` and 1 - ``icc``.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tasks.store import StepFolder
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import FeatureEffects
from tasks.trace.trace import LayerTrace
from tasks.trace.units import Units
from tests.builders.planted_circuits import Circuit, Kind

NAMES = Names(0, "source", {1: "target"}, "total")
EQUAL = {f"{n}x{each}": (each,) * n for n, each in ((5, 100), (8, 100), (10, 20), (10, 100), (20, 50))}
SIZES = EQUAL | {"8 uneven": (480, 46, 46, 46, 46, 46, 45, 45)}  # cells of every donor


def donors_of(sizes: tuple[int, ...]) -> np.ndarray:
    """The donor of every cell."""
    return np.repeat(np.arange(len(sizes)), sizes)


def donor_effects(sizes: tuple[int, ...], icc: float, mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Effects [cells, T] around ``mean`` [T]; the T columns are draws of their own."""
    donor = donors_of(sizes)
    shift = rng.normal(0, icc**0.5, (len(sizes), len(mean)))
    return mean + shift[donor] + rng.normal(0, (1 - icc) ** 0.5, (len(donor), len(mean)))


def as_cells(effects: np.ndarray) -> FeatureEffects:
    """A source feature's effects, every cell for itself."""
    n_targets = effects.shape[1]
    ends = np.ones(n_targets, np.uint16), np.arange(n_targets, dtype=np.uint32)
    return FeatureEffects(0, *ends, torch.from_numpy(effects).float())


def named(sizes: tuple[int, ...], least: int = 2) -> Units:
    """Cells numbered as they stand, donors d00 and so on."""
    return Units("donor", {cell: f"d{donor:02}" for cell, donor in enumerate(donors_of(sizes))}, least)


def as_donors(effects: np.ndarray, sizes: tuple[int, ...]) -> FeatureEffects:
    """The same effects, donor by donor."""
    cells, units = as_cells(effects), named(sizes)
    means = units.means(cells.values, torch.arange(len(effects)))
    return replace(cells, values=means, n_cells=len(effects))


@dataclass(frozen=True)
class DonorKind(Kind):
    """Targets whose contexts come with donor effects; one without an effect has none but these."""

    sizes: tuple[int, ...] = ()
    icc: float = 0.0

    def contexts(self, n_cells: int, rng: np.random.Generator) -> np.ndarray:
        """As ``Kind.contexts``, of donors."""
        assert n_cells == sum(self.sizes)
        spread = donor_effects(self.sizes, self.icc, np.zeros(1), rng)[:, 0]
        return spread if self.size == 0 else spread / self.size - 1


def donor_circuit(sizes: tuple[int, ...], n_sources: int) -> Circuit:
    """Edges that hold in every donor, targets that answer anything, and donors that differ in nothing but chance."""
    kinds = (
        DonorKind("edge", 3, 5.0, sizes=sizes, icc=0.3),
        DonorKind("any size", 1, 5.0, answers="size", sizes=sizes, icc=0.3),
        DonorKind("any direction", 1, 5.0, answers="direction", sizes=sizes, icc=0.3),
        DonorKind("donors differ", 8, 0.0, sizes=sizes, icc=0.8),
    )
    return Circuit(n_cells=sum(sizes), n_sources=n_sources, kinds=kinds)


def trace_donors(circuit: Circuit, sizes: tuple[int, ...], unit: str, seed: int, folder: Path) -> StepFolder:
    """Trace the circuit over its cells or its donors."""
    settings = TraceSettings(source_layers=[0], n_cells=circuit.n_cells, n_flips=2000, unit=unit)
    units = None if unit == "cell" else named(sizes, settings.min_units)
    with StepFolder.create(folder) as out:
        trace = LayerTrace(settings, replace(circuit.inputs(seed), units=units), out)
        trace.run()
        out.finish(**trace.info())
    return StepFolder.open(folder)
