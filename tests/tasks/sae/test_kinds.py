"""The one list of kinds: settings, table and classes follow it."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from tasks.sae.kinds import KINDS
from tasks.sae.settings import SaeSettings
from tasks.sae.variants import VARIANTS, Variant
from warehouse.contracts.contract import contracts


def test_table_and_settings_know_every_kind():
    assert contracts()["sae"].column("variant").allowed == tuple(KINDS)
    assert [SaeSettings(variant=name).variant for name in KINDS] == list(KINDS)
    with pytest.raises(ValidationError, match="'topk', 'batchtopk'"):
        SaeSettings(variant="sparse")


def test_every_kind_has_a_class():
    assert list(VARIANTS) == list(KINDS)
    assert all(issubclass(variant, Variant) for variant in VARIANTS.values())


def test_the_list_needs_no_torch():
    code = "import sys, tasks.sae.kinds, tasks.sae.settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
