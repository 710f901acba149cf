// One sign-in through openid-client, from discovery to a validated ID token.

import assert from "node:assert/strict";
import * as openid from "openid-client";
import { location } from "./browser.mjs";

export const CALLBACK = "https://app.example.com/callback";

/** Reads the configuration of the issuer. No other algorithm than that of the client is accepted. */
export async function discover(input, client, proof = openid.ClientSecretBasic(client.secret)) {
  const metadata = { id_token_signed_response_alg: client.algorithm };
  const options = { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] };
  return openid.discovery(new URL(input.issuer), client.id, metadata, proof, options);
}

/** Begins a sign-in, with PKCE, state and nonce. */
export async function begin(config, parameters = {}) {
  const checks = {
    pkceCodeVerifier: openid.randomPKCECodeVerifier(),
    expectedState: openid.randomState(),
    expectedNonce: openid.randomNonce(),
    idTokenExpected: true,
  };
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: "openid profile",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url, checks };
}

/** Signs somebody in who is signed in to Haoma already, and returns the tokens. */
export async function signIn(config, browser, parameters) {
  const { url, checks } = await begin(config, parameters);
  return openid.authorizationCodeGrant(config, location(await browser.open(url)), checks);
}

/** Expects that the issuer answers a request with this error. */
export async function refusal(config, browser, parameters, error) {
  const { url, checks } = await begin(config, parameters);
  const answer = location(await browser.open(url));
  await refused(openid.authorizationCodeGrant(config, answer, checks), error);
}

/** Expects that a promise fails with this error of OAuth, and not with one of the library. */
export async function refused(promise, error) {
  const failure = await promise.then(
    () => assert.fail(`${error} was expected`),
    (failure) => failure,
  );
  assert.equal(failure.error, error, failure);
}
