"""What a page shows stands in its address: the run, and each box, filter and tab that is not at its default.

1. An address that names a run is whole: what it does not name is at its default. One without a run was reached through
   the menu, and the page shows what it showed last.
2. ``follow`` sets a box where the address is not the one that was written last; ``keep`` notes what the box holds.
3. ``write_address`` writes all of it once the page is complete: one step of the browser's history per change.
4. A click can reach the server before the browser has got the address that was just written, and still brings the one
   before. That address is no wish to go back: ``touched``, the callback of boxes and buttons, tells the two apart.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from dashboards.text import markdown

RUN = "run"
PAGE, WHOLE, SAID, WRITTEN = "address_page", "address_whole", "address_said", "address_written"  # keys in the session
BROUGHT, BEFORE, TOUCHED = "address_brought", "address_before", "address_touched"
ALL = "all"  # stands in a box for the choice None
JOIN = " / "  # between the parts of a choice that has several
LONGEST = 80  # characters of an unknown name that are shown
V = TypeVar("V")
N = TypeVar("N", int, float)


def begin_address(page: str) -> None:
    """Start a run of the app on a page."""
    st.session_state[PAGE], st.session_state[SAID] = page, {}
    brought = st.query_params.to_dict()
    if not st.session_state.pop(TOUCHED, False):
        st.session_state.pop(BEFORE, None)  # a visit, a link, or a step in the history
    late = brought == st.session_state.get(BEFORE)
    st.session_state[BROUGHT] = _last() if late else brought
    st.session_state[WHOLE] = RUN in st.session_state[BROUGHT]


def touched() -> None:
    """Note that a box or a button of the page has started this run of the app: the callback of them all."""
    st.session_state[TOUCHED] = True


def box_key(parameter: str) -> str:
    """The key in the session of a box of the page that is shown."""
    return f"{st.session_state[PAGE]}.{parameter}"


def asked(parameter: str) -> str | None:
    """What the address asks for, or where it was reached through the menu, what the page showed last."""
    word: str | None = st.session_state[BROUGHT].get(parameter)
    return _last().get(parameter) if word is None and not st.session_state[WHOLE] else word


def _last() -> dict[str, str]:
    """What was written for this page last."""
    words: dict[str, str] = st.session_state.setdefault(WRITTEN, {}).get(st.session_state[PAGE], {})
    return words


def follow(parameter: str, key: str, default: V, read: Callable[[str], V]) -> None:
    """Set the box ``key`` if it is new or the address changed. ``read`` raises KeyError, or says why (ValueError)."""
    word = asked(parameter)
    if word == _last().get(parameter) and key in st.session_state:
        return
    try:
        st.session_state[key] = default if word is None else read(word)
    except KeyError:
        st.warning(f"This run has no {parameter} {markdown(str(word)[:LONGEST])}; showing the first one.")
        st.session_state[key] = default
    except ValueError as error:
        st.warning(str(error))
        st.session_state[key] = default


def keep(parameter: str, word: str | None) -> None:
    """Note what the address is to say; None: nothing, the default."""
    st.session_state[SAID][parameter] = word


def full_address() -> dict[str, str]:
    """All that the address of the page says, once it is complete."""
    remembered = {} if st.session_state[WHOLE] else _last()
    words: dict[str, str | None] = {**remembered, **st.session_state[BROUGHT], **st.session_state[SAID]}
    return {parameter: word for parameter, word in words.items() if word is not None}


def write_address() -> None:
    """Write what was noted, in one step of the history, and remember it."""
    words = full_address()
    st.session_state[BEFORE] = st.query_params.to_dict()
    st.session_state.setdefault(WRITTEN, {})[st.session_state[PAGE]] = words
    if words != st.session_state[BROUGHT]:
        st.query_params.from_dict(words)


def addressed_choice(
    title: str,
    parameter: str,
    choices: Sequence[V],
    show: Callable[[V], str] = str,
    place: Callable[..., Any] | None = None,
    first: V | None = None,
    key: str | None = None,
    **options: Any,  # noqa: ANN401 - of Streamlit
) -> V:
    """One of ``choices`` (at least one), at first ``first`` or the first one; ``place``: a box such as ``st.radio``."""
    key, default = key or box_key(parameter), choices[0] if first is None else first
    offered = {ALL if choice is None else choice: choice for choice in choices}  # a box that holds None is empty
    words = {_word(name): name for name in offered}
    first_name = ALL if default is None else default
    if st.session_state.get(key, first_name) not in offered:
        del st.session_state[key]
    follow(parameter, key, first_name, words.__getitem__)
    box = place or st.selectbox
    chosen = box(
        title, list(offered), key=key, format_func=lambda name: show(offered[name]), on_change=touched, **options
    )
    keep(parameter, None if chosen == first_name else _word(chosen))
    return offered[chosen]


def _word(name: object) -> str:
    return JOIN.join(map(str, name)) if isinstance(name, tuple) else str(name)


def addressed_toggle(
    title: str,
    parameter: str,
    place: Any,  # noqa: ANN401
    first: bool = False,
    key: str | None = None,
    **options: Any,  # noqa: ANN401
) -> bool:
    """A switch; ``place``: the part of the page that it stands in."""
    key = key or box_key(parameter)
    follow(parameter, key, first, {"yes": True, "no": False}.__getitem__)
    chosen = bool(place.toggle(title, key=key, on_change=touched, **options))
    keep(parameter, None if chosen == first else "yes" if chosen else "no")
    return chosen


def addressed_number(
    title: str,
    parameter: str,
    place: Any,  # noqa: ANN401
    bounds: tuple[N, N, N],
    **options: Any,  # noqa: ANN401
) -> N:
    """A number from the first to the second of ``bounds``, at first the third; all are whole ones, or none."""
    low, high, first = bounds
    key, kind = box_key(parameter), type(first)

    def read(word: str) -> N:
        try:
            number = kind(word)
        except ValueError:
            raise KeyError(word) from None
        if not low <= number <= high:
            raise KeyError(word)
        return number

    follow(parameter, key, first, read)
    chosen: N = place.number_input(title, low, high, key=key, on_change=touched, **options)
    keep(parameter, None if chosen == first else str(chosen))
    return chosen


def addressed_text(title: str, parameter: str, place: Any, key: str | None = None, **options: Any) -> str:  # noqa: ANN401
    """A line of text, at first empty."""
    key = key or box_key(parameter)
    follow(parameter, key, "", str)
    text: str = place.text_input(title, key=key, on_change=touched, **options)
    keep(parameter, text or None)
    return text
