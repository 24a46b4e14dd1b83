"""The widget around an app: one page of native controls and a live figure. The only importer of ipywidgets and anywidget.

`view` shows an app, `messages` is what its page asks for, `packing` how points travel; `page/` is the page, in JavaScript.
Nothing here knows any app. Imported only when an app is shown. May be imported here: everything but the command line.
"""

from .view import view_of

__all__ = ["view_of"]
