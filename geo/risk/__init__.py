"""The composite risk score: relative rate of new cases in a cell, now, and why.

    people, cases, exposure, crowding, fever
        --> components   what might raise a cell's rate, each a ratio with city mean 1
        --> mixture      one mean of them, weights learnt from where cases appear, gated
        --> filtering    what the components do not explain: a local factor, forgotten in weeks
        --> outputs      relative risk, interval, probabilities, shares, classes
        --> rollup       the same for areas;  health: is the score still calibrated?

The estimand is the relative rate of incident cases in a cell compared with the city's average,
not an index of points. It is relative: a surge of the whole city does not show in it, so the
absolute incidence must stand beside it.
"""
