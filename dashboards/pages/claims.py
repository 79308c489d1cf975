"""Can I claim this? What the run's own tables say of the claims that people make about it."""

from dashboards.page import Page, run_page
from dashboards.panels.claims import ANSWERS, LEVELS_OF_CLAIM, NUMBERS, STANDING

PAGE = Page(
    name="claims",
    title="Can I claim this?",
    icon="gavel",
    shows="what the run's own tables support, do not support and cannot tell, with the numbers and what to run next; "
    "how much validation and enrichments claim; where published numbers stand",
    intro="Each question is a query on this run's tables. Not supported means that the evidence does not carry the "
    "claim, not that it is false. In the terminal: `scfm audit`.",
    panels=(ANSWERS, NUMBERS, LEVELS_OF_CLAIM, STANDING),
    words=("null", "q", "specific", "published rule"),
)

if __name__ == "__main__":
    run_page(PAGE)
