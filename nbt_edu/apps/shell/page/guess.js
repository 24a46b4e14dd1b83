// "Guess first": predictions are given before Run, and sealed: they vanish, and open where the run reaches what they are about.

/* {node, follow(status), stop()}. sketch(ask, done): let the user draw over the ask's trace; answers how to stop, and whether
   the axis is to stay as long as it was drawn over. */
function guessPart(about, talking, sketch) {
  const list = make("div", { class: "nbt-asks" }), rows = new Map();
  const head = make("summary", {});
  const none = make("span", { class: "nbt-told", hidden: true }, "none was sealed: Rewind, to guess before Run");
  const node = make("details", { class: "nbt-guess", open: true, hidden: true }, head, none, list);
  const follow = (status) => {
    for (const ask of status.asks) {
      if (!rows.has(ask.name)) rows.set(ask.name, guessRow(ask, about, talking, sketch));
      const row = rows.get(ask.name);
      if (!row.node.isConnected) list.append(row.node);
      row.follow(ask, status.count);
    }
    write(head, status.count ? "Your guesses" : "Guess first");
    none.hidden = status.count === 0 || status.asks.some((ask) => ask.sealed);
    node.hidden = !rows.size;
  };
  return { node, follow, stop: () => rows.forEach((row) => row.stop()) };
}

function guessRow(ask, about, talking, sketch) {
  const id = fresh();
  let undo = null, over = "";
  const told = make("span", { class: "nbt-told" });
  const hand = guessInput(ask, id);
  const stop = (stays = false) => {
    undo?.(stays);
    if (!stays) undo = null;
    draw.setAttribute("aria-pressed", "false");
  };
  const begin = () => {
    if (undo) return stop();
    undo = sketch(ask, (points) => (hand.value = points));
    draw.setAttribute("aria-pressed", "true");
  };
  const keep = () => talking.say({ do: "guess", name: ask.name, value: hand.value });
  const button = (text, title, onclick) => make("button", { type: "button", title, onclick }, text);
  const draw = button("Sketch", "draw the curve over the figure", begin);
  const seal = button("Seal", "keep this guess; it cannot be seen until it is opened", keep);
  draw.setAttribute("aria-pressed", "false");
  hand.addEventListener("keydown", (event) => event.key === "Enter" && seal.click());
  const inputs = make("span", { class: "nbt-field" }, hand, ...(ask.kind === "curve" ? [draw] : []), seal);
  const node = make("div", { class: "nbt-ask" }, make("label", { for: id }, ask.question), inputs, told);
  const follow = (now, count) => {
    const state = now.verdict || (now.sealed ? `sealed: kept, and hidden until ${grouped(now.at)} ${about.unit}` : "");
    inputs.hidden = Boolean(state) || count > 0;
    if (inputs.hidden) stop(now.sealed);
    if (over && !now.sealed) stop();
    if (state && !over) hand.value = ""; // sealed: it is not shown again
    over = state;
    write(told, state);
    told.classList.toggle("nbt-open", Boolean(now.verdict));
    node.hidden = inputs.hidden && !state;
  };
  return { node, follow, stop };
}

function guessInput(ask, id) {
  if (ask.kind === "choice") {
    const empty = make("option", { value: "", disabled: true, selected: true }, "choose…");
    return make("select", { id }, empty, ...ask.options.map(([value, text]) => make("option", { value }, text)));
  }
  const curve = ask.kind === "curve";
  const title = curve ? "sketch it, or write its points: x y, x y, …" : "a number";
  const placeholder = curve ? "x y, x y, …" : "number";
  return make("input", { type: "text", id, title, placeholder, autocomplete: "off", size: curve ? 9 : 7 });
}

/* A sheet over one panel of a figure, on which a curve is drawn by hand. done(points): as text, in the panel's coordinates. */
function sheetOver(graph, trace, done) {
  const namespace = "http://www.w3.org/2000/svg";
  const xaxis = () => graph._fullLayout[axis(trace.xaxis)], yaxis = () => graph._fullLayout[axis(trace.yaxis)];
  const sheet = document.createElementNS(namespace, "svg"), line = document.createElementNS(namespace, "polyline");
  sheet.classList.add("nbt-sheet");
  const place = () => {
    const style = { left: xaxis()._offset, top: yaxis()._offset, width: xaxis()._length, height: yaxis()._length };
    for (const [name, value] of Object.entries(style)) sheet.style[name] = `${value}px`;
  };
  sheet.append(line);
  place();
  let points = [], drawing = false;
  const add = (event) => {
    const box = sheet.getBoundingClientRect();
    const inside = (value, length) => Math.min(Math.max(value, 0), length);
    points.push([inside(event.clientX - box.left, box.width), inside(event.clientY - box.top, box.height)]);
    line.setAttribute("points", points.map((one) => one.join(",")).join(" "));
  };
  sheet.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    place();
    points = [];
    drawing = true;
    add(event);
  });
  sheet.addEventListener("pointermove", (event) => drawing && add(event));
  sheet.addEventListener("pointerup", () => {
    drawing = false;
    const every = Math.ceil(points.length / 60), kept = points.filter((_, i) => i % every === 0 || i === points.length - 1);
    const short = (value) => Number(value.toPrecision(4));
    done(kept.map(([x, y]) => `${short(xaxis().p2d(x))} ${short(yaxis().p2d(y))}`).join(", "));
  });
  graph.parentElement.append(sheet);
  return () => sheet.remove();
}
