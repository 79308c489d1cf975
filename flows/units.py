"""The units of a plan at work: one after the other, over threads, or over a Dask cluster.

A unit waits for the folders that it reads and for nothing else.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.plan import Plan, Unit
from flows.study import Common
from tasks.section import Section
from tasks.step import Inputs, run_unit
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder


@task(task_run_name="{label}", cache_policy=NO_CACHE)
def do_unit(step: str, settings: Section, inputs: Inputs, folder: Path, label: str) -> Path:
    """Do the work of one step folder; returns it, finished. ``label`` names the task run."""
    return run_unit(step_named(step), settings, inputs, folder)


class Units:
    """``with Units(plan) as units: units.folders("cells")`` does the units of that step, or awaits them.

    On CUDA the tasks carry the tag ``gpu``: `prefect concurrency-limit create gpu 1` then keeps several runs on one
    server from sharing a device.
    """

    def __init__(self, plan: Plan) -> None:
        self._study, self._units = plan.study, plan.needed()
        self._task = do_unit.with_options(tags={"gpu"}) if plan.device == "cuda" else do_unit
        self._waiting = list(self._units)
        self._done: set[Path] = set()
        self._ended: SimpleQueue[PrefectFuture[Path]] = SimpleQueue()
        self._open = ExitStack()
        self._runner: TaskRunner[Any] | None = None

    def __enter__(self) -> Self:
        done = all(StepFolder(unit.folder).done for unit in self._units)  # no cluster is started to find that out
        if self._study.workers > 1 and not done:
            self._runner = self._open.enter_context(_task_runner(self._study))
            self._submit(self._runner)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def folders(self, step: str) -> list[Path]:
        """The folders of a step, finished. The first failure is raised."""
        units = [unit for unit in self._units if unit.step == step]
        if self._runner is None:  # in this thread: a failure stops the step at once
            return [self._task(**_call(unit)) for unit in units]
        while not self._done.issuperset(unit.folder for unit in units):
            self._done.add(self._ended.get().result())
            self._submit(self._runner)
        return [unit.folder for unit in units]

    def _submit(self, runner: TaskRunner[Any]) -> None:
        """Hand over every unit whose reads are done; the runner takes as many at once as it has workers."""
        ready = [unit for unit in self._waiting if unit.reads <= self._done]
        self._waiting = [unit for unit in self._waiting if not unit.reads <= self._done]
        for unit in ready:
            future = runner.submit(self._task, parameters=_call(unit))
            future.add_done_callback(self._ended.put)


def _call(unit: Unit) -> dict[str, Any]:
    about = {"step": unit.step, "settings": unit.settings, "inputs": unit.inputs}
    return {**about, "folder": unit.folder, "label": unit.label}


def _task_runner(study: Common) -> TaskRunner[Any]:
    makers: dict[str, Callable[[], TaskRunner[Any]]] = {
        "threads": lambda: ThreadPoolTaskRunner(max_workers=study.workers),
        "dask": lambda: _dask_runner(study.workers),
    }
    return makers[study.runner]()


def _dask_runner(workers: int) -> TaskRunner[Any]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise RequestError('runner = "dask" needs one more package: pip install "prefect-dask"') from None
    runner: TaskRunner[Any] = DaskTaskRunner(
        cluster_kwargs={"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    )
    return runner
