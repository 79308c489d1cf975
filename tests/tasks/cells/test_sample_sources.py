import io
import json
import sqlite3
import tarfile

import numpy as np
import pytest
from scipy.io import mmwrite
from scipy.sparse import coo_matrix

from tasks.cells.sample import sources


@pytest.fixture
def databases(tmp_path):
    """Two tiny files with the tables of org.Hs.eg.sqlite and GO.sqlite that are read."""
    org, ontology = tmp_path / "org.sqlite", tmp_path / "go.sqlite"
    with sqlite3.connect(org) as connection:
        connection.execute("create table genes (_id, gene_id)")
        connection.execute("create table gene_info (_id, symbol)")
        connection.execute("create table ensembl (_id, ensembl_id)")
        connection.execute("create table alias (_id, alias_symbol)")
        aliases = [
            (0, "OLD0"),
            (0, "S01"),
            (1, "BOTH"),
            (2, "BOTH"),
            (3, "C3orf1"),
            (3, "3"),
            (4, "oddName"),
            (0, "OLD0"),
        ]
        connection.executemany("insert into alias values (?, ?)", aliases)
        connection.execute("create table go_bp_all (_id, go_id, evidence)")
        for i in range(12):
            connection.execute("insert into genes values (?, ?)", (i, str(100 - i)))
            connection.execute("insert into gene_info values (?, ?)", (i, f"S{i:02d}"))
            connection.execute("insert into ensembl values (?, ?)", (i, f"ENSG{i}"))
            connection.execute("insert into go_bp_all values (?, 'GO:2', 'IEA')", (i % 6,))
            connection.execute("insert into go_bp_all values (?, 'GO:1', 'IDA')", (i % 5,))
            connection.execute("insert into go_bp_all values (?, 'GO:3', 'IDA')", (i % 4,))
    with sqlite3.connect(ontology) as connection:
        connection.execute("create table go_term (go_id, term)")
        connection.executemany(
            "insert into go_term values (?, ?)", [("GO:1", "one"), ("GO:2", "two"), ("GO:3", "three")]
        )
    return org, ontology


def test_terms_of_five_genes_and_more_are_kept_in_order(databases):
    assert sources.go_sets(*databases) == [
        ["one (GO:1)", "GO:1", "S00", "S01", "S02", "S03", "S04"],
        ["two (GO:2)", "GO:2", "S00", "S01", "S02", "S03", "S04", "S05"],
    ]


def test_ids_stand_in_order_of_entrez_id(databases):
    rows = sources.ensembl_symbols(databases[0])
    assert rows[0] == ["ENSG11", "S11"]
    assert rows[-1] == ["ENSG0", "S00"]


def test_earlier_symbols_are_of_one_gene_and_look_like_symbols(databases):
    assert sources.earlier_symbols(databases[0]) == [["OLD0", "S00"], ["C3orf1", "S03"]]


def test_a_10x_tarball_is_read_cells_by_genes(tmp_path):
    matrix = io.BytesIO()
    mmwrite(matrix, coo_matrix(np.array([[1, 0], [0, 2], [3, 0]])), field="integer")
    files = {
        "matrix.mtx": matrix.getvalue(),
        "barcodes.tsv": b"AAA-1\nCCC-1\n",
        "genes.tsv": b"ENSG1\tone\nENSG2\ttwo\nENSG3\tthree\n",
    }
    with tarfile.open(tmp_path / "10x.tar.gz", "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{sources.FOLDER}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    counts, barcodes, ids, symbols = sources.read_10x(tmp_path / "10x.tar.gz")
    assert counts.toarray().tolist() == [[1, 0, 3], [0, 2, 0]]
    assert (barcodes, ids, symbols) == (["AAA-1", "CCC-1"], ["ENSG1", "ENSG2", "ENSG3"], ["one", "two", "three"])


def test_encode_and_reactome_become_gmt_lines(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps({"FOS H1": ["A", "B"]}))
    (tmp_path / "r.gmt").write_text("SET\turl\tA\tB\t\n")
    assert sources.encode_sets(tmp_path / "t.json") == [["FOS H1", "ENCODE_TF_ChIP", "A", "B"]]
    assert sources.reactome_sets(tmp_path / "r.gmt") == [["SET", "url", "A", "B"]]


def test_a_table_has_the_same_bytes_every_time(tmp_path):
    for name in ("one.gz", "two.gz"):
        sources.write_table(tmp_path / name, [["a", "b"], ["c"]])
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
