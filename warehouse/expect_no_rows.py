"""An expectation of our own: a query gives no rows.

Great Expectations' UnexpectedRowsExpectation asks its query twice, for the rows and for their number. On 10^8 rows that
is half of an audit's time, so rows are counted first, and asked for only if there are any.
"""

from typing import Any

from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

COUNT = "unexpected_rows_query.row_count"


class ExpectNoRows(UnexpectedRowsExpectation):
    """Succeeds if the number of rows is 0."""

    metric_dependencies = (COUNT,)

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        return {"success": metrics[COUNT] == 0, "result": {"observed_value": metrics[COUNT]}}

    def showing_rows(self) -> UnexpectedRowsExpectation:
        """The same expectation, with the rows in its result."""
        return UnexpectedRowsExpectation(
            unexpected_rows_query=self.unexpected_rows_query, description=self.description, meta=self.meta
        )
