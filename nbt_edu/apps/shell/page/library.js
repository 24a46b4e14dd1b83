// plotly.js, once a page: the kernel sends the copy that plotly's Python package carries. A page without a kernel puts its own
// under the same key.

const LIBRARY = Symbol.for("nbt_edu.plotly");
const PATIENCE = 8000; // milliseconds to wait for what another app of the page has asked its kernel for

function plotly(model) {
  const asked = globalThis[LIBRARY];
  if (!asked) return (globalThis[LIBRARY] = fetched(model));
  return new Promise((done) => {
    const own = () => done(fetched(model));
    const timer = setTimeout(own, PATIENCE);
    Promise.resolve(asked).then(done, own).finally(() => clearTimeout(timer));
  });
}

function fetched(model) {
  return new Promise((done, failed) => {
    const heard = async (message, buffers) => {
      if (!message.plotly) return;
      model.off("msg:custom", heard);
      try {
        const unzipped = new Blob(buffers).stream().pipeThrough(new DecompressionStream("gzip"));
        const text = await new Response(unzipped).text();
        const module = { exports: {} };
        new Function("module", "exports", text)(module, module.exports);
        done(module.exports);
      } catch (error) {
        failed(error);
      }
    };
    model.on("msg:custom", heard);
    model.send({ do: "plotly" });
  });
}
