"""What family a model directory is of, and what its files say before the weights are read."""

from pathlib import Path

from tasks.store import RequestError, StepFolder
from tasks.vocabulary.files import read_json_dictionary
from tasks.vocabulary.hub import model_path
from tasks.vocabulary.layouts import geneformer, llama, scfoundation, scgpt
from tasks.vocabulary.layouts.geneformer import GENEFORMER
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.layouts.llama import LLAMA
from tasks.vocabulary.layouts.own import own_layout
from tasks.vocabulary.layouts.scfoundation import SCFOUNDATION
from tasks.vocabulary.layouts.scgpt import SCGPT
from tasks.vocabulary.model_settings import STAND_INS, ModelSettings
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Vocabulary

MARKS = {
    geneformer.CONFIG_FILE: GENEFORMER,
    scgpt.ARGUMENTS_FILE: SCGPT,
    scgpt.WEIGHT_FILE: SCGPT,
    scfoundation.WEIGHT_FILE: SCFOUNDATION,
    scfoundation.GENE_FILE: SCFOUNDATION,
}  # the first of these files that a directory has tells its family
OF_TYPE = {llama.MODEL_TYPE: LLAMA}  # families whose config.json, as Geneformer's, is Hugging Face's


def layout_of(model_dir: Path, own: OwnEncoder | None = None) -> Layout:
    """The layout of a directory. Raises RequestError if it is none, or has no file of a known family."""
    if not model_dir.is_dir():
        raise RequestError(f"{model_dir} is no directory: give the path of a model directory")
    if own is not None:
        return own_layout(own)
    for name, layout in MARKS.items():
        if (model_dir / name).is_file():
            return _of_config(model_dir) if layout is GENEFORMER else layout
    raise RequestError(
        f"{model_dir} lacks {geneformer.CONFIG_FILE} (Geneformer or MaxToki), {scgpt.ARGUMENTS_FILE} (scGPT) or "
        f"{scfoundation.WEIGHT_FILE} (scFoundation): give a model directory as it was published"
    )


def _of_config(model_dir: Path) -> Layout:
    """The layout of a Hugging Face directory, by its model_type; what is no known type is refused as no Geneformer."""
    kind = read_json_dictionary(model_dir / geneformer.CONFIG_FILE).get("model_type")
    return OF_TYPE.get(str(kind), GENEFORMER)


def given_directory(settings: ModelSettings) -> Path:
    """The directory of the external model that a study names, fetched if it is on the hub.

    Raises RequestError if there is none.
    """
    folder = model_path(settings.path)
    if not folder.is_dir():
        names = " or ".join(f'"{name}"' for name in STAND_INS)
        raise RequestError(f"model.path: no directory at {folder}: give a model directory, or {names}")
    return folder


def count_layers(settings: ModelSettings) -> int:
    """Transformer blocks of the study's model, read from its settings or from what describes it in its directory."""
    if settings.trained_here:
        return settings.mini.n_layers
    folder = given_directory(settings)
    return layout_of(folder, settings.own).n_layers(folder)


def load_vocabulary(model_dir: Path, own: OwnEncoder | None = None) -> Vocabulary:
    """The genes and special tokens of the model. Raises RequestError if its dictionaries cannot be used."""
    return layout_of(model_dir, own).vocabulary(model_dir)


def model_directory(folder: Path) -> Path:
    """The model directory of a finished model step: inside its folder if trained there, else where it was found."""
    return folder / str(StepFolder.open(folder).info["model_dir"])


def own_encoder(folder: Path) -> OwnEncoder | None:
    """What the study of a finished model step said of an encoder of its own."""
    own = StepFolder.open(folder).info.get("own")
    return None if own is None else OwnEncoder.model_validate(own)
