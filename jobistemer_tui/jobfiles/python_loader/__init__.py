"""The program that runs a Python job file and says what it declares; a process of its own, started by `load.py`."""
