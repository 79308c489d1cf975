"""The units of a plan at work: one after the other, over threads, or over the workers of a cluster.

A unit waits for the folders that it reads and for nothing else. One whose step divides its work is prepared, made in
parts, and finished.
"""

from collections.abc import Hashable
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner

from flows.plan import Plan, Unit
from flows.runners import on_gpu, opened, result_of
from flows.worksite import Worksite
from tasks.parts import n_parts, prepare_parts, run_part
from tasks.section import Section
from tasks.step import Inputs, run_unit
from tasks.steps import step_named
from tasks.store import StepFolder

WHOLE, PREPARE = "whole", "prepare"  # what is done of a folder, if not one of its parts
Share = str | int


@task(task_run_name="{label}", cache_policy=NO_CACHE)
def do_unit(
    step: str, settings: Section, inputs: Inputs, folder: Path, label: str, share: Share, site: Worksite | None
) -> Path:
    """Do the work of one step folder, or a share of it; returns what was written.

    ``label`` names the task run. ``site``: what a worker process must see; None in the flow's own process.
    """
    found = step_named(step)
    with ExitStack() as open_:
        if site is not None:
            open_.enter_context(site.entered())
        if share == WHOLE:
            return run_unit(found, settings, inputs, folder)
        if share == PREPARE:
            return prepare_parts(found, settings, inputs, folder)
        return run_part(found, settings, inputs, folder, int(share))


class Job(NamedTuple):
    """One task: a share of a unit, and what must be done before, folders or shares of folders."""

    unit: Unit
    share: Share
    needs: frozenset[Hashable]

    @property
    def name(self) -> Hashable:
        """What other jobs wait for."""
        return self.unit.folder if self.share == WHOLE else (self.unit.folder, self.share)

    @property
    def label(self) -> str:
        """Unit and share, in words."""
        part = f", part {self.share + 1}" if isinstance(self.share, int) else f", {self.share}"
        return self.unit.label + ("" if self.share == WHOLE else part)


def jobs_of(unit: Unit, planned: set[Path]) -> list[Job]:
    """A unit as one job; or its preparation, its parts and the rest, if it is divided and not done.

    It waits for the folders that are ``planned``; others are there already.
    """
    reads: frozenset[Hashable] = frozenset(unit.reads & planned)
    n = n_parts(step_named(unit.step), unit.settings)
    if n == 1 or StepFolder(unit.folder).done:
        return [Job(unit, WHOLE, reads)]
    before = Job(unit, PREPARE, reads)
    parts = [Job(unit, part, frozenset([before.name])) for part in range(n)]
    return [before, *parts, Job(unit, WHOLE, frozenset(part.name for part in parts))]


class Units:
    """``with Units(plan) as units: units.folders("cells")`` does the units of that step, or awaits them.

    On CUDA the tasks carry the tag ``gpu``: `prefect concurrency-limit create gpu 1` then keeps several runs on one
    server from sharing a device.
    """

    def __init__(self, plan: Plan) -> None:
        self._study, self._device, self._units = plan.study, plan.device, plan.needed()
        self._task = do_unit.with_options(tags={"gpu"}) if plan.device == "cuda" else do_unit
        self._waiting: list[Job] = []
        self._done: set[Hashable] = set()
        self._ended: SimpleQueue[tuple[Job, PrefectFuture[Path]]] = SimpleQueue()
        self._open = ExitStack()
        self._runner: TaskRunner[Any] | None = None
        self._site: Worksite | None = None

    def __enter__(self) -> Self:
        done = all(StepFolder(unit.folder).done for unit in self._units)  # no cluster is started to find that out
        if (self._study.workers > 1 or self._study.address) and not done:
            self._runner = self._open.enter_context(opened(self._study))
            planned = {unit.folder for unit in self._units}
            self._waiting = [job for unit in self._units for job in jobs_of(unit, planned)]
            if self._study.runner != "threads":
                self._site = _worksite(self._units)
            self._submit(self._runner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, where: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, failure, where)

    def folders(self, step: str) -> list[Path]:
        """The folders of a step, finished. The first failure is raised."""
        units = [unit for unit in self._units if unit.step == step]
        if self._runner is None:  # in this thread: a failure stops the step at once
            return [self._task(**self._call(Job(unit, WHOLE, frozenset()))) for unit in units]
        while not self._done.issuperset(unit.folder for unit in units):
            job, future = self._ended.get()
            result_of(future)
            self._done.add(job.name)
            self._submit(self._runner)
        return [unit.folder for unit in units]

    def _submit(self, runner: TaskRunner[Any]) -> None:
        """Hand over every job whose needs are met; the runner takes as many at once as it has workers."""
        ready = [job for job in self._waiting if job.needs <= self._done]
        self._waiting = [job for job in self._waiting if not job.needs <= self._done]
        for job in ready:
            with on_gpu(self._study, self._device):
                future = runner.submit(self._task, parameters=self._call(job))
            future.add_done_callback(lambda ended, job=job: self._ended.put((job, ended)))

    def _call(self, job: Job) -> dict[str, Any]:
        unit = job.unit
        about = {"step": unit.step, "settings": unit.settings, "inputs": unit.inputs, "folder": unit.folder}
        return {**about, "label": job.label, "share": job.share, "site": self._site}


def _worksite(units: list[Unit]) -> Worksite:
    """Where this run was started and its results go, which workers must see."""
    results = units[0].folder.parent.absolute()
    results.mkdir(parents=True, exist_ok=True)
    return Worksite(Path.cwd(), results)
