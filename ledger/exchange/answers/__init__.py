"""What questions and statements are answered with, as JSON: one shape for the command line and for HTTP.

    receipts        a statement the ledger holds
    asking          as of which entry, quantities, merchants that must be known

A front door asks, chooses and shows; the members of an answer are named here once.
"""
