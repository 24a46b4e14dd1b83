// A plotly figure whose curves move. A frame rewrites the `d` of plotly's own line paths: about 2 ms, where a drawing by plotly
// takes 40. Such a real drawing follows once a second, when curves leave their axes, and when they come to rest, so that axes,
// zoom, legend and hover are plotly's own.

const REAL = 1000; // milliseconds between two real drawings of a moving figure
const KEY = Symbol.for("nbt_edu.plotly");

/* plotly.js, once a page: the kernel sends the copy that plotly's Python package carries. */
function plotly(model) {
  if (globalThis[KEY]) return globalThis[KEY];
  return new Promise((done, failed) => {
    const heard = async (message, buffers) => {
      if (message !== "plotly") return;
      model.off("msg:custom", heard);
      try {
        const unzipped = new Blob(buffers).stream().pipeThrough(new DecompressionStream("gzip"));
        const text = await new Response(unzipped).text();
        const module = { exports: {} };
        if (!globalThis[KEY]) {
          new Function("module", "exports", text)(module, module.exports);
          globalThis[KEY] = module.exports;
        }
        done(globalThis[KEY]);
      } catch (error) {
        failed(error);
      }
    };
    model.on("msg:custom", heard);
    model.send("plotly");
  });
}

const numbers = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
const axis = (name) => name[0] + "axis" + name.slice(1); // "x2" -> "xaxis2"

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

async function render({ model, el }) {
  const graph = document.createElement("div");
  el.append(graph);
  let Plotly;
  try {
    Plotly = await plotly(model);
  } catch (error) {
    graph.textContent = `The figure cannot be drawn here: ${error.message}. A newer browser may help.`;
    return () => {};
  }
  let ends = {}, home = {}, drawn = -Infinity, stale = true, waiting = false, busy = false, rest;

  function curves() {
    const { x, y } = model.get("frame");
    return x.map((one, i) => ({ x: numbers(one), y: numbers(y[i]) }));
  }

  /* Whether the user looks at another part of an axis than [0, its end]. */
  function zoomed(name) {
    const range = graph._fullLayout?.[axis(name)].range;
    return name in ends && (range[0] !== 0 || range[1] !== ends[name]);
  }

  /* Rewrite the paths; false where a real drawing is needed. */
  function move(lines) {
    const { _fullData: traces, _fullLayout: layout } = graph;
    const jobs = [];
    for (const [i, { x, y }] of lines.entries()) {
      const trace = traces[i], paths = graph.querySelectorAll(`.trace${trace.uid} .js-line`);
      if (!x.length !== !paths.length || (x.at(-1) > ends[trace.xaxis] && !zoomed(trace.xaxis))) return false;
      jobs.push([paths, path(x, y, layout[axis(trace.xaxis)], layout[axis(trace.yaxis)])]);
    }
    for (const [paths, d] of jobs) paths.forEach((one, j) => one.setAttribute("d", j ? "M0,0" : d));
    lines.forEach((line, i) => Object.assign(graph.data[i], line));
    return true;
  }

  /* A drawing by plotly: new axes where the curves have left the old ones. What the user zoomed stays (uirevision), as long as
     the range that we ask for stays. */
  async function redraw(lines) {
    const { data, layout } = JSON.parse(model.get("figure"));
    const far = {};
    lines.forEach((line, i) => {
      Object.assign(data[i], line);
      const name = data[i].xaxis ?? "x";
      far[name] = Math.max(far[name] ?? 0, line.x.at(-1) ?? 0);
    });
    for (const [name, most] of Object.entries(far)) {
      if (!zoomed(name)) ends[name] = roundUp(most);
      layout[axis(name)].range = [0, ends[name]];
    }
    home = structuredClone(layout); // plotly writes what it keeps into its own
    await Plotly.react(graph, data, layout, { displayModeBar: false, doubleClick: false });
  }

  /* A double click: the axes that the figure would have, had the user never zoomed. */
  function unzoom() {
    const names = Object.keys(graph._fullLayout).filter((name) => /^[xy]axis\d*$/.test(name));
    const ranges = names.map((name) => (home[name]?.range ? [name + ".range", home[name].range] : [name + ".autorange", true]));
    Plotly.relayout(graph, Object.fromEntries(ranges)).then(real);
  }

  async function draw() {
    waiting = false;
    if (busy) return;
    busy = true;
    const lines = curves(), number = model.get("frame").number;
    try {
      if (stale || performance.now() - drawn > REAL || !move(lines)) {
        stale = false;
        await redraw(lines);
        drawn = performance.now();
      }
    } finally {
      busy = false;
    }
    if (number !== model.get("drawn")) {
      model.set("drawn", number);
      model.save_changes();
    }
    if (stale || number !== model.get("frame").number) soon();
  }

  function soon() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  const real = () => { stale = true; soon(); };
  const moved = () => { clearTimeout(rest); rest = setTimeout(real, REAL); soon(); };
  model.on("change:frame", moved);
  model.on("change:figure", real);
  await draw();
  graph.on("plotly_doubleclick", unzoom);
  return () => {
    clearTimeout(rest);
    model.off("change:frame", moved);
    model.off("change:figure", real);
    Plotly.purge(graph);
  };
}

export default { render };
