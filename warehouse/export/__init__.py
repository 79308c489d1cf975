"""A run's features, edges and scores as files for other programs."""

from warehouse.export.contents import features_named
from warehouse.export.export import LAYOUTS, SCORES, ExportReport, export_run
from warehouse.export.scores import ScoresReport, export_scores

__all__ = [
    "LAYOUTS",
    "SCORES",
    "ExportReport",
    "ScoresReport",
    "export_run",
    "export_scores",
    "features_named",
]
