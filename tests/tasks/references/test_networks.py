"""Factor-target networks as read from gene-set files."""

import pytest

from tasks.references.files import library_file
from tasks.references.networks import ANTIBODY_GENE, read_edges
from tasks.store import RequestError
from tests.builders.references import write_gmt


def targets(edges):
    found = edges.frame.group_by("source").agg("target")
    return {source: set(genes) for source, genes in found.iter_rows()}


def test_lines_of_one_factor_are_united_under_its_gene_symbol(tmp_path):
    sets = {"NFKB GM10847": ["A", "B"], "JUN HELA-S3": ["C"], "NFKB GM12878": ["B", "D"], "cJUN HUVEC": ["E"]}
    path = write_gmt(tmp_path / "mine.gmt", sets)
    edges = read_edges(path, None)
    assert targets(edges) == {"JUN": {"C", "E"}, "RELA": {"A", "B", "D"}}
    assert edges.directed
    assert not read_edges(path, False).directed


def test_the_bundled_network_covers_encode():
    network = targets(read_edges(library_file("encode_tf"), None))
    assert len(network) > 80
    assert len(network["RELA"]) > 500  # seven cell lines
    assert not set(network) & set(ANTIBODY_GENE), "every antibody name has become a gene symbol"


def test_a_network_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"nowhere\.gmt"):
        read_edges(tmp_path / "nowhere.gmt", None)
