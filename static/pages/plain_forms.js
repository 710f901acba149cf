// Forms that are sent as they are: with a proof of work where they need one, and once.

import { prove } from "./price.js";

// A form that needs a proof of work is sent when the proof is there. It is computed while the person types.
export function payInAdvance(form) {
  const proof = document.createElement("input");
  [proof.type, proof.name] = ["hidden", "proof_of_work"];
  let computing;
  const compute = () => (computing = computing || prove(form.dataset, form.dataset.cost, () => {}));
  form.append(proof);
  form.addEventListener("input", compute, { once: true });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (proof.value || (button && button.value === "picture")) return;
    event.preventDefault();
    compute().then((solved) => {
      proof.value = solved;
      if (solved) form.requestSubmit(button);
      else form.submit();
    });
  });
}

// A form is sent once. Its buttons are disabled only after the browser has recorded which one was pressed.
export function sendOnce() {
  const sleeping = new Set();
  const wake = () => {
    sleeping.forEach((button) => { button.disabled = false; });
    sleeping.clear();
  };
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    setTimeout(() => {
      for (const button of event.target.querySelectorAll("button:enabled")) {
        button.disabled = true;
        sleeping.add(button);
      }
    });
    setTimeout(wake, 15000);
  });
  window.addEventListener("pageshow", wake);
}
