import gzip

import pytest

from tasks.store import RequestError
from tasks.validate.references import ANTIBODY_GENE, read_networks, read_signatures, reference_paths
from tasks.validate.settings import ValidateSettings
from tests.shared import shared_path


def write_gmt(path, sets):
    path.write_text("".join(f"{name}\tx\t" + "\t".join(genes) + "\n" for name, genes in sets.items()))
    return path


def test_lines_of_one_factor_are_united_under_its_gene_symbol(tmp_path):
    sets = {"NFKB GM10847": ["A", "B"], "JUN HELA-S3": ["C"], "NFKB GM12878": ["B", "D"], "cJUN HUVEC": ["E"]}
    path = write_gmt(tmp_path / "mine.gmt", sets)
    networks = read_networks(ValidateSettings(networks=(str(path),)))
    assert networks == {"mine": {"JUN": {"C", "E"}, "RELA": {"A", "B", "D"}}}


def test_the_bundled_network_covers_encode():
    network = read_networks(ValidateSettings())["encode_tf"]
    assert len(network) > 80
    assert len(network["RELA"]) > 500  # seven cell lines
    assert not set(network) & set(ANTIBODY_GENE), "every antibody name has become a gene symbol"


def test_a_network_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"nowhere\.gmt"):
        read_networks(ValidateSettings(networks=(str(tmp_path / "nowhere.gmt"),)))


def test_networks_that_rows_could_not_tell_apart_are_refused():
    with pytest.raises(ValueError, match="two networks have the same name"):
        ValidateSettings(networks=("a/net.gmt", "b/net.gmt.gz"))


def test_signatures_name_their_gene(tmp_path):
    sets = {"HSPA5_KD_k562": ["SDF2L1"], "Ubl5_KD": ["FAU"], "other": ["A"], "A_B_KD_rpe1": ["C"]}
    signatures = read_signatures(write_gmt(tmp_path / "kd.gmt", sets))
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
    signatures = read_signatures(shared_path(f"data/replogle_deg/replogle_{line}_up.gmt.gz"))
    assert len(signatures) == 585
    assert not [s.gene for s in signatures if s.gene in s.up]
    [hspa5] = [s for s in signatures if s.gene == "HSPA5"]
    assert {"SDF2L1", "HSP90B1", "MANF"} <= hspa5.up


def test_every_file_that_is_read_has_a_path():
    settings = ValidateSettings(networks=("encode_tf", "mine.gmt"), signatures="kd/screen.gmt.gz")
    paths = {name: str(path) for name, path in reference_paths(settings).items()}
    assert paths.pop("networks.encode_tf").endswith("sample/gene_sets/encode_tf.gmt.gz")
    assert paths == {"networks.mine": "mine.gmt", "signatures": "kd/screen.gmt.gz"}
