// The search of the index: the list is complete without it. Rows that hold all words typed stay.
(() => {
  const box = document.querySelector(".search"), input = document.getElementById("find");
  const said = document.getElementById("found");
  if (!box || !input || !said) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [...document.querySelectorAll(".list tbody tr")].map((row) => [
    row,
    plain([...row.cells].slice(0, -1).map((cell) => cell.textContent).join(" ")),
  ]);
  const find = () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    for (const part of document.querySelectorAll("main > section")) {
      part.hidden = !part.querySelector("tbody tr:not([hidden])");
    }
    said.textContent = words.length ? `${shown} of ${rows.length} briefs` : "";
  };
  box.hidden = false;
  input.addEventListener("input", find);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value) { input.value = ""; find(); event.preventDefault(); }
  });
  find();
})();
