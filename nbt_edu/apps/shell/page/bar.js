// The bar: what one does with a run, and below it how the run stands.

/* {node, follow(status), toggle()}. */
function barPart(about, talking) {
  let playing = false;
  const button = (text, title, message, attributes = {}) =>
    make("button", { type: "button", title, onclick: () => talking.say(message), ...attributes }, text);
  const toggle = () => talking.say({ do: playing ? "pause" : "run" });
  const run = button("Run", "start or pause (space)", {}, { class: "nbt-run", onclick: toggle });
  const seed = about.dials.find((one) => one.name === "seed");
  const fields = [
    field("seed", `${seed.tip}. Starts anew`, (value) => ({ do: "set", name: "seed", value }), talking, { size: 5 }),
    paceField(about, talking),
    field("pause at", `number of ${about.unit} at which to pause; empty: never`,
      (value) => ({ do: "pause_at", value }), talking, { size: 8, inputmode: "decimal" }),
  ];
  const node = make("div", { class: "nbt-bar", role: "group", "aria-label": "run" },
    run,
    button("Step", `${grouped(about.chunk)} ${about.unit} (→)`, { do: "step" }),
    button("Rewind", "back to 0, same seed and dials (R)", { do: "rewind" }),
    button("New seed", "another seed, at random", { do: "new_seed" }),
    button("Reset", "default settings, back to 0", { do: "reset" }),
    ...fields.map((one) => one.node));
  const follow = (status) => {
    playing = status.playing;
    write(run, playing ? "Pause" : "Run");
    run.disabled = status.finished && !playing;
    if (!talking.settled()) return;
    fields[0].show(status.values.seed);
    fields[1].show(status.pace);
    fields[2].show(status.pause_at === null ? "" : grouped(status.pause_at));
  };
  return { node, follow, toggle };
}

/* A field of one line with its label. message(text): what is sent when it is done. */
function field(label, title, message, talking, attributes) {
  const id = fresh();
  const done = () => talking.say(message(input.value.trim()));
  const plainText = { type: "text", autocomplete: "off", spellcheck: "false" };
  const input = make("input", { ...plainText, id, title, onchange: done, onkeydown: entered, ...attributes });
  const node = make("span", { class: "nbt-field" }, make("label", { for: id }, label), input);
  return { node, input, show: shy(node, (text) => input.value !== text && (input.value = text)) };
}

function paceField(about, talking) {
  const id = fresh(), own = make("option", { disabled: true });
  const select = make("select", { id, title: `${about.unit} a second, at most`,
    onchange: () => talking.say({ do: "pace", value: select.value === "" ? null : Number(select.value) }) });
  for (const pace of about.paces) {
    select.append(make("option", { value: pace ?? "" }, pace ? `${grouped(pace)} a second` : "as fast as it can"));
  }
  const show = (pace) => {
    own.remove();
    if (!about.paces.includes(pace)) {
      write(own, `${pace} a second`);
      own.value = pace;
      select.append(own);
    }
    select.value = pace ?? "";
  };
  const node = make("span", { class: "nbt-field" }, make("label", { for: id }, "pace"), select);
  return { node, show: shy(node, show) };
}

/* {node, follow(status)}: running or paused, count, speed, way to the pause, message, and the state line. */
function statusPart(about, talking, buttons) {
  const count = make("span", { class: "nbt-count" });
  const way = make("progress", { "aria-label": "way to the pause", hidden: true });
  const message = make("strong", { class: "nbt-message" });
  const line = field("state", "copy this line to keep a run; paste one and press Enter to get it back",
    (value) => ({ do: "state", line: value }), talking, { size: 24 });
  line.input.addEventListener("focus", () => line.input.select());
  const follow = (status) => {
    const how = status.playing ? "running" : status.finished ? "finished" : "paused";
    const speed = status.playing && status.speed ? ` · ${status.speed}` : "";
    write(count, `${how} · ${grouped(status.count)} ${about.unit}${speed}`);
    count.title = count.textContent; // where it is cut
    way.hidden = status.pause_at === null;
    way.max = status.pause_at ?? 1;
    way.value = Math.min(status.count, status.pause_at ?? 0);
    write(message, status.message);
    message.title = status.message;
    message.classList.toggle("nbt-alert", status.alert);
    line.show(status.state);
  };
  const node = make("div", { class: "nbt-status" },
    make("div", { class: "nbt-says" }, count, way, message), make("div", { class: "nbt-keep" }, line.node, ...buttons));
  return { node, follow };
}
