"""The work of step ``validate``: what edges predict about genes, held against references."""

from pathlib import Path

from tasks.references.reader import Network, ReferencesReader, joined
from tasks.references.signatures import Signature
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.validate.against_screen import risen, screen_tables
from tasks.validate.circuit import Circuit
from tasks.validate.direction_rules import E1_GENES
from tasks.validate.directions import Known
from tasks.validate.perturbation import NO_FILE, check_perturbations
from tasks.validate.predictions import mark_known, predict_pairs
from tasks.validate.read import CalledEdges, read_expression
from tasks.validate.report import Row, validation_frame
from tasks.validate.screens import read_screens
from tasks.validate.settings import ValidateSettings
from tasks.validate.tf_targets import check_tf_targets, not_directed

UNIT = "validate"


def validate_circuits(settings: ValidateSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Write tables gene_pair and validation; where responses were measured, validation_summary and pair_validation.

    Raises ScfmError if an edge touches a layer that was not described.
    """
    if not out.has(UNIT):
        references, model = ReferencesReader(inputs.folder("references")), inputs.folder("model")
        networks, expression = references.networks(), read_expression(inputs.folder("cells"))
        edges = _edges(settings, inputs)
        circuit = edges.circuit(settings.top_genes)
        rows = _tf_rows(circuit, networks, settings, model)
        rows += [row for name in references.undirected() for row in not_directed(name)]
        responses = next(iter(inputs.steps.get("responses", {}).values()), None)
        measured = {} if responses is None else risen(read_screens(responses, circuit), circuit)
        rows += _perturbation_rows(circuit, references.signatures() | measured, settings, model, expression)
        tables = {
            "gene_pair": mark_known(predict_pairs(circuit, settings.max_pairs), networks),
            "validation": validation_frame(rows, circuit.rule, circuit.effects.nnz, settings.rule),
        }
        if responses is not None:
            known = Known(joined(networks), expression)
            circuits = {E1_GENES: edges.circuit(E1_GENES), settings.top_genes: circuit}
            tables |= screen_tables(responses, circuits, known, settings)
        with out.unit(UNIT) as unit:
            for table, frame in tables.items():
                unit.table(table, frame)
    return {}


def _edges(settings: ValidateSettings, inputs: Inputs) -> CalledEdges:
    described = inputs.layers("describe").values()
    describes = {str(StepFolder.open(folder).info["sae_id"]): folder for folder in described}
    return CalledEdges.read(settings, list(inputs.layers("trace").values()), describes)


def _tf_rows(circuit: Circuit, networks: dict[str, Network], settings: ValidateSettings, model: Path) -> list[Row]:
    stand_in = _stand_in(model)
    checks = [check_tf_targets(circuit, name, network, settings, stand_in) for name, network in networks.items()]
    return [row for rows in checks for row in rows]


def _perturbation_rows(
    circuit: Circuit,
    screens: dict[str, list[Signature]],
    settings: ValidateSettings,
    model: Path,
    expression: dict[str, float],
) -> list[Row]:
    stand_in, named = _stand_in(model), screens or {NO_FILE: []}
    checks = [check_perturbations(circuit, *screen, expression, settings, stand_in) for screen in named.items()]
    return [row for rows in checks for row in rows]


def _stand_in(model: Path) -> bool:
    """Whether the model was trained here to stand in for a published one."""
    return bool(StepFolder.open(model).read_table("model")["stand_in"].item())
