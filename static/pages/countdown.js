// The wait until a number can get another code.

import { $ } from "./dom.js";

// `digits` returns the number that is typed, and `changed` is called with every second.
export function countdown(words, digits, changed) {
  // The countdown follows the clocks, not its own ticks. The wall clock may be set back, and the monotonic clock
  // stops while the device sleeps, so the one that has advanced further is right.
  const [setAt, startedAt] = [Date.now(), performance.now()];
  let now = 0;
  let deadline = 0; // until this time (see `now`) `sentTo` can get no other code
  let sentTo = "";
  let whole = 60;
  let timer;
  const tick = () => (now = Math.max(now, Date.now() - setAt, performance.now() - startedAt));
  // Another number does not have to wait: the first may have been mistyped.
  const left = (at = tick()) =>
    (sentTo && digits() === sentTo ? Math.max(0, Math.ceil((deadline - at) / 1000)) : 0);

  return {
    left,
    // Returns the seconds that are left, and which part of the wait they are.
    look() {
      clearTimeout(timer);
      // Everything is read at one moment, because the wait may end between two readings.
      const at = tick();
      const seconds = left(at);
      if (deadline && deadline <= at) {
        deadline = 0;
        $("spoken").textContent = words.ready;
      }
      if (deadline) timer = setTimeout(changed, (deadline - at) % 1000 || 1000);
      return { seconds, part: seconds / whole };
    },
    start(seconds) {
      sentTo = digits();
      whole = Math.max(seconds, 1);
      deadline = tick() + seconds * 1000;
      $("spoken").textContent = words.wait.replace("{n}", seconds);
      changed();
    },
  };
}
