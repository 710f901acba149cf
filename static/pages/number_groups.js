// Writes a mainland number as 138 0013 8000 while it is typed. Any other text is left alone.

import { digitsOf } from "./dom.js";

const grouped = (digits) => digits.replace(/^(.{3})(.{1,4})(.{0,4})$/, "$1 $2 $3").trim();

export function group(input) {
  const text = input.value.normalize("NFKC").replace(/\p{Cf}/gu, "");
  const digits = digitsOf(text).replace(/^(00)?86(?=1\d{10}$)/, "");
  // A number of another country keeps its prefix: +1 650 is no 165 0.
  if (/^\s*\+/.test(text) && digits === digitsOf(text)) return;
  if (!/^[\d\s+().·-]*$/.test(text) || !/^1\d{0,10}$/.test(digits)) return;
  const groups = grouped(digits);
  if (groups === input.value) return;
  const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
  const isAtEnd = input.selectionStart === input.value.length;
  input.value = groups;
  if (document.activeElement !== input) return;
  let at = groups.length;
  if (!isAtEnd) for (at = 0; digitsOf(groups.slice(0, at)).length < before; at++);
  input.setSelectionRange(at, at);
}
