"""The end of a run: load every shard, check every table, publish the snapshot."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task

from flows.artifacts import quality_table, show_table
from flows.home import scfm_home
from flows.plan import Plan
from flows.record import analysis_rows, run_record
from flows.report import StepProgress
from flows.shared_home import changing, fetch_unpublished
from warehouse import FailedChecks, PublishReport, publish_run, run_summary
from warehouse.notify import Notify


@task(name="load, check, publish")
def publish_folders(
    home: Path, record: dict[str, Any], folders: list[Path], analyses: Sequence[dict[str, Any]] = ()
) -> PublishReport:
    """Hand finished step folders to the warehouse; what failed its checks is shown and raised.

    ``analyses``: what the run could have been asked for.
    """
    try:
        with StepProgress("load and check") as bar:
            report = changing(home, lambda: _hand_in(home, record, folders, bar.reached, analyses))
    except FailedChecks as failure:
        quality_table(failure.results)
        raise
    quality_table(report.results)
    show_table("scfm-rows", [{"table": name, "rows": rows} for name, rows in report.rows.items()], "Rows loaded")
    return report


def _hand_in(
    home: Path, record: dict[str, Any], folders: list[Path], notify: Notify, analyses: Sequence[dict[str, Any]]
) -> PublishReport:
    fetch_unpublished(home, folders)
    return publish_run(home, record, folders, notify=notify, analyses=analyses)


def publish(plan: Plan, started: datetime) -> dict[str, Any]:
    """Publish a plan whose units are all done; returns the run's summary figures."""
    home = scfm_home()
    record = run_record(plan, started)
    publish_folders(home, record, plan.folders(), analysis_rows(plan))
    summary = run_summary(home, plan.run_id)
    show_table("scfm-summary", [{"figure": name, "value": value} for name, value in summary.items()], "Run")
    return summary
