"""An interrupt ends the work wherever it arrives.

Python raises KeyboardInterrupt at whatever line the main thread has reached. In a callback of a library, in a
destructor or while a module is imported, that can be swallowed, and the work would go on. So it is raised again, until
the stack unwinds; and where nothing helps, the process ends. Nothing is lost by that: a run can be killed at any time.
"""

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Self

INTERRUPTED = 130
AGAIN_S = 0.5  # between two tries
PATIENCE_S = 20.0  # for what is to be put in order on the way out
LINE = "\nscfm: interrupted; run the same command again to continue"


class Interrupts:
    """``with Interrupts() as seen: work()``: SIGINT and SIGTERM end the work with KeyboardInterrupt.

    ``seen.stopped``: whether one arrived. A library that a signal interrupts may raise an error of its own for it:
    DuckDB does, and Great Expectations then takes that for a broken check.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for number, handler in self._before.items():
            signal.signal(number, _end_at_once if self.stopped else handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self.stopped:
            self.stopped = True
            threading.Thread(target=self._insist, daemon=True).start()
        if not unwinding(sys.exc_info()[1]):
            raise KeyboardInterrupt

    def _insist(self) -> None:
        end, main = time.monotonic() + PATIENCE_S, threading.main_thread().ident
        while not self._over.wait(AGAIN_S):
            if time.monotonic() > end:
                print(LINE, file=sys.stderr, flush=True)
                os._exit(INTERRUPTED)
            signal.pthread_kill(main or 0, signal.SIGINT)


def unwinding(error: BaseException | None) -> bool:
    """Whether an interrupt is on its way out: ``error``, which is being handled, is one or came of one."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
