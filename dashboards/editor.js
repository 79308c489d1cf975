// The text area of the page SQL with colours behind its (transparent) text, a list of words to complete, and the line
// of the last error marked. Python writes window.sqlEditor before this: words, and the last refused statement.
// Everything is set as text, never as HTML.
(() => {
  const MOST = 8;
  const TOKEN = /(--[^\n]*|\/\*[^]*?(?:\*\/|$))|('(?:[^']|'')*'?)|("(?:[^"]|"")*"?)|(\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|([A-Za-z_]\w*)|(\s+|.)/giu;
  const know = () => window.sqlEditor;
  const has = (kind, word) => Object.hasOwn(know()[kind], word);
  const area = () => document.querySelector(`.st-key-${know().key} textarea`);
  const theme = () => {
    const [red, green, blue] = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor.match(/\d+/g);
    return +red + +green + +blue < 384 ? "sql-dark" : "sql-light";
  };
  const kindOf = (word, before, next) => {  // many columns are called as tables are
    const low = word.toLowerCase();
    if (has("columns", low)) return next === "." || /\b(from|join)\s+$/i.test(before) ? "table" : "";
    if (has("macro", low)) return "macro";
    if (has("keyword", word.toUpperCase())) return "keyword";
    return next === "(" && has("function", low) ? "function" : "";
  };

  // -- colours
  const paint = (text, back) => {
    const lines = [document.createElement("div")];
    const put = (part, kind) => part.split("\n").forEach((piece, place) => {
      if (place) lines.push(document.createElement("div"));
      if (!piece) return;
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = piece;
      lines.at(-1).append(span);
    });
    for (const [whole, comment, quoted, named, number, word] of text.matchAll(TOKEN)) {
      put(whole, comment ? "comment" : quoted ? "text" : named ? "table" : number ? "number" : word ? "word" : "");
    }
    back.replaceChildren(...lines);
    back.querySelectorAll(".word").forEach((span) => {
      const before = `${span.previousSibling?.previousSibling?.textContent || ""}${span.previousSibling?.textContent || ""}`;
      span.className = kindOf(span.textContent, before, (span.nextSibling?.textContent || "")[0]);
    });
    const { refused, reason, line } = know();
    if (reason && text === refused && lines[line - 1]) {
      lines[line - 1].classList.add("wrong");
      lines[line - 1].dataset.said = reason;
    }
  };
  const COPIED = ["fontFamily", "fontSize", "fontWeight", "lineHeight", "letterSpacing", "tabSize", "paddingTop",
    "paddingRight", "paddingBottom", "paddingLeft"];
  const place = (box, back) => {
    const style = getComputedStyle(box);
    COPIED.forEach((name) => { back.style[name] = style[name]; });
    const [own, outer] = [box.getBoundingClientRect(), back.offsetParent.getBoundingClientRect()];
    const [left, top] = [box.clientLeft - back.offsetParent.clientLeft, box.clientTop - back.offsetParent.clientTop];
    back.style.transform = `translate(${own.left - outer.left + left}px, ${own.top - outer.top + top}px)`;
    back.style.width = `${box.clientWidth}px`;
    back.style.height = `${box.clientHeight}px`;
    back.scrollTop = box.scrollTop;
  };
  const draw = (box) => {
    const home = box.parentElement;
    home.style.position = "relative";
    let back = home.querySelector(".sql-colours");
    if (!back) {
      back = document.createElement("pre");
      back.setAttribute("aria-hidden", "true");
      home.append(back);
      box.addEventListener("scroll", () => { back.scrollTop = box.scrollTop; });
      box.spellcheck = false;
    }
    back.className = `sql-colours ${theme()}`;
    box.classList.add("sql-coloured");
    box.style.caretColor = theme() === "sql-dark" ? "white" : "black";
    const shown = JSON.stringify([box.value, know().refused, know().line]);
    if (back.dataset.shown !== shown) {
      paint(box.value, back);
      back.dataset.shown = shown;
    }
    place(box, back);
    back.style.color = theme() === "sql-dark" ? "#FAFAFA" : "#1A1C20";
  };

  // -- words to complete
  const tablesNamed = (text) => [...text.matchAll(/\b(?:from|join)\s+"?(\w+)"?(?:\s+(?:as\s+)?(\w+))?/gi)]
    .map(([, table, alias]) => [table.toLowerCase(), (alias || "").toLowerCase()])
    .filter(([table]) => has("columns", table));
  const offers = (text, caret) => {
    const [, owner, begun] = /(?:(\w+)\.)?(\w*)$/.exec(text.slice(0, caret));
    const named = tablesNamed(text);
    const found = [];
    const seen = new Set();
    const add = (words, kind, detail) => Object.keys(words).forEach((word) => {
      if (!seen.has(word)) found.push({ word, kind, detail: detail(word) });
      seen.add(word);
    });
    const columnsOf = (table) => add(know().columns[table], "column", (word) => `${know().columns[table][word]}, ${table}`);
    if (owner) {
      const low = owner.toLowerCase();
      const own = named.find(([table, alias]) => alias === low || table === low);
      if (own) columnsOf(own[0]);
      else if (has("columns", low)) columnsOf(low);
    } else if (begun) {
      const after = /\b(from|join)\s+\w*$/i.test(text.slice(0, caret));
      if (!after) named.forEach(([table]) => columnsOf(table));
      add(know().tables, "table", (word) => know().tables[word]);
      add(know().macro, "macro", (word) => know().macro[word]);
      if (!after) {
        add(know().keyword, "keyword", () => "");
        add(know().function, "function", () => "function");
      }
    }
    const low = begun.toLowerCase();
    const fits = found.filter(({ word }) => word.toLowerCase().startsWith(low) && word.toLowerCase() !== low);
    return { begun, fits: fits.slice(0, MOST) };
  };

  let list = null;
  let state = { fits: [], begun: "", at: 0, moved: false };
  const close = () => { list?.remove(); list = null; state = { fits: [], begun: "", at: 0, moved: false }; };
  const caretAt = (box) => {  // where the end of the text before the caret is drawn
    const back = box.parentElement.querySelector(".sql-colours");
    const before = box.value.slice(0, box.selectionStart).split("\n");
    const walker = document.createTreeWalker(back.children[before.length - 1], NodeFilter.SHOW_TEXT);
    let left = before.at(-1).length;
    const range = document.createRange();
    range.setStart(back.children[before.length - 1], 0);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left <= node.length) { range.setStart(node, left); break; }
      left -= node.length;
    }
    range.collapse(true);
    const [rect] = range.getClientRects();
    return rect || back.children[before.length - 1].getBoundingClientRect();
  };
  const show = (box) => {
    const found = offers(box.value, box.selectionStart);
    close();
    if (!found.fits.length || box.selectionStart !== box.selectionEnd) return;
    state = { ...found, at: 0, moved: false };
    draw(box);
    list = document.createElement("ul");
    list.className = `sql-offers ${theme()}`;
    list.setAttribute("role", "listbox");
    found.fits.forEach(({ word, kind, detail }, number) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      const about = document.createElement("span");
      about.textContent = [kind, detail].filter(Boolean).join(": ");
      item.append(word, about);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); state.at = number; accept(box); });
      list.append(item);
    });
    document.body.append(list);
    const rect = caretAt(box);
    const top = rect.bottom + 4;
    const high = list.getBoundingClientRect().height;
    list.style.left = `${Math.max(4, Math.min(rect.left, innerWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${top + high > innerHeight ? rect.top - high - 4 : top}px`;
    mark();
  };
  const mark = () => [...list.children].forEach((item, number) => {
    item.classList.toggle("chosen", number === state.at);
    item.setAttribute("aria-selected", String(number === state.at));
  });
  const accept = (box) => {
    const { word, kind } = state.fits[state.at];
    const end = kind === "macro" || kind === "function" ? "(" : "";
    box.focus();
    box.setSelectionRange(box.selectionStart - state.begun.length, box.selectionStart);
    close();
    window.sqlAccepting = true;
    document.execCommand("insertText", false, word + end);  // keeps what Ctrl+Z takes back
    window.sqlAccepting = false;
  };
  const pressed = (event) => {
    const box = area();
    if (event.target !== box) return;
    if (event.ctrlKey && event.key === " ") { event.preventDefault(); show(box); return; }
    if (!list) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (moves[event.key]) {
      state.at = (state.at + moves[event.key] + state.fits.length) % state.fits.length;
      state.moved = true;
      mark();
    } else if (event.key === "Tab" || (event.key === "Enter" && state.moved && !event.ctrlKey)) accept(box);
    else if (event.key === "Escape") close();
    else { if (event.key === "Enter") close(); return; }
    event.preventDefault();
    event.stopPropagation();
  };
  const typed = (event) => {
    const box = area();
    if (event.target !== box) return;
    draw(box);
    if (window.sqlAccepting || !event.inputType?.startsWith("insert")) close();
    else if (event.data && /[\w.]/.test(event.data)) show(box);
    else close();
  };

  window.sqlEditorWork = { pressed, typed, draw, close, area };
  if (window.sqlEditorStarted) return;  // once a visit: what is asked of the words is asked anew each time
  window.sqlEditorStarted = true;
  document.addEventListener("keydown", (event) => window.sqlEditorWork.pressed(event), true);
  document.addEventListener("input", (event) => window.sqlEditorWork.typed(event));
  document.addEventListener("focusout", () => window.sqlEditorWork.close());
  setInterval(() => {  // Streamlit sets texts and draws boxes anew without a word to us
    const box = window.sqlEditorWork.area();
    if (box) window.sqlEditorWork.draw(box);
    else window.sqlEditorWork.close();
  }, 200);
})();
