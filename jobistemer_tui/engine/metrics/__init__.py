"""Prometheus metrics: read from the store at each request, so that they outlive the engine."""
