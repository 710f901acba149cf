// Fields for passwords: shown on demand, and judged while a new one is typed.

import { $, all, digitsOf } from "./dom.js";

export function offerToShow() {
  for (const input of all("input[data-show]")) {
    const button = document.createElement("button");
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? input.dataset.hide : input.dataset.show;
      button.setAttribute("aria-label", button.textContent + " " + input.labels[0].textContent);
    };
    button.type = "button";
    button.addEventListener("click", () => show(input.type === "password"));
    input.form.addEventListener("submit", () => show(false));
    input.after(button);
    show(false);
  }
}

// Returns rough bits of entropy. Runs such as aaaa and 1234 count little, the person's own number nothing.
function worth(text, mobile) {
  const kinds = [[/[a-z]/, 26], [/[A-Z]/, 26], [/\d/, 10], [/[ -/:-@[-`{-~]/, 33], [/[^ -~]/, 1000]];
  const size = kinds.reduce((sum, [kind, many]) => sum + (kind.test(text) ? many : 0), 0);
  const codes = [...text.split(mobile || "\0").join("")].map((it) => it.codePointAt(0));
  const step = (at) => codes[at] - codes[at - 1];
  const fresh = codes.filter((_, at) => Math.abs(step(at)) > 1 || step(at) !== step(at - 1));
  return fresh.length * Math.log2(size || 1);
}

// The strength of a new password is shown in words while it is typed. Only the server decides.
export function judgeStrength() {
  for (const input of all("input[data-weak]")) {
    const words = input.dataset;
    const hint = $(input.name + "-hint");
    const before = hint.textContent;
    hint.setAttribute("aria-live", "polite");
    input.addEventListener("input", () => {
      const missing = input.minLength - [...input.value].length;
      const bits = worth(input.value, digitsOf((input.form.elements.mobile || { value: "" }).value));
      const word = bits < 55 ? words.weak : bits < 75 ? words.fair : words.strong;
      const said = !input.value ? before : missing > 0 ? words.short.replace("{n}", missing) : word;
      if (hint.textContent !== said) hint.textContent = said;
      // The problem of the last attempt is shown in the same place.
      $(input.name + "-problem").textContent = "";
      input.removeAttribute("aria-invalid");
      hint.classList.toggle("strong", said === words.strong);
    });
  }
}
