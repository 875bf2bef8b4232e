"""Runs a `python` task in a process of its own: `run.py`, which needs nothing but a Python interpreter."""
