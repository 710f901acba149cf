/* Haoma: a proof of work in ALTCHA's format, version 2. Finds the counter for which PBKDF2-HMAC-SHA256 of the nonce and the
   counter begins with the prefix. The browser computes it natively; crypto.subtle is missing where there is no https, and
   this file then runs in workers, too. */

const LANES = Math.min(4, navigator.hardwareConcurrency || 1);

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// Lets the page run. A timer would wait longer each time; a message does not.
const pause = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(0);
});

// Tries every `step`-th counter. Returns nothing once another search has set `state.isOver`.
async function search({ nonce, salt, cost, keyPrefix }, derive, first, step, state) {
  const [start, saltBytes, prefix] = [bytesOf(nonce), bytesOf(salt), bytesOf(keyPrefix)];
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  for (let counter = first; !state.isOver; counter += step) {
    new DataView(password.buffer).setUint32(start.length, counter);
    const key = await derive(password, saltBytes, cost);
    if (prefix.every((byte, i) => key[i] === byte)) {
      state.isOver = true;
      return { counter, derivedKey: hexOf(key) };
    }
  }
}

async function deriveNatively(password, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const bits = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(bits, key, 256));
}

// Several at a time, because a browser computes each beside the page, on another core where there is one.
async function searchNatively(parameters) {
  const state = {};
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    search(parameters, deriveNatively, lane, LANES, state));
  return (await Promise.all(lanes)).find((found) => found);
}

function searchInWorkers(parameters) {
  const workers = [];
  return new Promise((resolve, reject) => {
    for (let lane = 0; lane < LANES; lane++) {
      const worker = new Worker(import.meta.url, { type: "module" });
      workers.push(worker);
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
      worker.postMessage({ parameters, lane });
    }
  }).finally(() => workers.forEach((worker) => worker.terminate()));
}

/** The counter and its key. */
export async function solve(parameters) {
  if (globalThis.crypto && crypto.subtle) return searchNatively(parameters);
  // Older browsers have no workers of this kind.
  return searchInWorkers(parameters).catch(() => search(parameters, deriveByScript, 0, 1, {}));
}

/** An answer to a new question, as the field wants it. */
export async function prove(cost = 1) {
  const { data } = await (await fetch("/api/v1/proof-of-work?cost=" + cost)).json();
  const { parameters, signature } = data;
  return btoa(JSON.stringify({ challenge: { parameters, signature }, solution: await solve(parameters) }));
}

// SHA-256 by script.
const K = [], FIRST = [];
for (let n = 2; K.length < 64; n++) {
  let isPrime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
  if (!isPrime) continue;
  const bits = (root) => (root % 1) * 2 ** 32 | 0;
  if (FIRST.length < 8) FIRST.push(bits(n ** (1 / 2)));
  K.push(bits(n ** (1 / 3)));
}
const ROUNDS = Int32Array.from(K);
const W = new Int32Array(64);

// Writes the state after the block of sixteen words into `to`.
function compress(from, words, to) {
  for (let i = 0; i < 16; i++) W[i] = words[i];
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    W[i] = W[i - 16] + s0 + W[i - 7] + s1;
  }
  let a = from[0], b = from[1], c = from[2], d = from[3], e = from[4], f = from[5], g = from[6], h = from[7];
  for (let i = 0; i < 64; i++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const one = h + s1 + (e & f ^ ~e & g) + ROUNDS[i] + W[i] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const two = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g; g = f; f = e; e = d + one | 0;
    d = c; c = b; b = a; a = one + two | 0;
  }
  to[0] = from[0] + a | 0; to[1] = from[1] + b | 0; to[2] = from[2] + c | 0; to[3] = from[3] + d | 0;
  to[4] = from[4] + e | 0; to[5] = from[5] + f | 0; to[6] = from[6] + g | 0; to[7] = from[7] + h | 0;
}

// The words of a message that fills part of one block, padded as the end of `length` bytes.
function padded(message, length) {
  const bytes = new Uint8Array(64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(60, 8 * length);
  return Int32Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i));
}

// Password and salt are shorter than a block.
let pausedAt = 0;
async function deriveByScript(password, salt, iterations) {
  const keyed = (byte) => {
    const bytes = new Uint8Array(64).fill(byte);
    password.forEach((value, i) => { bytes[i] ^= value; });
    const view = new DataView(bytes.buffer);
    const state = new Int32Array(8);
    compress(FIRST, Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i)), state);
    return state;
  };
  const [inner, outer] = [keyed(0x36), keyed(0x5c)];
  const block = padded(new Uint8Array(32), 96);
  const mac = (words) => {
    compress(inner, words, block);
    compress(outer, block, block);
  };
  mac(padded(Uint8Array.of(...salt, 0, 0, 0, 1), 64 + salt.length + 4));
  const sum = block.slice(0, 8);
  for (let i = 1; i < iterations; i++) {
    mac(block);
    for (let j = 0; j < 8; j++) sum[j] ^= block[j];
  }
  if (performance.now() - pausedAt > 10) {
    await pause();
    pausedAt = performance.now();
  }
  const view = new DataView(new ArrayBuffer(32));
  sum.forEach((word, i) => view.setInt32(4 * i, word));
  return new Uint8Array(view.buffer);
}

// In a worker.
if (!globalThis.document) {
  onmessage = async ({ data: { parameters, lane } }) =>
    postMessage(await search(parameters, deriveByScript, lane, LANES, {}));
}
