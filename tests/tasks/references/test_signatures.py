"""Knock-down signatures as read from gene-set files."""

import gzip

import pytest

from tasks.references.signatures import knock_downs, read_signatures
from tasks.store import RequestError
from tests.builders.references import write_gmt
from tests.shared import shared_path


def test_signatures_name_their_gene(tmp_path):
    sets = {"HSPA5_KD_k562": ["SDF2L1"], "Ubl5_KD": ["FAU"], "other": ["A"], "A_B_KD_rpe1": ["C"]}
    signatures = knock_downs(read_signatures(write_gmt(tmp_path / "kd.gmt", sets)))
    assert [(s.name, s.gene, s.up) for s in signatures] == [
        ("HSPA5_KD_k562", "HSPA5", {"SDF2L1"}),
        ("Ubl5_KD", "UBL5", {"FAU"}),
        ("A_B_KD_rpe1", "A_B", {"C"}),
    ]


def test_unusable_signature_files_are_refused(tmp_path):
    with pytest.raises(RequestError, match="correct the path"):
        read_signatures(tmp_path / "missing.gmt.gz")
    with pytest.raises(RequestError, match="no set is named GENE_KD"):
        read_signatures(write_gmt(tmp_path / "sets.gmt", {"T cell": ["CD3D"]}))
    damaged = tmp_path / "damaged.gmt.gz"
    damaged.write_bytes(gzip.compress(b"HSPA5_KD\tup\tA\n" * 50)[:-12])
    with pytest.raises(RequestError, match="damaged"):
        read_signatures(damaged)


@pytest.mark.parametrize("line", ["k562", "rpe1"])
def test_the_replogle_screens_are_read(line):
    signatures = knock_downs(read_signatures(shared_path(f"data/replogle_deg/replogle_{line}_up.gmt.gz")))
    assert len(signatures) == 585
    assert not [s.gene for s in signatures if s.gene in s.up]
    [hspa5] = [s for s in signatures if s.gene == "HSPA5"]
    assert {"SDF2L1", "HSP90B1", "MANF"} <= hspa5.up
