// A figure's looks: it is described for white paper at its usual size, and adapted here to dark pages and to projectors.

const PROJECTOR = 1.6;
const SIZES = /^(size|width|height|l|r|t|b|pad|standoff|ticklen|tickwidth|linewidth|zerolinewidth|borderpad|arrowwidth)$/;
const UNSIZED = /^(template|meta|x|y|z|text|customdata|domain|range|xbins|ybins|contours)$/;
const UNTURNED = /^(colorscale|colorway|meta|x|y|z|text|customdata)$/;
const COLOUR = /^#([0-9a-f]{3}|[0-9a-f]{6})$|^rgba?\(/i;
const NAMED = { black: "#000000", white: "#ffffff" };

/* Red, green, blue and opacity of a colour, or null. */
function channels(text) {
  const colour = NAMED[text] ?? text;
  if (!COLOUR.test(colour)) return null;
  if (!colour.startsWith("#")) return colour.match(/[\d.]+/g).map(Number);
  const digits = colour.slice(1);
  const pairs = digits.length === 3 ? [...digits].map((one) => one + one) : digits.match(/../g);
  return pairs.map((one) => parseInt(one, 16));
}

/* On a dark page greys turn over (black is near white, faint grids are faint); colours stay what they are. */
function turned(text) {
  const found = channels(text);
  if (!found || Math.max(...found.slice(0, 3)) - Math.min(...found.slice(0, 3)) > 60) return text;
  const [red, green, blue] = found.slice(0, 3).map((one) => Math.round(242 - (one * (242 - 51)) / 255));
  return `rgba(${red}, ${green}, ${blue}, ${found[3] ?? 1})`;
}

function walk(node, change, skip) {
  for (const [key, value] of Object.entries(node)) {
    if (skip.test(key)) continue;
    if (value && typeof value === "object") {
      if (Array.isArray(value) && typeof value[0] === "string") node[key] = value.map((one) => change(key, one));
      else if (Array.isArray(value) && typeof value[0] === "number") node[key] = value.map((one) => change(key, one));
      else walk(value, change, skip);
    } else node[key] = change(key, value);
  }
}

/* Adapt a figure (as parsed, in place). */
function dress(figure, look) {
  const { scale, dark } = look;
  figure.layout.font = { ...figure.layout.font };
  if (scale !== 1) {
    figure.layout.font.size ??= 12;
    const larger = (key, value) => (typeof value === "number" && SIZES.test(key) ? value * scale : value);
    walk(figure.layout, larger, UNSIZED);
    for (const trace of figure.data) {
      if (trace.type === "scatter") trace.line = { width: 2, ...trace.line }; // plotly's own, to be scaled
      const width = trace.width; // of a bar, in its axis' unit
      walk(trace, larger, UNSIZED);
      if (width !== undefined) trace.width = width;
    }
  }
  if (dark) {
    figure.layout.font.color ??= "#222";
    const paper = "rgba(17, 17, 17, 0.75)";
    walk(figure, (key, value) => {
      if (typeof value !== "string") return value;
      return /bgcolor$/i.test(key) ? (channels(value) ? paper : value) : /color$/i.test(key) ? turned(value) : value;
    }, UNTURNED);
  }
  figure.layout.paper_bgcolor = figure.layout.plot_bgcolor = "rgba(0, 0, 0, 0)";
  return figure;
}

/* Whether the page around a node is dark: by its paper, or by what the system prefers. */
function isDark(node) {
  for (let one = node.parentElement; one; one = one.parentElement) {
    const [red, green, blue, opacity = 1] = getComputedStyle(one).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    if (opacity > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 110;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/* Call changed() when the page's theme may have changed, or the node has come into the page; answers how to stop. */
function watchTheme(node, changed) {
  const later = () => [0, 300, 1500].forEach((wait) => setTimeout(changed, wait)); // style sheets come when they come
  const observer = new MutationObserver(later);
  const names = ["class", "data-jp-theme-light", "data-jp-theme-name", "data-theme"];
  for (const one of [document.body, document.documentElement]) observer.observe(one, { attributeFilter: names });
  const placed = new ResizeObserver(changed);
  placed.observe(node);
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", later);
  return () => {
    observer.disconnect();
    placed.disconnect();
    system.removeEventListener("change", later);
  };
}
