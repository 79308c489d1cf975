"""What of dictionary_learning's files is refused, and what their configuration tells."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae
from tasks.store import RequestError
from tests.builders.foreign_saes import BATCHED, CLASSES, Foreign, dictionary_learning, write_dictionary_learning

VARIANTS = ("standard", "standard", "topk", "batchtopk", "matryoshka", "jumprelu", "gated")


def changed(name: str, **weights: torch.Tensor) -> Foreign:
    made = dictionary_learning(name)
    return replace(made, weights=made.weights | weights)


def without(name: str, *weights: str) -> Foreign:
    made = dictionary_learning(name)
    return replace(made, weights={one: made.weights[one] for one in made.weights if one not in weights})


@pytest.mark.parametrize(("name", "variant"), zip(CLASSES, VARIANTS, strict=True))
def test_the_configuration_tells_what_it_is(tmp_path: Path, name: str, variant: str) -> None:
    found = load_sae(write_dictionary_learning(tmp_path / "trainer_0", dictionary_learning(name)))
    assert (found.sae_id, found.model_id, found.layer) == ("trainer_0", "a-model", 4)
    assert (found.variant, found.k) == (variant, 3 if variant == "topk" else None)


def test_k_is_told_by_the_configuration_alone(tmp_path: Path) -> None:
    folder = write_dictionary_learning(tmp_path / "it", without("AutoEncoderTopK", "k", "threshold"))
    assert load_sae(folder).k == 3


def test_a_class_that_is_not_known_is_refused(tmp_path: Path) -> None:
    folder = write_dictionary_learning(tmp_path / "it", dictionary_learning("AutoEncoder"))
    (folder / "config.json").write_text(json.dumps({"trainer": {"dict_class": "CrossCoder"}}))
    with pytest.raises(RequestError, match=r"config\.json: trainer\.dict_class: Input should be 'AutoEncoder'"):
        load_sae(folder)


@pytest.mark.parametrize("name", BATCHED)
def test_a_threshold_that_was_never_set_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_dictionary_learning(tmp_path / "it", changed(name, threshold=torch.tensor(-1.0)))
    with pytest.raises(RequestError, match="its threshold was never set") as caught:
        load_sae(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (without("AutoEncoder", "encoder.weight"), r"lacks the matrix encoder\.weight: its weights are"),
        (without("AutoEncoder", "bias"), "lacks bias: its weights are"),
        (without("BatchTopKSAE", "threshold"), "lacks threshold"),
        (changed("AutoEncoder", b_dec=torch.zeros(6)), "holds the unknown b_dec"),
        (changed("GatedAutoEncoder", r_mag=torch.zeros(6)), r"r_mag has shape \[6\] instead of \[24\]"),
        (changed("AutoEncoder", **{"decoder.weight": torch.zeros(24, 6)}), r"shape \[24, 6\] instead of \[6, 24\]"),
        (changed("AutoEncoderTopK", k=torch.tensor(4)), r"ae\.pt and config\.json tell k \[3, 4\]: copy both anew"),
        (changed("JumpReluAutoEncoder", threshold=torch.tensor(0.1)), r"threshold has shape \[\] instead of \[24\]"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, made: Foreign, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        load_sae(write_dictionary_learning(tmp_path / "it", made))


class Trojan:
    """Would run on reading."""

    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise AssertionError('it ran')",)


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        (Trojan(), r"ae\.pt holds more than tensors: it was not read further"),
        ({"bias": Trojan()}, r"ae\.pt holds more than tensors"),
        ([1, 2], r"ae\.pt holds no tensors by name: it is no AutoEncoder"),
    ],
)
def test_code_in_the_weights_is_not_run(tmp_path: Path, saved: object, words: str) -> None:
    folder = write_dictionary_learning(tmp_path / "it", dictionary_learning("AutoEncoder"))
    torch.save(saved, folder / "ae.pt")
    with pytest.raises(RequestError, match=words):
        load_sae(folder)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    folder = write_dictionary_learning(tmp_path / "it", dictionary_learning("AutoEncoder"))
    (folder / "ae.pt").write_bytes((folder / "ae.pt").read_bytes()[:500])
    with pytest.raises(RequestError, match=r"ae\.pt cannot be read .*: fetch it anew") as caught:
        load_sae(folder)
    assert "\n" not in str(caught.value)
