"""A Hugging Face directory as a model: only what the library itself can build, and no weight missing."""

import json
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PretrainedConfig, PreTrainedModel
from transformers.utils.logging import disable_progress_bar, enable_progress_bar, get_verbosity, set_verbosity

from tasks.models.weight_reading import check_header
from tasks.models.weights import check_numbers
from tasks.store import RequestError
from tasks.vocabulary.layouts.own import CONFIG_FILE, read_config
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.vocabulary import Vocabulary

UNUSED = "pooler"  # a summary of the first token, which published encoders often come without


def read_model(model_dir: Path, vocabulary: Vocabulary) -> PreTrainedModel:
    """The encoder, with its head for hidden tokens if it has one and the vocabulary has a mask token.

    Raises RequestError for a type that the library does not know, code in the directory, a pickle that wants to run
    something, or weights that are missing or of another shape.
    """
    told = read_config(model_dir)
    heads = told.get("architectures") or [""]
    if told.get("quantization_config"):
        raise RequestError(f"{model_dir / CONFIG_FILE} says that the weights are quantised: give the original ones")
    for path in weight_files(model_dir):
        check_header(path)
    config = _read_config(model_dir)
    masked = str(heads[0]).endswith("ForMaskedLM") and "<mask>" in vocabulary.special
    builder = AutoModelForMaskedLM if masked else AutoModel
    try:
        with _quietly():
            model, about = builder.from_pretrained(
                model_dir,
                config=config,
                dtype=torch.float32,  # not what config.json says: rounding weights that are more exact
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except pickle.UnpicklingError:
        raise RequestError(f"{model_dir}: the weights hold more than tensors: they were not read further") from None
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise RequestError(f"{model_dir} cannot be loaded ({_first_line(error)}): fetch it anew") from None
    for name, weight in model.state_dict().items():
        if weight.is_floating_point():
            check_numbers(model_dir, name, weight)
    missing = sorted(name for name in about["missing_keys"] if UNUSED not in name)
    unknown = sorted(about["unexpected_keys"]) if masked else []
    for complaint, names in (("lacks", missing), ("holds the unknown", unknown)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise RequestError(f"{model_dir} {complaint} weight {names[0]}{more}: it is no {type(model).__name__}")
    found: PreTrainedModel = model
    return found


def _read_config(model_dir: Path) -> PretrainedConfig:
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(model_dir, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise RequestError(
            f"{model_dir / CONFIG_FILE} describes no model that transformers builds ({_first_line(error)})"
        ) from None
    return config


@contextmanager
def _quietly() -> Iterator[None]:
    """Without bars and reports of the library: what is wrong is said here, in one line."""
    level = get_verbosity()
    set_verbosity(logging.CRITICAL)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        set_verbosity(level)
        enable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
