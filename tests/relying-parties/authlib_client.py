"""Acts as a relying party built with Authlib, which signs somebody in and out. It gets INPUT as JSON."""

import json
import os
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from authlib.integrations.base_client import BaseApp, OAuth2Mixin, OAuthError, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

CALLBACK = "https://app.example.com/callback"

given = json.loads(os.environ["INPUT"])
issuer = given["issuer"]


class App(OAuth2Mixin, OpenIDMixin, BaseApp):
    """What Authlib's applications for Flask and Django are made of, without a web framework."""

    client_cls = OAuth2Session


def app_of(client):
    return App(
        framework=None,
        name="haoma",
        client_id=client["id"],
        client_secret=client["secret"],
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile offline_access", "code_challenge_method": "S256"},
    )


def signed_in_browser():
    browser = requests.Session()
    person = {"login": given["mobile"], "password": given["password"]}
    answer = browser.post(f"{issuer}/api/v1/session", json=person, headers={"Origin": issuer})
    assert answer.status_code == 200, answer.text
    return browser


def redirect_of(browser, url):
    answer = browser.get(url, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return urljoin(url, answer.headers["location"])


def sign_in(app, browser):
    """Returns the tokens, whose ID token is validated, and its claims."""
    begun = app.create_authorization_url(CALLBACK)
    answer = dict(parse_qsl(urlsplit(redirect_of(browser, begun["url"])).query))
    assert answer["state"] == begun["state"] and answer["iss"] == issuer, answer
    tokens = app.fetch_access_token(CALLBACK, code=answer["code"], code_verifier=begun["code_verifier"])
    return tokens, app.parse_id_token(tokens, nonce=begun["nonce"])


def assert_refused(call, error):
    try:
        call()
    except OAuthError as failure:
        assert failure.error == error, failure
    else:
        raise AssertionError(f"{error} was expected")


def try_tokens(app, tokens):
    """Refreshes, introspects and revokes, and shows that a token is good for nothing afterwards."""
    metadata = app.load_server_metadata()
    session = app._get_oauth_client(**metadata)
    session.token = tokens
    session.update_token = None
    old = tokens["refresh_token"]
    new = session.refresh_token(metadata["token_endpoint"], refresh_token=old)
    assert new["refresh_token"] != old
    assert app.userinfo(token=new)["sub"] == given["subject"]
    told = session.introspect_token(metadata["introspection_endpoint"], token=new["access_token"]).json()
    assert told["active"] and told["client_id"] == app.client_id, told
    revoked = session.revoke_token(metadata["revocation_endpoint"], token=new["refresh_token"])
    assert revoked.status_code == 200, revoked.text
    assert session.get(metadata["userinfo_endpoint"]).status_code == 401
    endpoint, refresh_token = metadata["token_endpoint"], new["refresh_token"]
    assert_refused(lambda: session.refresh_token(endpoint, refresh_token=refresh_token), "invalid_grant")


def sign_out(app, browser, tokens):
    left = app.create_logout_url(post_logout_redirect_uri=given["bye"], id_token_hint=tokens["id_token"])
    assert redirect_of(browser, left["url"]) == f"{given['bye']}?state={left['state']}"
    assert browser.get(f"{issuer}/api/v1/session").status_code == 401


for client in given["clients"]:
    app, browser = app_of(client), signed_in_browser()
    tokens, claims = sign_in(app, browser)
    assert claims["sub"] == given["subject"] and claims["aud"] == client["id"], claims
    profile = {"sub": given["subject"], "name": given["name"], "preferred_username": given["name"]}
    assert app.userinfo(token=tokens) == profile, claims
    try_tokens(app, tokens)
    sign_out(app, browser, tokens)

impostor = app_of({"id": given["clients"][0]["id"], "secret": given["clients"][1]["secret"]})
assert_refused(lambda: sign_in(impostor, signed_in_browser()), "invalid_client")
print("done: authlib")
