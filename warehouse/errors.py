"""Errors of the warehouse. Each is one line (what, where, what to do) and carries its exit status."""

from warehouse.check_result import CheckResult


class WarehouseError(Exception):
    """The work failed."""

    exit_status = 1


class NoWarehouse(WarehouseError):
    """There is nothing to read yet."""

    exit_status = 2


class UnknownName(WarehouseError):
    """A table, format or run was asked for that does not exist."""

    exit_status = 2


class QueryRefused(WarehouseError):
    """A user's statement is not allowed, is wrong, or asks for too much."""

    exit_status = 2


class UnusableHome(WarehouseError):
    """Results cannot be kept in a folder of that name."""

    exit_status = 2


class CannotListen(WarehouseError):
    """Nobody can listen on the address that was asked for."""

    exit_status = 2


class WarehouseLocked(WarehouseError):
    """Another process holds the warehouse."""


class OutOfSpace(WarehouseError):
    """The disk is full."""


class DamagedShard(WarehouseError):
    """A shard's bytes are not the ones its manifest promises."""


class RunConflict(WarehouseError):
    """A published run has the same key and other shards."""


class OtherSchema(WarehouseError):
    """The warehouse has a schema that additions alone do not bring to this program's."""


class OldWarehouse(WarehouseError):
    """The warehouse lacks additions that this program would make when it publishes."""


class AuditBroken(WarehouseError):
    """The validator itself failed: neither a pass nor bad data."""


class ContractMismatch(WarehouseError):
    """A shard's columns or types are not those of its table's contract."""

    exit_status = 3


class FailedChecks(WarehouseError):
    """The data of some steps failed its checks. ``results`` holds every check of the first try, passed or not."""

    exit_status = 3

    def __init__(self, message: str, results: list[CheckResult]) -> None:
        super().__init__(message)
        self.results = results
