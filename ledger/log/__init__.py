"""The log: bytes, hashes, proofs and signed notes. Pure functions of what is handed in.

    canonical    JSON in one spelling                         RFC 8785
    times        instants as text                             RFC 3339
    keys         Ed25519 and P-256                            RFC 8032, IEEE P1363
    statement    what an author says and signs                DSSE v1
    entry        a statement once the ledger holds it
    tree         hashes, roots, verifying proofs              RFC 6962, RFC 9162
    tiles        storing and publishing the tree, making proofs      C2SP tlog-tiles
    bundles      entries as they are published                C2SP tlog-tiles
    note         signed text                                  C2SP signed-note
    checkpoint   the signed head of a ledger                  C2SP tlog-checkpoint
    cosignature  a witness's signature below it               C2SP tlog-cosignature
    proof        one entry's proof as a file                  C2SP tlog-proof
    sealed       values that can be erased                    RFC 9901 (SD-JWT)

No clock, no files, no database, no network: a caller brings the time, the tiles and the keys. What statements mean,
who may make them and where they are kept is the business of the floors above.

>>> from ledger.log import CompactRange, leaf_hash
>>> tree = CompactRange()
>>> tree.append(leaf_hash(b"{}"))
>>> tree.root() == leaf_hash(b"{}")
True
"""

from __future__ import annotations

from ledger.log.canonical import JSON
from ledger.log.checkpoint import Checkpoint
from ledger.log.cosignature import CosignatureSigner, CosignatureVerifier
from ledger.log.entry import MAX_ENTRY_BYTES, Entry
from ledger.log.keys import PrivateKey, PublicKey, SigningKey, require_grantable
from ledger.log.note import Note, NoteSigner, NoteVerifier
from ledger.log.proof import TlogProof
from ledger.log.sealed import Disclosure
from ledger.log.statement import PAYLOAD_TYPE, Envelope, Seen, Signature, Statement
from ledger.log.tiles import EntriesId, ReadTile, Tile, TileId, TileTree, TileWriter
from ledger.log.tree import (
    EMPTY_ROOT,
    CompactRange,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "JSON",
    "MAX_ENTRY_BYTES",
    "PAYLOAD_TYPE",
    "Checkpoint",
    "CompactRange",
    "CosignatureSigner",
    "CosignatureVerifier",
    "Disclosure",
    "EntriesId",
    "Entry",
    "Envelope",
    "Note",
    "NoteSigner",
    "NoteVerifier",
    "PrivateKey",
    "PublicKey",
    "ReadTile",
    "Seen",
    "Signature",
    "SigningKey",
    "Statement",
    "Tile",
    "TileId",
    "TileTree",
    "TileWriter",
    "TlogProof",
    "leaf_hash",
    "node_hash",
    "require_grantable",
    "verify_consistency",
    "verify_inclusion",
]
