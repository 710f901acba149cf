// The picture and the recording of a captcha, which are paid for where an address has had too many.

import { $, root } from "./dom.js";
import { isProvable, most, prove } from "./price.js";

// Over its quota an address pays for each picture and recording. Returns the URL with a proof of work; nothing, after
// showing the reason, if that does not help.
async function paid(url, words) {
  let failure = { errmsg: words.network };
  try {
    const response = await fetch(url, { headers: { "Accept-Language": root.lang } });
    if (response.ok) return url;
    failure = await response.json();
  } catch (_) {} // the network failed
  const data = failure.data || {};
  if (data.proof_of_work_required && data.cost > most) return url + (url.includes("?") ? "&" : "?") + "harder=on";
  const proof = isProvable(data) && await prove(words, data.cost, () => {});
  if (proof) return url + (url.includes("?") ? "&" : "?") + "proof_of_work=" + encodeURIComponent(proof);
  $("captcha-problem").textContent = failure.errmsg || words.network;
}

// A picture that does not come is paid for once, and asked for again when the network is back. A torn image would say
// nothing.
export function payForPicture(image) {
  let last; // the URL that was tried a second time
  const again = async () => {
    const url = image.src.replace(/[?&]proof_of_work=.*/, "");
    if (last === url) return;
    last = url;
    const other = await paid(url, image.closest("form").dataset);
    if (!other || !image.src.startsWith(url)) return;
    image.src = other;
    if (other.endsWith("harder=on")) {
      image.width = 300;
      image.closest(".captcha").classList.add("harder");
      image.dispatchEvent(new Event("harder"));
    }
  };
  image.addEventListener("error", again);
  window.addEventListener("online", () => {
    last = "";
    if (image.complete && !image.naturalWidth) again();
  });
  if (image.complete && !image.naturalWidth && image.loading !== "lazy") again();
}

export function offerAudio(audio) {
  const button = document.createElement("button");
  const name = () => { button.textContent = audio.paused ? audio.dataset.listen : audio.dataset.stop; };
  button.type = "button";
  button.className = "link";
  button.addEventListener("click", () => {
    if (!audio.paused) return audio.pause();
    audio.currentTime = 0;
    // The error event reports what is wrong.
    audio.play().catch(() => {});
  });
  let last; // the URL that was tried a second time
  audio.addEventListener("error", async () => {
    const url = audio.src;
    if (last !== url && !url.includes("proof_of_work=")) {
      last = url;
      const other = await paid(url, audio.closest("form").dataset);
      if (other && other !== url && audio.src === url) {
        audio.src = other;
        audio.play().catch(() => {});
        return;
      }
    }
    $("captcha-problem").textContent = audio.dataset.problem;
    audio.load();
    $("captcha").focus();
  });
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, name);
  audio.after(button);
  name();
}
