"""Supervision: duties, plans, orders, cards, seals, recalls and notices, each provable like any other entry.

    references      what these statements may point at: checks, their findings, and who must sign
    duty            who is responsible for a merchant         draw, plan    checks of a week drawn at random
    voiding         plans that cannot be drawn any more
    rectification   orders and how they end                   cards         yellow, red, suspension
    holds           seals and recalls                         notices       both offices told, both answering
    telling         what a notice that is due says

Each room has the effects of its kinds and the as-of questions about them. `rules` calls the effects, the front doors
ask the questions.
"""
