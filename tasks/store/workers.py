"""Independent pieces of work on all cores, one thread each.

Matrices of one small batch are too small to share: threads that split every product wait for each other most of the
time, and for good if another program holds a core. Whole cells and features share nothing. A product in one thread
also sums in an order that the number of cores does not change.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")
N_THREADS = torch.get_num_threads()  # asked once: the workers' own limit changes what torch answers


def in_parallel(function: Callable[[Item], Result], items: Iterable[Item], device: torch.device) -> Iterator[Result]:
    """Yield ``function`` of every item, in the order of the items; on a GPU one after the other."""
    n_workers = N_THREADS if device.type == "cpu" else 1
    pool = ThreadPoolExecutor(n_workers, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(N_THREADS)


def share(function: Callable[[Item], None], items: Iterable[Item], n_threads: int) -> None:
    """``function`` of every item on so many threads, in this one if it is one; after a failure no other begins."""
    if n_threads == 1:
        for item in items:
            function(item)
        return
    pool = ThreadPoolExecutor(n_threads)
    try:
        for _ in pool.map(function, items):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items in their order, of which the next is made in another thread while one is in use."""
    source = iter(items)
    nothing = object()
    pool = ThreadPoolExecutor(1)
    try:
        coming = pool.submit(next, source, nothing)
        while (item := coming.result()) is not nothing:
            coming = pool.submit(next, source, nothing)
            yield cast(Item, item)
    finally:
        pool.shutdown(cancel_futures=True)
