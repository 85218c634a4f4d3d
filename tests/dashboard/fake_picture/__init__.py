"""The war room on a made-up picture beside made-up slices, for whoever works on its layers.

    python -m tests.dashboard.fake_picture --port 9800 [--city wuhan] [--silent]

Three places of raised risk and a lull are put into an even city; what the records say is worked
out from made-up cases with the library's own Poisson-gamma law, so that intervals and
probabilities belong together. Everything is marked as simulated. `./hexline up` never starts it.
"""
