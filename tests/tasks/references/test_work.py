"""The references step: tables against the files themselves, and what it refuses."""

import polars as pl
import pytest

from tasks.references.edge_lists import read_edge_list
from tasks.references.files import library_file
from tasks.references.gene_sets import read_gene_sets
from tasks.references.networks import read_edges
from tasks.references.reader import ReferencesReader
from tasks.references.settings import ReferencesSettings
from tasks.store import RequestError, StepFolder, sha256_file
from tests.builders.contract import assert_contract
from tests.builders.references import read_references, write_gmt
from tests.builders.steps import do_step

GENES = ["CD3D", "C20orf24", "JUN", "FOS", "TP53", "MDM2"]  # of the study; its model knows all but the last


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells") / "cells-0123456789abcdef"
    measured = {"n_cells": [1] * 6, "mean_count": [1.0] * 6, "matched_by": ["symbol"] * 6}
    tokens = pl.Series([0, 1, 2, 3, 4, None], dtype=pl.Int32)
    with StepFolder.create(folder) as out:
        with out.unit("cells") as unit:
            unit.table("gene", pl.DataFrame({"gene_id": GENES, "symbol": GENES, "token_id": tokens, **measured}))
        out.finish()
    return folder


@pytest.fixture
def files(tmp_path):
    (tmp_path / "ppi.csv").write_text("gene1,gene2,score\nTP53,MDM2,0.5\nfos,jun,0.25\n")
    (tmp_path / "reg.tsv").write_text("JUN\tFOS\tActivation\t1\nJUN\tC20ORF24\tRepression\t2\n")
    return {
        "sets": [write_gmt(tmp_path / "b.gmt", {"z": ["C20ORF24", "c20orf24", "JUN"], "a": ["NOGENE", "TP53"]})],
        "networks": [tmp_path / "reg.tsv", tmp_path / "ppi.csv"],
        "signatures": [write_gmt(tmp_path / "kd.gmt", {"JUN_KD": ["FOS", "CD3D"], "other": ["TP53"]})],
    }


def read(tmp_path, cells, files):
    named = {kind: files[kind] for kind in ("networks", "signatures")}
    return read_references(tmp_path, cells, files["sets"], **named)


def test_tables_say_what_the_files_hold(tmp_path, cells, files):
    out = StepFolder.open(read(tmp_path, cells, files))
    for table in ("reference_db", "gene_set", "ref_edge"):
        assert_contract(out.read_table(table), table)
    assert out.read_table("gene_set").rows() == [
        ("b", "gene_set", "z", "C20orf24"),
        ("b", "gene_set", "z", "JUN"),
        ("b", "gene_set", "a", "NOGENE"),
        ("b", "gene_set", "a", "TP53"),
        ("kd", "signature", "JUN_KD", "CD3D"),
        ("kd", "signature", "JUN_KD", "FOS"),
    ]
    assert out.read_table("ref_edge").rows() == [
        ("reg", "JUN", "FOS", "activation", None),
        ("reg", "JUN", "C20orf24", "repression", None),
        ("ppi", "MDM2", "TP53", "unknown", 0.5),
        ("ppi", "FOS", "JUN", "unknown", 0.25),
    ]
    counted = [
        "reference",
        "kind",
        "n_sets",
        "n_rows",
        "n_genes",
        "n_shared",
        "share_of_file",
        "share_of_study",
        "directed",
    ]
    assert out.read_table("reference_db").select(counted).rows() == [
        ("b", "gene_set", 2, 4, 4, 3, 0.75, 0.6, None),
        ("reg", "network", 1, 2, 3, 3, 1.0, 0.6, True),
        ("ppi", "network", 2, 2, 4, 3, 0.75, 0.6, False),
        ("kd", "signature", 1, 2, 2, 2, 1.0, 0.4, None),
    ]
    assert out.read_table("reference_db")["sha256"][0] == sha256_file(files["sets"][0])


def test_the_reader_gives_back_what_the_files_hold(tmp_path, cells, files):
    reader = ReferencesReader(read(tmp_path, cells, files))
    sets = reader.gene_sets()["b"]
    assert list(sets.items()) == [("z", {"C20orf24", "JUN"}), ("a", {"NOGENE", "TP53"})]  # the order decides ties
    assert reader.networks() == {"reg": {"JUN": {"FOS", "C20ORF24"}}}
    assert reader.undirected() == ["ppi"]
    [signature] = reader.signatures()["kd"]
    assert (signature.name, signature.gene, signature.up) == ("JUN_KD", "JUN", {"FOS", "CD3D"})


def test_bundled_files_come_back_as_they_are_read(tmp_path, cells):
    """Set by set, in order, whatever the case: nothing that is computed from them can change on the way."""
    settings = ReferencesSettings.model_validate({"gene_sets": ["encode_tf", "reactome"], "min_shared": 1e-6})
    reader = ReferencesReader(do_step("references", settings, tmp_path / "references-0", cells=cells))
    for name, sets in reader.gene_sets().items():
        theirs = read_gene_sets(library_file(name))
        assert [*sets] == [*theirs]
        assert all({*map(str.upper, sets[term])} == {*map(str.upper, theirs[term])} for term in theirs)
    edges = read_edges(library_file("encode_tf"), None).frame.group_by("source", maintain_order=True).agg("target")
    network = reader.networks()["encode_tf"]
    assert [*network] == edges["source"].to_list() == sorted(network)
    assert all(network[factor] == {*genes} for factor, genes in edges.iter_rows())


def test_a_universe_widens_what_a_library_could_have_named(tmp_path, cells):
    write_gmt(tmp_path / "b.gmt", {"a": ["NOGENE", "TP53"]})
    (tmp_path / "universe.txt").write_text("TP53\njun\nCD3D\nMDM2\n\n")
    source = {"file": str(tmp_path / "b.gmt"), "universe": str(tmp_path / "universe.txt"), "licence": "CC0"}
    settings = ReferencesSettings.model_validate({"gene_sets": [source], "networks": []})
    folder = do_step("references", settings, tmp_path / "references-0", cells=cells)
    row = StepFolder.open(folder).read_table("reference_db").row(0, named=True)
    assert (row["n_genes"], row["n_universe"], row["n_shared"], row["licence"]) == (2, 5, 3, "CC0")
    (tmp_path / "universe.txt").write_text("TP53\tJUN\n")
    with pytest.raises(RequestError, match=r"universe\.txt, line 1: several fields; a universe lists one gene a line"):
        do_step("references", settings, tmp_path / "references-1", cells=cells)


def test_a_file_of_other_identifiers_is_refused(tmp_path, cells):
    path = write_gmt(tmp_path / "ensembl.gmt", {"T cells": ["ENSG00000167286", "ENSG00000198851"]})
    message = (
        r"ensembl\.gmt: none of its 2 genes \(such as ENSG00000167286\) is among the 5 genes that this study's model"
    )
    with pytest.raises(RequestError, match=message) as caught:
        read_references(tmp_path, cells, [path])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "references-0123456789abcdef" / "manifest.json").exists()


@pytest.mark.parametrize(("least", "fits"), [(0.2, True), (0.21, False)])
def test_the_larger_share_decides(tmp_path, cells, least, fits):
    """One gene of two hundred is in the study, which is one of the five that its model knows: 0.005 and 0.2."""
    path = write_gmt(tmp_path / "large.gmt", {"a": ["TP53", *(f"X{i}" for i in range(199))]})
    settings = ReferencesSettings.model_validate({"gene_sets": [str(path)], "networks": [], "min_shared": least})
    if fits:
        do_step("references", settings, tmp_path / "references-0", cells=cells)
    else:
        with pytest.raises(RequestError, match=r"1 of its 200 genes .* is among the 5 genes"):
            do_step("references", settings, tmp_path / "references-0", cells=cells)


def test_a_killed_step_goes_on_with_the_next_file(tmp_path, cells, files):
    whole = read(tmp_path / "whole", cells, files)
    (tmp_path / "ppi.csv").rename(tmp_path / "hidden.csv")
    with pytest.raises(RequestError, match=r"cannot read .*ppi\.csv"):
        read(tmp_path, cells, files)
    (tmp_path / "hidden.csv").rename(tmp_path / "ppi.csv")
    begun = tmp_path / "references-0123456789abcdef" / "tables" / "gene_set" / "000.parquet"
    written = begun.stat().st_mtime_ns
    folder = read(tmp_path, cells, files)
    assert begun.stat().st_mtime_ns == written
    for table in ("reference_db", "gene_set", "ref_edge"):
        pairs = zip(StepFolder.open(folder).shards(table), StepFolder.open(whole).shards(table), strict=True)
        assert all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def test_an_edge_list_keeps_its_direction_under_the_study(tmp_path, cells, files):
    source = {"file": str(files["networks"][1]), "directed": True}
    settings = ReferencesSettings.model_validate({"gene_sets": [str(files["sets"][0])], "networks": [source]})
    folder = do_step("references", settings, tmp_path / "references-0", cells=cells)
    expected = read_edge_list(files["networks"][1], True).frame.select("source", "target").rows()
    assert StepFolder.open(folder).read_table("ref_edge").select("source", "target").rows() == expected
    assert [*ReferencesReader(folder).networks()["ppi"]] == ["FOS", "TP53"]
