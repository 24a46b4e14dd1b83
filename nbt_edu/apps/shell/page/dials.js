// The dials: one row each, made from what the app declares of them. A dial that acts at once is sent while it is dragged.

/* {node, follow(status)}: all dials but the seed, which stands in the bar. */
function dialsPart(about, talking) {
  const rows = about.dials.filter((one) => one.name !== "seed").map((one) => ({ one, ...dialRow(one, talking) }));
  const node = make("div", { class: "nbt-dials", role: "group", "aria-label": "dials" }, ...rows.map((row) => row.node));
  const follow = ({ values, shown }) => {
    const settled = talking.settled();
    for (const { one, node: row, show } of rows) {
      row.hidden = !shown.includes(one.name);
      if (settled) show(values[one.name]);
    }
    node.hidden = rows.every((row) => row.node.hidden);
  };
  return { node, follow };
}

function dialRow(one, talking) {
  const kinds = { choice: choiceDial, several: severalDial, text: textDial };
  const title = `${one.tip}. ${one.restarts ? "Starts anew" : "Acts at once"}`;
  const message = (value) => ({ do: "set", name: one.name, value: String(value) });
  const { node, show } = (kinds[one.kind] ?? numberDial)(one, {
    set: (value) => talking.say(message(value)),
    drag: (value) => one.restarts || talking.stream(message(value)),
  });
  node.title = title;
  node.classList.add("nbt-dial");
  return { node, show: shy(node, show) };
}

/* How a slider's places and a number's values go together. */
function scaleOf({ soft: [low, high], log, kind }) {
  const whole = (value) => (kind === "whole" ? Math.round(value) : value);
  if (log) {
    const place = (value) => Math.log10(value);
    return { min: place(low), max: place(high), step: 0.05, place, value: (at) => whole(Number((10 ** at).toPrecision(2))) };
  }
  const step = kind === "whole" ? 1 : 10 ** Math.floor(Math.log10((high - low) / 20));
  return { min: low, max: high, step, place: (value) => value, value: (at) => whole(Number(at.toPrecision(6))) };
}

function numberDial(one, { set, drag }) {
  const id = fresh(), scale = scaleOf(one);
  const at = () => scale.value(Number(slider.value));
  const said = (value) => {
    number.value = value;
    slider.setAttribute("aria-valuetext", value);
  };
  const slider = make("input", {
    type: "range", id, min: scale.min, max: scale.max, step: scale.step,
    oninput: () => { said(at()); drag(at()); },
    onchange: () => set(at()),
  });
  const number = make("input", {
    type: "text", inputmode: "decimal", class: "nbt-number", "aria-label": `${one.label}, number`, autocomplete: "off",
    onchange: () => set(number.value.trim()), onkeydown: entered,
  });
  const show = (text) => {
    const place = scale.place(Number(text.replace("inf", "Infinity")));
    slider.value = Number.isFinite(place) ? place : place > 0 ? scale.max : scale.min;
    said(text);
  };
  return { node: make("div", { class: "nbt-row" }, make("label", { for: id }, one.label), slider, number), show };
}

function choiceDial(one, { set }) {
  const id = fresh(), own = make("option", { disabled: true });
  const select = make("select", { id, onchange: () => set(select.value) });
  select.append(...one.options.map(([value, text]) => make("option", { value }, text)));
  const show = (text) => {
    if (one.options.some(([value]) => value === text)) {
      own.remove();
      select.value = text;
    } else {
      write(own, text);
      select.append(own);
      own.selected = true;
    }
  };
  return { node: make("div", { class: "nbt-row" }, make("label", { for: id }, one.label), select), show };
}

function severalDial(one, { set }) {
  const boxes = one.options.map(([value, text]) => {
    const box = make("input", { type: "checkbox", value });
    return { box, label: make("label", {}, box, text) };
  });
  const node = make("fieldset", {}, make("legend", {}, one.label), ...boxes.map(({ label }) => label));
  node.addEventListener("change", () => set(boxes.filter(({ box }) => box.checked).map(({ box }) => box.value).join("+")));
  const show = (text) => boxes.forEach(({ box }) => (box.checked = text.split("+").includes(box.value)));
  return { node, show };
}

function textDial(one, { set }) {
  const id = fresh(), area = make("textarea", { id, rows: 2, spellcheck: "false", onchange: () => set(area.value) });
  const show = (text) => {
    if (area.value !== text) area.value = text;
  };
  return { node: make("div", { class: "nbt-text" }, make("label", { for: id }, one.label), area), show };
}
