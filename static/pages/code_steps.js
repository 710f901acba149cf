// The first steps of a form with a code: the number, the captcha where one is asked for, then the code.

import { codeField } from "./code_field.js";
import { countdown } from "./countdown.js";
import { $, digitsOf } from "./dom.js";
import { group } from "./number_groups.js";
import { carried } from "./tab_memory.js";

// Adds to `door`, see enhance.js, how to change the step. `finish` submits the form.
export function codeSteps(door, finish) {
  const { form, words, sheet, requests, problem, say, isAtCode } = door;
  const { mobile, sms_code: smsCode, password, terms } = form.elements;
  const [send, resend] = ["send", "resend"].map($);
  const heading = document.querySelector("h1");
  const lead = document.querySelector(".lead");
  const title = heading.textContent;
  const country = form.querySelector(".country:not(.abroad)");
  const box = mobile.closest(".number");
  let askedFor = ""; // the number that got a code from this form

  const digits = () => digitsOf(mobile.value).slice(-11);
  const clock = countdown(words, digits, () => door.show());

  function number() {
    if (country) group(mobile);
    const many = digits().length;
    box.style.setProperty("--filled", Math.min(1, many / 11));
    form.classList.toggle("ready", country ? many === 11 : many > 6);
    for (const twin of form.querySelectorAll(".unseen[autocomplete=username]")) twin.value = digits();
    door.show();
  }
  mobile.addEventListener("input", () => {
    carried.set(mobile.value);
    number();
  });

  door.code = codeField(smsCode, () => {
    if (!isAtCode()) return;
    if (password) password.focus();
    else if (words.api) finish();
    else form.requestSubmit(door.last);
  });

  function toCode() {
    if (isAtCode()) return;
    form.classList.add("asked");
    if (!(history.state || {}).code) history.pushState({ code: true }, "");
    turn();
    smsCode.focus();
  }
  door.toNumber = () => {
    form.classList.remove("asked");
    turn();
  };
  function turn() {
    heading.textContent = isAtCode() ? words.enter : title;
    if (lead) lead.hidden = isAtCode();
    if (isAtCode()) $("sent").textContent = words.sent.replace("{mobile}", mobile.value);
    door.show();
  }
  $("other-number").addEventListener("click", (event) => {
    event.preventDefault();
    door.toNumber();
    mobile.select();
  });
  // Back leads from the code to the number.
  window.addEventListener("popstate", () => {
    if ((history.state || {}).code && askedFor === digits()) toCode();
    else door.toNumber();
  });

  door.show = () => {
    const busy = door.isBusy();
    const { seconds, part } = clock.look();
    const wait = words.wait.replace("{n}", seconds);
    const isOurs = askedFor === digits();
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
    if (data.number !== digits() || clock.left()) return;
    clock.start(data.seconds);
    if (data.purpose !== words.purpose) return;
    askedFor = data.number;
    toCode();
    door.show();
  };

  door.askForCode = async () => {
    if (door.isBusy()) return;
    if (clock.left() && askedFor === digits()) return toCode();
    ["mobile", "captcha"].forEach((name) => problem(name, ""));
    say("");
    const isMainland = /^1[3-9]\d{9}$/.test(digits());
    if (!mobile.value.trim() || (country && !isMainland && !/^\s*(\+|00)/.test(mobile.value))) {
      door.toNumber();
      problem("mobile", mobile.value.trim() ? words.malformed : mobile.placeholder);
      return mobile.focus();
    }
    if (terms && !terms.checked) return door.askForTerms(door.askForCode);
    const hasPicture = !sheet.isSilent;
    if (hasPicture && !sheet.isAnswered) return sheet.open(door.askForCode, "");
    door.setBusy(words.sending);
    const body = { mobile: mobile.value, purpose: words.purpose };
    if (hasPicture) Object.assign(body, sheet.answer);
    const answer = await requests.message("POST", "/api/v1/sms-codes", body);
    door.setBusy("");
    const data = answer.data || {};
    if (data.resend_after > 0) {
      clock.start(data.resend_after);
      tabs.postMessage({ number: digits(), seconds: data.resend_after, purpose: words.purpose });
    }
    if (answer.errno === "0") {
      askedFor = digits();
      sheet.close();
      sheet.renew(false);
      problem("sms_code", "");
      toCode();
      turn();
      door.code.readMessage();
      smsCode.focus();
      return;
    }
    if (door.wantsPicture(answer, door.askForCode, hasPicture)) return;
    sheet.close();
    // The captcha is still good if nothing has looked at it.
    if (!answer.lost && answer.errno !== "4103") sheet.renew(false);
    door.refused(answer);
  };
  resend.addEventListener("click", door.askForCode);

  document.addEventListener("visibilitychange", () => door.show());
  if (requests.wantsProof) {
    if (!("needsHarder" in words)) sheet.renew(false);
    form.addEventListener("input", requests.start);
  }
  if (!mobile.value && words.purpose !== "rebind") mobile.value = carried.get();
  if (isAtCode()) askedFor = digits();
  const seconds = Number(send.dataset.resendAfter);
  if (seconds > 0) clock.start(seconds);
  number();
  if (isAtCode()) {
    turn();
    door.code.readMessage();
  }
  // After the browser's own autofocus.
  requestAnimationFrame(() => {
    if (isAtCode()) smsCode.focus();
    else if (document.activeElement === mobile) mobile.select();
  });
  window.addEventListener("pageshow", () => door.show());
}
