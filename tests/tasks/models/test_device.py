"""Devices that a study names: of its kind, and there."""

import pytest
import torch

from tasks.models.device import sharing_devices
from tasks.store import RequestError


def test_a_device_of_another_kind_is_refused():
    with pytest.raises(RequestError, match=r"trace\.devices names cuda:0, the study runs on cpu"):
        sharing_devices(("cuda:0",), "cpu", "trace.devices")


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert sharing_devices(("cuda:0", "cuda:1"), "cuda", "sae.devices") == ["cuda:0", "cuda:1"]
    with pytest.raises(RequestError, match=r"sae\.devices names cuda:2, there are 2"):
        sharing_devices(("cuda", "cuda:2"), "cuda", "sae.devices")


def test_without_named_devices_the_studys_works_alone():
    assert sharing_devices((), "cpu", "sae.devices") == ["cpu"]
