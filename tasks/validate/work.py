"""The work of step ``validate``: what edges predict about genes, held against references."""

from pathlib import Path

import polars as pl

from tasks.references.reader import Network, ReferencesReader
from tasks.references.signatures import Signature
from tasks.step import Info, Inputs
from tasks.store import ScfmError, StepFolder
from tasks.validate.circuit import Circuit, build_circuit, read_gene_lists
from tasks.validate.edges import called_edges, rule_of, sense
from tasks.validate.perturbation import NO_FILE, check_perturbations
from tasks.validate.predictions import mark_known, predict_pairs
from tasks.validate.report import Row, validation_frame
from tasks.validate.settings import ValidateSettings
from tasks.validate.tf_targets import check_tf_targets, not_directed

UNIT = "validate"


def validate_circuits(settings: ValidateSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Write tables gene_pair and validation.

    Raises ScfmError if an edge touches a layer that was not described.
    """
    model, cells = inputs.folder("model"), inputs.folder("cells")
    if not out.has(UNIT):
        references = ReferencesReader(inputs.folder("references"))
        networks = references.networks()
        described = inputs.layers("describe").values()
        describes = {str(StepFolder.open(folder).info["sae_id"]): folder for folder in described}
        circuit = read_circuit(settings, list(inputs.layers("trace").values()), describes)
        rows = _tf_rows(circuit, networks, settings, model)
        rows += [row for name in references.undirected() for row in not_directed(name)]
        rows += _perturbation_rows(circuit, references.signatures(), settings, model, cells)
        with out.unit(UNIT) as unit:
            unit.table("gene_pair", mark_known(predict_pairs(circuit, settings.max_pairs), networks))
            unit.table("validation", validation_frame(rows, circuit.rule, circuit.effects.nnz, settings.rule))
    return {}


def read_circuit(settings: ValidateSettings, traces: list[Path], describes: dict[str, Path]) -> Circuit:
    """The edges of ``traces`` by the wanted rule, between the gene lists of ``describes``."""
    rule = rule_of(traces, settings.rule)
    edges = called_edges(traces, settings.effect, rule)
    ends = set(edges["source_sae"]) | set(edges["target_sae"])
    if missing := sorted(ends - set(describes)):
        raise ScfmError(f"no genes are known for the features of {', '.join(missing)}: describe those layers too")
    return build_circuit(edges, read_gene_lists(describes, settings.top_genes), rule, sense(traces))


def _tf_rows(circuit: Circuit, networks: dict[str, Network], settings: ValidateSettings, model: Path) -> list[Row]:
    stand_in = _stand_in(model)
    checks = [check_tf_targets(circuit, name, network, settings, stand_in) for name, network in networks.items()]
    return [row for rows in checks for row in rows]


def _perturbation_rows(
    circuit: Circuit, screens: dict[str, list[Signature]], settings: ValidateSettings, model: Path, cells: Path
) -> list[Row]:
    expression, stand_in = _expression(cells), _stand_in(model)
    named = screens or {NO_FILE: []}
    checks = [check_perturbations(circuit, *screen, expression, settings, stand_in) for screen in named.items()]
    return [row for rows in checks for row in rows]


def _stand_in(model: Path) -> bool:
    """Whether the model was trained here to stand in for a published one."""
    return bool(StepFolder.open(model).read_table("model")["stand_in"].item())


def _expression(cells: Path) -> dict[str, float]:
    """Mean count by symbol in upper case, the larger one where genes share a symbol."""
    genes = StepFolder.open(cells).read_table("gene").group_by(pl.col("symbol").str.to_uppercase())
    return dict(genes.agg(pl.col("mean_count").max()).sort("symbol").iter_rows())
