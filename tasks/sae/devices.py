"""Which of several devices trains the autoencoder of a layer."""

from tasks.models.device import sharing_devices
from tasks.sae.settings import SaeSettings
from tasks.step import Inputs


def training_device(settings: SaeSettings, inputs: Inputs) -> str:
    """The devices take turns over the chosen layers; the study's own if none are named.

    A layer's device thus follows from the study alone, whichever thread or process does the work. Raises RequestError
    for a device of another kind than the study's, or not there.
    """
    devices = sharing_devices(settings.devices, inputs.device, "sae.devices")
    layer = inputs.own_layer
    turn = layer if isinstance(settings.layers, str) else sorted(set(settings.layers)).index(layer)
    return devices[turn % len(devices)]
