/* Haoma: a proof of work in ALTCHA's format. Finds the number for which SHA-256(salt + number) is the challenge;
   crypto.subtle is missing where there is no https. */
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

// Returns the hash state after the one block of 64 bytes that salt and number fill.
function digest(block) {
  for (let i = 0; i < 16; i++) W[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    W[i] = W[i - 16] + s0 + W[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = FIRST;
  for (let i = 0; i < 64; i++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const one = h + s1 + (e & f ^ ~e & g) + ROUNDS[i] + W[i] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const two = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g; g = f; f = e; e = d + one | 0;
    d = c; c = b; b = a; a = one + two | 0;
  }
  return [a, b, c, d, e, f, g, h].map((it, i) => it + FIRST[i] | 0);
}

// The block, which is padded behind each number.
const bytes = new Uint8Array(64), block = new DataView(bytes.buffer);
function write(text, at) {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
function fill(number, at) {
  const end = write(String(number), at);
  bytes[end] = 0x80;
  bytes.fill(0, end + 1);
  block.setUint16(62, end * 8);
}

const hex = (words) => words.map((it) => (it >>> 0).toString(16).padStart(8, "0")).join("");

// Lets the page run. A timer would wait longer each time; a message does not.
const pause = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(0);
});

/** The number; the page is never held up for more than about ten milliseconds. */
export async function solve({ challenge, salt, maxnumber }) {
  if ((salt + maxnumber).length > 55) throw new Error("too long");
  const first = parseInt(challenge.slice(0, 8), 16) | 0;
  const end = write(salt, 0);
  let turn = performance.now();
  for (let number = 0; number <= maxnumber; number++) {
    fill(number, end);
    const state = digest(block);
    if (state[0] === first && hex(state) === challenge) return number;
    if (number % 256 === 0 && performance.now() - turn > 10) {
      await pause();
      turn = performance.now();
    }
  }
  throw new Error("no number");
}

/** An answer to a new question, as the field wants it. */
export async function prove() {
  const { data } = await (await fetch("/api/v1/proof-of-work")).json();
  const { algorithm, challenge, salt, signature } = data;
  return btoa(JSON.stringify({ algorithm, challenge, number: await solve(data), salt, signature }));
}
