"""The row of table ``run``: seeds, versions, hashes and hardware of every number the run made."""

import hashlib
import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.import_plan import ImportPlan
from flows.plan import Plan
from flows.study import Common
from tasks.section import without_local_paths
from tasks.steps import STEPS
from tasks.store import StepFolder
from tasks.trace.settings import TraceSettings

LIBRARIES = ("torch", "transformers", "numpy", "scipy", "polars", "duckdb", "anndata", "prefect")


def run_record(plan: Plan, started: datetime) -> dict[str, Any]:
    """Values of table ``run``. ``seconds`` adds up the units of all steps, over every resumed run."""
    study = plan.study
    versions = {step.name: step.version for step in STEPS if plan.of(step.name)}
    return {
        "run_id": plan.run_id,
        "study": study.name,
        "title": study.title,
        "seed": study.seed,
        "device": plan.device,
        "precision": study.sections.of(TraceSettings).precision,
        "imported": False,
        **_origin(canonical(study), versions, plan.folders(), started),
    }


def analysis_rows(plan: Plan) -> list[dict[str, Any]]:
    """Rows of table ``run_analysis``: every step that a study can do without, and how to ask for it."""
    study, rows = plan.study, []
    for step in STEPS:
        wanted, made = step.wanted(study.sections[step.name]), bool(plan.of(step.name))
        how = "run the study without --only" if wanted and plan.partial else step.how
        about = {"step": step.name, "title": step.title, "tables": ",".join(step.tables)}
        rows += [{**about, "made": made, "how": "" if made else how}]
    return rows


def import_record(plan: ImportPlan, started: datetime) -> dict[str, Any]:
    """Values of table ``run`` for an imported atlas; what its files do not tell is None."""
    about = {"source": plan.source, "atlas": plan.name, "made": plan.made, "files": plan.files}
    text = json.dumps(about, sort_keys=True, separators=(",", ":"))
    return {
        "run_id": plan.run_id,
        "study": plan.name,
        "title": plan.title,
        "seed": None,
        "device": None,
        "precision": None,
        "imported": True,
        **_origin(text, {plan.step.name: plan.step.version}, [plan.folder], started),
    }


def _origin(text: str, code: dict[str, int], folders: list[Path], started: datetime) -> dict[str, Any]:
    """What was asked for, with what, where and when."""
    lines = [line for folder in folders for line in StepFolder(folder).lines.values()]
    return {
        "study_json": text,
        "study_sha": hashlib.sha256(text.encode()).hexdigest(),
        "code_version": json.dumps(code, sort_keys=True),
        "hardware": hardware(),
        "versions": json.dumps({"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}),
        "started": started.replace(tzinfo=None),
        "finished": datetime.now(UTC).replace(tzinfo=None),
        "seconds": sum(line.seconds for line in lines),
    }


def canonical(study: Common) -> str:
    """The study as JSON with sorted keys; of a path only the last part stays, the rest is this machine's."""
    return json.dumps(without_local_paths(study), sort_keys=True, separators=(",", ":"))


def hardware() -> str:
    """Processor, cores and memory, in words."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {gib:.0f} GiB"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
