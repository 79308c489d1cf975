"""The work of step ``disease``: features by layer, then the edges between them.

1. Which features list the genes of which disease, layer by layer (``lists``).
2. Whether such features have more edges than features like them (``degrees``).
3. Whether edges join two features of one disease more often than chance has it (``circuits``).
4. Where step consensus compared another study: whether what both join has a disease at both ends (``shared``).

A study without a trace has the first alone. Genes in a list of a disease are associated with it; a feature that lists
them, or an edge between two such features, says nothing of how the disease comes about.
"""

import polars as pl

from tasks.analyses.disease.circuits import Network, circuit_rows, number_ends
from tasks.analyses.disease.degrees import degree_rows
from tasks.analyses.disease.lists import Listing, background_of, list_diseases, read_diseases
from tasks.analyses.disease.shared import shared_rows
from tasks.analyses.disease.step import DiseaseSettings
from tasks.analyses.domains.edges import END, StudyEdges, read_edges
from tasks.analyses.domains.frames import conformed
from tasks.analyses.domains.graph import term_domains
from tasks.describe.settings import DescribeSettings
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

EDGES, SHARED = "edges", "shared"


def hold_against_diseases(settings: DiseaseSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold features and edges against diseases. Raises RequestError for a file that does not fit the study."""
    diseases, background = read_diseases(settings, inputs), background_of(inputs)
    described = inputs.sections.of(DescribeSettings)
    listings = {}
    for layer, folder in sorted(inputs.layers("describe").items()):
        name = f"L{layer:02d}"
        listings[layer] = list_diseases(settings, described, StepFolder.open(folder), diseases, background)
        if not out.has(name):
            with out.unit(name) as shard:
                for table, frame in listing_tables(listings[layer]).items():
                    shard.table(table, frame)
    if inputs.layers("trace") and not out.has(EDGES):
        with out.unit(EDGES) as shard:
            for table, frame in edge_tables(settings, read_edges("disease", settings, inputs), listings).items():
                shard.table(table, frame)
    if inputs.layers("trace") and inputs.steps.get("consensus") and not out.has(SHARED):
        with out.unit(SHARED) as shard:
            shard.table("disease_consensus", consensus_table(settings, inputs, listings))
    found = out.read_table("feature_disease")["significant"]
    return {"n_significant": int(found.sum())}


def listing_tables(listing: Listing) -> dict[str, pl.DataFrame]:
    """Tables feature_disease and disease_summary of one autoencoder."""
    own = {"sae_id": listing.sae_id}
    return {
        "feature_disease": conformed("feature_disease", listing.diseases, own),
        "disease_summary": conformed("disease_summary", listing.summary, own),
    }


def edge_tables(settings: DiseaseSettings, study: StudyEdges, listings: dict[int, Listing]) -> dict[str, pl.DataFrame]:
    """Tables disease_test and disease_circuit."""
    about = {"effect": settings.effect, "criterion": study.criterion}
    lengths = [one.length.with_columns(sae_id=pl.lit(one.sae_id)) for one in listings.values()]
    features = study.features.join(pl.concat(lengths), on=["sae_id", "feature"], how="left")
    features = features.with_columns(pl.col("length").fill_null(0))
    found = _marked(listings, features)
    degrees = degree_rows(settings, study.degrees(), features, found)
    circuits = _circuits(settings, study, features, found)
    rows = {"disease_test": degrees, "disease_circuit": circuits}
    return {table: table_frame(table, [about | row for row in own]) for table, own in rows.items()}


def consensus_table(settings: DiseaseSettings, inputs: Inputs, listings: dict[int, Listing]) -> pl.DataFrame:
    """Table disease_consensus."""
    study, consensus = read_edges("disease", settings, inputs), StepFolder.open(inputs.folder("consensus"))
    described = [StepFolder.open(folder) for _, folder in sorted(inputs.layers("describe").items())]
    labels = pl.concat(term_domains(folder) for folder in described)
    found = _marked(listings, study.features)
    compared = (consensus.read_table(table) for table in ("consensus_test", "consensus_pair"))
    rows = shared_rows(settings, study, labels, found, *compared)
    about = {"effect": settings.effect, "criterion": study.criterion}
    return table_frame("disease_consensus", [about | row for row in rows])


def _marked(listings: dict[int, Listing], features: pl.DataFrame) -> pl.DataFrame:
    """library, disease, sae_id, layer, feature of all significant pairs."""
    marked = [one.diseases.filter("significant").with_columns(sae_id=pl.lit(one.sae_id)) for one in listings.values()]
    found = pl.concat(marked).select("library", "disease", "sae_id", "feature")
    return found.join(features.select("sae_id", *END), on=["sae_id", "feature"])


def _circuits(
    settings: DiseaseSettings, study: StudyEdges, features: pl.DataFrame, found: pl.DataFrame
) -> list[dict[str, object]]:
    sources, targets = (own.sort(END).with_row_index("place") for own in (study.sources, study.pool))
    about = targets.join(features, on=END, how="left", maintain_order="left")
    network = Network(
        number_ends(study.edges, sources, targets),
        sources["layer"].to_numpy().astype("int64"),
        targets["layer"].to_numpy().astype("int64"),
        about.select("frequency", "length").to_numpy().astype("float64"),
    )
    names, marks = [], []
    for name, own in found.sort("library", "disease").group_by("library", "disease", maintain_order=True):
        names.append((str(name[0]), str(name[1])))
        ends = [known.join(own, on=END, how="semi")["place"].to_numpy().astype("int64") for known in (sources, targets)]
        marks.append((ends[0], ends[1]))
    return circuit_rows(settings, network, names, marks) if names else []
