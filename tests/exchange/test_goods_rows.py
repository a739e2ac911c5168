"""The goods ledger's rows: one for each movement, with what the receipt said, and taken-back ones marked."""

from __future__ import annotations

from pathlib import Path

from ledger.exchange.goods_rows import goods_rows
from tests.custody.world import M1, M2, World, receipt


def test_rows_say_what_moved_and_where_it_came_from(tmp_path: Path) -> None:
    world = World(tmp_path)
    line = {**receipt("B1")["lines"][0], "lot": "L1", "origin_country": "CL"}
    world.must(world.say(M1, "goods.received", receipt("B1", number="SH-1", lines=[line])))
    sent = world.hand_over("B1", "4")
    world.must(world.accept(sent.id, "B1", "3", refused="1"))
    sold = world.must(world.sell("B1", "2"))
    world.must(world.correct(sold.id))
    rows = list(goods_rows(world.ledger, merchant=None, as_of=world.size))
    assert [(row.action, row.merchant, row.quantity, row.held) for row in rows] == [
        ("received", M1, "10", "10"),
        ("handed_over", M1, "4", "6"),
        ("accepted", M2, "3", "3"),
        ("returned", M1, "1", "7"),
        ("sold", M1, "2", "5"),
    ]
    received, handed, accepted, _, gone = rows
    assert (received.number, received.lot, received.origin_country) == ("SH-1", "L1", "CL")
    assert (received.counterparty, received.counterparty_country) == ("Mar del Sur S.A.", "AR")
    assert received.documents == (("customs_declaration", "460120261000000123"),)
    assert received.transport == "road"
    assert (handed.counterparty_code, accepted.counterparty_code) == (M2, M1)
    assert handed.lot == "L1"
    assert (gone.buyer_type, gone.corrected, received.corrected) == ("consumers", True, False)
    assert received.leaf_hash == world.ledger.entry(received.index).leaf_hash.hex()
    mine = list(goods_rows(world.ledger, merchant=M2, as_of=world.size))
    assert [row.action for row in mine] == ["accepted"]
    assert len(list(goods_rows(world.ledger, merchant=None, as_of=sent.index))) == 1
    world.ledger.close()
