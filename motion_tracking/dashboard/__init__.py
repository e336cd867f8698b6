"""
Pages: what is seen and steered in a browser?

`serving.serve_calibration` shows one page, on which a camera is calibrated by whatever satisfies
`calibration.Calibration`.  `guard` says who may talk to a page, `watchers` holds those who look
at it; files that the browser loads are in `static/`, written by hand, with no build step.
Nothing here is imported by a tracker: the web libraries cost memory that it has better use for.
"""
