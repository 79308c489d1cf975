"""A run's features and edges as files for other programs."""

from warehouse.export.export import ExportReport, export_run

__all__ = ["ExportReport", "export_run"]
