/** All that a careless or hostile caller might hand over, put through every function that reads something. */
import { answer, modules as m } from './harness.js';

export async function throwAnything() {
  const circle = {}; circle.self = circle;
  const odd = [undefined, null, true, 0, -1, 1.5, NaN, 2 ** 60, 10n, '', 'a', '\ud800', 'a'.repeat(70), [], [1],
  [null], {}, circle,
      Symbol('s'), () => 1, new Date(NaN), new Map(), new Uint8Array(), new Uint8Array(40), new ArrayBuffer(3),
      new Uint16Array(2),
      m.bytes.utf8('{}'), m.bytes.utf8('[]'), m.bytes.utf8('null'), m.bytes.utf8('{"a":1}'), { sealed: 1 },
      { length: 3 }];
  const work = {
      decode: m.canonical.decode, encode: m.canonical.encode, anyLayout: (one) => m.canonical.decodeAnyLayout(one,
      100),
      parseStatement: m.statement.parseStatement, checkStatement: m.statement.checkStatement,
      parseEnvelope: m.dsse.parseEnvelope, readSignatures: m.dsse.readSignatures,
      parseEntry: m.entry.parseEntry, fromText: m.keys.PublicKey.fromText, fromDer: m.keys.PublicKey.fromDer,
      fromEd25519: m.keys.PublicKey.fromEd25519, fromVkey: m.note.Verifier.fromVkey, splitNote: m.note.splitNote,
      openNote: (one) => m.note.openNote(one, []), parseCheckpoint: m.note.parseCheckpoint,
      parseProof: m.proof.parseProof,
      checkProof: (one) => m.proof.checkProof(one, null), parseTilePath: m.tiles.parseTilePath,
      decodeBundle: m.tiles.decodeBundle,
      parseChain: m.merchantChain.parseChain, checkChain: (one) => m.merchantChain.checkChain(one, null),
      checkLeaf: (one) => m.proof.checkLeaf(one, one, null), openDisclosure: m.sealed.openDisclosure, digest: m.sealed.digest,
      openSealed: (one) => m.sealed.openSealed(one, one),
      sealName: (one) => m.sealed.seal(one, 1, (n) => new Uint8Array(n)), leafHash: m.tree.leafHash,
      index: (one) => m.tree.verifyInclusion(one, 2, new Uint8Array(32), [new Uint8Array(32)], new Uint8Array(32)),
      size: (one) => m.tree.verifyInclusion(0, one, new Uint8Array(32), [], new Uint8Array(32)),
      leaf: (one) => m.tree.verifyInclusion(0, 1, one, [], new Uint8Array(32)),
      path: (one) => m.tree.verifyInclusion(0, 2, new Uint8Array(32), one, new Uint8Array(32)),
      hash: (one) => m.tree.verifyConsistency(1, 2, [one], new Uint8Array(32), new Uint8Array(32)),
      old: (one) => m.tree.verifyConsistency(one, 2, [new Uint8Array(32)], new Uint8Array(32), new Uint8Array(32)),
      instant: (one) => m.times.instant(one, 480), offset: (one) => m.times.instant(0, one),
      newId: (one) => m.statement.newId(one, (n) => new Uint8Array(n)),
      tree: (one) => new m.tiles.TileTree(() => null, one), rootAt: (one) => new m.tiles.TileTree(() => null,
      5).rootAt(one),
      tile: (one) => new m.tiles.TileTree(() => one, 5).rootAt(),
  };
  const answers = {};
  for (const [name, does] of Object.entries(work)) {
      answers[name] = [];
      for (const one of odd) answers[name].push(await answer(async () => { await does(one); }));
  }
  return answers;
}
