// What all parts of the page are made of: elements, texts, messages to the app, and controls that do not fight the user's hand.

/* An element. attributes: names as in HTML, or on…: a listener. Children that are strings become text, never markup. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

let made = 0;
const fresh = () => `nbt-${Date.now().toString(36)}-${++made}`; // an id of its own, in every view of a page

/* Write a text only where it differs: a selection, or a screen reader, is then not disturbed. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const grouped = (number) => Number(number).toLocaleString("en", { maximumFractionDigits: 0 });

/* A text of plotly's, which may have tags and entities, as plain text. */
function plain(text) {
  const lines = String(text ?? "").replace(/<br\s*\/?>/gi, " ");
  return new DOMParser().parseFromString(lines, "text/html").body.textContent;
}

const LATE = 1500; // milliseconds after which a message is said to be waiting

/* Messages to the app. `say` sends each; of what is `stream`ed only as many as the app answers, the last one always. Each has
   this page's name and a number. `answered` takes note of what a status says was obeyed; `settled`: whether that is all, so that
   what the status says of dials and fields is no older than what the user has done; `late`: whether none was obeyed for long,
   though some wait. wake() is called when that begins. */
function talk(model, wake) {
  const page = Math.random().toString(36).slice(2);
  let waiting = false, next = null, timer, count = 0, obeyed = 0, since;
  const late = () => obeyed < count && performance.now() - since >= LATE;
  const watch = () => obeyed < count && (late() ? wake() : setTimeout(watch, LATE));
  const send = (message) => {
    if (obeyed === count) {
      since = performance.now();
      setTimeout(watch, LATE);
    }
    model.send({ ...message, from: [page, ++count] });
  };
  const settled = () => obeyed >= count;
  const free = () => {
    clearTimeout(timer);
    waiting = false;
    if (next) stream(next);
  };
  function stream(message) {
    if (waiting) {
      next = message;
      return;
    }
    waiting = true;
    next = null;
    timer = setTimeout(free, 1000);
    send(message);
  }
  function say(message) {
    if (next && next.name === message.name) next = null;
    send(message);
  }
  const answered = (numbers) => {
    const number = numbers?.[page] ?? 0;
    if (number > obeyed) {
      obeyed = number;
      since = performance.now();
    }
    if (!waiting) return;
    clearTimeout(timer);
    timer = setTimeout(free, 33);
  };
  return { say, stream, answered, settled, late };
}

/* show(value), but not while the user types or drags within `node`, nor for half a second after; and then only what was said
   since: what was true before the change is older than what the user has done. */
function shy(node, show) {
  let until = 0, last, timer;
  const apply = () => {
    clearTimeout(timer);
    const left = until - performance.now();
    if (last === undefined) return;
    if (left <= 0) show(last);
    else if (left < Infinity) timer = setTimeout(apply, left + 10);
  };
  const leave = () => {
    if (until < Infinity) return;
    until = 0;
    apply();
  };
  node.addEventListener("input", () => (until = Infinity));
  node.addEventListener("change", () => {
    until = performance.now() + 500;
    last = undefined;
    clearTimeout(timer);
  });
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || leave());
  node.addEventListener("keydown", (event) => event.key === "Escape" && leave());
  return (value) => {
    last = value;
    apply();
  };
}

/* Enter in a field of one line says that one is done, as leaving it does; the same text a second time too. */
function entered(event) {
  if (event.key === "Enter") event.target.dispatchEvent(new Event("change", { bubbles: true }));
}
