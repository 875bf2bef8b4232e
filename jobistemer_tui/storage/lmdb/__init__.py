"""A store in one LMDB file: an embedded key-value database with hierarchical keys (http://www.lmdb.tech/doc/)."""

from jobistemer_tui.storage.lmdb.store import LmdbStore

__all__ = ["LmdbStore"]
