// Requests to the JSON API.

import { root } from "./dom.js";

export const uuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
  (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

export async function call(method, path, body, key, words) {
  const abort = new AbortController();
  const patience = setTimeout(() => abort.abort(), 15000);
  try {
    const response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "Accept-Language": root.lang, "Idempotency-Key": key },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    return { ...await response.json(), created: response.status === 201 };
  } catch (_) {
    return { errno: "", errmsg: words.network, lost: true };
  } finally {
    clearTimeout(patience);
  }
}
