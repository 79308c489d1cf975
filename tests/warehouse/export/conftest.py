"""A site of the published study, written once."""

from pathlib import Path

import pytest

from warehouse.export.site import publish_site


@pytest.fixture(scope="session")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only."""
    folder = tmp_path_factory.mktemp("site") / "site"
    publish_site(folder, published)
    return folder
