"""The quality suites again, on the published snapshot: a flow of its own, to be scheduled."""

from prefect import flow

from flows.artifacts import quality_table
from flows.home import scfm_home
from flows.report import StepProgress
from warehouse import check_snapshot


@flow(name="scfm-check")
def check() -> int:
    """Run every suite; fails if any check does. Returns the number of checks."""
    with StepProgress("check") as bar:
        results = check_snapshot(scfm_home(), notify=bar.reached)
    quality_table(results)
    failed = [f"{result.table_name}.{result.check_name}" for result in results if not result.success]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(results)} checks failed: {', '.join(failed[:5])}")
    return len(results)
