"""A process that ends with the one that started it, however that one ends.

On Linux the system sends the signal; elsewhere a pipe, of which the parent alone holds the other end, closes. Imports
nothing of ours, so that processes that must start fast may import it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

CHILD = "scfm-child"  # on the command line of every process that is started here: `scfm doctor` knows it by that
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def start_child(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    folder: str | None = None,
    *,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | IO[bytes] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a process that calls ``die_with_parent`` on its last two words; the streams are as in subprocess."""
    ours, theirs = os.pipe()
    try:
        words = [*command, CHILD, str(os.getpid()), str(ours)]
        child = subprocess.Popen(
            words,
            env=environment,
            cwd=folder,
            pass_fds=[ours],
            start_new_session=True,  # Ctrl-C on the terminal reaches us alone, and we stop the child
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
    except BaseException:
        os.close(theirs)
        raise
    finally:
        os.close(ours)
    _HELD[child.pid] = theirs
    return child


_HELD: dict[int, int] = {}  # ends of pipes by child


def release(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child if it still runs, wait for it, and close what was held for it."""
    if child.poll() is None:
        child.kill()
    child.wait()
    if (end := _HELD.pop(child.pid, None)) is not None:
        os.close(end)


def die_with_parent(parent: int, pipe: int) -> None:
    """End this process when the process ``parent`` ends. ``pipe``: the end to read, for systems without a signal."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)
    else:
        threading.Thread(target=end_with_pipe, args=(pipe,), daemon=True).start()


def end_with_pipe(pipe: int) -> None:
    """Wait until nobody holds the other end of the pipe, and end this process."""
    while os.read(pipe, 1):
        pass
    os._exit(1)
