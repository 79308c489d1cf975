"""Great Expectations' data docs: a folder of web pages with every suite and what it found on the published snapshot."""

import contextlib
import html
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

from warehouse.contracts.contract import contracts
from warehouse.errors import UnknownName
from warehouse.files import explained
from warehouse.home import existing_snapshot
from warehouse.notify import Notify, ignore_progress, part
from warehouse.offline import Suite, first_page, make_offline
from warehouse.owners import audited_runs, n_asked, rows_by_owner
from warehouse.reading import open_snapshot
from warehouse.scope import read_scope
from warehouse.suites import rules
from warehouse.validator import batch_definition, connected, silent_context

SITE = "scfm-atlas"
INDEX = "index.html"


def write_docs(folder: Path, home: Path | None = None, notify: Notify = ignore_progress) -> Path:
    """Run every suite and write its pages into ``folder``, in place of earlier ones; returns the first page.

    The pages are files that need no server. ``notify(table, done, total)`` is called after each table.
    Raises NoWarehouse; UnknownName if ``folder`` is a file or holds something else.
    """
    if folder.exists() and not _may_be_replaced(folder):
        raise UnknownName(f"{folder} is no folder for data docs: name a new or empty one, or one that holds them")
    open_snapshot(home).close()  # refuses one of another version
    context = _context(folder)
    with explained(folder), contextlib.redirect_stdout(io.StringIO()):
        _validate_all(context, existing_snapshot(home), notify)
        _escape_values(context)
        context.build_data_docs(site_names=[SITE])
        (folder / INDEX).write_text(first_page(_suites(context)))
        make_offline(folder)
    return folder / INDEX


def _may_be_replaced(folder: Path) -> bool:
    """Whether it is an empty folder, or one of data docs: GX deletes what is there."""
    if not folder.is_dir():
        return False
    index = folder / INDEX
    return "Great Expectations" in index.read_text() if index.exists() else not any(folder.iterdir())


def _context(folder: Path) -> EphemeralDataContext:
    """A context whose only site is ``folder``."""
    context = silent_context()
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())}
    site: Any = {"class_name": "SiteBuilder", "store_backend": store, "show_how_to_buttons": False}
    context.add_data_docs_site(SITE, site | {"site_index_builder": {"class_name": "DefaultSiteIndexBuilder"}})
    return context


def _suites(context: EphemeralDataContext) -> Iterator[Suite]:
    """What each suite asked and how much of it failed."""
    store = context.validation_results_store
    for key in store.list_keys():
        found: Any = store.get(key)
        name, *_ = parts = key.to_tuple()
        yield Suite(name, sum(not one.success for one in found.results), len(found.results), "/".join(parts))


def _escape_values(context: EphemeralDataContext) -> None:
    """Let values that failed be text on the pages: GX puts them there as markup."""
    store = context.validation_results_store
    for key in store.list_keys():
        found: Any = store.get(key)
        for one in found.results:
            one.result = escaped(one.result)
        store.set(key, found)


def escaped(value: object) -> object:
    """The texts within a value, as HTML that shows them."""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, Mapping):
        return {name: escaped(one) for name, one in value.items()}
    return [escaped(one) for one in value] if isinstance(value, list | tuple) else value


def _validate_all(context: EphemeralDataContext, snapshot: Path, notify: Notify) -> None:
    """One suite a table and run, named ``<run_id>-<table>``."""
    with duckdb.connect(str(snapshot), read_only=True) as con:  # before GX opens the file in its own way
        scopes = [read_scope(con, run_id) for run_id in audited_runs(con)]
        rows = rows_by_owner(con)
    with connected(context, snapshot) as source:
        for place, scope in enumerate(scopes):
            told = part(notify, place, len(scopes))
            for done, (table, contract) in enumerate(contracts().items(), start=1):
                name = f"{scope.run_id}-{table}"
                asked = rules(contract, scope, has_rows=n_asked(scope, rows[table]) > 0)
                checks = [rule.expectation() for rule in asked]
                suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=checks))
                data = batch_definition(source, name, scope.new_rows(table))
                definition = gx.ValidationDefinition(name=name, data=data, suite=suite)
                context.validation_definitions.add(definition).run(run_id=RunIdentifier(run_name=scope.run_id))
                told(table, done, len(contracts()))
