// What opens on request below the figure: the lines of Python that make this run, and the figure's data as tables.

const ROWS = 20, COLUMNS = 12; // of a table, at most

/* {buttons, node, follow(status), heard(message)}. */
function panelsPart(model, graph) {
  const code = make("pre", { tabindex: 0, "aria-label": "Python that makes this run" });
  const copy = make("button", { type: "button", onclick: () => copied(code, copy) }, "Copy");
  const tables = make("div", { class: "nbt-tables", tabindex: 0, role: "group", "aria-label": "data of the figure" });
  const list = [
    opened("Code", "the lines of Python that make this very run", make("div", { class: "nbt-code" }, copy, code),
      () => model.send({ do: "code" })),
    opened("Table", "the data behind the figure", tables, () => tables.replaceChildren(...tablesOf(graph))),
  ];
  let count = -1;
  return {
    buttons: list.map((one) => one.button),
    node: make("div", { class: "nbt-panels" }, ...list.map((one) => one.panel)),
    follow(status) {
      if (!status.playing && status.number !== count) setTimeout(() => list.forEach((one) => one.renew()), 200);
      count = status.number;
    },
    heard: (message) => message.code !== undefined && write(code, message.code),
  };
}

/* A button that opens and closes a panel. */
function opened(text, title, content, renew) {
  const id = fresh();
  const panel = make("div", { id, hidden: true }, content);
  const button = make("button", { type: "button", title, "aria-expanded": "false", "aria-controls": id, onclick: () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    renew();
    setTimeout(() => panel.scrollIntoView({ block: "nearest", behavior: "smooth" }), 250); // when it has its size
  } }, text);
  return { button, panel, renew: () => panel.hidden || renew() };
}

async function copied(code, button) {
  const range = document.createRange();
  range.selectNodeContents(code);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  try {
    await navigator.clipboard.writeText(code.textContent);
    write(button, "Copied");
  } catch {
    write(button, document.execCommand("copy") ? "Copied" : "Selected");
  }
  setTimeout(() => write(button, "Copy"), 2000);
}

function digits(value) {
  if (typeof value !== "number") return value ?? "–";
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–";
}

/* At most `most` places spread over a length, both ends among them. */
function spread(length, most) {
  const n = Math.min(length, most);
  return Array.from({ length: n }, (_, i) => Math.round((i * (length - 1)) / Math.max(n - 1, 1)));
}

function tablesOf(graph) {
  const named = (trace, letter) => plain(graph.layout[axis(trace[letter + "axis"] ?? letter)]?.title?.text) || letter;
  const part = (trace, name) => [graph.data[trace.index]?.[name], trace[name]].find((one) => one?.length >= 0);
  const traces = (graph._fullData ?? []).map((one) => ({ ...one, x: part(one, "x"), y: part(one, "y"), z: part(one, "z") }));
  const found = traces.map((trace) => (trace.z ? gridOf(trace) : columnsOf(trace, named)));
  return found.some(Boolean) ? found.filter(Boolean) : [make("p", {}, "There are no points yet.")];
}

function tableOf(trace, heads, rows) {
  const cells = ([first, ...rest]) => [make("th", { scope: "row" }, first), ...rest.map((one) => make("td", {}, one))];
  const row = (one) => make("tr", {}, ...cells(one));
  const head = make("thead", {}, make("tr", {}, ...heads.map((one) => make("th", { scope: "col" }, one))));
  return make("table", {}, make("caption", {}, plain(trace.name) || "trace"), head, make("tbody", {}, ...rows.map(row)));
}

function columnsOf(trace, named) {
  const length = Math.min(trace.x?.length ?? 0, trace.y?.length ?? 0);
  if (!length) return null;
  const rows = spread(length, ROWS).map((i) => [digits(trace.x[i]), digits(trace.y[i])]);
  return tableOf(trace, [named(trace, "x"), named(trace, "y")], rows);
}

function gridOf(trace) {
  const rows = spread(trace.z.length, ROWS), columns = spread(trace.z[0]?.length ?? 0, COLUMNS);
  if (!columns.length) return null;
  const heads = ["row", ...columns.map((j) => digits(trace.x?.[j] ?? j))];
  return tableOf(trace, heads, rows.map((i) => [digits(trace.y?.[i] ?? i), ...columns.map((j) => digits(trace.z[i][j]))]));
}
