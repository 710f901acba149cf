// A browser as far as signing in needs one: it keeps cookies, and shows each redirect instead of following it.

import assert from "node:assert/strict";

export class Browser {
  #origin;
  #cookies = new Map();

  constructor(origin) {
    this.#origin = origin;
  }

  /** Signs in by JSON, as the sign-in page of a front-end does. */
  async signIn(login, password) {
    const answer = await this.#send("/api/v1/session", "POST", "application/json", JSON.stringify({ login, password }));
    assert.equal(answer.status, 200, await answer.text());
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
    const headers = {};
    if (this.#cookies.size) headers.cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (type) Object.assign(headers, { "content-type": type, origin: this.#origin });
    const answer = await fetch(new URL(address, this.#origin), { method, headers, body, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) this.#store(cookie);
    return answer;
  }

  #store(cookie) {
    const [pair, ...attributes] = cookie.split("; ");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isGone = value === "" || attributes.some((attribute) => attribute.toLowerCase() === "max-age=0");
    if (isGone) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** Returns where a redirect leads. */
export function location(answer) {
  assert.equal(answer.status, 303);
  return new URL(answer.headers.get("location"), answer.url);
}

/** Returns where the form of a page is sent, and its hidden fields. */
export async function form(answer) {
  assert.equal(answer.status, 200);
  const page = await answer.text();
  const action = page.match(/<form method="post" action="([^"]*)"/);
  assert.ok(action, page);
  const fields = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: unescaped(action[1]),
    fields: Object.fromEntries(fields.map(([, name, value]) => [name, unescaped(value)])),
  };
}

function unescaped(text) {
  const entities = { "&#x2F;": "/", "&#x27;": "'", "&quot;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&" };
  return text.replace(/&(?:#x2F|#x27|quot|lt|gt|amp);/g, (entity) => entities[entity]);
}
