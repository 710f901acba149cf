// A program that signs in as an app, looks at its account and its sessions, and gets a JWT. Its types come from the
// OpenAPI document alone.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.mjs";

declare const process: { env: Record<string, string | undefined> };

const api = createClient<paths>({ baseUrl: process.env["HAOMA"] ?? "http://127.0.0.1:8080" });

type Failure = components["schemas"]["Failure"];

function fail(failure: Failure | undefined): never {
  throw new Error(`${failure?.error}: ${failure?.errmsg}`);
}

const login = process.env["LOGIN"] ?? "";
const wrong = await api.POST("/api/v1/tokens", { body: { login, password: "not the right one" } });
const refused: string = wrong.error?.error ?? "none";

const password = process.env["PASSWORD"] ?? "";
const signedIn = await api.POST("/api/v1/tokens", { body: { login, password } });
const token: string = signedIn.data?.data.token ?? fail(signedIn.error);
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

const session = await api.GET("/api/v1/session");
const account: components["schemas"]["Account"] = session.data?.data ?? fail(session.error);

const renamed = await api.PATCH("/api/v1/user", { body: { name: `n${account.id}` } });
const name: string = renamed.data?.data.name ?? fail(renamed.error);

const listed = await api.GET("/api/v1/sessions");
const sessions = listed.data?.data.sessions ?? fail(listed.error);
const current = sessions.find((session) => session.current);

const jwt = await api.GET("/api/v1/session/jwt");
const { token: signed, expires_in } = jwt.data?.data ?? fail(jwt.error);

const id: string = current?.id ?? "";
const ended = await api.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } });
const afterwards = await api.GET("/api/v1/session");

console.log(
  JSON.stringify({
    refused,
    id: account.id,
    mobile: account.mobile,
    avatar: account.avatar_url,
    name,
    kind: current?.kind,
    jwt: signed,
    expires_in,
    ended: ended.data?.errno,
    afterwards: afterwards.error?.error,
  }),
);
