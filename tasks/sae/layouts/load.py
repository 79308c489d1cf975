"""Reading a trained autoencoder, whatever layout it lies in."""

from collections.abc import Callable
from pathlib import Path

from tasks.sae.layouts import bio_sae, dictionary_learning, saelens, sparsify
from tasks.sae.layouts.files import Found, recognise
from tasks.sae.sae import Sae

READERS: dict[str, Callable[[Found], Sae]] = {
    "saelens": saelens.read,
    "sparsify": sparsify.read,
    "dictionary_learning": dictionary_learning.read,
    "bio_sae": bio_sae.read,
}


def load_sae(folder: Path, device: str = "cpu") -> Sae:
    """Read the autoencoder in ``folder``, or in ``sae/`` of a step folder, in the layout its files tell.

    Weights are returned as found: ``decoder_norms`` measures the feature directions.
    Raises RequestError, in one line, if a file is missing or damaged, if files do not fit each other, and if what they
    describe is not an autoencoder of the form ``Sae``.
    """
    files = recognise(folder)
    sae = READERS[files.layout.name](files)
    return sae.with_tensors({name: tensor.to(device) for name, tensor in sae.parameters.items()}, sae.k)
