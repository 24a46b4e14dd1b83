// The app's page: its parts, how they are laid out, what keys do, and what a screen reader is told.

const HEARTBEAT = 20000; // milliseconds between two signs that the page is still there
const WAITS = "the kernel is busy: what you asked for waits";

async function render({ model, el }) {
  const about = model.get("about"), talking = talk(model, () => follow());
  const graph = make("div", { class: "nbt-graph", role: "img" });
  const words = make("pre", { class: "nbt-words", hidden: true }), sentence = make("p", { class: "nbt-sentence" });
  const live = make("div", { class: "nbt-unseen", "aria-live": "polite" });
  let figure = null;

  const sketch = (ask, done) => {
    const trace = graph._fullData?.find((one) => graph.data[one.index]?.name === ask.trace);
    if (!trace) return () => {};
    const counting = (graph.layout.meta?.count ?? []).includes(trace.xaxis);
    let undo = () => {}, over = false;
    if (counting) figure.reach(trace.xaxis, ask.at);
    setTimeout(() => over || (undo = sheetOver(graph, trace, done)), counting ? 300 : 0); // when the axis has its new end
    return (stays) => {
      over = true;
      undo();
      if (counting && !stays) figure.reach(trace.xaxis, 0);
    };
  };

  const bar = barPart(about, talking), dials = dialsPart(about, talking);
  const guess = guessPart(about, talking, sketch), panels = panelsPart(model, graph);
  const status = statusPart(about, talking, panels.buttons);
  const parts = [bar, status, dials, guess, panels];
  const body = make("div", { class: "nbt-body" },
    make("div", { class: "nbt-side" }, dials.node),
    make("div", { class: "nbt-main" }, guess.node, make("div", { class: "nbt-paper" }, graph), sentence, words));
  const root = make("div", { class: "nbt-app", tabindex: 0, role: "group", "aria-label": `app ${about.name}`,
    "data-lm-suppress-shortcuts": "true", onkeydown: (event) => keys(event, bar.toggle, talking) });
  root.classList.toggle("nbt-projector", about.projector);
  if (about.title) root.append(make("p", { class: "nbt-title" }, about.title));
  root.append(bar.node, status.node, body, panels.node, live);
  el.append(make("div", { class: "nbt-frame" }, root));
  graph.addEventListener("pointerdown", () => root.focus({ preventScroll: true }));

  let told = "";
  const follow = () => {
    const now = { ...model.get("status"), values: model.get("values") };
    talking.answered(now.answered);
    if (talking.late()) Object.assign(now, { message: WAITS, alert: false });
    parts.forEach((part) => part.follow(now));
    write(sentence, now.sentence);
    write(words, now.words);
    words.hidden = !now.words;
    graph.setAttribute("aria-label", [about.title, now.sentence].filter(Boolean).join(" "));
    const news = now.playing ? now.message : [now.message, now.sentence].filter(Boolean).join(". ");
    if (news && news !== told) write(live, news);
    told = news;
  };
  const heard = (message) => panels.heard(message);
  const look = () => ({ dark: root.dataset.theme === "dark", scale: about.projector ? PROJECTOR : 1 });
  const theme = () => {
    if (!root.isConnected) return;
    const dark = isDark(root) ? "dark" : "light";
    if (root.dataset.theme === dark) return;
    root.dataset.theme = dark;
    figure?.real();
  };

  const unwatch = watchTheme(root, theme);
  theme();
  follow();
  model.on("change:status change:values", follow);
  model.on("msg:custom", heard);
  model.send({ do: "here" });
  const beat = setInterval(() => model.send({ do: "here" }), HEARTBEAT);
  try {
    figure = liveFigure(model, await plotly(model), graph, look);
    theme();
  } catch (error) {
    write(graph, `The figure cannot be drawn here: ${error.message}. A newer browser may help.`);
  }
  return () => {
    clearInterval(beat);
    unwatch();
    guess.stop();
    model.off("change:status change:values", follow);
    model.off("msg:custom", heard);
    figure?.stop();
  };
}

/* Space runs and pauses, the right arrow steps, R rewinds: wherever in the app a key has no other meaning. */
function keys(event, toggle, talking) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  event.stopPropagation(); // the notebook's own keys are not meant
  const on = event.target;
  if (on.matches("textarea, select, pre, .nbt-tables, input:not([type=range], [type=checkbox])")) return;
  const actions = { " ": toggle, ArrowRight: () => talking.stream({ do: "step" }), r: () => talking.say({ do: "rewind" }) };
  const action = actions[event.key], presses = event.key === " " && on.matches("button, summary, [type=checkbox]");
  if (!action || presses || (event.key === "ArrowRight" && on.matches("[type=range]"))) return;
  event.preventDefault();
  if (!event.repeat || event.key === "ArrowRight") action();
}

export default { render };
