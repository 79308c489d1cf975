"""How a study names another one."""

from typing import Annotated

from pydantic import Field

from tasks.section import LOCAL, Section


class OtherStudy(Section):
    """Another study, whose steps this one may read."""

    study: Annotated[str, LOCAL] = Field(description="Its study file; a relative path starts where this file lies")
    share: tuple[str, ...] = Field(
        default=(),
        description="Sections of this study that it takes over in place of its own, such as cells and model, so that "
        "what is set here holds for both",
    )
    model: Annotated[str | None, LOCAL] = Field(
        default=None,
        min_length=1,
        description="Its model.path, in place of the one in its file, so that one command can name both models",
    )
