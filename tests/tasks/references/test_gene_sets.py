"""The GMT reader and the cut to a background."""

import gzip

import gseapy.parser
import pytest

from tasks.references.gene_sets import cut_to_background, read_gene_sets
from tasks.store import RequestError

TWO_SETS = "first\tsource\tCD3D\tCD3E\t\n\nsecond\t\tMS4A1,1.0\tCD79A\n"


def test_reads_plain_and_gzipped_alike(tmp_path):
    (tmp_path / "a.gmt").write_text(TWO_SETS)
    with gzip.open(tmp_path / "a.gmt.gz", "wt") as file:
        file.write(TWO_SETS)
    expected = {"first": frozenset({"CD3D", "CD3E"}), "second": frozenset({"MS4A1", "CD79A"})}
    assert read_gene_sets(tmp_path / "a.gmt") == expected
    assert list(read_gene_sets(tmp_path / "a.gmt.gz").items()) == list(expected.items())


def test_agrees_with_gseapy_on_a_clean_file(tmp_path):
    path = tmp_path / "clean.gmt"
    path.write_text("".join(f"term {i}\tnote\t" + "\t".join(f"G{j}" for j in range(i + 1)) + "\n" for i in range(30)))
    theirs = {term: frozenset(genes) for term, genes in gseapy.parser.read_gmt(str(path)).items()}
    assert read_gene_sets(path) == theirs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good\tx\tCD3D\nbroken\tCD3E\n", "line 2: not a gene set"),
        ("good\tx\tCD3D\nno tabs at all\n", "line 2: not a gene set"),
        ("\tx\tCD3D\n", "line 1: not a gene set"),
        ("a\tx\tCD3D\nb\tx\tCD3E\na\tx\tCD3G\n", "line 3: the set 'a' occurs twice"),
        ("\n\n", "holds no gene set"),
        ("name only\n", "line 1: not a gene set"),
        ("no genes\tx\n", "line 1: not a gene set"),
        ("a,x,CD3D,CD3E\n", "line 1: not a gene set; .* split by tabs"),
        ("a\tx\tCD3D\tCD3E\nb\tx\tCD3D,CD3E,CD3G\n", "line 2: commas split the genes of 'b'; put tabs between them"),
        ("a\tx\tCD3D,CD3E\n", "line 1: commas split"),
        ("a\tx\tCD3D,1.0,CD3E,0.5\n", "line 1: commas split"),
        ("a\tx\tCD3D, CD3E\n", "line 1: commas split"),
        ("\na\tx\tCD3D CD3E CD3G\n", "line 2: blanks split the genes of 'a'"),
        ("a\tx\tCD3D;CD3E\n", "line 1: semicolons split"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, text, message):
    path = tmp_path / "broken.gmt"
    path.write_text(text)
    with pytest.raises(RequestError, match=message) as caught:
        read_gene_sets(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("weight", ["1", "0.25", "-1.5e-3", "+2.", ".5"])
def test_a_number_behind_a_comma_is_a_weight(tmp_path, weight):
    path = tmp_path / "weights.gmt"
    path.write_text(f"a\tof 1, 2\tCD3D,{weight}\tCD3E\n")
    assert read_gene_sets(path) == {"a": {"CD3D", "CD3E"}}


def test_a_locus_with_a_blank_may_stand_beside_genes(tmp_path):
    path = tmp_path / "loci.gmt"
    path.write_text("a\tx\tHOXA CLUSTER\tCD3E\n")
    assert read_gene_sets(path) == {"a": {"HOXA CLUSTER", "CD3E"}}


@pytest.mark.parametrize("name", ["mark.gmt", "mark.gmt.gz"])
def test_a_byte_order_mark_and_windows_line_ends_are_no_text(tmp_path, name):
    content = b"\xef\xbb\xbf" + TWO_SETS.replace("\n", "\r\n").encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert read_gene_sets(path) == {"first": {"CD3D", "CD3E"}, "second": {"MS4A1", "CD79A"}}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"cannot read .*none\.gmt: No such file"):
        read_gene_sets(tmp_path / "none.gmt")


def test_a_truncated_gzip_is_named(tmp_path):
    path = tmp_path / "cut.gmt.gz"
    whole = gzip.compress("".join(f"t{i}\tx\tG{i * 7919}\n" for i in range(5000)).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RequestError, match="damaged gzip file"):
        read_gene_sets(path)


def test_a_file_that_only_pretends_to_be_gzip_is_named(tmp_path):
    path = tmp_path / "plain.gmt.gz"
    path.write_text(TWO_SETS)
    with pytest.raises(RequestError, match="damaged gzip file"):
        read_gene_sets(path)


def test_binary_content_is_refused(tmp_path):
    path = tmp_path / "binary.gmt"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(RequestError, match="not UTF-8 text"):
        read_gene_sets(path)


def test_the_size_filter_comes_after_the_cut():
    sets = {
        "stays": frozenset({"A", "B", "X", "Y"}),
        "too small once cut": frozenset({"A", "X", "Y", "Z"}),
        "fits once cut": frozenset({"A", "B", "C", *(f"X{i}" for i in range(50))}),
        "too large": frozenset({"A", "B", "C", "D"}),
    }
    library = cut_to_background("lib", sets, ["A", "B", "C", "D"], min_set=2, max_set=3)
    assert library.terms == ["stays", "fits once cut"]
    assert library.members.toarray().tolist() == [[1, 1, 0, 0], [1, 1, 1, 0]]


def test_symbols_match_whatever_their_case():
    library = cut_to_background("lib", {"t": frozenset({"C20ORF24", "c20orf24", "A"})}, ["C20orf24", "A"], 2, 10)
    assert library.members.toarray().tolist() == [[1, 1]]


def test_a_library_without_any_fitting_set_is_empty():
    library = cut_to_background("lib", {"t": frozenset({"X"})}, ["A", "B"], 1, 10)
    assert library.terms == []
    assert library.members.shape == (0, 2)
