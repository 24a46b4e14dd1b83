"""Back-pressure: the browser says when it has drawn a frame, so that frames never pile up on a slow machine."""

import time

import anywidget
import traitlets

IN_FLIGHT = 2  # frames sent and not yet drawn, at most
SILENCE = 1.0  # seconds without an answer (a hidden tab, no browser) after which a frame is sent all the same


class Pacer(anywidget.AnyWidget):
    """An invisible widget: `mark()` after sending a frame; `ready()` when another may be sent."""

    _esm = """
    export default { render({ model, el }) {
      el.style.display = "none";
      const drawn = () => {
        const frame = model.get("sent");
        requestAnimationFrame(() => setTimeout(() => { model.set("drawn", frame); model.save_changes(); }, 0));
      };
      model.on("change:sent", drawn);
      drawn();
      return () => model.off("change:sent", drawn);
    } };
    """
    sent = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True, echo_update=False)

    _last = 0.0

    def ready(self):
        """Whether the browser keeps up."""
        return self.sent - self.drawn < IN_FLIGHT or time.monotonic() - self._last > SILENCE

    def mark(self):
        """Say that a frame was sent."""
        self._last = time.monotonic()
        self.sent += 1
