"use strict";
// The sliders of a page without a kernel: every state of an app was computed ahead (grid.py) and is only looked up here.
// Text goes into the page by textContent, never as markup.
(() => {
  const PHONE = 600, SECONDS = 6; // pixels below which panels stand below each other; time that Play takes

  // What differs from the first state, laid over it; null says that it is not there.
  const over = (first, other) =>
    Object.fromEntries(Object.entries({ ...first, ...other }).filter(([, value]) => value !== null));

  function stand(box) {
    const grid = JSON.parse(box.querySelector("script").textContent);
    const find = (name) => box.querySelector(name);
    const sliders = [...box.querySelectorAll("input")], button = find("button"), node = find(".figure");
    let since = null; // when Play was pressed

    const state = () => grid.states[sliders.reduce((place, s, i) => place * grid.dials[i].values.length + Number(s.value), 0)];
    const counted = (trace) => trace.type === "scatter" && grid.axes.includes(trace.xaxis || "x") && (trace.x || []).length > 2;

    // The first part of every curve along the count, as far as `share` of the way.
    function revealed(data, layout, share) {
      const xs = data.filter(counted).flatMap((trace) => trace.x).filter(Number.isFinite);
      const log = grid.axes.some((axis) => (layout["xaxis" + axis.slice(1)] || {}).type === "log");
      const low = xs.reduce((a, b) => Math.min(a, b), Infinity), high = xs.reduce((a, b) => Math.max(a, b), -Infinity);
      const here = log ? low * (high / low) ** share : low + (high - low) * share;
      const kept = (trace, values) => values && values.filter((_, i) => trace.x[i] <= here);
      const cut = (trace) => ({ ...trace, x: kept(trace, trace.x), y: kept(trace, trace.y) });
      return [data.map((trace) => (counted(trace) ? cut(trace) : trace)), Math.round(here)];
    }

    function draw() {
      const now = state(), share = since === null ? 1 : Math.min(1, (performance.now() - since) / SECONDS / 1000);
      let data = grid.figure.data.map((trace, i) => over(trace, now.data[i])), count = now.count;
      let layout = over(grid.figure.layout, now.layout);
      if (node.clientWidth < PHONE) layout = { ...layout, ...layout.narrow };
      if (share < 1) [data, count] = revealed(data, layout, share);
      if (button) find(".count").textContent = `${count.toLocaleString("en")} ${grid.unit}`;
      layout = { ...structuredClone(layout), autosize: true, dragmode: false };
      delete layout.narrow;
      return Plotly.react(node, data, layout, { displayModeBar: false, responsive: true, doubleClick: false });
    }

    function say() {
      const now = state();
      find(".sentence").textContent = now.sentence;
      find(".line code").textContent = now.line;
      node.setAttribute("aria-label", now.sentence);
    }

    function play() { // one step of it
      if (since === null) return;
      if (performance.now() - since >= SECONDS * 1000) stop();
      else draw(), requestAnimationFrame(play);
    }
    function stop() { since = null; button.textContent = "Play"; draw(); }

    sliders.forEach((slider, i) => slider.addEventListener("input", () => {
      const value = grid.dials[i].values[slider.value];
      slider.parentNode.querySelector("output").textContent = value;
      slider.setAttribute("aria-valuetext", value);
      draw(), say();
    }));
    if (button) button.addEventListener("click", () => {
      if (since !== null) return stop();
      since = performance.now(), button.textContent = "Stop", play();
    });
    let wide = null; // across the limit, panels move
    new ResizeObserver(() => {
      const now = node.clientWidth >= PHONE;
      if (wide !== null && wide !== now) draw();
      wide = now;
    }).observe(node);
    draw(), say();
  }

  // A browser keeps a slider's place over a reload: the figure is drawn for where it begins.
  document.querySelectorAll("section.app").forEach((box) => {
    box.querySelectorAll("input").forEach((input) => { input.value = input.defaultValue; });
    stand(box);
  });
})();
