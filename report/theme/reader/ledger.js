// The ledger's form: keep the claims of a document, verdict, grade or topic, or with a word. An address such as #T07
// always leads to its claim: what would hide it is put back.
(() => {
  const place = document.getElementById("ledger-filter");
  const data = held("ledger-filter-data");
  if (!place || !data) return;
  const { claims, fields } = data;
  const ids = Object.keys(claims);
  const parts = new Map(ids.map((id) => [id, []]));
  for (const element of document.querySelectorAll("[data-claim]")) parts.get(element.dataset.claim)?.push(element);
  const text = new Map(ids.map((id) => [id, parts.get(id).map((element) => element.textContent).join(" ").toLowerCase()]));

  const selects = Object.fromEntries(fields.map(([field, , options]) => {
    const select = make("select");
    select.append(make("option", "any", { value: "any" }));
    for (const [value, words] of options) select.append(make("option", words, { value: `=${value}` }));
    return [field, select];
  }));
  const search = make("input", "", { type: "search", autocomplete: "off", spellcheck: "false" });
  const told = make("output", "", { "aria-live": "polite" });

  const wanted = (id) => {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = Object.entries(selects).every(([field, select]) => select.value === "any" || select.value === `=${claims[id][field]}`);
    return chosen && asked.every((word) => text.get(id).includes(word));
  };
  const work = () => {
    const kept = new Set(ids.filter(wanted));
    for (const id of ids) for (const element of parts.get(id)) element.hidden = !kept.has(id);
    const list = kept.size && kept.size < ids.length ? `: ${[...kept].join(", ")}` : "";
    told.textContent = `${kept.size} of ${ids.length} claims${list}.`;
  };
  const reset = () => {
    for (const select of Object.values(selects)) select.value = "any";
    search.value = "";
    work();
  };
  const reach = () => {
    const target = document.getElementById(location.hash.slice(1));
    const hidden = target?.closest("[data-claim]");
    if (!hidden?.hidden) return;
    reset();
    target.scrollIntoView();
  };
  const form = formOf(
    [...fields.map(([field, name]) => labelled(name, selects[field])), labelled("With the words", search)],
    [["All claims", () => { reset(); search.focus(); }]],
    { role: "search", "aria-label": "Claims" },
  );
  form.addEventListener("input", work);
  addEventListener("hashchange", reach);
  place.setAttribute("aria-label", "Choose claims");
  place.append(make("p", "Choose which claims the two tables and the sections below show.", { class: "explorer-lead" }), form, told);
  work();
})();
