// A form whose steps are requests: the number, the captcha in a sheet where one is asked for, then the code with
// whatever else.

import { captchaSheet } from "./captcha_sheet.js";
import { codeSteps } from "./code_steps.js";
import { $ } from "./dom.js";
import { lastStep } from "./last_step.js";
import { paidRequests } from "./paid_requests.js";
import { isPrice, isProvable } from "./price.js";
import { problems } from "./problems.js";
import { termsDialog } from "./terms_dialog.js";

export function enhance(form, words) {
  const { captcha, sms_code: smsCode, password, terms } = form.elements;
  const isAtCode = () => form.classList.contains("asked");
  const hint = $("captcha-hint").textContent;
  let busy = ""; // what is being done, in words; empty while nothing is
  let slow = ""; // what to say while a proof takes long

  // What the steps share. Each adds what the others may ask it to do.
  const door = {
    form,
    words,
    isAtCode,
    last: [...form.querySelectorAll(".first")].pop(), // the button of the last step
    isBusy: () => busy,
    setBusy(sentence) {
      busy = sentence && (slow || sentence);
      $("captcha-hint").textContent = busy || hint;
      door.last.disabled = !!busy;
      door.show();
    },
    show() {},
    // A captcha can be answered once, rightly or wrongly. Returns whether one is asked for, and shows it.
    wantsPicture(answer, deed, hadPicture) {
      const data = answer.data || {};
      const isPaidBoth = isProvable(data) && !!data.captcha_required;
      if (isPaidBoth) door.requests.want(data.cost || 1);
      if (data.proof_of_work_required && data.harder_captcha_required) door.requests.owe(data.cost);
      const isAbout = /^captcha-/.test(answer.error) || !!(answer.fields || {}).captcha || isPrice(data);
      if (!isAbout && !(data.captcha_required && answer.error !== "wrong-login")) return false;
      door.sheet.need(deed);
      door.sheet.renew(isPrice(data) && !isPaidBoth);
      door.sheet.open(deed, hadPicture || isPrice(data) ? (answer.fields || {}).captcha || answer.errmsg : "");
      return true;
    },
  };
  Object.assign(door, problems(form, isAtCode));
  door.sheet = captchaSheet(form, words, door);
  door.askForTerms = termsDialog(terms, door.problem);
  door.requests = paidRequests(words, !!smsCode, (sentence) => {
    slow = sentence;
    if (sentence && busy) door.setBusy(sentence);
  });
  const finish = lastStep(door);

  form.addEventListener("submit", (event) => {
    const step = (event.submitter || {}).value || "";
    if (step === "picture") {
      event.preventDefault();
      door.sheet.renew(false);
      door.problem("captcha", "");
      captcha.focus();
    } else if (door.sheet.isOpen) {
      event.preventDefault();
      door.sheet.goOn();
    } else if (smsCode && (step === "send" || (step === "next" && !isAtCode()))) {
      event.preventDefault();
      door.askForCode();
    } else if (step === "next" && password && !password.value && document.activeElement === smsCode) {
      event.preventDefault();
      password.focus();
    } else if (words.api) {
      event.preventDefault();
      finish();
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    form.classList.remove("in");
    door.setBusy("");
    door.sheet.renew(false);
  });
  if (smsCode) codeSteps(door, finish);
}
