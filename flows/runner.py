"""How the chunks of a step are spread: one after the other, over threads, or over a Dask cluster."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Task
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.study import Study
from tasks.store import RequestError, StepFolder


def run_chunks(study: Study, device: str, task: Task[..., Path], calls: list[dict[str, Any]]) -> list[Path]:
    """Run ``task`` once for each set of parameters; results in order. The first failure is raised.

    On CUDA the task carries the tag ``gpu``: `prefect concurrency-limit create gpu 1` then keeps
    several runs on one server from sharing a device.
    """
    if device == "cuda":
        task = task.with_options(tags={"gpu"})
    done = all(StepFolder(call["folder"]).done for call in calls)  # no cluster is started to find that out
    if study.workers == 1 or done:  # in this thread: a failure stops the step at once
        return [task(**call) for call in calls]
    with _task_runner(study) as runner:
        futures = [runner.submit(task, parameters=call) for call in calls]
        return [future.result() for future in futures]


def _task_runner(study: Study) -> TaskRunner[Any]:
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
