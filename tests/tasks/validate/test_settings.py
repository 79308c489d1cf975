"""Settings of the validate step: what they refuse, and which files they name."""

import pytest

from tasks.validate.settings import ValidateSettings


def test_networks_that_rows_could_not_tell_apart_are_refused():
    with pytest.raises(ValueError, match="two networks have the same name"):
        ValidateSettings(networks=("a/net.gmt", "b/net.gmt.gz"))


def test_every_file_that_is_read_has_a_path():
    settings = ValidateSettings(networks=("encode_tf", "mine.gmt"), signatures="kd/screen.gmt.gz")
    paths = {name: str(path) for name, path in settings.reference_files().items()}
    assert paths.pop("networks.encode_tf").endswith("sample/gene_sets/encode_tf.gmt.gz")
    assert paths == {"networks.mine": "mine.gmt", "signatures": "kd/screen.gmt.gz"}
