"""The supervisor: a small process that owns the tasks' processes and outlives the engine.

It uses the standard library alone and imports none of the other packages, so that it starts fast, stays
small and is not touched by an upgrade of the rest. `main.py` is the process, `protocol.py` what is said
over its socket, `log_format.py` what it leaves on disk for readers.
"""
