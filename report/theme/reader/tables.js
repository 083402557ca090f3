// Long tables: each column's heading sorts them, and a field above filters their rows.
(() => {
  const LONG = 12;
  const NUMBER = /^([−-]?)[£+]?(\d[\d,]*(?:\.\d+)?|\.\d+)(%|p)?(?:\s*(thousand|million|billion|bn|m)\b)?(?=$|[\s(,;])/;
  const TIMES = { thousand: 1e3, million: 1e6, m: 1e6, billion: 1e9, bn: 1e9 };
  const order = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

  const words = (cell) => (cell?.textContent ?? "").replace(/\s+/g, " ").trim();
  const number = (text) => {
    const found = NUMBER.exec(text);
    return found ? (found[1] ? -1 : 1) * Number(found[2].replaceAll(",", "")) * (TIMES[found[4]] ?? 1) : NaN;
  };

  const sorted = (rows, column, down) => {
    const texts = new Map(rows.map((row) => [row, words(row.cells[column])]));
    const said = [...texts.values()].filter((text) => text && !/^[–—-]$/.test(text));
    const counted = said.length > 0 && said.every((text) => !Number.isNaN(number(text)));
    const compare = (a, b) => {
      const [one, other] = [texts.get(a), texts.get(b)];
      if (!counted) return !one - !other || (down ? -1 : 1) * order.compare(one, other);
      const [left, right] = [number(one), number(other)];
      return Number.isNaN(left) - Number.isNaN(right) || (down ? right - left : left - right) || 0;
    };
    return [...rows].sort(compare); // rows without a value stay last, equal ones in their order
  };

  const sortable = (table, body, rows) => {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (!words(head)) return;
      const button = make("button", "", { type: "button", class: "sort" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") ?? "none"];
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next !== "none") head.setAttribute("aria-sort", next);
        body.append(...(next === "none" ? rows : sorted(rows, column, next === "descending")));
      });
    });
  };

  const filtered = (table, rows) => {
    const bar = make("div", "", { class: "table-filter" });
    const field = make("input", "", { type: "search", autocomplete: "off" });
    const label = make("label", "Filter rows ");
    label.append(field);
    const count = make("span", "", { role: "status" });
    bar.append(label, count);
    const texts = rows.map((row) => words(row).toLowerCase());
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !wanted.every((word) => texts[i].includes(word));
        shown += !row.hidden;
      });
      count.textContent = wanted.length ? `${shown} of ${rows.length} rows` : "";
    });
    (table.closest(".table-scroll") ?? table).before(bar);
  };

  const plain = (rows) => rows.every((row) => [...row.cells].every((c) => c.rowSpan === 1 && c.colSpan === 1));
  for (const table of document.querySelectorAll("main table")) {
    const [body, second] = table.tBodies;
    // The ledger's own filter does this for its tables.
    if (!table.tHead || !body || second || table.closest("[id^='tbl-ledger']")) continue;
    const rows = [...body.rows];
    if (rows.length < LONG || !plain(rows)) continue;
    sortable(table, body, rows);
    filtered(table, rows);
  }
})();
