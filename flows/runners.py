"""Where tasks run: on threads of this process, on a Dask cluster, on Ray; and what their failures mean."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any

from httpx import TransportError
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.study import Common
from tasks.store import RequestError, ScfmError

CONTINUE = "run the same command again to continue: what is finished is kept"
CONNECT_S = 30


@contextmanager
def opened(study: Common) -> Iterator[TaskRunner[Any]]:
    """The runner that a study asks for, at work. Raises RequestError if it is not installed or no cluster answers."""
    makers = {"threads": lambda _: ThreadPoolTaskRunner(max_workers=study.workers), "dask": _dask, "ray": _ray}
    runner: TaskRunner[Any] = makers[study.runner](study)
    stack = ExitStack()
    try:
        stack.enter_context(runner)
        if study.runner == "dask":
            runner.client.wait_for_workers(1, timeout=CONNECT_S)  # type: ignore[attr-defined]
    except (OSError, TimeoutError, RuntimeError) as error:
        where = f"no {study.runner} cluster with workers answers at {study.address or 'this machine'}"
        with suppress(Exception):
            stack.close()
        raise RequestError(f"{where} ({_reason(error)}): start one, or set another address") from error
    try:
        yield runner
    except BaseException:
        with suppress(Exception):  # a cluster that was lost cannot be left in order
            stack.close()
        raise
    stack.close()


def result_of(future: PrefectFuture[Any]) -> Any:  # noqa: ANN401 - whatever the task returns
    """What a task returned; what it raised is raised, and a cluster that was lost is a ScfmError."""
    try:
        return future.result()
    except ScfmError:
        raise
    except BaseException as error:
        if type(error).__module__.partition(".")[0] not in ("distributed", "ray", "asyncio") and not _ray_is_gone(
            future
        ):
            raise
        raise ScfmError(f"the cluster lost a task ({type(error).__name__}: {_reason(error)}); {CONTINUE}") from error


def _ray_is_gone(future: PrefectFuture[Any]) -> bool:
    """Whether a future is of Ray that is no longer there: what its client then raises has no type of its own."""
    return type(future).__module__.startswith("prefect_ray") and not sys.modules["ray"].is_initialized()


@contextmanager
def lost_server() -> Iterator[None]:
    """Inside, a Prefect server that no longer answers is a ScfmError."""
    try:
        yield
    except TransportError as error:
        raise ScfmError(f"Prefect's server no longer answers ({_reason(error)}); {CONTINUE}") from error


def on_gpu(study: Common, device: str) -> AbstractContextManager[Any]:
    """Inside, tasks that are submitted to Ray get a GPU each where the study uses one; Ray hides them otherwise."""
    if study.runner != "ray" or device != "cuda":
        return nullcontext()
    from prefect_ray.context import remote_options

    options: AbstractContextManager[Any] = remote_options(num_gpus=1)
    return options


def _dask(study: Common) -> TaskRunner[Any]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise RequestError("runner = dask needs more packages: pip install 'scfm-atlas[dask]'") from None
    if study.address:
        at_address: TaskRunner[Any] = DaskTaskRunner(address=study.address)
        return at_address
    local = {"n_workers": study.workers, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
    here: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs={**local, "silence_logs": logging.CRITICAL})
    return here


def _ray(study: Common) -> TaskRunner[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")  # else Ray that was lost is started anew here, unasked
    try:
        import ray  # noqa: F401 - prefect_ray would say so only when the first task is submitted
        from prefect_ray.task_runners import RayTaskRunner
    except ImportError:
        raise RequestError("runner = ray needs more packages: pip install 'scfm-atlas[ray]'") from None
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    here = {} if study.address else {"num_cpus": study.workers, "include_dashboard": False}
    runner: TaskRunner[Any] = RayTaskRunner(address=study.address, init_kwargs={**quiet, **here})
    return runner


def _reason(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
