// The last step of a form: a request, so that a refusal loses nothing.

import { $ } from "./dom.js";
import { carried, tell } from "./tab_memory.js";

const NOT_SENT = ["by", "next", "step", "idempotency_key", "captcha_id", "captcha"];

// Returns a function that submits the form. `steps` has what the steps share, see enhance.js.
export function lastStep(steps) {
  const { form, words, sheet, requests, names, problem, say } = steps;
  const field = form.elements;
  const page = document.title;

  function typed() {
    const body = {};
    for (const [name, value] of new FormData(form)) {
      const isWanted = !NOT_SENT.includes(name) && (value || field[name].required);
      if (isWanted) body[name] = name === "remember" ? true : value;
    }
    return body;
  }

  async function finish() {
    if (steps.isBusy()) return;
    const body = typed();
    const pays = sheet.isFor(finish);
    if (pays && !sheet.isAnswered) return sheet.open(finish, "");
    sheet.forgetDeed();
    if (pays) Object.assign(body, sheet.answer);
    names.forEach((name) => problem(name, ""));
    say("");
    document.title = page;
    steps.setBusy(words.sending);
    const [method, path] = words.api.split(" ");
    const answer = await requests.submission(method, path, body);
    steps.setBusy("");
    if (answer.errno === "0") return goOn(answer);
    // The number is verified and has no account: the next page asks for a password only.
    if (answer.error === "no-account" && words.register) return location.assign(words.register);
    if (steps.wantsPicture(answer, finish, pays)) return;
    sheet.close();
    if (pays && !answer.lost && answer.errno !== "4103") sheet.renew(false);
    const fields = answer.fields || {};
    if (fields.terms && steps.askForTerms && Object.keys(fields).length === 1) return steps.askForTerms(finish);
    if (answer.error === "wrong-login" && answer.data && answer.data.captcha_required) {
      sheet.need(finish);
      sheet.renew(false);
    }
    steps.refused(answer);
  }

  function goOn(answer) {
    form.classList.add("in");
    steps.last.disabled = true;
    sheet.close();
    const isReset = words.purpose === "reset";
    if (!isReset) carried.set("");
    const path = isReset ? words.done : words.then;
    const isNew = words.purpose !== "login" || answer.created || (answer.data || {}).created;
    if (words.said && isNew) tell(path.split(/[?#]/)[0], words.said);
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    setTimeout(() => location.replace(path), isStill ? 0 : 300);
  }

  steps.refused = ({ errno, error, errmsg, fields }) => {
    let beside = errno === "4103" && fields || {};
    if (error === "sms-code-gone" || error === "sms-code-wrong") {
      beside = { sms_code: errmsg };
      steps.code.empty();
    }
    if (error === "mobile-taken") errmsg = words.taken || errmsg;
    if (error === "mobile-taken" || error === "sms-bad-number" || error === "own-mobile") beside = { mobile: errmsg };
    if (error === "wrong-password" || error === "wrong-login") beside = { password: errmsg };
    const marked = names.filter((name) => beside[name]);
    marked.forEach((name) => problem(name, beside[name]));
    if (marked.length) document.title = words.problem + " · " + page;
    if (marked.includes("mobile") && field.sms_code) steps.toNumber();
    if (error === "mobile-taken" && words.login) {
      const link = document.createElement("a");
      [link.href, link.textContent] = [words.login, words.loginWords];
      $("mobile-problem").append(" ", link);
    }
    if (marked.length) field[marked[0]].focus();
    else say(errmsg || words.network);
    if (error === "wrong-login") field.password.select();
  };

  return finish;
}
