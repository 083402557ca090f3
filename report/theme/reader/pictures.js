// A chart's tools, in the line below it: as PNG, large, as a citation. Nothing is asked of any network.
(() => {
  const colours = held("chart-colours");
  if (!colours) return;
  const WIDE = 2400; // dots of a PNG

  const fonts = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule && rule.style.fontFamily.includes("Ledger Sans"))
    .map((rule) => rule.cssText);
  const drawing = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => /^\.(k\d+$|picture\b)/.test(rule.selectorText ?? ""))
    .map((rule) => rule.cssText);

  // The chart as a file of its own: on white whatever the theme, since it goes into other people's documents.
  const alone = (svg) => {
    const copy = svg.cloneNode(true);
    const { width, height } = svg.viewBox.baseVal;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", WIDE);
    copy.setAttribute("height", Math.round(WIDE * height / width));
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    const values = Object.entries(colours).map(([name, value]) => `${name}:${value}`);
    values.push(`--c-sand-words:${colours["--c-sand"]}`, '--sans:"Ledger Sans",sans-serif');
    style.textContent = [...fonts(), `svg{${values.join(";")}}`, ...drawing()].join("\n");
    copy.prepend(style);
    return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  };

  const pixels = async (file) => {
    const image = new Image();
    const address = URL.createObjectURL(file);
    try {
      image.src = address;
      await image.decode();
    } finally {
      URL.revokeObjectURL(address);
    }
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const pen = canvas.getContext("2d");
    pen.fillStyle = colours["--c-paper"];
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0);
    return new Promise((done, failed) => canvas.toBlob((made) => (made ? done(made) : failed(new Error("no picture"))), "image/png"));
  };

  const png = async (svg, name) => {
    let file;
    try {
      file = await pixels(alone(svg));
    } catch {
      return tell("The picture could not be made. The chart's SVG file is offered beside it.");
    }
    const link = make("a", "", { href: URL.createObjectURL(file), download: `${name}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return tell("The picture is saved.");
  };

  // A popover and not a modal dialog: to make the rest of so long a page inert takes a quarter of a second. It keeps
  // the focus by itself; Escape closes it, and the focus goes back.
  let dialog;
  const made = () => {
    dialog = make("dialog", "", { class: "large", popover: "auto" });
    dialog.innerHTML = '<div class="head"><h2></h2><button type="button" class="close">Close</button></div>'
      + '<div class="stage" tabindex="0" role="group" aria-label="The chart, large"></div><p></p>';
    const [close, stage] = [dialog.querySelector(".close"), dialog.querySelector(".stage")];
    close.addEventListener("click", () => dialog.hidePopover());
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Tab") return;
      event.preventDefault();
      (document.activeElement === close ? stage : close).focus();
    });
    dialog.addEventListener("toggle", (event) => { if (event.newState === "closed") stage.replaceChildren(); });
    document.body.append(dialog);
  };
  const large = (svg, label, caption) => {
    if (!dialog) made();
    dialog.setAttribute("aria-label", `${label}, large`);
    dialog.querySelector("h2").textContent = label;
    dialog.querySelector("p").textContent = caption;
    const { width, height } = svg.viewBox.baseVal;
    const stage = dialog.querySelector(".stage");
    stage.style.setProperty("--ratio", width / height);
    stage.replaceChildren(svg.cloneNode(true));
    dialog.showPopover();
    dialog.querySelector(".close").focus();
  };

  for (const line of document.querySelectorAll(".tools[data-of^='fig-']")) {
    const figure = document.getElementById(line.dataset.of);
    const svg = figure?.querySelector("svg.picture");
    if (!svg) continue;
    const caption = figure.querySelector("figcaption");
    const label = (caption?.querySelector(".caption-label")?.textContent ?? "Chart").replace(/:\s*$/, "");
    const words = caption?.textContent.replace(/\s+/g, " ").trim().replace(/^[^:]*:\s*/, "") ?? "";
    const add = (text, act) => {
      const button = make("button", text, { type: "button", "aria-label": `${text}: ${label}` });
      button.addEventListener("click", () => act(button));
      line.append("\u00a0· ", button); // the dot stays with what is before it
    };
    add("Picture (PNG)", () => png(svg, line.dataset.of));
    add("Open large", () => large(svg, label, words));
    add("Copy citation", (button) => copy(
      button, `${line.dataset.cite} ${location.href.replace(/#.*/, "")}#${line.dataset.of}`, "The citation is copied."));
  }
})();
