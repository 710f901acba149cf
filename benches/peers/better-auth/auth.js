// better-auth as its documentation sets it up: phone numbers, MySQL, and Redis beside it when REDIS_URL is given.

import { pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

import { redisStorage } from "@better-auth/redis-storage";
import { betterAuth } from "better-auth";
import { phoneNumber } from "better-auth/plugins";
import Redis from "ioredis";
import { createPool } from "mysql2/promise";

const { BIND, DATABASE_URL, REDIS_URL, SMS_URL, PASSWORD_ITERATIONS } = process.env;
const derive = promisify(pbkdf2);

async function hash(password) {
  const salt = randomBytes(16);
  const output = await derive(password, salt, Number(PASSWORD_ITERATIONS), 32, "sha256");
  return `${PASSWORD_ITERATIONS}$${salt.toString("base64")}$${output.toString("base64")}`;
}

async function verify({ hash, password }) {
  const [iterations, salt, output] = hash.split("$");
  const own = await derive(password, Buffer.from(salt, "base64"), Number(iterations), 32, "sha256");
  return timingSafeEqual(own, Buffer.from(output, "base64"));
}

async function sendOTP({ phoneNumber, code }) {
  const body = JSON.stringify({ data: { to: phoneNumber, code } });
  const headers = { "content-type": "application/json" };
  const response = await fetch(SMS_URL, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`the message was not sent: ${response.status}`);
}

export const auth = betterAuth({
  baseURL: `http://${BIND}`,
  secret: "a key of the load test, long enough for it",
  database: createPool({ uri: DATABASE_URL, connectionLimit: 8, timezone: "Z" }),
  secondaryStorage: REDIS_URL ? redisStorage({ client: new Redis(REDIS_URL) }) : undefined,
  emailAndPassword: { enabled: true, password: { hash, verify } },
  plugins: [
    phoneNumber({
      sendOTP,
      signUpOnVerification: { getTempEmail: (it) => `${it.slice(1)}@phone.invalid` },
    }),
  ],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});
