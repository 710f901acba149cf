// Runs two processes on one address, because gunicorn has two workers.

import cluster from "node:cluster";
import { createServer } from "node:http";

import { toNodeHandler } from "better-auth/node";
import { getMigrations } from "better-auth/db/migration";

import { auth } from "./auth.js";

const [host, port] = process.env.BIND.split(":");

// One call of better-auth verifies a number and creates its account; a second one sets the password, which only
// a server may make.
async function register(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { phoneNumber, code, password } = JSON.parse(Buffer.concat(chunks).toString());
  const body = { phoneNumber, code };
  const verified = await auth.api.verifyPhoneNumber({ body, asResponse: true });
  const cookies = verified.headers.getSetCookie();
  if (verified.ok) {
    const headers = new Headers({ cookie: cookies.map((it) => it.split(";")[0]).join("; ") });
    await auth.api.setPassword({ body: { newPassword: password }, headers });
  }
  response.writeHead(verified.status, { "content-type": "application/json", "set-cookie": cookies });
  response.end(await verified.text());
}

if (cluster.isPrimary) {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  for (let worker = 0; worker < 2; worker += 1) cluster.fork();
} else {
  const handle = toNodeHandler(auth);
  const serve = (request, response) => {
    if (request.url !== "/register") return handle(request, response);
    return register(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  };
  createServer(serve).listen(Number(port), host);
}
