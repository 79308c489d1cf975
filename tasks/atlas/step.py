"""Step ``atlas``: the import of a published atlas. It belongs to no study: a run is made of it alone."""

from tasks.atlas.settings import VERSION, AtlasSettings
from tasks.step import Step
from warehouse.contracts.contract import contracts

STEP = Step(
    name="atlas",
    title="read the published files",
    settings=AtlasSettings,
    version=VERSION,
    work="tasks.atlas.work:import_atlas",
    tables=tuple(name for name, contract in contracts().items() if contract.filled_by == "shards"),
    on_device=False,
)
