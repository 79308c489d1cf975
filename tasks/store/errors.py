"""Errors that a user sees as one line. Each carries the exit status of the command that met it."""


class ScfmError(Exception):
    """The work failed. The message is one line: what, where, what to do."""

    exit_status = 1


class RequestError(ScfmError):
    """The request was wrong: a bad study, a missing file, an unknown name, unusable data."""

    exit_status = 2


class DamagedShard(ScfmError):
    """A shard's bytes are not the ones its ledger line promises."""


class ContractMismatch(ScfmError):
    """Rows that a step would write depart from the contract of their table."""


class FolderBusy(ScfmError):
    """Another process is writing the same step folder."""


class OutOfSpace(ScfmError):
    """The disk is full, or an estimate says it would be."""


class StoreTrouble(ScfmError):
    """The object store does not answer, or not as it should."""
