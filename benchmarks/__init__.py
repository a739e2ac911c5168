"""Measurements, each beside the primitives it cannot do without, in the same run (see docs/performance.md)."""
