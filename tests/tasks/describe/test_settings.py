"""Settings of the describe step: what they refuse, and which files they name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.describe.settings import DescribeSettings
from tasks.references.gene_sets import read_gene_sets


def test_bundled_libraries_are_readable():
    files = DescribeSettings().gene_set_files()
    assert list(files) == ["go_bp", "reactome", "encode_tf"]
    assert all(len(read_gene_sets(path)) > 100 for path in files.values())


def test_a_path_is_a_library_named_after_its_file():
    files = DescribeSettings(gene_sets=("reactome", "data/my sets.v2.gmt.gz")).gene_set_files()
    assert list(files) == ["reactome", "my sets.v2"]
    assert files["my sets.v2"] == Path("data/my sets.v2.gmt.gz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_set": 50, "max_set": 40}, "min_set is 50, above max_set 40"),
        ({"gene_sets": ("go_bp", "other/go_bp.gmt")}, "two gene-set libraries are called 'go_bp'"),
        ({"gene_sets": ("all.gmt",)}, "cannot be called 'all'"),
        ({"gene_sets": ()}, "at least 1 item"),
        ({"null_draws": 1}, "greater than or equal to 2"),
        ({"top_gene": 3}, "Extra inputs are not permitted"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        DescribeSettings(**changes)
