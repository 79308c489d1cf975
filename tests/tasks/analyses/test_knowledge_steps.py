"""Steps domains, relations, classes and disease on folders: contracts, equal bytes, and figures of the trace."""

from types import SimpleNamespace

import polars as pl
import pytest

from tasks.analyses.classes.step import ClassesSettings
from tasks.analyses.disease.step import DiseaseSettings
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.relations.step import STEP as RELATIONS
from tasks.analyses.relations.step import RelationsSettings
from tasks.describe.settings import DescribeSettings
from tasks.references.settings import ReferencesSettings
from tasks.section import Sections
from tasks.step import Inputs, run_unit
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.contract_frames import example_row
from tests.builders.study_shards import make_study

STEPS = ("domains", "relations", "classes", "disease")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Settings, and the folders that the steps read."""
    root = tmp_path_factory.mktemp("study")
    _, folders = make_study(root, n_features=60)
    named = {step: [one for one in folders if one.name.startswith(f"{step}-")] for step in ("describe", "trace")}
    cells, model, references = (
        next(one for one in folders if one.name.startswith(f"{step}-")) for step in ("cells", "model", "references")
    )
    sets = StepFolder.open(references).read_table("gene_set").filter(kind="gene_set")
    gmt = root / "diseases.gmt"
    groups = sets.group_by("term", maintain_order=True).agg("gene").iter_rows()
    gmt.write_text("".join(f"{term}\t-\t{chr(9).join(sorted(set(genes)))}\n" for term, genes in groups))
    choice = {"criterion": "published", "n_draws": 99}
    settings = {
        "domains": DomainsSettings(wanted=True, min_edges=1, **choice),
        "relations": RelationsSettings(wanted=True, alpha=0.5),
        "classes": ClassesSettings(wanted=True, **choice),
        "disease": DiseaseSettings(sets=[str(gmt)], alpha=0.9, rewired=19, null_draws=2, **choice),
        "describe": DescribeSettings(min_set=2),
        "references": ReferencesSettings(),
    }
    reads = {
        "trace": {0: named["trace"][0]},
        "describe": dict(enumerate(named["describe"])),
        "modules": {},
        "labels": {},
        **{name: {None: one} for name, one in (("model", model), ("references", references), ("cells", cells))},
        "activations": {None: root},
    }
    return settings, reads, StepFolder.open(cells).read_table("gene")["symbol"].to_list()


def run(world, root, step):
    settings, reads, _ = world
    inputs = Inputs(Sections(settings), reads)
    return run_unit(step_named(step), settings[step], inputs, root / f"{step}-0123456789abcdef")


@pytest.fixture
def symbols(world, monkeypatch):
    """Genes that features could have listed: those of the cells, as a synthetic study has no activations."""
    for module in ("relations.sets", "disease.lists"):
        axes = SimpleNamespace(background=world[2])
        monkeypatch.setattr(f"tasks.analyses.{module}.read_axes", lambda *_, axes=axes: axes)


def test_tables_keep_their_contracts_and_equal_inputs_give_equal_bytes(world, symbols, tmp_path):
    settings, reads, genes = world
    for step in STEPS:
        first, second = (StepFolder.open(run(world, tmp_path / where, step)) for where in ("one", "two"))
        for table in step_named(step).tables:
            assert_contract(first.read_table(table), table)
            paths = [[shard.read_bytes() for shard in one.shards(table)] for one in (first, second)]
            assert paths[0] == paths[1], table
        reads = reads | {step: {None: first.path}}
        if step == "domains":
            reads["consensus"] = {None: write_consensus(tmp_path, first.read_table("domain_pair"))}
        world = (settings, reads, genes)
    made = {step: StepFolder.open(tmp_path / "one" / f"{step}-0123456789abcdef") for step in STEPS}
    read = {table: made[step].read_table(table) for step, table in SEEN}
    shares = read["novel_share"].filter(rule="published").row(0, named=True)
    apart = read["domain_pair"].filter(pl.col("source_domain") != pl.col("target_domain"), kind="term")
    assert shares["n_edges"] == apart["n_edges"].sum()
    assert read["novel_share"]["rule"].to_list() == ["default", "published"]
    assert read["class_enrichment"].height > 0
    assert read["feature_disease"]["significant"].any()
    assert set(read["disease_test"]["direction"]) <= {"in", "out"}
    shared = made["disease"].read_table("disease_consensus")
    assert set(shared["other"]) == {"twin"}
    assert set(shared["n_pairs"]) == {read["domain_pair"].filter(kind="term").height}


def write_consensus(root, pairs):
    """A folder of step consensus: another study joins every second pair of gene sets."""
    about = {"effect": "total", "criterion": "published", "kind": "term", "other": "twin"}
    ends = ["source_domain", "target_domain"]
    both = pairs.filter(kind="term").sort(ends).gather_every(2).select(ends)
    test, pair = (
        example_row(table, {}).with_columns(**{name: pl.lit(value) for name, value in about.items()})
        for table in ("consensus_test", "consensus_pair")
    )
    with StepFolder.create(root / "consensus-0123456789abcdef") as out:
        with out.unit("term") as unit:
            unit.table("consensus_test", test)
            unit.table("consensus_pair", both.join(pair.drop(ends), how="cross").select(pair.columns))
        out.finish()
        return out.path


SEEN = (
    ("domains", "domain_pair"), ("relations", "novel_share"),
    ("classes", "class_enrichment"), ("disease", "feature_disease"), ("disease", "disease_test"),
)  # fmt: skip


def test_domains_that_are_no_gene_sets_and_missing_files_are_refused_when_a_study_is_planned(tmp_path):
    for relations, kinds, words in (
        ({}, ("cell_type",), "add term or module to domains.kinds"),
        ({"ontology": tmp_path / "go.obo"}, ("term",), "relations.ontology: no file at"),
    ):
        sections = Sections({"r": RelationsSettings(**relations), "d": DomainsSettings(kinds=kinds)})
        with pytest.raises(RequestError, match=words):
            RELATIONS.outside(sections, None)


def test_a_study_without_a_trace_has_diseases_of_features_alone(world, symbols, tmp_path):
    settings, reads, genes = world
    out = StepFolder.open(run((settings, reads | {"trace": {}}, genes), tmp_path, "disease"))
    assert out.read_table("disease_summary").height > 0
    assert out.shards("disease_circuit") == []


def test_a_file_of_another_species_is_refused(world, symbols, tmp_path):
    settings, reads, genes = world
    other = tmp_path / "plants.gmt"
    other.write_text("wilt\t-\t" + "\t".join(f"AT1G{n:05d}" for n in range(40)) + "\n")
    changed = settings | {"disease": settings["disease"].model_copy(update={"sets": (replace_file(settings, other),)})}
    with pytest.raises(RequestError, match="of its 40 genes"):
        run((changed, reads, genes), tmp_path, "disease")


def replace_file(settings, path):
    return settings["disease"].sets[0].model_copy(update={"file": str(path)})
