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
  const steps = {
    form,
    words,
    isAtCode,
    last: [...form.querySelectorAll(".first")].pop(), // the button of the last step
    isBusy: () => busy,
    setBusy(sentence) {
      busy = sentence && (slow || sentence);
      $("captcha-hint").textContent = busy || hint;
      steps.last.disabled = !!busy;
      steps.show();
    },
    show() {},
    // A captcha can be answered once, rightly or wrongly. Returns whether one is asked for, and shows it.
    wantsPicture(answer, deed, hadPicture) {
      const data = answer.data || {};
      const isPaidBoth = isProvable(data) && !!data.captcha_required;
      if (isPaidBoth) steps.requests.want(data.cost || 1);
      if (data.proof_of_work_required && data.harder_captcha_required) steps.requests.owe(data.cost);
      const isAbout = /^captcha-/.test(answer.error) || !!(answer.fields || {}).captcha || isPrice(data);
      if (!isAbout && !(data.captcha_required && answer.error !== "wrong-login")) return false;
      steps.sheet.need(deed);
      steps.sheet.renew(isPrice(data) && !isPaidBoth);
      steps.sheet.open(deed, hadPicture || isPrice(data) ? (answer.fields || {}).captcha || answer.errmsg : "");
      return true;
    },
  };
  Object.assign(steps, problems(form, isAtCode));
  steps.sheet = captchaSheet(form, words, steps);
  steps.askForTerms = termsDialog(terms, steps.problem);
  steps.requests = paidRequests(words, !!smsCode, (sentence) => {
    slow = sentence;
    if (sentence && busy) steps.setBusy(sentence);
  });
  const finish = lastStep(steps);

  form.addEventListener("submit", (event) => {
    const step = (event.submitter || {}).value || "";
    if (step === "picture") {
      event.preventDefault();
      steps.sheet.renew(false);
      steps.problem("captcha", "");
      captcha.focus();
    } else if (steps.sheet.isOpen) {
      event.preventDefault();
      steps.sheet.goOn();
    } else if (smsCode && (step === "send" || (step === "next" && !isAtCode()))) {
      event.preventDefault();
      steps.askForCode();
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
    steps.setBusy("");
    steps.sheet.renew(false);
  });
  if (smsCode) codeSteps(steps, finish);
}
