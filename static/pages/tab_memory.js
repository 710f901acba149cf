// What the next page of this tab is told: the number that was typed, and what has just been done. No link can write it.

import { $, all } from "./dom.js";

function stored(name) {
  return {
    get: () => { try { return sessionStorage.getItem(name) || ""; } catch (_) { return ""; } },
    set: (text) => { try { sessionStorage.setItem(name, text); } catch (_) {} }, // storage is switched off
  };
}

export const carried = stored("haoma-mobile");
const done = stored("haoma-done");

// Has the page of this path say what was done.
export function tell(path, sentence) {
  done.set(path + " " + sentence);
}

export function sayWhatWasDone() {
  const [path, ...words] = done.get().split(" ");
  done.set("");
  const notice = $("notice");
  if (path !== location.pathname || !notice || !words.length) return;
  notice.textContent = words.join(" ");
  document.title = notice.textContent + " · " + document.title;
}

export function fillInLogin() {
  for (const input of all("#login")) {
    input.addEventListener("input", () => carried.set(input.value));
    if (!input.value && carried.get()) {
      input.value = carried.get();
      requestAnimationFrame(() => input.form.elements.password.focus());
    }
  }
  for (const button of all("[data-forgets]")) button.addEventListener("click", () => carried.set(""));
}
