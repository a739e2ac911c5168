"""A made-up street office, always the same for one seed: its shops, its officers, and four weeks of their work.

    cast.py     who there is: merchants, supervisors, keys, zones
    goods.py    what they trade: batches with documents, how they move
    weeks.py    what they say, hour by hour
    play.py     saying it to a ledger, with the clock of the story

The demonstration, the tests and the benchmarks all use it. Names and codes are invented; codes have right
check characters.
"""
