import polars as pl
import pytest

from tasks.store import ScfmError, StepFolder, sha256_file
from tasks.validate.circuit import read_gene_lists
from tasks.validate.read import CalledEdges
from tasks.validate.settings import ValidateSettings
from tests.builders.contract import assert_contract
from tests.builders.references import read_references, write_gmt
from tests.builders.steps import do_step
from tests.builders.study_shards import make_study

TABLES = ("gene_pair", "validation")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Finished folders of the steps before this one, by role."""
    _, folders = make_study(tmp_path_factory.mktemp("runs"))
    of = {step: [f for f in folders if f.name.startswith(step)] for step in ("cells", "model", "describe", "trace")}
    names = [StepFolder.open(f).read_table("feature")["sae_id"][0] for f in of["describe"]]
    describes = dict(zip(names, of["describe"], strict=True))
    return {"traces": of["trace"], "describes": describes, "model": of["model"][0], "cells": of["cells"][0]}


@pytest.fixture(scope="module")
def references(tmp_path_factory, study):
    """A network and a screen about genes of the study: planted from its own circuit."""
    folder = tmp_path_factory.mktemp("references")
    circuit = CalledEdges.read(ValidateSettings(), study["traces"], study["describes"]).circuit(10)
    sources, targets = circuit.source_symbols[:6], circuit.target_symbols
    halves = [targets[i % 2 :: 2] for i in range(len(sources))]
    for name, label in (("net.gmt", "{} K562"), ("screen.gmt", "{}_KD_k562")):
        lines = ["\t".join([label.format(s), "x", *half]) for s, half in zip(sources, halves, strict=True)]
        (folder / name).write_text("\n".join(lines))
    net, screen = (folder / name for name in ("net.gmt", "screen.gmt"))
    return read_references(folder, study["cells"], [net], networks=[net], signatures=[screen])


@pytest.fixture(scope="module")
def nothing(tmp_path_factory, study):
    """References that name neither a network nor a screen."""
    folder = tmp_path_factory.mktemp("nothing")
    sets = write_gmt(folder / "sets.gmt", {"T cell": ["CD3D", "IL7R"]})
    return read_references(folder, study["cells"], [sets])


def run(study, references, folder, **settings):
    reads = {"trace": dict(enumerate(study["traces"])), "describe": dict(enumerate(study["describes"].values()))}
    reads |= {role: study[role] for role in ("model", "cells")}
    return do_step("validate", ValidateSettings(n_null=100, **settings), folder, references=references, **reads)


def test_tables_keep_their_contracts(tmp_path, study, references):
    out = StepFolder.open(run(study, references, tmp_path / "validate-1"))
    for table in TABLES:
        assert_contract(out.read_table(table), table)
    rows = out.read_table("validation")
    assert rows.select("check_name", "reference").unique(maintain_order=True).rows() == [
        ("tf_targets", "net"),
        ("perturbation", "screen"),
    ]
    assert rows["observed"].null_count() == 0
    assert rows["n_null"].to_list() == [100] * 4
    pairs = out.read_table("gene_pair")
    assert pairs.height > 50
    assert set(pairs["known_tf_target"]) == {True, False, None}


def test_nothing_named_is_said_and_not_hidden(tmp_path, study, nothing):
    rows = StepFolder.open(run(study, nothing, tmp_path / "validate-1")).read_table("validation")
    perturbation = rows.filter(check_name="perturbation")
    assert perturbation["observed"].null_count() == perturbation.height == 2
    assert perturbation["meaning"].str.contains("names no file of knock-down signatures").all()


def test_a_study_without_edges_finishes(tmp_path, study, references):
    out = StepFolder.open(run(study | {"traces": []}, references, tmp_path / "validate-1"))
    assert out.read_table("gene_pair").height == 0
    rows = out.read_table("validation")
    assert rows["observed"].null_count() == rows.height == 4
    assert rows["meaning"].str.contains("no specific edge").all()


def test_same_inputs_same_bytes_and_a_finished_folder_is_left_alone(tmp_path, study, references):
    first, second = (run(study, references, tmp_path / name / "validate-1") for name in "ab")
    for table in TABLES:
        [one], [two] = StepFolder.open(first).shards(table), StepFolder.open(second).shards(table)
        assert sha256_file(one) == sha256_file(two)
    written = (first / "manifest.json").stat().st_mtime_ns
    run(study, references, first)
    assert (first / "manifest.json").stat().st_mtime_ns == written


def test_an_interrupted_step_keeps_its_unit(tmp_path, study, nothing):
    folder = run(study, nothing, tmp_path / "validate-1")
    (folder / "manifest.json").unlink()
    [shard] = (folder / "tables" / "gene_pair").iterdir()
    written = shard.stat().st_mtime_ns
    assert StepFolder.open(run(study, nothing, folder)).done
    assert shard.stat().st_mtime_ns == written


def test_the_cap_keeps_the_best_pairs(tmp_path, study, nothing):
    every = StepFolder.open(run(study, nothing, tmp_path / "validate-1")).read_table("gene_pair")
    few = StepFolder.open(run(study, nothing, tmp_path / "validate-2", max_pairs=10)).read_table("gene_pair")
    assert few.equals(every.head(10))


def test_fewer_top_genes_make_fewer_pairs(tmp_path, study):
    edges = CalledEdges.read(ValidateSettings(), study["traces"], study["describes"])
    every, first = edges.circuit(10), edges.circuit(1)
    assert first.source_lists.nnz == first.source_lists.shape[0]
    assert len(first.target_symbols) < len(every.target_symbols)


def test_an_undirected_network_and_two_screens_have_their_rows(tmp_path, study, references):
    """What has no direction is said not to be tested; each screen has rows of its own."""
    folder = tmp_path / "more"
    folder.mkdir()
    sets = StepFolder.open(references).read_table("gene_set").filter(kind="signature")
    named = dict(sets.group_by("term", maintain_order=True).agg("gene").iter_rows())
    screens = [write_gmt(folder / name, named) for name in ("one.gmt", "two.gmt")]
    (folder / "ppi.tsv").write_text("gene1\tgene2\nCD3D\tIL7R\n")
    more = read_references(folder, study["cells"], screens, networks=[folder / "ppi.tsv"], signatures=screens)
    rows = StepFolder.open(run(study, more, tmp_path / "validate-2")).read_table("validation")
    assert rows["reference"].to_list() == ["ppi"] * 2 + ["one"] * 2 + ["two"] * 2
    assert rows.filter(reference="ppi")["meaning"].str.contains("the edges of ppi have no direction").all()
    numbers = ["statistic", "observed", "null_mean", "p"]
    first = StepFolder.open(run(study, references, tmp_path / "validate-1")).read_table("validation")
    for name in ("one", "two"):
        assert rows.filter(reference=name).select(numbers).equals(first.filter(reference="screen").select(numbers))


def test_an_edge_to_a_layer_nobody_described_is_refused(tmp_path, study, nothing):
    source = next(iter(study["describes"]))
    described = {name: folder for name, folder in study["describes"].items() if name != source}
    with pytest.raises(ScfmError, match=f"{source}: describe those layers too"):
        run(study | {"describes": described}, nothing, tmp_path / "validate-1")


def test_one_symbol_on_two_ranks_keeps_the_better(tmp_path, study):
    sae_id, describe = next(iter(study["describes"].items()))
    listed = StepFolder.open(describe).read_table("feature_gene").filter(pl.col("feature") == pl.col("feature").min())
    twice = pl.concat([listed.with_columns(rank=pl.lit(1, pl.UInt16)), listed.with_columns(rank=pl.lit(2, pl.UInt16))])
    with StepFolder.create(tmp_path / "describe-1") as out:
        with out.unit("all") as unit:
            unit.table("feature_gene", twice.with_columns(symbol=pl.lit("SAME")))
        out.finish()
    assert read_gene_lists({sae_id: tmp_path / "describe-1"}, 10).select("symbol", "weight").rows() == [("SAME", 1.0)]
