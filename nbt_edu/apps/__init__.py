"""Interactive apps: sliders on what the library does. They need the extra `lab`."""

from .race import Race

__all__ = ["Race"]
