"""The process in which the dashboard tries a feature: it loads the model, answers one request and ends.

The request is one JSON object on standard input, ``run_id`` and the fields of ``tasks.interventions.of_run.Request``;
the answer goes to standard output as JSON, a refusal to standard error as one line with exit status 2. The process ends
with the one that started it.
"""

import json
import sys

from tasks.interventions.of_run import Request, try_feature
from warehouse.export.features import features_of_run
from warehouse.home import resolve_home
from warehouse.parent import die_with_parent

REFUSED, FAILED = 2, 1


def main() -> int:
    """Serve one request. Returns the exit status."""
    die_with_parent(*map(int, sys.argv[-2:]))
    try:
        asked = json.load(sys.stdin)
        found = try_feature(features_of_run(resolve_home(), asked.pop("run_id")), Request(**asked))
    except Exception as error:
        print(" ".join(str(error).split()) or type(error).__name__, file=sys.stderr)
        return REFUSED if hasattr(error, "exit_status") else FAILED
    json.dump(found, sys.stdout)
    return 0
