"""The plan of an import: where its step folder lies and what its run is called, from the contents of the files."""

from dataclasses import dataclass
from pathlib import Path

from tasks.analyses.steering.deposit_step import STEP as DEPOSIT
from tasks.analyses.steering.deposit_step import Deposit, DepositSettings, find_deposit
from tasks.atlas.atlas import open_atlas
from tasks.atlas.cross_layer import timestamp
from tasks.atlas.fetch import is_url
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP as ATLAS
from tasks.section import Section
from tasks.step import Step
from tasks.store import content_key


@dataclass(frozen=True)
class ImportPlan:
    """``source`` is a URL or the last part of a directory's path; ``made`` the time stamp of the files, if any.

    ``step`` reads the files, given its ``settings``.
    """

    run_id: str
    name: str
    title: str
    source: str
    made: str | None
    files: dict[str, str]
    folder: Path
    step: Step
    settings: Section


def plan_import(files: Path, source: str, home: Path) -> ImportPlan:
    """Hash what is in ``files`` and lay out its import: an atlas, or the deposit of a steering study.

    Raises RequestError if it is neither.
    """
    if (deposit := find_deposit(files)) is not None:
        return _plan_deposit(deposit, files, home)
    atlas = open_atlas(files)
    known = atlas.known
    return ImportPlan(
        run_id=content_key({"import": atlas.key}),
        name=f"{known.family}_atlas" if known else "imported_atlas",
        title=f"{known.title if known else 'Published atlas'}, imported",
        source=source if is_url(source) else files.resolve().name,
        made=timestamp(atlas),
        files=atlas.files,
        folder=home / "runs" / f"{ATLAS.name}-{atlas.key}",
        step=ATLAS,
        settings=AtlasSettings(source=files),
    )


def _plan_deposit(deposit: Deposit, files: Path, home: Path) -> ImportPlan:
    return ImportPlan(
        run_id=content_key({"import": deposit.key}),
        name="deposited_steering",
        title="Deposited steering of Geneformer V2-316M, imported",
        source=files.resolve().name,
        made=None,
        files=deposit.files,
        folder=home / "runs" / f"{DEPOSIT.name}-{deposit.key}",
        step=DEPOSIT,
        settings=DepositSettings(source=files),
    )
