"""The command `custody`, from outside: what people type and what they get."""
