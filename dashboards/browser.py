"""What the browser itself does: keys of the search box, and on a phone a choice closes the menu.

The key / leads to the box, the arrows from it to what it found and back, and Enter opens what the focus is on.
"""

import streamlit as st

SCRIPT = """<script>
if (!window.pagesAreHelped) {
  window.pagesAreHelped = true;
  document.addEventListener("keydown", (event) => {
    const box = document.querySelector(".st-key-search_everywhere input");
    if (event.key === "/" && box && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      box.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const found = [box, ...document.querySelectorAll("[data-testid=stSidebar] [data-testid=stPageLink] a")];
    const place = found.indexOf(event.target);
    if (step && box && place >= 0) {
      event.preventDefault();
      found[Math.min(Math.max(place + step, 0), found.length - 1)].focus();
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-testid=stSidebar] a");
    const close = document.querySelector("[data-testid=stSidebarCollapseButton] button");
    if (link && close && window.innerWidth <= 768) setTimeout(() => close.click(), 100);
  });
}
</script>"""


def help_browser() -> None:
    """Run the script once per visit."""
    st.html(SCRIPT, unsafe_allow_javascript=True)
