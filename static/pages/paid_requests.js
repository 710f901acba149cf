// The requests of one form, which are paid for where they have a price, and repeated where their answer was lost.

import { call, uuid } from "./api_call.js";
import { isProvable, most, prove } from "./price.js";

// `working` is told what to say while a proof takes long, and an empty text when it is there.
export function paidRequests(words, isOffered, working) {
  // A proof of work replaces a harder picture. It is computed while the person types. Where nothing is suspicious it
  // replaces every picture.
  let cost = Number(words.cost) || 1;
  let wantsProof = isOffered && words.proof === "wanted" && cost <= most;
  let proof; // a promise
  let owed; // whether the next request has to bring a proof beside a harder picture
  let lost = {};

  const start = () => (proof = proof || prove(words, cost, working).finally(() => working("")));

  // A request is repeated with the same key only if its answer was lost.
  async function request(method, path, body) {
    const text = JSON.stringify(body);
    const again = lost.text === text ? lost : { text, key: uuid() };
    const answer = await call(method, path, body, again.key, words);
    lost = answer.lost ? again : {};
    return answer;
  }

  // Pays with a proof of work where only that is missing.
  async function pay(method, path, body, isOffered) {
    if (isOffered || owed) body.proof_of_work = await start();
    proof = owed = undefined;
    let answer = await request(method, path, body);
    for (let turn = 0; turn < 2 && isProvable(answer.data) && !answer.data.captcha_required; turn++) {
      cost = answer.data.cost || 1;
      body.proof_of_work = await start();
      proof = undefined;
      answer = await request(method, path, body);
    }
    return answer;
  }

  return {
    start,
    get wantsProof() { return wantsProof; },
    want(price) { [wantsProof, cost] = [true, price]; },
    owe(price) {
      cost = price;
      owed = start();
    },
    message: (method, path, body) => pay(method, path, body, wantsProof),
    async submission(method, path, body) {
      const price = Number(words.pays);
      if (price > 0 && price <= most) body.proof_of_work = await prove(words, price, working);
      return pay(method, path, body, false);
    },
  };
}
