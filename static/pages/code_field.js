// The code of a message: typed as "123 456", pasted with the whole message, or read by the browser.

import { places } from "./places.js";

// Calls `entered` with the sixth digit.
export function codeField(input, entered) {
  const cells = places(input);
  cells.resize(6);
  input.addEventListener("input", () => {
    const text = input.value.normalize("NFKC");
    const bare = text.replace(/[\s-]/g, "");
    const runs = text.match(/\d+/g) || [];
    const codes = new Set(runs.filter((run) => run.length === 6));
    const isSentence = /\D/.test(bare) || runs.every((run) => run.length === 6);
    // A text with two different codes is left as it is, and the server says what is wrong with it.
    const read = codes.size > 1 ? text : codes.size && isSentence ? [...codes][0] : bare;
    if (input.value !== read) input.value = read;
    cells.draw();
    if (/^\d{6}$/.test(read)) entered();
  });

  let reading;
  return {
    empty() {
      input.value = "";
      cells.draw();
    },
    // Where the browser reads the message itself, nothing has to be typed: its last line names our host (WebOTP).
    readMessage() {
      if (!("OTPCredential" in window)) return;
      if (reading) reading.abort();
      reading = new AbortController();
      navigator.credentials.get({ otp: { transport: ["sms"] }, signal: reading.signal }).then((read) => {
        if (!read || input.value) return;
        input.value = read.code;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }).catch(() => {}); // no message came, or the person typed the code first
    },
  };
}
