// Acts as a relying party built with openid-client. `node openid-client.mjs CASE` runs one case, with INPUT as JSON.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRemoteJWKSet, decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import * as openid from "openid-client";
import { Browser, form, location } from "./browser.mjs";
import { CALLBACK, begin, discover, refusal, refused, signIn } from "./sign-in.mjs";

const input = JSON.parse(process.env.INPUT);
const browser = new Browser(input.issuer);
await browser.signIn(input.mobile, input.password);

const cases = {
  async algorithms() {
    for (const client of input.clients) {
      const config = await discover(input, client);
      const tokens = await signIn(config, browser);
      const header = decodeProtectedHeader(tokens.id_token);
      assert.equal(header.alg, client.algorithm);
      assert.ok(header.kid);
      const claims = tokens.claims();
      assert.equal(claims.sub, input.subject);
      assert.deepEqual(claims.amr, ["pwd"]);
      const profile = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.deepEqual(profile, { sub: input.subject, name: input.name, preferred_username: input.name });
    }
  },

  async proofs() {
    const { secret, assertion, nothing } = input;
    const key = { key: await importJWK(input.key, "ES256") };
    for (const [client, proof] of [
      [secret, openid.ClientSecretBasic(secret.secret)],
      [secret, openid.ClientSecretPost(secret.secret)],
      [assertion, openid.PrivateKeyJwt(key)],
      [nothing, openid.None()],
    ]) {
      const config = await discover(input, client, proof);
      const tokens = await signIn(config, browser, { scope: "openid offline_access" });
      const next = await openid.refreshTokenGrant(config, tokens.refresh_token);
      await openid.tokenRevocation(config, next.refresh_token);
      await refused(openid.refreshTokenGrant(config, next.refresh_token), "invalid_grant");
    }
    // openid-client reads the challenge of the header and not the error of the body.
    const stranger = await discover(input, secret, openid.ClientSecretBasic(input.other.secret));
    const failure = await signIn(stranger, browser).catch((failure) => failure);
    assert.equal(failure.status, 401, failure);
    assert.equal(failure.cause[0].scheme, "basic", failure);
  },

  async tokens() {
    const config = await discover(input, input.secret);
    const first = await signIn(config, browser, { scope: "openid profile offline_access" });
    assert.equal(first.scope, "openid profile offline_access");
    const told = await openid.tokenIntrospection(config, first.access_token);
    assert.ok(told.active);
    assert.deepEqual([told.sub, told.client_id], [input.subject, input.secret.id]);

    const second = await openid.refreshTokenGrant(config, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(second.claims().sub, input.subject);
    assert.equal(second.claims().nonce, undefined);
    await openid.fetchUserInfo(config, second.access_token, input.subject);

    // A refresh token that comes twice ends all that came of it.
    await refused(openid.refreshTokenGrant(config, first.refresh_token), "invalid_grant");
    assert.ok(!(await openid.tokenIntrospection(config, second.access_token)).active);

    const third = await signIn(config, browser);
    await openid.tokenRevocation(config, third.access_token);
    const failure = await openid.fetchUserInfo(config, third.access_token, input.subject).catch((failure) => failure);
    assert.equal(failure.cause[0].parameters.error, "invalid_token", failure);
  },

  async form_post() {
    const config = await discover(input, input.secret);
    const { url, checks } = await begin(config, { response_mode: "form_post" });
    const { action, fields } = form(await browser.open(url));
    const request = new Request(action, { method: "POST", body: new URLSearchParams(fields) });
    const tokens = await openid.authorizationCodeGrant(config, request, checks);
    assert.equal(tokens.claims().sub, input.subject);
    assert.equal(action, CALLBACK);
  },

  async max_age() {
    const config = await discover(input, input.secret);
    const { url, checks } = await begin(config, { max_age: "1", prompt: "login" });
    const login = location(await browser.open(url));
    assert.equal(login.pathname, "/login");
    await browser.signIn(input.mobile, input.password);
    const answer = location(await browser.open(login.searchParams.get("next")));
    const tokens = await openid.authorizationCodeGrant(config, answer, { ...checks, maxAge: 1 });
    assert.ok(Math.abs(tokens.claims().auth_time - Date.now() / 1000) < 60);
  },

  async errors() {
    const config = await discover(input, input.secret);
    await refusal(config, new Browser(input.issuer), { prompt: "none" }, "login_required");
    await refusal(config, browser, { scope: "email" }, "invalid_scope");
    await refusal(config, browser, { request: "a.b.c" }, "request_not_supported");
    const { url, checks } = await begin(config);
    const answer = location(await browser.open(url));
    answer.searchParams.set("iss", "https://other.example.com");
    const mixedUp = await openid.authorizationCodeGrant(config, answer, checks).catch((failure) => failure);
    assert.match(mixedUp.cause.message, /"iss"/);
    answer.searchParams.set("iss", input.issuer);
    await openid.authorizationCodeGrant(config, answer, checks);
    await refused(openid.authorizationCodeGrant(config, answer, checks), "invalid_grant");
  },

  async consent() {
    const config = await discover(input, input.foreign);
    await refusal(config, browser, { prompt: "none" }, "consent_required");
    const { url, checks } = await begin(config, { scope: "openid phone" });
    for (const decision of ["decline", "allow"]) {
      const { action } = form(await browser.open(url));
      const answer = location(await browser.submit(action, { decision }));
      const tokens = openid.authorizationCodeGrant(config, answer, checks);
      if (decision === "decline") {
        await refused(tokens, "access_denied");
        continue;
      }
      const { access_token } = await tokens;
      const person = await openid.fetchUserInfo(config, access_token, input.subject);
      assert.equal(person.phone_number, `+86${input.mobile}`);
      assert.equal(person.phone_number_verified, true);
    }
  },

  async sign_out() {
    const config = await discover(input, input.told);
    const tokens = await signIn(config, browser);
    const { id_token } = tokens;
    const told = logoutToken();
    const state = openid.randomState();
    const parameters = { id_token_hint: id_token, post_logout_redirect_uri: input.bye, state };
    const url = openid.buildEndSessionUrl(config, parameters);
    const left = location(await browser.open(url));
    assert.equal(left.href, `${input.bye}?state=${state}`);
    assert.equal(await browser.isSignedIn(), false);

    const { jwks_uri, issuer } = config.serverMetadata();
    const options = { issuer, audience: input.told.id, typ: "logout+jwt", algorithms: [input.told.algorithm] };
    const { payload } = await jwtVerify(await told, createRemoteJWKSet(new URL(jwks_uri)), options);
    assert.equal(payload.sid, tokens.claims().sid);
    assert.equal(payload.sub, input.subject);
    assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
    assert.equal(payload.nonce, undefined);
    assert.ok(payload.jti);
  },
};

/** Listens where the back-channel logout goes, and returns the first logout token. */
function logoutToken() {
  return new Promise((resolve) => {
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      response.end();
      server.close();
      resolve(new URLSearchParams(body).get("logout_token"));
    });
    server.listen(input.logout_port, "127.0.0.1");
  });
}

await cases[process.argv[2]]();
console.log(`done: ${process.argv[2]}`);
