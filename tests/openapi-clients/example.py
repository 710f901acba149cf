"""A program that signs in as an app, looks at its account and its sessions, and gets a JWT. Its client is generated
from the OpenAPI document alone."""

import json
import os

from haoma_client import AuthenticatedClient, Client
from haoma_client.api.account import rename
from haoma_client.api.for_other_services import get_jwt
from haoma_client.api.session import create_token, get_session, list_sessions, sign_out_one
from haoma_client.models import (
    AccountResponse,
    EmptyResponse,
    Failure,
    JwtResponse,
    PasswordSignIn,
    Renaming,
    SessionsResponse,
    TokenResponse,
)

base = os.environ["HAOMA"]
login = os.environ["LOGIN"]
anybody = Client(base_url=base)

wrong = create_token.sync(client=anybody, body=PasswordSignIn(login=login, password="not the right one"))
assert isinstance(wrong, Failure), wrong

signed_in = create_token.sync(client=anybody, body=PasswordSignIn(login=login, password=os.environ["PASSWORD"]))
assert isinstance(signed_in, TokenResponse), signed_in
app = AuthenticatedClient(base_url=base, token=signed_in.data.token)

session = get_session.sync(client=app)
assert isinstance(session, AccountResponse), session

renamed = rename.sync(client=app, body=Renaming(name=f"n{session.data.id}"))
assert isinstance(renamed, AccountResponse), renamed

listed = list_sessions.sync(client=app)
assert isinstance(listed, SessionsResponse), listed
current = next(one for one in listed.data.sessions if one.current)

jwt = get_jwt.sync(client=app)
assert isinstance(jwt, JwtResponse), jwt

ended = sign_out_one.sync(client=app, id=current.id)
assert isinstance(ended, EmptyResponse), ended

afterwards = get_session.sync(client=app)
assert isinstance(afterwards, Failure), afterwards

print(
    json.dumps(
        {
            "refused": wrong.error,
            "id": session.data.id,
            "mobile": session.data.mobile,
            "avatar": session.data.avatar_url,
            "name": renamed.data.name,
            "kind": current.kind,
            "jwt": jwt.data.token,
            "expires_in": jwt.data.expires_in,
            "ended": ended.errno,
            "afterwards": afterwards.error,
        }
    )
)
