"""The widgets around an app: controls, the play loop, the live figure. The only importer of ipywidgets and anywidget.

Imported only when an app is shown. May be imported here: everything but the command line.
"""
