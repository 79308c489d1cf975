"""``scfm``: run studies, ask the warehouse, look at it.

Exit status: 0 done; 1 the work failed; 2 the request was wrong; 3 the data failed its checks.
"""

import argparse
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.cli import (
    audit,
    bench,
    check,
    dashboard,
    doctor,
    export,
    figures,
    forget,
    import_atlas,
    keys,
    labels,
    plant,
    publish_site,
    restore,
    run,
    sql,
    status,
    steps,
    try_feature,
)
from flows.cli.interrupts import INTERRUPTED, LINE, Interrupts
from warehouse.home import resolve_home
from warehouse.printable import printable

COMMANDS = (
    run,
    steps,
    keys,
    import_atlas,
    sql,
    export,
    labels,
    publish_site,
    figures,
    try_feature,
    status,
    audit,
    check,
    restore,
    forget,
    dashboard,
    doctor,
    bench,
    plant,
)


def parser() -> argparse.ArgumentParser:
    """The command line, one subcommand a module."""
    top = argparse.ArgumentParser(prog="scfm", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    subcommands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.register(subcommands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what goes wrong is one line on stderr and an exit status."""
    parsed = parser().parse_args(arguments)
    return guarded(lambda: int(parsed.command(parsed)))


def guarded(work: Callable[[], int]) -> int:
    """The exit status of some work, with every error as one line; SIGTERM and SIGINT end it alike."""
    with Interrupts() as interrupts:
        try:
            return work()
        except KeyboardInterrupt:
            return _interrupted()
        except BrokenPipeError:  # the reader of our output left, as `| head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            return _interrupted() if interrupts.stopped else explain(error)


def _interrupted() -> int:
    print(LINE, file=sys.stderr, flush=True)
    return INTERRUPTED


def explain(error: Exception) -> int:
    """Print one line for any error and give its exit status."""
    status = getattr(error, "exit_status", None)
    if status is not None:
        print(f"scfm: {printable(str(error))}", file=sys.stderr)
        return int(status)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        print(f"scfm: disk full ({error.filename}): free some space and run the same command again", file=sys.stderr)
        return 1
    first = str(error).splitlines()[0] if str(error) else ""
    print(f"scfm: unexpected {type(error).__name__}: {first} (details in {_keep_traceback(error)})", file=sys.stderr)
    return 1


def _keep_traceback(error: Exception) -> Path:
    """Write the traceback where the next reader finds it: in the home, or in the system's own place if that is full."""
    text = "".join(traceback.format_exception(error))
    try:
        resolve_home().mkdir(parents=True, exist_ok=True)
        log = resolve_home() / "error.log"
        log.write_text(text)
    except OSError:
        log = Path(tempfile.gettempdir()) / "scfm-error.log"
        log.write_text(text)
    return log


if __name__ == "__main__":
    sys.exit(main())
