// What the parts below have in common; its name sorts first, since the parts are joined in the order of their names.
const { make, held, labelled, formOf, tell, copy } = (() => {
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  const held = (id) => {
    const data = document.getElementById(id);
    return data && JSON.parse(data.textContent);
  };

  let fields = 0;
  const labelled = (name, control) => {
    const box = make("div", "", { class: "field" });
    control.id = `field-${(fields += 1)}`;
    box.append(make("label", name, { for: control.id }), control);
    return box;
  };

  // A form that works at once and is sent nowhere; `buttons` are pairs of words and what they do.
  const formOf = (fields, buttons, attributes = {}) => {
    const form = make("form", "", { class: "choices", ...attributes });
    const line = make("p", "", { class: "buttons" });
    for (const [words, act] of buttons) {
      const button = make("button", words, { type: "button" });
      button.addEventListener("click", act);
      line.append(button);
    }
    form.append(...fields, line);
    form.addEventListener("submit", (event) => event.preventDefault());
    return form;
  };

  const told = make("p", "", { class: "told", role: "status" });
  document.body.append(told);
  let clearing;
  const tell = (text) => {
    told.textContent = text;
    clearTimeout(clearing);
    clearing = setTimeout(() => { told.textContent = ""; }, 4000);
  };

  const field = (text) => make("textarea", text, { class: "to-copy", readonly: "", "aria-label": "Text to copy" });

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // not allowed everywhere; this older way is
      const [before, whole] = [document.activeElement, field(text)];
      whole.className = "told"; // fixed, so that nothing scrolls
      document.body.append(whole);
      whole.focus({ preventScroll: true });
      whole.select();
      const done = document.execCommand("copy");
      whole.remove();
      before?.focus({ preventScroll: true });
      return done;
    }
  };

  // Copy a text for the reader who pressed a button; where the browser forbids it, give it to be copied by hand.
  const copy = async (button, text, done) => {
    if (await copied(text)) return tell(done);
    if (button.nextElementSibling?.className !== "to-copy") button.after(field(text));
    const whole = button.nextElementSibling;
    whole.select();
    whole.scrollIntoView({ block: "nearest" });
    tell("This browser does not let the page copy: the text is marked, to be copied by hand.");
  };

  return { make, held, labelled, formOf, tell, copy };
})();
