"""``scfm try FEATURE``: change a feature in one cell, now, and print what the model then says."""

import argparse
import json
from typing import Any

from flows.home import scfm_home

N_SHOWN = 12
LOG_P = "change of log p, nat"
UNITS = {"genes": LOG_P, "next": LOG_P, "values": "change of fit, squared values"}
READOUTS = {
    "embedding": "cell's embedding moves by (1 - cosine)",
    "fit": "hidden genes are predicted better by (mean)",
    "divergence": "predictions of hidden genes diverge by (nat)",
}


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("try", help="change a feature in one cell and see what the model then says")
    command.add_argument("feature", metavar="L2_F17", help="the feature, by layer and number")
    command.add_argument(
        "--multiplier", type=float, default=0.0, help="its activations times this; 0, the default, takes it out"
    )
    command.add_argument("--cell", type=int, help="cell_id; the cell in which it is strongest if not given")
    command.add_argument("--run", help="the run; the newest one made here if not given")
    command.add_argument("--seed", type=int, default=0, help="of the hidden genes and the random directions")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print the answer beside that of random directions."""
    from tasks.interventions.of_run import Request, try_feature
    from warehouse.export.features import features_of_run

    request = Request(arguments.feature, arguments.multiplier, arguments.cell, arguments.seed)
    found = try_feature(features_of_run(scfm_home(), arguments.run), request)
    if arguments.format == "json":
        print(json.dumps(found))
    else:
        print("\n".join(lines(found)))
    return 0


def lines(found: dict[str, Any]) -> list[str]:
    """The answer as text."""
    where = f"cell {found['cell_id']}" + (f" ({found['label']})" if found["label"] else "")
    text = [
        f"{found['feature']} times {found['multiplier']:g} in {where}, run {found['run_id']}",
        f"active at {found['n_active']} of {found['n_genes']} genes, at most {found['peak']:.3g}",
        "",
        f"{'':<46}{'feature':>12}  random directions of its size",
    ]
    for one in found["cell"]:
        low, high = min(one["random"]), max(one["random"])
        text.append(f"{READOUTS[one['readout']]:<46}{one['value']:>12.3g}  {low:.3g} to {high:.3g}")
    if found["genes"]:
        text += ["", f"{'hidden gene':<24}{UNITS[found['predicts']]:>28}  at random, at most"]
        text += [
            f"{one['symbol'] or one['token']:<24}{one['change']:>28.3g}  {one['random']:.3g}"
            for one in found["genes"][:N_SHOWN]
        ]
    if found["features"]:
        text += ["", f"{'feature of a later layer':<24}{'change of mean code':>28}  at random, at most"]
        text += [
            f"{'L{layer}_F{feature}'.format(**one):<24}{one['change']:>28.3g}  {one['random']:.3g}"
            for one in found["features"][:N_SHOWN]
        ]
    return text
