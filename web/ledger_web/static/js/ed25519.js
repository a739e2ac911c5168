/**
 * Ed25519 in plain arithmetic (RFC 8032 section 5.1): for browsers without it, and to look into a key's point.
 *
 *     await verify(publicKey, signature, message)    // some milliseconds; WebCrypto takes a tenth of one
 *     hasFullOrder(publicKey)                        // false: anyone could sign in its name
 *
 * Checkpoints are signed by Ed25519 keys only, so a browser that has none in WebCrypto could otherwise verify nothing.
 * Only verification: all its inputs are public, so timing tells nobody anything. Signing is WebCrypto's alone.
 */
import { concat, equal } from './bytes.js';
import { subtle } from './hash.js';

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a, m = P) => ((a % m) + m) % m;
const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const IDENTITY = [0n, 1n, 1n, 0n]; // extended coordinates X, Y, Z, T: x = X/Z, y = Y/Z, x·y = T/Z
const BASE = decompress(encoded(mod(4n * power(5n, P - 2n)), 0n));

/** Whether these 64 bytes are the signature of the message by the key of these 32. Like OpenSSL: without cofactor. */
export async function verify(publicKey, signature, message) {
  const key = decompress(publicKey);
  if (key === null || signature.length !== 64) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER) return false; // section 5.1.7 step 1: else a second signature could be made of each
  const hashed = await subtle().digest('SHA-512', concat(signature.subarray(0, 32), publicKey, message));
  const h = littleEndian(new Uint8Array(hashed)) % ORDER;
  const [x, y, z, t] = key;
  const point = doubleMultiply(s, BASE, h, [mod(-x), y, z, mod(-t)]); // [s]B − [h]A must be R
  return equal(compress(point), signature.subarray(0, 32));
}

/** Whether these 32 bytes are the one encoding of a point of the curve whose order does not divide 8. */
export function hasFullOrder(publicKey) {
  const point = decompress(publicKey);
  if (point === null) return false;
  const [x, y, z] = double(double(double(point)));
  return !(x === 0n && y === z);
}

/** The point of 32 bytes (section 5.1.3), or `null`. */
function decompress(bytes) {
  if (bytes.length !== 32) return null;
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = number & (2n ** 255n - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * v ** 3n * power(mod(u * v ** 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function compress([x, y, z]) {
  const inverse = power(z, P - 2n);
  return encoded(mod(y * inverse), mod(x * inverse) & 1n);
}

function encoded(y, sign) {
  let rest = y | (sign << 255n);
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}

/** Section 5.1.4: holds for all pairs of points, equal ones too. */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 * t2);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

const double = (point) => add(point, point);

/** [a]P + [b]Q, both from the highest bit down at once. */
function doubleMultiply(a, p, b, q) {
  const both = add(p, q);
  let sum = IDENTITY;
  for (let bit = 252n; bit >= 0n; bit -= 1n) {
    sum = double(sum);
    const [inA, inB] = [(a >> bit) & 1n, (b >> bit) & 1n];
    if (inA || inB) sum = add(sum, inA && inB ? both : inA ? p : q);
  }
  return sum;
}

function power(base, exponent) {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

function littleEndian(bytes) {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
