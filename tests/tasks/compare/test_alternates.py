import pytest

from tasks.compare.alternates import alternates
from tasks.compare.settings import CompareSettings
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError

SAE = SaeSettings(variant="topk", expansion=8, k=8, seed=3)


def names(settings: CompareSettings, sae: SaeSettings = SAE) -> list[tuple[object, ...]]:
    return [(s.variant, s.expansion, s.k, s.sparsity, s.seed) for s in alternates(settings, sae)]


def test_every_combination_but_the_one_that_is_there() -> None:
    found = names(CompareSettings(expansions=(4, 8), ks=(8, 16), seeds=(3, 4)))
    assert len(found) == 7
    assert ("topk", 8, 8, None, 3) not in found
    assert ("topk", 8, 16, None, 3) in found
    assert ("topk", 4, 8, None, 4) in found


def test_an_empty_list_is_what_the_sae_section_says() -> None:
    assert names(CompareSettings(seeds=(4,))) == [("topk", 8, 8, None, 4)]


def test_k_is_for_variants_that_have_it_and_penalties_for_the_others() -> None:
    found = names(CompareSettings(variants=("jumprelu", "standard"), ks=(4, 8), penalties=(0.5, 2.0)))
    assert found == [
        ("jumprelu", 8, 4, None, 3),
        ("jumprelu", 8, 8, None, 3),
        ("standard", 8, 8, 0.5, 3),
        ("standard", 8, 8, 2.0, 3),
    ]


def test_a_penalty_given_for_one_variant_is_not_that_of_another() -> None:
    sae = SaeSettings(variant="standard", sparsity=0.7)
    found = names(CompareSettings(variants=("standard", "gated"), seeds=(0, 1)), sae)
    assert found == [("standard", 8, 8, 0.7, 1), ("gated", 8, 8, None, 0), ("gated", 8, 8, None, 1)]


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(RequestError, match="no autoencoder other than that of section sae"):
        names(CompareSettings(ks=(8,)))


def test_settings_that_name_nothing_are_empty() -> None:
    assert CompareSettings(layers=(1,)).empty
    assert not CompareSettings(seeds=(0,)).empty


def test_resampling_stays_with_variants_that_have_no_k() -> None:
    sae = SaeSettings(variant="standard", resample=100)
    found = alternates(CompareSettings(variants=("topk", "april")), sae)
    assert [(one.variant, one.resample) for one in found] == [("topk", None), ("april", 100)]
