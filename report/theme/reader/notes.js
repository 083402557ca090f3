// A number's note: where it comes from. A click or Enter on a number opens it in the margin where there is room, else
// below or above the number; Escape, the close button or a click elsewhere closes it, and the keyboard goes back to the
// number.
(() => {
  const data = held("notes-data");
  if (!data || !window.HTMLDialogElement) return;
  const { edition, notes, publications, lines } = data;

  const note = make("dialog", "", { class: "note", "aria-labelledby": "note-value" });
  document.body.append(note);
  let asked = null;

  const publication = ([which, rows, count, shown]) => {
    const source = publications[which];
    const item = make("li");
    const title = source.address ? make("a", source.title, { href: source.address }) : make("cite", source.title);
    const many = `${count.toLocaleString("en-GB")} observation${count > 1 ? "s" : ""}`;
    item.append(`${source.publisher}, `, title, `, ${source.published}. `, make("span", `${many}: ${lines[rows]}`, { class: "rows" }));
    if (shown.length) {
      const list = make("ul");
      list.append(...shown.map((line) => make("li", lines[line])));
      item.append(list);
    }
    return item;
  };

  const quotation = (id, of) => {
    const range = of.range ? ` (${[of.range, of.interval].filter(Boolean).join(", ")})` : "";
    const title = document.querySelector("h1").textContent.trim();
    return `${of.text}${range}. ${of.made} ${title}, edition ${edition}, ${location.href.split("#")[0]}#n-${id}`;
  };

  const copier = (id, of) => {
    const button = make("button", "Copy as a quotation", { type: "button" });
    button.addEventListener("click", () => copy(button, quotation(id, of), "The quotation is copied."));
    return button;
  };

  const fill = (id) => {
    const of = notes[id];
    const close = make("button", "Close", { type: "button", class: "close" });
    close.addEventListener("click", shut);
    const parts = [close, make("p", of.text, { id: "note-value", class: "value" })];
    if (of.range) parts.push(make("p", of.interval ? `${of.range} (${of.interval})` : of.range));
    if (of.exact !== of.text) parts.push(make("p", `More exactly ${of.exact}.`));
    parts.push(make("p", of.made));
    for (const more of [of.price_base, of.status]) if (more) parts.push(make("p", more, { class: "aside" }));
    if (of.behind.length) {
      const list = make("ul", "", { class: "behind" });
      list.append(...of.behind.map(publication));
      parts.push(make("h2", "Published figures behind it"), list);
    }
    const foot = make("p", "", { class: "foot" });
    if (of.notebook) foot.append(make("a", "Notebook", { href: `notebooks/${of.notebook}.html` }), " ");
    if (of.function) foot.append(make("code", of.function), " ");
    foot.append(make("span", `Edition ${edition}`), " ", make("a", "Link to this number", { href: `#n-${id}` }), " ", copier(id, of));
    parts.push(foot);
    note.replaceChildren(...parts);
  };

  const LEAST = 380; // pixels of a margin that holds a note
  const place = (number) => {
    if (matchMedia("(max-width: 40rem)").matches) { note.removeAttribute("style"); return; }
    const at = number.getBoundingClientRect();
    const margin = number.closest("main > *").getBoundingClientRect().right + 24;
    const free = document.documentElement.clientWidth - margin - 8;
    if (free >= LEAST) {
      note.style.left = `${margin}px`;
      note.style.maxWidth = `${free}px`;
      note.style.maxHeight = `${innerHeight - 16}px`;
      note.style.top = `${Math.max(8, Math.min(at.top, innerHeight - note.offsetHeight - 8))}px`;
      return;
    }
    const below = innerHeight - at.bottom;
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - note.offsetWidth - 8));
    note.style.left = `${left}px`;
    const room = Math.max(below, at.top) - 24;
    note.style.maxHeight = `${Math.max(room, 160)}px`;
    const height = Math.min(note.offsetHeight, room);
    note.style.top = below >= height + 16 ? `${at.bottom + 8}px` : `${Math.max(8, at.top - height - 8)}px`;
  };

  const open = (number) => {
    if (note.open) note.close();
    asked = number;
    fill(number.dataset.result);
    note.removeAttribute("style");
    note.show();
    place(number);
    note.scrollTop = 0;
    note.querySelector(".close").focus({ preventScroll: true });
  };

  function shut() {
    if (!note.open) return;
    note.close();
    if (asked) asked.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const number = event.target.closest?.("a.n");
    if (number && notes[number.dataset.result] && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(number);
    } else if (note.open && !note.contains(event.target)) note.close();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
  let waiting = false; // to place the note measures the page: once a frame is enough
  const follow = () => {
    if (waiting || !note.open) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (note.open && asked) place(asked);
    });
  };
  addEventListener("resize", follow);
  addEventListener("scroll", follow, { passive: true });
})();
