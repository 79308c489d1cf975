"""igraph draws from one generator of the whole process: seed it, and keep other threads away meanwhile."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import igraph

_generator = threading.Lock()  # layers may be worked on in threads


@contextmanager
def seeded_igraph(seed: int) -> Iterator[None]:
    """Whatever igraph draws within follows from ``seed``."""
    with _generator:
        igraph.set_random_number_generator(random.Random(seed))
        try:
            yield
        finally:
            igraph.set_random_number_generator(random)
