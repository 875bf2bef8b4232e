"""The reference backend: everything in this process, gone with it."""

from jobistemer_tui.storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
