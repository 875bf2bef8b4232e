"""The screen in a browser of this machine; see docs/design/serve.md."""
