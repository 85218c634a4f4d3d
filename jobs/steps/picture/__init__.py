"""The picture, step by step: what slices and cases say of a city, with no engine in it.

    pieces of topics --> minutes (slices by place)  --> density
                     --> cases (highest revision)   --> risk, hot spots, clusters, Rt, aberrations
                                                            `--> statements that changed

`Picture` holds it all. What it says is a pure function of what was folded, in whatever order it
came, so the last value of every key is the batch answer.
"""
