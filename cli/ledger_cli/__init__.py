"""The command `custody`: the ledger's front door for people and scripts.

    app.py          the program: what `custody` starts
    catalogue.py    which commands there are, each a file in commands/
    lazy.py         loads the one command that is asked for
    boundary.py     every failure becomes one message and an exit code
    frame.py        what all commands share: which ledger, how to answer, passphrases
    show.py         tables and receipts for people

What it leaves to others: everything the ledger does. A command reads its options, calls the floors below and shows
what they answer.
"""
