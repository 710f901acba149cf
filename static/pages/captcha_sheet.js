// The captcha, in a sheet that opens when it is asked for and sends itself with its last character.

import { uuid } from "./api_call.js";
import { $, root } from "./dom.js";
import { places } from "./places.js";

export function captchaSheet(form, words, { problem, isBusy }) {
  const { captcha, captcha_id: captchaId, sms_code: smsCode } = form.elements;
  const [sheet, audio] = ["sheet", "audio"].map($);
  const box = captcha.closest(".captcha");
  const image = form.querySelector(".picture img");
  const length = () => (box.classList.contains("harder") ? 6 : 4);
  const letters = places(captcha);
  let then; // what to do once it is answered
  let isSilent = box.classList.contains("silent") || !smsCode && !sheet.open;

  image.addEventListener("harder", () => letters.resize(6));
  letters.resize(length());
  if (sheet.open) sheet.close();
  captcha.addEventListener("input", () => {
    if (sheet.open && !isBusy() && then && captcha.value.trim().length === length()) then();
  });
  $("close").addEventListener("click", () => sheet.close());

  return {
    get isOpen() { return sheet.open; },
    // Whether no captcha is asked for.
    get isSilent() { return isSilent; },
    get isAnswered() { return captcha.value.trim().length >= length(); },
    get answer() { return { captcha_id: captchaId.value, captcha: captcha.value }; },
    isFor: (deed) => then === deed && !isSilent,
    // From here on a captcha is asked for; its answer leads to this deed.
    need(deed) { [isSilent, then] = [false, deed]; },
    forgetDeed() { then = undefined; },
    goOn() { if (!isBusy() && then) then(); },
    open(deed, sentence) {
      [isSilent, then] = [false, deed];
      box.classList.remove("silent");
      if (!sheet.open) sheet.showModal();
      problem("captcha", sentence);
      captcha.focus();
    },
    close() { if (sheet.open) sheet.close(); },
    renew(isHarder) {
      if (isSilent) return;
      const id = uuid();
      captchaId.value = id;
      captcha.value = "";
      // The one for dark mode comes first: when it is not shown, setting it loads nothing.
      const dark = form.querySelector(".picture source");
      if (dark) dark.srcset = "/api/v1/captchas/" + id + "?dark=on" + (isHarder ? "&harder=on" : "");
      image.src = "/api/v1/captchas/" + id + (isHarder ? "?harder=on" : "");
      image.alt = isHarder ? words.harder : words.picture;
      image.width = isHarder ? 300 : 200;
      box.classList.toggle("harder", isHarder);
      letters.resize(length());
      audio.src = "/api/v1/captchas/" + id + "/audio?lang=" + root.lang;
    },
  };
}
