"""A run as a folder of web pages that any server of files shows: a small program in ``app`` and data beside it."""

from warehouse.export.site.publish import SiteReport, publish_site

__all__ = ["SiteReport", "publish_site"]
