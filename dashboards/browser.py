"""What the browser itself does: keys of the search box, a menu that closes on a phone, and room for fingers.

The key / leads to the box, the arrows from it to what it found and back, and Enter opens what the focus is on.
"""

from pathlib import Path

import streamlit as st

STYLE = Path(__file__).with_suffix(".css")

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
  document.addEventListener("click", (event) => {  // Streamlit leaves the address as it is on a link to the same page
    const link = event.target.closest("[data-testid=stPageLink] a");
    if (!link || link.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { href } = link;
    setTimeout(() => { if (href !== location.href) history.pushState({}, "", href); });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-testid=stSidebar] a");
    const close = document.querySelector("[data-testid=stSidebarCollapseButton] button");
    if (link && close && window.innerWidth <= 768) setTimeout(() => close.click(), 100);
  });
}
</script>"""


def help_browser() -> None:
    """Run the script once per visit, with the style of pages on small screens."""
    st.html(f"<style>{STYLE.read_text()}</style>{SCRIPT}", unsafe_allow_javascript=True)
