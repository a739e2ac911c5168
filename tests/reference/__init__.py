"""The ledger format a second time, from the format page alone: the judge in a dispute with the fast code."""
