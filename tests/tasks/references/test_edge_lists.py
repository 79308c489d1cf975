"""Tables of edges: formats that people have, and what is wrong with a file in one line."""

import csv
import gzip

import pytest

from tasks.references.edge_lists import read_edge_list
from tasks.store import RequestError
from tests.shared import shared_path

TRRUST = "AATF\tBAX\tRepression\t22909821\nAATF\tCDKN1A\tUnknown\t17157788\nABL1\tBAX\tActivation\t1;2\n"
STRING = "protein1 protein2 combined_score\nTP53 MDM2 999\nMDM2 TP53 999\nTP53 atm 400\n"


def edges_of(tmp_path, text, directed=None, name="net.tsv"):
    path = tmp_path / name
    content = text.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    edges = read_edge_list(path, directed)
    return edges.frame.rows(), edges.directed


def test_trrust_has_modes_and_a_direction(tmp_path):
    rows = [
        ("AATF", "BAX", "repression", None),
        ("AATF", "CDKN1A", "unknown", None),
        ("ABL1", "BAX", "activation", None),
    ]
    assert edges_of(tmp_path, TRRUST) == (rows, True)


def test_string_has_scores_and_every_pair_once(tmp_path):
    rows = [("MDM2", "TP53", "unknown", 999.0), ("ATM", "TP53", "unknown", 400.0)]
    assert edges_of(tmp_path, STRING) == (rows, False)
    assert edges_of(tmp_path, STRING.replace("protein1", "#node1").replace("protein2", "node2")) == (rows, False)


@pytest.mark.parametrize("name", ["net.tsv", "net.csv", "net.txt.gz"])
@pytest.mark.parametrize("split", ["\t", ",", ";"])
@pytest.mark.parametrize("head", ["", "source{}target\n", "﻿source{}target\r\n"])
def test_two_columns_by_any_split_under_any_name(tmp_path, name, split, head):
    text = head.format(split) + f'\nJUN{split}FOS\n\n"jun"{split}MYC\r\n'
    rows = [("JUN", "FOS", "unknown", None), ("JUN", "MYC", "unknown", None)]
    assert edges_of(tmp_path, text, None if head else True, name) == (rows, True)


def test_columns_are_found_by_name_in_any_order(tmp_path):
    text = "weight,target,mor,source\n0.5,FOS,-1,JUN\n2,MYC,1,JUN\n"
    assert edges_of(tmp_path, text)[0] == [("JUN", "FOS", "repression", 0.5), ("JUN", "MYC", "activation", 2.0)]


def test_the_study_overrules_the_file(tmp_path):
    assert edges_of(tmp_path, STRING, True)[0][:2] == [
        ("TP53", "MDM2", "unknown", 999.0),
        ("MDM2", "TP53", "unknown", 999.0),
    ]


def test_a_gene_called_like_a_column_is_a_gene(tmp_path):
    assert edges_of(tmp_path, "TF\tTFRC\n", True)[0] == [("TF", "TFRC", "unknown", None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no edge"),
        ("source\ttarget\n", "holds no edge below its first line"),
        ("JUN\n", "line 1: one field"),
        ("JUN\tFOS\n", "nothing says whether its edges have a direction; set directed"),
        ("JUN\tFOS\t0.3\n", "nothing says whether"),
        ("tf,gene_name\nJUN,FOS\n", "line 1: no two columns that hold the genes among tf, gene_name"),
        ("JUN\tFOS\tsoon\n", "line 1: 'soon' is neither a mode nor a score"),
        ("JUN\tFOS\t\n", "line 1: '' is neither a mode nor a score"),
        ("source\ttarget\nJUN\tFOS\nJUN,MYC\n", "line 3: not 2 fields as in the first line, but 1"),
        ("source\ttarget\n\nJUN\tFOS\tMYC\n", "line 3: not 2 fields as in the first line, but 3"),
        ("source\ttarget\nJUN\t\n", "line 2: no edge from 'JUN' to ''"),
        ("source\ttarget\nJUN\tFOS,MYC\n", "line 2: no edge from 'JUN' to 'FOS,MYC'; give one gene at each end"),
        ("JUN\tFOS\tActivation\nJUN\tMYC\tperhaps\n", "line 2: no mode 'perhaps'; write activation"),
        ("gene1\tgene2\tscore\nJUN\tFOS\thigh\n", "line 2: the score 'high' is no number"),
        ("gene1\tgene2\tscore\nJUN\tFOS\tnan\n", "line 2: the score 'nan' is no number"),
        ("gene1\tgene2\tscore\nJUN\tFOS\t1\nFOS\tJUN\t2\n", "line 3: FOS and JUN once more, with another score"),
    ],
)
def test_a_broken_table_is_one_line(tmp_path, text, message):
    with pytest.raises(RequestError, match=message) as caught:
        edges_of(tmp_path, text)
    assert str(tmp_path / "net.tsv") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "net.tsv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "net.tsv.gz").write_text("JUN\tFOS\n")
    with pytest.raises(RequestError, match=r"net\.tsv, after line 0: not UTF-8 text"):
        read_edge_list(tmp_path / "net.tsv", True)
    with pytest.raises(RequestError, match=r"net\.tsv\.gz, after line 0: damaged gzip"):
        read_edge_list(tmp_path / "net.tsv.gz", True)
    with pytest.raises(RequestError, match=r"cannot read .*none\.tsv: No such file"):
        read_edge_list(tmp_path / "none.tsv", True)


def test_the_published_networks_are_read_whole():
    """Against the csv module: TRRUST as published and a STRING export of some genes."""
    path = shared_path("data/networks/trrust_rawdata.human.tsv")
    rows = list(csv.reader(path.open(), delimiter="\t"))
    edges = read_edge_list(path, None)
    assert set(edges.frame.select("source", "target", "mode").rows()) == {
        (a.upper(), b.upper(), mode.lower()) for a, b, mode, _ in rows
    }
    assert edges.directed
    path = shared_path("data/networks/string_209genes.tsv.gz")
    with gzip.open(path, "rt") as file:
        table = list(csv.DictReader(file, delimiter="\t"))
    edges = read_edge_list(path, None)
    assert {frozenset(pair) for pair in edges.frame.select("source", "target").iter_rows()} == {
        frozenset({row["preferredName_A"].upper(), row["preferredName_B"].upper()}) for row in table
    }
    assert not edges.directed
