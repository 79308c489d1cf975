"""Factor-target networks as read from gene-set files."""

import pytest

from tasks.references.files import library_file
from tasks.references.networks import ANTIBODY_GENE, read_network
from tasks.store import RequestError
from tests.builders.references import write_gmt


def test_lines_of_one_factor_are_united_under_its_gene_symbol(tmp_path):
    sets = {"NFKB GM10847": ["A", "B"], "JUN HELA-S3": ["C"], "NFKB GM12878": ["B", "D"], "cJUN HUVEC": ["E"]}
    path = write_gmt(tmp_path / "mine.gmt", sets)
    network = read_network(path)
    assert network == {"JUN": {"C", "E"}, "RELA": {"A", "B", "D"}}


def test_the_bundled_network_covers_encode():
    network = read_network(library_file("encode_tf"))
    assert len(network) > 80
    assert len(network["RELA"]) > 500  # seven cell lines
    assert not set(network) & set(ANTIBODY_GENE), "every antibody name has become a gene symbol"


def test_a_network_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"nowhere\.gmt"):
        read_network(tmp_path / "nowhere.gmt")
