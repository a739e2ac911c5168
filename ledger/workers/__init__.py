"""Processes that verify signatures on all cores, for custody when it takes in and for audit when it checks."""
