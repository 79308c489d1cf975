"""A run as it is handed to publishing: its row, its steps in their order, and what it could have been asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.manifest import Manifest


@dataclass(frozen=True)
class HandedIn:
    """``run``: the row of table run. ``analyses``: rows of run_analysis without run_id."""

    run: dict[str, Any]
    manifests: list[Manifest]
    analyses: Sequence[dict[str, Any]] = ()

    @property
    def run_id(self) -> str:
        """Key of the run."""
        return str(self.run["run_id"])

    @property
    def keys(self) -> set[str]:
        """Keys of its steps."""
        return {manifest.key for manifest in self.manifests}

    def step_rows(self, accepted: list[Manifest]) -> list[dict[str, Any]]:
        """Rows of ``run_step`` for some of the steps."""
        places = {manifest.key: place for place, manifest in enumerate(self.manifests)}
        return [
            {
                "run_id": self.run_id,
                "step": manifest.step,
                "layer": manifest.layer,
                "step_key": manifest.key,
                "place": places[manifest.key],
            }
            for manifest in accepted
        ]

    def analysis_rows(self) -> list[dict[str, Any]]:
        """Rows of ``run_analysis``."""
        return [{"run_id": self.run_id, **analysis} for analysis in self.analyses]
