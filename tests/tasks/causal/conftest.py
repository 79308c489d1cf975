"""The step folders of a tiny random study, shared by the tests that only read them."""

import pytest

from tests.builders.trace import TraceFolders, write_trace_folders

LENGTHS = [14, 22, 22, 17, 31, 26, 19, 24, 28, 16, 33, 21]


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> TraceFolders:
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=LENGTHS)
