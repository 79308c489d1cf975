import pytest

from tests.builders.sae_inputs import Inputs, make_sae_inputs


@pytest.fixture(scope="session")
def sae_inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return make_sae_inputs(tmp_path_factory.mktemp("compare-inputs"))
