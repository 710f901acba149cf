// A person uses an application behind Apache with mod_auth_openidc. The application is here: it shows the headers that it
// gets.
// `node behind-apache.mjs` gets INPUT as JSON.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { Browser, form, location } from "./browser.mjs";

const input = JSON.parse(process.env.INPUT);
const application = createServer((request, response) => response.end(JSON.stringify(request.headers)));
application.listen(input.application_port, "127.0.0.1");
const haoma = new Browser(input.issuer);
const site = new Browser(input.site);

/** Goes to the page of the site and returns the address of the sign-in that it demands. */
async function demand() {
  const authorize = location(await site.open("/page?x=1"));
  assert.equal(authorize.origin + authorize.pathname, `${input.issuer}/oauth/authorize`);
  return authorize;
}

/** Brings the answer of Haoma to the site, and returns the headers that the application sees. */
async function come(answer) {
  const back = location(await site.open(location(answer)));
  assert.equal(back.href, `${input.site}/page?x=1`);
  const page = await site.open(back);
  assert.equal(page.status, 200, page.body);
  return JSON.parse(page.body);
}

// Somebody who is not signed in has to sign in first, and then to consent to the number being told.
const login = location(await haoma.open(await demand()));
assert.equal(login.pathname, "/login");
await haoma.signIn(input.mobile, input.password);
const { action } = form(await haoma.open(login.searchParams.get("next")));
const headers = await come(await haoma.submit(action, { decision: "allow" }));
assert.equal(headers.oidc_claim_sub, input.subject);
assert.equal(headers.oidc_claim_iss, input.issuer);
assert.equal(headers.oidc_claim_aud, input.client.id);
assert.equal(headers.oidc_claim_name, input.name);
assert.equal(headers.oidc_claim_preferred_username, input.name);
// The number is at the userinfo endpoint only.
assert.equal(headers.oidc_claim_phone_number, `+86${input.mobile}`);
assert.ok(headers.oidc_claim_sid && headers.oidc_access_token);

// Signing out at the site also signs out here.
const leave = location(await site.open(`/signed-in?logout=${encodeURIComponent(input.bye)}`));
assert.equal(leave.origin + leave.pathname, `${input.issuer}/oauth/logout`);
assert.ok(leave.searchParams.get("id_token_hint"));
const left = location(await haoma.open(leave));
assert.equal(left.href, input.bye);
assert.equal(await haoma.isSignedIn(), false);
await demand();

// Signing out here also signs out at the site, which is told by its back channel.
await haoma.signIn(input.mobile, input.password);
await come(await haoma.open(await demand()));
assert.equal((await site.open("/page")).status, 200);
await haoma.signOut();
for (let attempt = 0; (await site.open("/page")).status === 200; attempt++) {
  assert.ok(attempt < 100, "the site was not told");
  await setTimeout(100);
}
await demand();

application.closeAllConnections();
application.close();
console.log("done: behind Apache");
