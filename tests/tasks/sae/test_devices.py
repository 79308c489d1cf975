"""Devices take turns over the layers of a study."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.sae.devices import training_device
from tasks.sae.settings import SaeSettings
from tasks.section import Sections
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder
from tests.builders.steps import do_step


def trained_on(layer: int, device: str = "cuda", **settings: object) -> str:
    return training_device(SaeSettings(**settings), Inputs(Sections({}), {}, device, layer))


@pytest.fixture(autouse=True)
def two_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)


def test_layers_go_round_the_devices() -> None:
    both = ("cuda:0", "cuda:1")
    assert [trained_on(layer, devices=both) for layer in range(4)] == ["cuda:0", "cuda:1", "cuda:0", "cuda:1"]
    assert [trained_on(layer, devices=both, layers=(8, 2, 4)) for layer in (2, 4, 8)] == ["cuda:0", "cuda:1", "cuda:0"]


def test_without_a_list_it_is_the_studys_device() -> None:
    assert [trained_on(layer, device) for layer, device in ((0, "cpu"), (1, "cuda"))] == ["cpu", "cuda"]


def test_a_device_of_another_kind_is_refused() -> None:
    with pytest.raises(RequestError, match=r"sae\.devices names cuda:1, the study runs on cpu"):
        trained_on(0, "cpu", devices=("cuda:1",))


def test_layers_trained_at_once_are_those_trained_alone(inputs, tmp_path: Path) -> None:
    """As the flow does it with two workers: the second device's model and autoencoder beside the first's."""
    short = SaeSettings(expansion=2, k=4, steps=20, batch=256, warmup=5, decay=10, log_every=10, splice_cells=4)

    def trained(where: str, layer: int) -> list[bytes]:
        devices = ("cpu", "cpu") if where == "at once" else ()
        settings = short.model_copy(update={"devices": devices})
        folder = do_step("sae", settings, tmp_path / where / f"sae-{layer:016d}", layer=layer, **inputs.reads)
        return [(folder / shard.path).read_bytes() for shard in StepFolder.open(folder).lines["sae"].shards]

    with ThreadPoolExecutor(2) as both:
        at_once = list(both.map(lambda layer: trained("at once", layer), (1, 2)))
    assert at_once == [trained("alone", layer) for layer in (1, 2)]
