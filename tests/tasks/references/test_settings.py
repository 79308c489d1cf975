"""Settings of the references step: what they refuse, and which files they name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.references.gene_sets import read_gene_sets
from tasks.references.settings import ReferencesSettings
from tasks.section import without_local_paths


def test_bundled_libraries_are_readable_and_have_a_licence():
    sources = ReferencesSettings().gene_sets
    assert [source.name for source in sources] == ["go_bp", "reactome", "encode_tf"]
    assert all(len(read_gene_sets(source.path)) > 100 for source in sources)
    assert all(source.terms for source in sources)


def test_a_path_is_a_library_named_after_its_file():
    settings = ReferencesSettings.model_validate({"gene_sets": ["reactome", "data/my sets.v2.gmt.gz"]})
    assert [(source.name, source.terms) for source in settings.gene_sets] == [
        ("reactome", "CC BY 4.0"),
        ("my sets.v2", None),
    ]
    assert settings.gene_sets[1].path == Path("data/my sets.v2.gmt.gz")


def test_files_stand_in_order_with_their_setting():
    given = {"networks": [{"file": "a/trrust.tsv", "licence": "CC BY-SA 4.0"}], "signatures": ["kd.gmt"]}
    found = ReferencesSettings.model_validate({"gene_sets": ["b.gmt", "a.gmt"], **given}).sources()
    assert [(setting, kind, source.name) for setting, kind, source in found] == [
        ("gene_sets", "gene_set", "b"),
        ("gene_sets", "gene_set", "a"),
        ("networks", "network", "trrust"),
        ("signatures", "signature", "kd"),
    ]


def test_run_records_keep_the_last_part_of_paths():
    given = {"gene_sets": ["/here/mine.gmt", {"file": "/here/b.gmt", "licence": "a/b", "universe": "/here/u.txt"}]}
    recorded = without_local_paths(ReferencesSettings.model_validate(given))
    assert recorded["gene_sets"] == [
        {"file": "mine.gmt", "licence": None, "universe": None},
        {"file": "b.gmt", "licence": "a/b", "universe": "u.txt"},
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gene_sets": ("go_bp", "other/go_bp.gmt")}, "two of gene_sets are called 'go_bp'"),
        ({"networks": ("a/net.gmt", "b/net.tsv.gz")}, "two of networks are called 'net'"),
        ({"signatures": ("a/kd.gmt", "b/kd.gmt.gz")}, "two of signatures are called 'kd'"),
        ({"gene_sets": ("all.gmt",)}, "none of gene_sets can be called 'all'"),
        ({"signatures": ("none.gmt",)}, "none of signatures can be called 'none'"),
        ({"gene_sets": ()}, "at least 1 item"),
        ({"min_shared": 0}, "greater than 0"),
        ({"gene_sets": ({"file": "a.gmt", "licens": "x"},)}, "Extra inputs are not permitted"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        ReferencesSettings.model_validate(changes)
