"""The modules refuse every negative vector, with the error that it names; and what these were made from they accept."""

from __future__ import annotations

import json

import pytest

from tests.reference import slow
from tests.reference.sample import SmallLedger
from tests.vectors import make_negative
from tests.vectors.cases import input_of
from tests.web.js.modules import Modules

SMALL = SmallLedger()
FOLDERS = sorted(path.name for path in make_negative.FOLDER.iterdir())
SPKIS = [slow.b64(slow.spki(key)) for key in (SMALL.operator, SMALL.merchant, SMALL.phone)]
OTHERWISE = {
    # refused as well, by the profile of JSON before anybody looks at the field, or by the fields before the depth
    ("entry", "a fraction as index"): "EncodingError",
    ("envelope", "60,000 arrays in one another"): "EnvelopeError",
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_refused_with_the_error_it_names(js: Modules, folder: str) -> None:
    files = sorted(make_negative.FOLDER.glob(f"{folder}/*"))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    answers = js.each(folder, [input_of(record) for record in records], vkey=SMALL.vkey, spkis=SPKIS)
    for path, record, answer in zip(files, records, answers, strict=True):
        want = OTHERWISE.get((folder, record["desc"]), record["want_error"])
        assert answer.get("code") == want, (path.name, record["desc"], answer)
    assert len(records) > 3


def test_what_the_vectors_were_made_from_is_accepted(js: Modules) -> None:
    """Else every refusal above might have another reason."""
    everything = range(SMALL.size)
    assert js.oks("entry", SMALL.entries) == [SMALL.leaf(index).hex() for index in everything]
    js.oks("signature", SMALL.envelopes, spkis=SPKIS)
    assert js.oks("statement", [SMALL.payload(index) for index in everything]) == [
        SMALL.payload(index).hex() for index in everything
    ]
    proofs = js.oks("tlog-proof", [SMALL.proof(index) for index in everything], vkey=SMALL.vkey)
    assert [proof["index"] for proof in proofs] == list(everything)
    js.oks("key", [text.encode() for text in SPKIS])
    text = "Ein Text.\n\n第二段\n"
    assert js.oks("note", [slow.note(text, SMALL.origin, SMALL.log)], vkey=SMALL.vkey) == [text]
    assert js.oks("checkpoint", [SMALL.checkpoint], vkey=SMALL.vkey)[0]["size"] == SMALL.size
    paths = ["tile/0/000", "tile/63/x001/000.p/255", "tile/entries/999", "tile/entries/x001/000.p/1"]
    assert js.oks("tile-path", [path.encode() for path in paths]) == paths
    assert js.oks("bundle", [b"\0\1a" * 256]) == [["61"] * 256]
    js.oks("disclosure", [slow.disclosure("phone", "13800000000", "_26bc4LT-ac6q2KI6cBW5es").encode()])
