"""Verification: whether a ledger, live or published, is what it says. Start with `verify`."""
