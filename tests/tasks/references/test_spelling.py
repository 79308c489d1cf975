"""Libraries of another year call genes otherwise than the study's cells do."""

import polars as pl

from tasks.references.tables import StudyGenes, set_rows

SETS = {"respiration": frozenset({"COX1", "NDUFA1"}), "chromatin": frozenset({"H3F3A"})}


def study(rows):
    schema = {"gene_id": pl.String, "symbol": pl.String, "token_id": pl.UInt32}
    return StudyGenes.of(pl.DataFrame(rows, schema=schema, orient="row"))


def genes_of(sets, genes):
    return set(set_rows(sets, genes)["gene"])


def test_other_names_of_a_gene_are_the_gene():
    genes = study([("ENSG00000198804", "MT-CO1", 3), ("ENSG00000163041", "H3-3A", 4), (None, "NDUFA1", None)])
    assert genes_of(SETS, genes) == {"MT-CO1", "H3-3A", "NDUFA1"}
    assert {gene.upper() for gene in genes_of(SETS, genes)} & genes.known == {"MT-CO1", "H3-3A"}


def test_a_name_that_a_gene_of_the_study_has_is_that_gene_alone():
    genes = study([("ENSG00000198804", "MT-CO1", 3), ("ENSG00000095303", "COX1", 4)])
    assert genes_of({"t": frozenset({"COX1"})}, genes) == {"COX1"}


def test_two_names_of_one_gene_in_a_set_are_one_gene():
    genes = study([("ENSG00000198804", "MT-CO1", 3)])
    assert set_rows({"t": frozenset({"COX1", "MT-CO1"})}, genes).height == 1


def test_names_that_the_study_lacks_stay_as_they_are():
    assert genes_of(SETS, study([])) == {"COX1", "NDUFA1", "H3F3A"}
