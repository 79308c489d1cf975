"""Which layers and cells a trace takes, and what it says of a request it cannot serve."""

import pytest

from tasks.store import RequestError
from tasks.trace.inputs import choose_targets, frequent_features, load_inputs
from tasks.trace.settings import TraceSettings
from tasks.trace.step import counted_layers
from tests.builders.codes import write_fires
from tests.builders.saes import random_sae


def load(folders, layer=1, saes=None, settings=None, codes=None):
    given = (saes or folders.saes, folders.model, folders.cells, {} if codes is None else {"codes": codes})
    return load_inputs(settings or TraceSettings(), layer, *given, "cpu")


def test_all_means_every_later_layer_with_an_autoencoder():
    assert choose_targets("all", 1, [4, 0, 1, 3]) == [3, 4]


def test_named_targets_before_the_source_belong_to_other_sources():
    assert choose_targets([3, 1], 1, [0, 1, 3]) == [3]


def test_a_named_target_without_an_autoencoder_is_refused():
    with pytest.raises(RequestError, match="target layers 2 have no autoencoder"):
        choose_targets([2, 3], 1, [1, 3])


def test_a_source_without_an_autoencoder_is_refused(folders):
    with pytest.raises(RequestError, match=r"source layer 1 has no autoencoder \(layers 2 have\)"):
        load(folders, saes={2: folders.saes[2]})


def test_a_layer_the_model_does_not_have_is_refused(folders, tmp_path):
    random_sae(tmp_path / "sae-9", d_model=32, n_features=24, k=4, layer=9)
    with pytest.raises(RequestError, match=r"layer 9 does not exist: .* has layers 0 to 3"):
        load(folders, saes={**folders.saes, 9: tmp_path / "sae-9"})


def test_an_autoencoder_of_another_width_is_refused(folders, tmp_path):
    random_sae(tmp_path / "sae-9", d_model=16, n_features=24, k=4, layer=2)
    with pytest.raises(RequestError, match=r"reads layer 2 of width 16, wanted is layer 2 of .*, width 32"):
        load(folders, saes={**folders.saes, 2: tmp_path / "sae-9"})


def test_an_autoencoder_of_another_layer_is_refused(folders):
    with pytest.raises(RequestError, match="reads layer 3 of width 32, wanted is layer 2"):
        load(folders, saes={**folders.saes, 2: folders.saes[3]})


def test_without_named_devices_one_replica_works(folders):
    assert len(load(folders).replicas) == 1


def test_each_named_device_holds_the_model_and_the_targets(folders):
    inputs = load(folders, settings=TraceSettings(devices=("cpu", "cpu")))
    first, second = inputs.replicas
    assert first.adapter is inputs.adapter
    assert second.adapter is not first.adapter
    assert list(second.targets) == list(inputs.targets) == [2, 3]


def test_features_are_frequent_from_the_wanted_share_on(tmp_path):
    codes = write_fires(tmp_path / "codes-1", [0, 1, 2, 999, 3, 0])
    assert frequent_features(codes, 0.002).tolist() == [2, 3, 4]
    with pytest.raises(RequestError, match=r"no feature of s fires at 0\.9999 of its positions: lower trace"):
        frequent_features(codes, 0.9999)


def test_only_a_wanted_frequency_limits_the_source_features(folders, tmp_path):
    codes = write_fires(tmp_path / "codes-1", list(range(24)))
    assert load(folders).traced is None
    found = load(folders, codes=codes, settings=TraceSettings(min_frequency=0.02)).traced
    assert found.tolist() == [20, 21, 22, 23]


def test_codes_are_read_only_where_a_frequency_is_wanted():
    assert counted_layers(TraceSettings(), 1, [1, 2]) == []
    assert counted_layers(TraceSettings(min_frequency=0.1), 1, [1, 2]) == [1]
