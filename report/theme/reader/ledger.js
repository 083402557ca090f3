// The ledger's form: keep the claims of a document, verdict, grade or topic, or with a word. An address such as #T07
// always leads to its claim: what would hide it is put back.
(() => {
  const place = document.getElementById("ledger-filter");
  const data = document.getElementById("ledger-filter-data");
  if (!place || !data) return;
  const claims = JSON.parse(data.textContent);
  const ids = Object.keys(claims);
  const parts = new Map(ids.map((id) => [id, []]));
  for (const element of document.querySelectorAll("[data-claim]")) parts.get(element.dataset.claim)?.push(element);
  const text = new Map(ids.map((id) => [id, parts.get(id).map((element) => element.textContent).join(" ").toLowerCase()]));

  const make = (tag, words, attributes = {}) => {
    const element = document.createElement(tag);
    if (words) element.textContent = words;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const labelled = (name, field) => {
    const box = make("div", "", { class: "field" });
    field.id = `ledger-${name.toLowerCase().replace(/ /g, "-")}`;
    box.append(make("label", name, { for: field.id }), field);
    return box;
  };
  const capital = (words) => words[0].toUpperCase() + words.slice(1);
  const DOCUMENTS = { timimi2015: "the editorial", healthfoundation2014: "the blog post" };
  const ORDER = {
    verdict: ["supported", "partly supported", "not supported", "contradicted", "cannot be tested with public data"],
    grade: ["high", "moderate", "low", "very low", ""],
  };
  const words = (field, value) => capital(field === "document" ? DOCUMENTS[value] || value : value || "no grade");
  const options = (field) => {
    const found = [...new Set(ids.map((id) => claims[id][field]))];
    const order = ORDER[field];
    return order ? order.filter((value) => found.includes(value)) : found.sort();
  };

  const form = make("form", "", { class: "choices", role: "search", "aria-label": "Claims" });
  const selects = Object.fromEntries(["document", "verdict", "grade", "topic"].map((field) => {
    const select = make("select");
    select.append(make("option", "any", { value: "any" }));
    for (const value of options(field)) select.append(make("option", words(field, value), { value: `=${value}` }));
    form.append(labelled(capital(field), select));
    return [field, select];
  }));
  const search = make("input", "", { type: "search", autocomplete: "off", spellcheck: "false" });
  const clear = make("button", "All claims", { type: "button" });
  const buttons = make("p", "", { class: "buttons" });
  buttons.append(clear);
  form.append(labelled("With the words", search), buttons);
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
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const hidden = target?.closest("[data-claim]");
    if (!hidden?.hidden) return;
    reset();
    target.scrollIntoView();
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", work);
  clear.addEventListener("click", () => { reset(); search.focus(); });
  addEventListener("hashchange", reach);
  place.setAttribute("aria-label", "Choose claims");
  place.append(make("p", "Choose which claims the two tables and the sections below show.", { class: "explorer-lead" }), form, told);
  work();
})();
