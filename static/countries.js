// A choice between countries beside a number: its prefix stands before what is typed, and a number that begins with the
// prefix of a country chooses that one.

(() => {
  "use strict";
  const KEY = "haoma-country";
  const prefixOf = (option) => option.text.match(/\d+$/)[0];

  function enhance(select) {
    const input = select.parentNode.querySelector("input");
    const { form } = input;
    const { malformed } = form.dataset;
    const prefix = document.createElement("span");
    prefix.setAttribute("aria-hidden", "true");
    select.after(prefix);

    function show() {
      const [option] = select.selectedOptions;
      prefix.textContent = "+" + prefixOf(option);
      prefix.className = option.value === "CN" ? "country" : "country abroad";
      prefix.dataset.digits = option.dataset.digits;
      if (malformed) form.dataset.malformed = malformed.replace("{example}", option.dataset.example);
    }
    function keep() {
      show();
      try { sessionStorage.setItem(KEY, select.value); } catch (_) {} // storage is switched off
    }
    function follow() {
      const typed = input.value.normalize("NFKC").replace(/[^\d+]/g, "").match(/^(?:\+|00)(\d+)/);
      const fits = (option) => typed && typed[1].startsWith(prefixOf(option));
      if (fits(select.selectedOptions[0])) return;
      const fitting = [...select.options].filter(fits);
      const found = fitting.find((option) => !("shares" in option.dataset)) || fitting[0];
      if (!found) return;
      found.selected = true;
      keep();
    }

    if (!input.value) {
      try { select.value = sessionStorage.getItem(KEY) || select.value; } catch (_) {} // storage is switched off
    }
    if (!select.value) select.selectedIndex = 0;
    show();
    select.addEventListener("change", () => {
      keep();
      input.dispatchEvent(new Event("input"));
    });
    input.addEventListener("input", follow);
    // The other script may have filled in the number of the page before.
    document.addEventListener("DOMContentLoaded", follow);
    window.addEventListener("pageshow", show);
  }

  if ("noModule" in HTMLScriptElement.prototype) document.querySelectorAll(".number select").forEach(enhance);
})();
