// A plotly figure whose arrays move. Curves over a counting axis are moved by rewriting the `d` of plotly's own line paths:
// 2 ms a frame, where a drawing by plotly takes 40. Such a real drawing follows once a second, when curves leave their axes,
// and when they come to rest, so that axes, zoom, legend and hover are plotly's own. All other kinds of traces are drawn by
// plotly whenever their arrays have changed. A frame that comes while another is drawn replaces the one that waits.

const REAL = 1000; // milliseconds between two real drawings of moving curves

/* The arrays of a frame: {trace: {part: numbers, or rows of numbers, or texts}}. */
function unpacked(frame) {
  const part = ({ data, shape }) => {
    const bytes = ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
    const numbers = new Float32Array(bytes);
    if (!shape.length) return numbers[0];
    const row = shape[1];
    return shape.length === 1 ? numbers : Array.from({ length: shape[0] }, (_, i) => numbers.subarray(i * row, (i + 1) * row));
  };
  const each = (one, change) => Object.fromEntries(Object.entries(one).map(([name, value]) => [name, change(value)]));
  return each(frame.traces, (parts) => each(parts, (value) => (value?.shape ? part(value) : value)));
}

/* The parts of a trace, those with dots in their names ("marker.color") included. */
function fill(trace, parts) {
  for (const [name, value] of Object.entries(parts ?? {})) {
    const way = name.split("."), last = way.pop();
    way.reduce((node, key) => (node[key] ??= {}), trace)[last] = value;
  }
}

const same = (a, b) => Object.is(a, b) || (a?.length >= 0 && a.length === b?.length && a.every((one, i) => same(one, b[i])));
const axis = (name) => name[0] + "axis" + name.slice(1); // "x2" -> "xaxis2"

/* The last of some points, as far as it is a number. */
function last(points) {
  const end = points?.at?.(-1);
  return Number.isFinite(end) ? end : 0;
}

/* The end of an axis that begins at 0: above `far` by less than half, so that it need not move at every frame. */
function roundUp(far) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(far, 1)));
  return unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= far);
}

/* The line through points given in data coordinates, broken where they are not finite (or not positive, on a log axis). */
function path(xs, ys, xaxis, yaxis) {
  let d = "", pen = "M";
  for (let k = 0; k < xs.length; k++) {
    const x = xaxis.c2p(xs[k]), y = yaxis.c2p(ys[k]);
    if (Number.isFinite(x) && Number.isFinite(y)) {
      d += pen + x.toFixed(1) + "," + y.toFixed(1);
      pen = "L";
    } else pen = "M";
  }
  return d || "M0,0";
}

/* `Plotly` draws the model's figure in the node `graph`; look(): how it is to look, {scale, dark}. */
function liveFigure(model, Plotly, graph, look) {
  let ends = {}, home = {}, horizon = {}, shown = {}, drawn = -Infinity;
  let stale = true, waiting = false, busy = false, gone = false, listening = false, number = 0, rest;

  const counting = () => graph.layout?.meta?.count ?? [];
  const place = (trace, letter) => trace[letter + "axis"] ?? letter;

  /* What a counting axis shows: [0, its end], or from 1 where it is logarithmic, of which plotly wants the exponents. */
  const span = (name, log) => [0, log ? Math.log10(Math.max(ends[name], 10)) : ends[name]];

  /* Whether the user looks at another part of it. */
  function zoomed(name) {
    const { range, type } = graph._fullLayout?.[axis(name)] ?? {};
    return name in ends && range && !same(range, span(name, type === "log"));
  }

  const moves = (trace) => trace.type === "scatter" && trace.mode === "lines" && counting().includes(trace.xaxis)
    && (trace.fill ?? "none") === "none" && (trace.line.shape ?? "linear") === "linear";

  /* Rewrite the paths; false where a real drawing is needed. */
  function move(arrays) {
    const jobs = [];
    for (const trace of graph._fullData) {
      const name = graph.data[trace.index]?.name, parts = arrays[name];
      if (!parts || trace.visible !== true) continue;
      if (!moves(trace)) {
        if (!Object.keys(parts).every((part) => same(parts[part], shown[name]?.[part]))) return false;
        continue;
      }
      const { x, y } = parts, paths = graph.querySelectorAll(`.trace${trace.uid} .js-line`);
      if (!x.length !== !paths.length || (x.at(-1) > ends[trace.xaxis] && !zoomed(trace.xaxis))) return false;
      jobs.push([paths, path(x, y, graph._fullLayout[axis(trace.xaxis)], graph._fullLayout[axis(trace.yaxis)])]);
    }
    for (const [paths, d] of jobs) paths.forEach((one, j) => one.setAttribute("d", j ? "M0,0" : d));
    graph.data.forEach((trace) => fill(trace, arrays[trace.name]));
    return true;
  }

  /* A drawing by plotly: new axes where the curves have left the old ones. What the user zoomed stays (uirevision), as long as
     the range that we ask for stays. */
  async function redraw(arrays) {
    const { data, layout } = dress(JSON.parse(model.get("figure")), look());
    data.forEach((trace) => fill(trace, arrays[trace.name]));
    for (const name of layout.meta?.count ?? []) {
      const letter = name[0], far = data.filter((one) => place(one, letter) === name).map((one) => last(one[letter]));
      if (!zoomed(name)) ends[name] = roundUp(Math.max(horizon[name] ?? 0, ...far));
      layout[axis(name)] = { ...layout[axis(name)], range: span(name, layout[axis(name)]?.type === "log") };
    }
    layout.width = graph.clientWidth;
    home = structuredClone(layout); // plotly writes what it keeps into its own
    await Plotly.react(graph, data, layout, { displayModeBar: false, doubleClick: false });
    if (!listening) graph.on("plotly_doubleclick", unzoom);
    listening = true;
  }

  /* A double click: the axes that the figure would have, had the user never zoomed. */
  function unzoom() {
    const names = Object.keys(graph._fullLayout).filter((name) => /^[xy]axis\d*$/.test(name));
    const ranges = names.map((name) => (home[name]?.range ? [name + ".range", home[name].range] : [name + ".autorange", true]));
    Plotly.relayout(graph, Object.fromEntries(ranges)).then(real);
  }

  async function draw() {
    waiting = false;
    if (busy || gone) return;
    if (!graph.clientWidth) { // a hidden figure is drawn when it is shown, even in this very frame: its size is asked for anew
      resized.unobserve(graph);
      resized.observe(graph);
      return;
    }
    if (graph._dragging) { // a drawing would take the zoom out of the user's hand
      setTimeout(soon, 100);
      return;
    }
    busy = true;
    const frame = model.get("frame"), arrays = unpacked(frame);
    try {
      if (stale || performance.now() - drawn > REAL || !move(arrays)) {
        stale = false;
        await redraw(arrays);
        drawn = performance.now();
      }
      shown = arrays;
    } finally {
      busy = false;
    }
    if (frame.number !== number) {
      number = frame.number;
      model.send({ do: "drawn", number });
    }
    if (stale || number !== model.get("frame").number) soon();
  }

  function soon() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  const real = () => { stale = true; soon(); };
  const moved = () => { clearTimeout(rest); rest = setTimeout(real, REAL); soon(); };
  const resized = new ResizeObserver(() => (graph.clientWidth === graph._fullLayout?.width ? soon() : real()));
  model.on("change:frame", moved);
  model.on("change:figure", real);
  resized.observe(graph);
  draw();

  return {
    real,
    /* Let a counting axis reach as far as `at`, or (0) as far as its curves. */
    reach(name, at) { horizon[name] = at; real(); },
    stop() {
      gone = true;
      clearTimeout(rest);
      resized.disconnect();
      model.off("change:frame", moved);
      model.off("change:figure", real);
      Plotly.purge(graph);
    },
  };
}
