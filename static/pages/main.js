// Makes the forms nicer to use. Every page works without it.

import { offerAudio, payForPicture } from "./captcha_media.js";
import { $, all, root } from "./dom.js";
import { enhance } from "./enhance.js";
import { judgeStrength, offerToShow } from "./passwords.js";
import { payInAdvance, sendOnce } from "./plain_forms.js";
import { fillInLogin, sayWhatWasDone } from "./tab_memory.js";

function ready() {
  sayWhatWasDone();
  offerToShow();
  judgeStrength();
  fillInLogin();
  for (const image of all(".picture img")) payForPicture(image);
  if ($("audio")) offerAudio($("audio"));
  for (const form of all("form[data-purpose], form[data-api]")) if ($("sheet")) enhance(form, form.dataset);
  for (const form of all("form[data-proof]:not([data-purpose], [data-api])")) payInAdvance(form);
  sendOnce();
}

// An older browser is left alone.
if ("HTMLDialogElement" in window && "noModule" in HTMLScriptElement.prototype) {
  // The style sheet shows one step at a time from here on, before anything is drawn.
  root.classList.add("js");
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
}
