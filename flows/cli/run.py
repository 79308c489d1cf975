"""``scfm run STUDY``: run a study to its published snapshot, or up to one step. ``scfm demo``: that of blood cells."""

import argparse
import os
from pathlib import Path

from flows.cli.summary import print_summary
from flows.home import scfm_home
from flows.host import hosted_flow


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both subcommands."""
    command = subcommands.add_parser("run", help="run a study")
    command.add_argument("study", type=Path, help="study file, or the name of one that comes with it, such as demo")
    demo = subcommands.add_parser("demo", help="run the study of blood cells that comes with the program")
    demo.set_defaults(study=Path("demo"))
    for each in (command, demo):
        _options(each)


def _options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--until", metavar="STEP", help="stop after this step; `scfm steps` lists them")
    command.add_argument("--only", metavar="STEP,STEP", help="run and publish these steps and all that they need")
    command.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="override one key")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Run; a study whose every step is done and published only says so."""
    print(f"reading {arguments.study}", flush=True)  # what follows imports a lot
    from flows.plan import PUBLISH
    from flows.planning import make_plan
    from flows.study import load_study
    from warehouse import is_published

    home = scfm_home()
    study = load_study(arguments.study, arguments.set)
    until, only = arguments.until or PUBLISH, _names(arguments.only)
    whole = make_plan(study, home).only(only)
    plan = whole.until(until)
    print(f"study {study.name}: {study.title}\nrun {plan.run_id} in {home}/ on {plan.device}", flush=True)
    if absent := [step.name for step in whole.absent()]:
        print(f"without {', '.join(absent)}: `scfm steps` says how to ask for them", flush=True)
    if until == PUBLISH and not plan.unfinished() and is_published(home, plan.run_id):
        print("everything was done before; nothing to do")
    else:
        _run_flow(study.model_dump(by_alias=True), until, only, home)
    if until == PUBLISH:
        print_summary(home, plan.run_id)
    return 0


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in text.split(",")] if text else []


def _run_flow(study: dict[str, object], until: str, only: list[str], home: Path) -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    print("getting ready: Prefect and its server", flush=True)
    with hosted_flow(home):
        from flows.run import run
        from flows.runners import lost_server

    with lost_server():
        run(study, until, only)
