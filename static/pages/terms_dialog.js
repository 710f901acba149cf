// The terms. Who forgot the box is asked once more, and goes on where they were.

import { $ } from "./dom.js";

// Returns a function that asks and then goes on; nothing if the page has no terms.
export function termsDialog(terms, problem) {
  const agree = $("agree");
  if (!agree) return undefined;
  let agreed;
  agree.addEventListener("click", ({ target }) => {
    if (target.value) agree.close();
    if (target.value !== "agree") return;
    terms.checked = true;
    problem("terms", "");
    agreed();
  });
  return (then) => {
    agreed = then;
    agree.showModal();
  };
}
