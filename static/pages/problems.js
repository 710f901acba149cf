// What is wrong with a form: beside the fields, or where the person looks.

import { $ } from "./dom.js";

export function problems(form, isAtCode) {
  const field = form.elements;
  const names = ["mobile", "captcha", "sms_code", "login", "password", "terms"].filter((it) => field[it]);

  function problem(name, sentence) {
    $(name + "-problem").textContent = sentence;
    if (sentence) field[name].setAttribute("aria-invalid", "true");
    else field[name].removeAttribute("aria-invalid");
  }
  function say(sentence) {
    const place = field.sms_code ? $(isAtCode() ? "sms_code-problem" : "send-problem") : $("alert");
    $("alert").textContent = "";
    place.textContent = sentence;
    if (sentence && place.tabIndex === -1) place.focus();
  }
  for (const name of names) field[name].addEventListener("input", () => problem(name, ""));
  return { names, problem, say };
}
