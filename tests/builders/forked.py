"""Processes that can be killed: forked from a server that has imported everything and computed nothing.

Starting one takes no time. There is one server a process, with what it was told to import before it first started.
"""

import multiprocessing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload([f"tests.builders.{name}" for name in ("disturbed_runs", "publishing", "readers")])
