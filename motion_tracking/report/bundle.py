"""
Where does the drawing program of the pages come from, and is it what its makers published?

It is plotly.js in its basic form, which draws lines and bars and is a quarter of the whole.  It is
put into every page that needs it: plants are offline, and a page is to open in twenty years.
"""

from functools import cache
from importlib.resources import files

VERSION = "4.1.1"
"""That of plotly.js-basic-dist-min, under the MIT licence, which lies beside it."""

SHA256 = "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"


@cache
def plotly_script() -> str:
    """Return plotly.js, to be the text of a script element."""
    static = files("motion_tracking.report").joinpath("static")
    return static.joinpath("plotly-basic.min.js").read_text(encoding="utf-8")
