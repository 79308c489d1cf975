"""One spelling for what TOML, HDF5 and tables spell differently."""

from tasks.cells.settings import ObsValue


def spell(value: ObsValue) -> str:
    """One spelling for what TOML and HDF5 spell differently: True and true, 3 and 3.0."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value).strip()
    return text.lower() if text in ("True", "False", "TRUE", "FALSE") else text
