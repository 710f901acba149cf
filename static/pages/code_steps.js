// The first steps of a form with a code: the number, the captcha where one is asked for, then the code.

import { codeField } from "./code_field.js";
import { countdown } from "./countdown.js";
import { $, digitsOf } from "./dom.js";
import { group } from "./number_groups.js";
import { carried } from "./tab_memory.js";

// Adds to `steps`, see enhance.js, how to change the step. `finish` submits the form.
export function codeSteps(steps, finish) {
  const { form, words, sheet, requests, problem, say, isAtCode } = steps;
  const { mobile, sms_code: smsCode, password, terms } = form.elements;
  const [send, resend] = ["send", "resend"].map($);
  const heading = document.querySelector("h1");
  const lead = document.querySelector(".lead");
  const title = heading.textContent;
  const country = form.querySelector(".country");
  const box = mobile.closest(".number");
  let askedFor = ""; // the number that got a code from this form

  const isMainland = () => country && !country.classList.contains("abroad");
  const digits = () => digitsOf(mobile.value).slice(-11);
  // The same digits in two countries are two numbers.
  const key = () => digits() + (form.country ? form.country.value : "");
  const clock = countdown(words, key, () => steps.show());

  // Returns whether the number is complete; `false` before it has the fewest digits of its country.
  function isWhole() {
    if (/^\s*(\+|00)/.test(mobile.value) || !country) return digits().length > 6;
    if (isMainland()) return /^1[3-9]\d{9}$/.test(digits());
    const [least, most] = country.dataset.digits.split("-");
    const many = digitsOf(mobile.value).length;
    return many >= least && many <= most;
  }
  function number() {
    if (isMainland()) group(mobile);
    box.style.setProperty("--filled", Math.min(1, digits().length / 11));
    form.classList.toggle("ready", isWhole());
    for (const twin of form.querySelectorAll("[data-mobile]")) twin.value = digits();
    steps.show();
  }
  mobile.addEventListener("input", () => {
    carried.set(mobile.value);
    number();
  });

  steps.code = codeField(smsCode, () => {
    if (!isAtCode()) return;
    if (password) password.focus();
    else if (words.api) finish();
    else form.requestSubmit(steps.last);
  });

  function toCode() {
    if (isAtCode()) return;
    form.classList.add("asked");
    if (!(history.state || {}).code) history.pushState({ code: true }, "");
    turn();
    smsCode.focus();
  }
  steps.toNumber = () => {
    form.classList.remove("asked");
    turn();
  };
  function turn() {
    heading.textContent = isAtCode() ? words.enter : title;
    if (lead) lead.hidden = isAtCode();
    if (isAtCode()) $("sent").textContent = words.sent.replace("{mobile}", mobile.value);
    steps.show();
  }
  $("other-number").addEventListener("click", (event) => {
    event.preventDefault();
    steps.toNumber();
    mobile.select();
  });
  // Back leads from the code to the number.
  window.addEventListener("popstate", () => {
    if ((history.state || {}).code && askedFor === key()) toCode();
    else steps.toNumber();
  });

  steps.show = () => {
    const busy = steps.isBusy();
    const { seconds, part } = clock.look();
    const wait = words.wait.replace("{n}", seconds);
    const isOurs = askedFor === key();
    send.textContent = busy || (seconds ? isOurs ? words.enter : wait : words.send);
    send.disabled = !!busy || (seconds > 0 && !isOurs);
    $("resend-words").textContent = busy && isAtCode() && sheet.isOpen ? busy : seconds ? wait : words.again;
    resend.disabled = !!busy || seconds > 0;
    resend.style.setProperty("--left", part);
    form.classList.toggle("waiting", seconds > 0);
  };

  // Another tab with the same number counts down too.
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("haoma") : { postMessage() {} };
  tabs.onmessage = ({ data }) => {
    if (data.number !== key() || clock.left()) return;
    clock.start(data.seconds);
    if (data.purpose !== words.purpose) return;
    askedFor = data.number;
    toCode();
    steps.show();
  };

  steps.askForCode = async () => {
    if (steps.isBusy()) return;
    if (clock.left() && askedFor === key()) return toCode();
    ["mobile", "captcha"].forEach((name) => problem(name, ""));
    say("");
    if (!isWhole()) {
      steps.toNumber();
      problem("mobile", mobile.value.trim() ? words.malformed : mobile.placeholder);
      return mobile.focus();
    }
    if (terms && !terms.checked) return steps.askForTerms(steps.askForCode);
    const hasPicture = !sheet.isSilent;
    if (hasPicture && !sheet.isAnswered) return sheet.open(steps.askForCode, "");
    steps.setBusy(words.sending);
    const body = { mobile: mobile.value, purpose: words.purpose };
    if (words.purpose === "rebind") body.new_mobile = true;
    if (form.country) body.country = form.country.value;
    if (hasPicture) Object.assign(body, sheet.answer);
    const answer = await requests.message("POST", "/api/v1/sms-codes", body);
    steps.setBusy("");
    const data = answer.data || {};
    if (data.resend_after > 0) {
      clock.start(data.resend_after);
      tabs.postMessage({ number: key(), seconds: data.resend_after, purpose: words.purpose });
    }
    if (answer.errno === "0") {
      askedFor = key();
      sheet.close();
      sheet.renew(false);
      problem("sms_code", "");
      toCode();
      turn();
      steps.code.readMessage();
      smsCode.focus();
      return;
    }
    if (steps.wantsPicture(answer, steps.askForCode, hasPicture)) return;
    sheet.close();
    // The captcha is still good if nothing has looked at it.
    if (!answer.lost && answer.errno !== "4103") sheet.renew(false);
    steps.refused(answer);
  };
  resend.addEventListener("click", steps.askForCode);

  document.addEventListener("visibilitychange", () => steps.show());
  if (requests.wantsProof) {
    if (!("needsHarder" in words)) sheet.renew(false);
    form.addEventListener("input", requests.start);
  }
  if (!mobile.value && words.purpose !== "rebind") mobile.value = carried.get();
  if (isAtCode()) askedFor = key();
  const seconds = Number(send.dataset.resendAfter);
  if (seconds > 0) clock.start(seconds);
  number();
  if (isAtCode()) {
    turn();
    steps.code.readMessage();
  }
  // After the browser's own autofocus.
  requestAnimationFrame(() => {
    if (isAtCode()) smsCode.focus();
    else if (document.activeElement === mobile) mobile.select();
  });
  window.addEventListener("pageshow", () => steps.show());
}
