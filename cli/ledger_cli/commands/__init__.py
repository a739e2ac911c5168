"""One command per file: a function `command` with its options, and its `EXAMPLES`."""
