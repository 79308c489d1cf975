"""Settings of the codes step."""

from tasks.section import Section


class CodesSettings(Section):
    """Nothing to choose: every kept position is encoded, and every firing is kept."""
