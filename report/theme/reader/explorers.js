// The tools that readers explore: costs under every combination of choices, and where one service lies.
// Nothing is computed here but counts, middles and pounds over outcomes; the numbers are the chapters' own.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 240, 34, 12, 12, 34];
  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  };
  const drawn = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    set(element, attributes);
    if (text) element.textContent = text;
    return element;
  };
  const whole = (value) => Math.round(value).toLocaleString("en-GB");
  const percent = (value) => `${value.toFixed(1)}%`;
  const between = (scale, from, to) => (value) => from + ((to - from) * (scale(value) - scale.low)) / (scale.high - scale.low);
  const scaleOf = (by, low, high) => Object.assign((value) => by(value), { low: by(low), high: by(high) });
  const middle = (sorted) => {
    const half = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };

  const plot = (label, x, ticks, axis) => {
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
    for (const tick of ticks) {
      svg.append(drawn("line", { x1: x(tick), x2: x(tick), y1: TOP, y2: HEIGHT - BOTTOM, class: "grid" }));
      svg.append(drawn("text", { x: x(tick), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" }, whole(tick)));
    }
    svg.append(drawn("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end", class: "axis" }, axis));
    return svg;
  };
  const choice = (options) => {
    const select = make("select");
    select.append(...options.map(([value, text]) => make("option", text, { value })));
    return select;
  };
  const spoken = (lines) => lines.map((line, i) => make(i ? "span" : "strong", line));
  const stand = (section, ...parts) => {
    section.querySelector(".explorer-static").before(...parts);
    section.classList.add("works");
  };

  // A mark for each value, on those that lie at its place already, closer together where a pile would be too high.
  const piled = (svg, values, x) => {
    const piles = new Map();
    const placed = [...values].sort((a, b) => a[1] - b[1]).map(([way, value]) => {
      const at = Math.round(x(value) / 7);
      piles.set(at, (piles.get(at) ?? -1) + 1);
      return [way, at * 7, piles.get(at)];
    });
    const step = Math.min(6.5, (HEIGHT - TOP - BOTTOM - 12) / (Math.max(...piles.values()) + 1));
    const marks = placed.map(([way, cx, level]) => [way, drawn("circle", { cx, cy: HEIGHT - BOTTOM - 6 - step * level, r: 3 })]);
    svg.append(...marks.map(([, mark]) => mark));
    return new Map(marks);
  };

  const pounds = (outcomes) => (outcomes > 0 ? `£${whole(100000 / outcomes)}` : "no outcome at any price");
  const one = ([value, low, high]) => {
    const range = low === null || whole(low) === whole(high) ? "" : ` (${whole(low)} to ${whole(high)}, what the price year of the cost leaves open)`;
    const spread = low === null || pounds(low) === pounds(high) ? "" : ` (${pounds(high)} to ${pounds(low)})`;
    return [`${whole(value)} outcomes for £100,000${range}.`, `One outcome: ${pounds(value)}${spread}.`];
  };
  const several = (matching) => {
    const values = matching.map(([value]) => value).sort((a, b) => a - b);
    const [least, mid, greatest] = [values[0], middle(values), values[values.length - 1]];
    return [
      `${whole(matching.length)} combinations: ${whole(least)} to ${whole(greatest)} outcomes for £100,000, the middle ${whole(mid)}.`,
      `One outcome: ${pounds(greatest)} to ${pounds(least)}, the middle ${pounds(mid)}.`,
    ];
  };
  const outcomes = (matching) => {
    if (!matching.length) return ["No figures are held for this combination."];
    return matching.length === 1 ? one(matching[0]) : several(matching);
  };

  const calculator = () => {
    const section = document.getElementById("calculator");
    const data = section && held("calculator-data");
    if (!data) return;
    const many = data.dimensions.length;
    const found = new Map(data.rows.map((row) => [row[many], row.slice(many + 1)])); // value, low and high of each way
    const most = Math.max(...[...found.values()].map(([value]) => value));
    const x = between(scaleOf((v) => v, 0, most), LEFT, WIDTH - RIGHT);
    const svg = plot("", x, [0, 50, 100, 150, 200, 250, 300].filter((tick) => tick <= most), "outcomes for £100,000");
    const marks = piled(svg, [...found].map(([way, [value]]) => [way, value]), x);
    const told = make("output", "", { "aria-live": "polite" });
    const selects = data.dimensions.map(([, options]) => choice([["", "any"], ...options.map((text, i) => [String(i), text])]));
    const work = () => {
      const wanted = selects.map((select) => (select.value === "" ? null : Number(select.value)));
      const ways = new Set(data.rows.filter((row) => wanted.every((want, i) => want === null || row[i] === want)).map((row) => row[many]));
      for (const [way, mark] of marks) mark.classList.toggle("chosen", ways.has(way));
      const lines = outcomes([...ways].map((way) => found.get(way)));
      told.replaceChildren(...spoken(lines));
      svg.setAttribute("aria-label", `${whole(marks.size)} combinations by outcomes for £100,000. ${lines.join(" ")}`);
    };
    const reset = (value) => {
      for (const select of selects) select.value = value;
      work();
    };
    const fields = data.dimensions.map(([name], i) => labelled(name[0].toUpperCase() + name.slice(1), selects[i]));
    const form = formOf(fields, [["As in the text", () => reset("0")], ["Any", () => reset("")]]);
    form.addEventListener("input", work);
    stand(section, form, told, svg);
    reset("0");
  };

  // The funnel: `choose` shows the service at a place in the rows, `point` the one that the pointer is on, and `at` says
  // which one lies nearest to a pointer.
  const funnel = (rows) => {
    const x = between(scaleOf(Math.log, 50, Math.max(...rows.map((row) => row.base))), LEFT, WIDTH - RIGHT);
    const [low, high] = [Math.min(...rows.map((row) => row.value)), Math.max(...rows.map((row) => row.value))];
    const y = between(scaleOf((v) => v, low, high), HEIGHT - BOTTOM - 6, TOP + 6);
    const within = (value) => y(Math.max(low, Math.min(high, value)));
    const label = `${rows.length} services by courses begun at caseness and recovery rate, with the limits of chance`;
    const svg = plot(label, x, [50, 100, 500, 1000, 5000, 20000], "courses begun at caseness in the year");
    for (let tick = Math.ceil(low / 10) * 10; tick <= high; tick += 10) {
      svg.append(drawn("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), class: "grid" }));
      svg.append(drawn("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, `${tick}%`));
    }
    const sized = [...rows].sort((a, b) => a.base - b.base);
    for (const end of ["limit_low", "limit_high"]) {
      const points = sized.map((row) => `${x(row.base).toFixed(1)},${within(row[end]).toFixed(1)}`);
      svg.append(drawn("polyline", { points: points.join(" "), class: "curve" }));
    }
    const [band, name] = [drawn("line", { class: "limits" }), drawn("text", { class: "named" })];
    const marks = rows.map((row) => drawn("circle", { cx: x(row.base), cy: y(row.value), r: 4, class: "service" }));
    svg.append(band, ...marks, name);

    const mark = (kind, place) => marks.forEach((one, i) => one.classList.toggle(kind, i === place));
    const choose = (place) => {
      mark("chosen", place);
      band.classList.toggle("shown", place !== null);
      if (place === null) return;
      const row = rows[place];
      name.before(marks[place]);
      set(band, { x1: x(row.base), x2: x(row.base), y1: within(row.limit_low), y2: within(row.limit_high) });
    };
    const point = (place) => {
      mark("near", place);
      name.textContent = place === null ? "" : rows[place].name;
      if (place === null) return;
      const [left, row] = [x(rows[place].base) < WIDTH / 2, rows[place]];
      set(name, { x: x(row.base) + (left ? 7 : -7), y: y(row.value) - 6, "text-anchor": left ? "start" : "end" });
    };
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      const scale = WIDTH / box.width;
      const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      const far = rows.map((row) => Math.hypot(x(row.base) - px, y(row.value) - py));
      return far.indexOf(Math.min(...far));
    };
    return { svg, choose, point, at };
  };

  const service = (row, many) => {
    const side = row.outside === 0 ? "inside the limits" : `${row.outside > 0 ? "above" : "below"} the limits`;
    const adjusted = row.outside === 0 ? "" : row.adjusted === 0 ? ", and inside those widened for the usual spread between services" : ", and beyond those widened for the usual spread between services";
    return [
      row.name,
      `${whole(row.recovered)} of ${whole(row.base)} courses begun at caseness ended in recovery: ${percent(row.value)} (95% interval ${percent(row.low)} to ${percent(row.high)}). Counts are rounded to the nearest five.`,
      `It lies ${side} of ${percent(row.limit_low)} to ${percent(row.limit_high)}, within which chance alone would keep 99.8% of services of its size${adjusted}.`,
      `Its rank among ${many} may be anything from ${row.rank_low} to ${row.rank_high} (95% range).`,
    ];
  };

  const finder = () => {
    const section = document.getElementById("service-finder");
    const data = section && held("service-finder-data");
    if (!data) return;
    const rows = data.rows.map((row) => Object.fromEntries(data.columns.map((column, i) => [column, row[i]])));
    const { svg, choose, point, at } = funnel(rows);
    const named = rows.map((row, i) => [String(i), row.name]).sort((a, b) => a[1].localeCompare(b[1], "en-GB"));
    const order = named.map(([i]) => i);
    const select = choice([["", "choose one"], ...named]);
    const told = make("output", "", { "aria-live": "polite" });
    const show = () => {
      const chosen = select.value === "" ? null : Number(select.value);
      choose(chosen);
      told.replaceChildren(...(chosen === null ? [] : spoken(service(rows[chosen], rows.length))));
    };
    const step = (by) => {
      const place = order.indexOf(select.value);
      select.value = order[(place + by + order.length + (place < 0 && by < 0 ? 1 : 0)) % order.length];
      show();
    };
    const form = formOf([labelled("Service", select)], [["Previous", () => step(-1)], ["Next", () => step(1)]]);
    select.addEventListener("input", show);
    // A mouse that passes over only says what it is on: what is chosen is read out, and stays.
    svg.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(at(event)); });
    svg.addEventListener("pointerleave", () => point(null));
    svg.addEventListener("click", (event) => { select.value = String(at(event)); show(); });
    stand(section, form, svg, told);
  };

  calculator();
  finder();
})();
