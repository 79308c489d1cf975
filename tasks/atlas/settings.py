"""What an import reads. The key of an import follows from the contents of these files."""

from pathlib import Path

from pydantic import Field

from tasks.section import Section

VERSION = 5  # of the numerical code: a new number gives every import a new key


class AtlasSettings(Section):
    """A published atlas on this machine."""

    source: Path = Field(description="Folder of the published JSON files")
    numbers: Path | None = Field(
        default=None, description="Folder of published numbers to compare with; unset, the bundled ones"
    )
