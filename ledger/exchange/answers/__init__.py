"""What questions and statements are answered with, as JSON: one shape for the command line and for HTTP.

    receipts        a statement the ledger holds
    goods           holdings, traces
    supervision     coverage, duties, plans, orders, cards, recalls, notices
    registry        merchants
    asking          as of which entry, quantities

A front door asks, chooses and shows; the members of an answer are named here once.
"""
