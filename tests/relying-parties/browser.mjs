// A browser as far as signing in needs one: it keeps cookies, and shows each redirect instead of following it. It does not
// use fetch, whose requests say that no person is going to a page.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";

export class Browser {
  #origin;
  #cookies = new Map();

  constructor(origin) {
    this.#origin = origin;
  }

  /** Signs in by JSON, as the sign-in page of a front-end does. */
  async signIn(login, password) {
    const answer = await this.#send("/api/v1/session", "POST", "application/json", JSON.stringify({ login, password }));
    assert.equal(answer.status, 200, answer.body);
  }

  async signOut() {
    const answer = await this.#send("/api/v1/session", "DELETE", "application/json", "{}");
    assert.equal(answer.status, 200, answer.body);
  }

  async isSignedIn() {
    return (await this.open("/api/v1/session")).status === 200;
  }

  open(address) {
    return this.#send(address, "GET");
  }

  submit(address, fields) {
    return this.#send(address, "POST", "application/x-www-form-urlencoded", new URLSearchParams(fields).toString());
  }

  async #send(address, method, type, body) {
    const url = new URL(address, this.#origin);
    const headers = { accept: "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    if (this.#cookies.size) headers.cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (type) Object.assign(headers, { "content-type": type, origin: this.#origin });
    const sent = request(url, { method, headers });
    sent.end(body);
    const [answer] = await once(sent, "response");
    for (const cookie of answer.headers["set-cookie"] ?? []) this.#store(cookie);
    const text = Buffer.concat(await answer.toArray()).toString();
    return { status: answer.statusCode, location: answer.headers.location, url, body: text };
  }

  #store(cookie) {
    const [pair, ...attributes] = cookie.split(/; */);
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isGone = value === "" || attributes.some((attribute) => attribute.toLowerCase() === "max-age=0");
    if (isGone) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** Returns where a redirect leads. */
export function location(answer) {
  assert.ok([302, 303].includes(answer.status), `${answer.status} ${answer.body}`);
  return new URL(answer.location, answer.url);
}

/** Returns where the form of a page is sent, and its hidden fields. */
export function form({ status, body }) {
  assert.equal(status, 200);
  const action = body.match(/<form method="post" action="([^"]*)"/);
  assert.ok(action, body);
  const fields = [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: unescaped(action[1]),
    fields: Object.fromEntries(fields.map(([, name, value]) => [name, unescaped(value)])),
  };
}

function unescaped(text) {
  const entities = { "&#x2F;": "/", "&#x27;": "'", "&quot;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&" };
  return text.replace(/&(?:#x2F|#x27|quot|lt|gt|amp);/g, (entity) => entities[entity]);
}
