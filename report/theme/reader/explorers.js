// The tools that readers explore: costs under every combination of choices, and where one service lies.
// Nothing is computed here but counts, middles and pounds over outcomes; the numbers are the chapters' own.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 240, 34, 12, 12, 34];
  const held = (name) => {
    const data = document.getElementById(`${name}-data`);
    return data && JSON.parse(data.textContent);
  };
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const drawn = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };
  const whole = (value) => Math.round(value).toLocaleString("en-GB");
  const between = (scale, from, to) => (value) => from + ((to - from) * (scale(value) - scale.low)) / (scale.high - scale.low);
  const scaleOf = (by, low, high) => Object.assign((value) => by(value), { low: by(low), high: by(high) });
  const middle = (sorted) => {
    const half = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };

  const plot = (label, x, ticks) => {
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
    for (const tick of ticks) {
      svg.append(drawn("line", { x1: x(tick), x2: x(tick), y1: TOP, y2: HEIGHT - BOTTOM, class: "grid" }));
      svg.append(drawn("text", { x: x(tick), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" }, whole(tick)));
    }
    return svg;
  };
  let fields = 0;
  const choice = (name, options) => {
    const field = make("div", "", { class: "field" });
    const id = `explored-${(fields += 1)}`;
    const select = make("select", "", { id });
    select.append(...options.map(([value, text]) => make("option", text, { value })));
    field.append(make("label", name, { for: id }), select);
    return [field, select];
  };
  const stand = (section, ...parts) => {
    section.querySelector(".explorer-static").before(...parts);
    section.classList.add("works");
  };

  const calculator = () => {
    const section = document.getElementById("calculator");
    const data = section && held("calculator");
    if (!data) return;
    const many = data.dimensions.length;
    const ways = new Map(data.rows.map((row) => [row[many], row]));
    const most = Math.max(...data.rows.map((row) => row[many + 1]));
    const x = between(scaleOf((v) => v, 0, most), LEFT, WIDTH - RIGHT);
    const svg = plot("", x, [0, 50, 100, 150, 200, 250, 300].filter((tick) => tick <= most));
    svg.append(drawn("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end", class: "axis" }, "outcomes for £100,000"));
    const marks = new Map();
    const piles = new Map();
    for (const [way, row] of [...ways].sort((a, b) => a[1][many + 1] - b[1][many + 1])) {
      const at = Math.round(x(row[many + 1]) / 7);
      piles.set(at, (piles.get(at) || 0) + 1);
      const mark = drawn("circle", { cx: at * 7, cy: HEIGHT - BOTTOM - 6 - 6.5 * (piles.get(at) - 1), r: 3 });
      marks.set(way, mark);
    }
    const highest = Math.max(...piles.values());
    const squeeze = Math.min(1, (HEIGHT - TOP - BOTTOM - 12) / (6.5 * highest));
    for (const mark of marks.values()) {
      const base = HEIGHT - BOTTOM - 6;
      mark.setAttribute("cy", base - (base - mark.getAttribute("cy")) * squeeze);
      svg.append(mark);
    }
    const form = make("form", "", { class: "choices" });
    const selects = data.dimensions.map(([name, options]) => {
      const [label, select] = choice(name[0].toUpperCase() + name.slice(1), [["", "any"], ...options.map((text, i) => [String(i), text])]);
      form.append(label);
      return select;
    });
    const first = make("button", "As in the text", { type: "button" });
    const any = make("button", "Any", { type: "button" });
    const buttons = make("p", "", { class: "buttons" });
    buttons.append(first, any);
    form.append(buttons);
    form.addEventListener("submit", (event) => event.preventDefault());
    const told = make("output", "", { "aria-live": "polite" });

    const pounds = (outcomes) => (outcomes > 0 ? `£${whole(100000 / outcomes)}` : "no outcome at any price");
    const said = (matching) => {
      if (!matching.length) return ["No figures are held for this combination."];
      const values = matching.map((row) => row[many + 1]).sort((a, b) => a - b);
      if (matching.length === 1) {
        const [value, low, high] = matching[0].slice(many + 1);
        const range = low === null || whole(low) === whole(high) ? "" : ` (${whole(low)} to ${whole(high)}, what the price year of the cost leaves open)`;
        const spread = low === null || pounds(low) === pounds(high) ? "" : ` (${pounds(high)} to ${pounds(low)})`;
        return [`${whole(value)} outcomes for £100,000${range}.`, `One outcome: ${pounds(value)}${spread}.`];
      }
      const [least, mid, greatest] = [values[0], middle(values), values[values.length - 1]];
      return [
        `${whole(matching.length)} combinations: ${whole(least)} to ${whole(greatest)} outcomes for £100,000, the middle ${whole(mid)}.`,
        `One outcome: ${pounds(greatest)} to ${pounds(least)}, the middle ${pounds(mid)}.`,
      ];
    };
    const work = () => {
      const wanted = selects.map((select) => (select.value === "" ? null : Number(select.value)));
      const found = new Set(data.rows.filter((row) => wanted.every((want, i) => want === null || row[i] === want)).map((row) => row[many]));
      for (const [way, mark] of marks) mark.classList.toggle("chosen", found.has(way));
      const lines = said([...found].map((way) => ways.get(way)));
      told.replaceChildren(...lines.map((line, i) => make(i ? "span" : "strong", line)));
      svg.setAttribute("aria-label", `${whole(marks.size)} combinations by outcomes for £100,000. ${lines.join(" ")}`);
    };
    const reset = (value) => {
      for (const select of selects) select.value = value;
      work();
    };
    first.addEventListener("click", () => reset("0"));
    any.addEventListener("click", () => reset(""));
    form.addEventListener("input", work);
    stand(section, form, told, svg);
    reset("0");
  };

  const finder = () => {
    const section = document.getElementById("service-finder");
    const data = section && held("service-finder");
    if (!data) return;
    const rows = data.rows.map((row) => Object.fromEntries(data.columns.map((column, i) => [column, row[i]])));
    const x = between(scaleOf(Math.log, 50, Math.max(...rows.map((row) => row.base))), LEFT, WIDTH - RIGHT);
    const [low, high] = [Math.min(...rows.map((row) => row.value)), Math.max(...rows.map((row) => row.value))];
    const y = between(scaleOf((v) => v, low, high), HEIGHT - BOTTOM - 6, TOP + 6);
    const svg = plot(`${rows.length} services by courses begun at caseness and recovery rate, with the limits of chance`, x, [50, 100, 500, 1000, 5000, 20000]);
    for (let tick = Math.ceil(low / 10) * 10; tick <= high; tick += 10) {
      svg.append(drawn("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), class: "grid" }));
      svg.append(drawn("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, `${tick}%`));
    }
    svg.append(drawn("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end", class: "axis" }, "courses begun at caseness in the year"));
    const sized = [...rows].sort((a, b) => a.base - b.base);
    const within = (value) => Math.max(low, Math.min(high, value));
    for (const end of ["limit_low", "limit_high"]) {
      const points = sized.map((row) => `${x(row.base).toFixed(1)},${y(within(row[end])).toFixed(1)}`);
      svg.append(drawn("polyline", { points: points.join(" "), class: "curve" }));
    }
    const band = drawn("line", { class: "limits" });
    svg.append(band);
    const marks = rows.map((row) => {
      const mark = drawn("circle", { cx: x(row.base), cy: y(row.value), r: 4, class: "service" });
      svg.append(mark);
      return mark;
    });
    const named = rows.map((row, i) => [String(i), row.name]).sort((a, b) => a[1].localeCompare(b[1], "en-GB"));
    const order = named.map(([i]) => i);
    const [label, select] = choice("Service", [["", "choose one"], ...named]);
    const before = make("button", "Previous", { type: "button" });
    const after = make("button", "Next", { type: "button" });
    const form = make("form", "", { class: "choices" });
    const buttons = make("p", "", { class: "buttons" });
    buttons.append(before, after);
    form.append(label, buttons);
    form.addEventListener("submit", (event) => event.preventDefault());
    const told = make("output", "", { "aria-live": "polite" });

    const percent = (value) => `${value.toFixed(1)}%`;
    const lines = (row) => {
      const side = row.outside === 0 ? "inside the limits" : `${row.outside > 0 ? "above" : "below"} the limits`;
      const adjusted = row.outside === 0 ? "" : row.adjusted === 0 ? ", and inside those widened for the usual spread between services" : ", and beyond those widened for the usual spread between services";
      return [
        row.name,
        `${whole(row.recovered)} of ${whole(row.base)} courses begun at caseness ended in recovery: ${percent(row.value)} (95% interval ${percent(row.low)} to ${percent(row.high)}). Counts are rounded to the nearest five.`,
        `It lies ${side} of ${percent(row.limit_low)} to ${percent(row.limit_high)}, within which chance alone would keep 99.8% of services of its size${adjusted}.`,
        `Its rank among ${rows.length} may be anything from ${row.rank_low} to ${row.rank_high} (95% range).`,
      ];
    };
    const show = () => {
      for (const mark of marks) mark.classList.remove("chosen");
      const chosen = select.value === "" ? null : Number(select.value);
      band.classList.toggle("shown", chosen !== null);
      if (chosen === null) { told.replaceChildren(); return; }
      const row = rows[chosen];
      marks[chosen].classList.add("chosen");
      svg.append(marks[chosen]);
      for (const [name, value] of Object.entries({ x1: x(row.base), x2: x(row.base), y1: y(within(row.limit_low)), y2: y(within(row.limit_high)) })) band.setAttribute(name, value);
      told.replaceChildren(...lines(row).map((line, i) => make(i ? "span" : "strong", line)));
    };
    const step = (by) => {
      const at = order.indexOf(select.value);
      select.value = order[(at + by + order.length + (at < 0 && by < 0 ? 1 : 0)) % order.length];
      show();
    };
    before.addEventListener("click", () => step(-1));
    after.addEventListener("click", () => step(1));
    select.addEventListener("input", show);
    const nearest = (event) => {
      const box = svg.getBoundingClientRect();
      const scale = WIDTH / box.width;
      const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      const far = rows.map((row) => Math.hypot(x(row.base) - px, y(row.value) - py));
      return far.indexOf(Math.min(...far));
    };
    const point = (event) => { select.value = String(nearest(event)); show(); };
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(event); });
    stand(section, form, svg, told);
  };

  calculator();
  finder();
})();
