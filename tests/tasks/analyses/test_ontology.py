"""Ancestry of gene sets in an ontology file."""

import pytest

from tasks.analyses.relations.ontology import NO_FILE, NO_ID, Ancestry, read_parents
from tasks.store import RequestError

OBO = """format-version: 1.2

[Term]
id: GO:0000001
name: whole

[Term]
id: GO:0000002
is_a: GO:0000001 ! whole

[Term]
id: GO:0000003
relationship: part_of GO:0000002 ! part
relationship: regulates GO:0000004

[Term]
id: GO:0000004

[Typedef]
id: part_of
"""


def test_ancestry_is_read_along_is_a_and_part_of(tmp_path):
    path = tmp_path / "go.obo"
    path.write_text(OBO)
    names = [f"go::set (GO:000000{number})" for number in range(1, 5)] + ["other::set"]
    told = Ancestry(names, read_parents(path))
    assert told.related(0, 2) == told.related(2, 0) == (True, None)
    assert told.related(2, 3) == (False, None)
    assert told.related(0, 4) == (None, NO_ID)
    assert Ancestry(names, None).related(0, 1) == (None, NO_FILE)
    path.write_text("no ontology\n")
    with pytest.raises(RequestError, match="holds no GO term; give an OBO file"):
        read_parents(path)
