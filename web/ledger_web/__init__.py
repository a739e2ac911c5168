"""The server and the phone pages: the second front door, on the same `Ledger` as the command line."""
