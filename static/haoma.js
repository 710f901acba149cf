/* Haoma: makes the forms nicer to use. Every page works without it. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const $ = (id) => document.getElementById(id);

  // A reload does not say again what was just done.
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    history.replaceState(history.state, "", here);
  }

  // Every password field gets a button that shows the password.
  for (const input of document.querySelectorAll("input[data-show]")) {
    const button = document.createElement("button");
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? input.dataset.hide : input.dataset.show;
      button.setAttribute("aria-label", button.textContent + " " + input.labels[0].textContent);
    };
    button.type = "button";
    button.addEventListener("click", () => show(input.type === "password"));
    input.form.addEventListener("submit", () => show(false));
    input.after(button);
    show(false);
  }

  // Times are shown in the time zone of the browser.
  for (const place of document.querySelectorAll("[data-time]")) {
    const [time, how] = [new Date(place.dataset.time), { dateStyle: "medium", timeStyle: "short" }];
    const said = time.toLocaleString(document.documentElement.lang, how);
    place.textContent = place.textContent.replace(/\d{4}-.+UTC/, said);
  }

  // The strength of a new password is shown in words while it is typed. Only the server decides.
  for (const input of document.querySelectorAll("input[data-weak]")) {
    const words = input.dataset;
    const hint = $(input.name + "-hint");
    const before = hint.textContent;
    hint.setAttribute("aria-live", "polite");
    input.addEventListener("input", () => {
      const missing = input.minLength - [...input.value].length;
      const bits = worth(input.value, (input.form.elements.mobile || {}).value);
      const word = bits < 55 ? words.weak : bits < 75 ? words.fair : words.strong;
      const said = !input.value ? before : missing > 0 ? words.short.replace("{n}", missing) : word;
      if (hint.textContent !== said) hint.textContent = said;
      // The problem of the last attempt is shown in the same place.
      $(input.name + "-problem").textContent = "";
      input.removeAttribute("aria-invalid");
      hint.classList.toggle("strong", said === words.strong);
    });
  }

  // Returns rough bits of entropy. Runs such as aaaa and 1234 count little, the person's own number nothing.
  function worth(text, mobile) {
    const kinds = [[/[a-z]/, 26], [/[A-Z]/, 26], [/\d/, 10], [/[ -/:-@[-`{-~]/, 33], [/[^ -~]/, 1000]];
    const size = kinds.reduce((sum, [kind, many]) => sum + (kind.test(text) ? many : 0), 0);
    const codes = [...text.split(mobile || "\0").join("")].map((it) => it.codePointAt(0));
    const step = (at) => codes[at] - codes[at - 1];
    const fresh = codes.filter((_, at) => Math.abs(step(at)) > 1 || step(at) !== step(at - 1));
    return fresh.length * Math.log2(size || 1);
  }

  // A proof of work that costs more than this many times the usual amount takes too long: a harder picture replaces it.
  const most = 32;
  const isProvable = (data) =>
    !!data && !!data.proof_of_work_required && !data.harder_captcha_required && (data.cost || 1) <= most;

  // Computes a proof of work. After two seconds the page says what is going on.
  async function prove({ prove, working }, cost) {
    const place = $("notice");
    const patience = setTimeout(() => { place.textContent = working; }, 2000);
    try {
      return await (await import(prove)).prove(cost);
    } catch (_) {
      return "";
    } finally {
      clearTimeout(patience);
      if (place.textContent === working) place.textContent = "";
    }
  }

  // Over its quota an address pays for each picture and recording. Returns the URL with a proof of work; nothing, after
  // showing the reason, if that does not help.
  async function paid(url, words) {
    let failure = { errmsg: words.network };
    try {
      const response = await fetch(url, { headers: { "Accept-Language": document.documentElement.lang } });
      if (response.ok) return url;
      failure = await response.json();
    } catch (_) {} // the network failed
    const data = failure.data || {};
    if (data.proof_of_work_required && data.cost > most) return url + (url.includes("?") ? "&" : "?") + "harder=on";
    const proof = isProvable(data) && await prove(words, data.cost);
    if (proof) return url + (url.includes("?") ? "&" : "?") + "proof_of_work=" + encodeURIComponent(proof);
    $("captcha-problem").textContent = failure.errmsg || words.network;
  }

  // A picture that does not come is paid for once. A torn image would say nothing.
  for (const image of document.querySelectorAll(".picture img")) {
    const words = image.closest("form").dataset;
    let last; // the URL that was tried a second time
    const again = async () => {
      const url = image.src.replace(/[?&]proof_of_work=.*/, "");
      if (last === url) return;
      last = url;
      const other = await paid(url, words);
      if (!other || !image.src.startsWith(url)) return;
      image.src = other;
      if (other.endsWith("harder=on")) {
        image.width = 300;
        image.closest(".captcha").classList.add("harder");
      }
    };
    image.addEventListener("error", again);
    if (image.complete && !image.naturalWidth) again();
  }

  // A button replaces the browser's own audio player, which is as wide as the field.
  const audio = $("audio");
  if (audio) {
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

  const form = document.querySelector("form[data-purpose]");
  if (form) askForCodes(form, form.dataset);

  // A form that needs a proof of work is sent when the proof is there. It is computed while the person types.
  const priced = document.querySelector("form[data-proof]:not([data-purpose])");
  if (priced) {
    const proof = document.createElement("input");
    proof.type = "hidden";
    proof.name = "proof_of_work";
    let computing;
    const compute = () => {
      computing = computing || import(priced.dataset.prove).then((it) => it.prove(priced.dataset.cost));
      return computing;
    };
    priced.append(proof);
    priced.addEventListener("input", compute, { once: true });
    priced.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (proof.value || (button && button.value === "picture")) return;
      event.preventDefault();
      compute().then((solved) => { proof.value = solved; }, () => { proof.value = ""; }).then(() => {
        if (proof.value) priced.requestSubmit(button);
        else priced.submit();
      });
    });
  }

  // A form with a code that was refused for want of a proof of work is sent with one.
  for (const form of document.querySelectorAll("form[data-pays][data-purpose]")) {
    form.addEventListener("submit", async (event) => {
      if (event.defaultPrevented || form.elements.proof_of_work || Number(form.dataset.pays) > most) return;
      event.preventDefault();
      const input = document.createElement("input");
      [input.type, input.name] = ["hidden", "proof_of_work"];
      form.append(input);
      input.value = await prove(form.dataset, Number(form.dataset.pays));
      form.requestSubmit(event.submitter);
    });
  }

  // A form is sent once. Its buttons are disabled only after the browser has recorded which one was pressed.
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

  function askForCodes(form, words) {
    const { mobile, captcha, captcha_id: captchaId, sms_code: smsCode } = form.elements;
    const button = $("send");
    const digits = () => mobile.value.normalize("NFKC").replace(/\D/g, "").slice(-11);
    let pressed = ""; // the step of the last button that was pressed
    let busy = false; // a request is in flight
    let deadline = 0; // until this time (see `now`) `sentTo` can get no other code
    let sentTo = form.classList.contains("asked") ? digits() : null;
    let timer;

    // Problems are shown beside their fields, other messages beside the button, where space is reserved.
    function problem(name, sentence) {
      $(name + "-problem").textContent = sentence;
      if (sentence) form.elements[name].setAttribute("aria-invalid", "true");
      else form.elements[name].removeAttribute("aria-invalid");
    }
    function say(sentence) {
      $("alert").textContent = "";
      $("send-problem").textContent = sentence;
      if (sentence) $("send-problem").focus();
    }
    for (const name of ["mobile", "captcha", "sms_code", "password"].filter((it) => form.elements[it])) {
      form.elements[name].addEventListener("input", () => problem(name, ""));
    }

    // A proof of work replaces a harder picture. It is computed while the person reads the picture. Where nothing is
    // suspicious it replaces every picture, and the place of the picture is not shown.
    const pictureField = captcha.closest(".captcha");
    const isSilent = () => pictureField.classList.contains("silent");
    let cost = Number(words.cost) || 1;
    let wantsProof = words.proof === "wanted" && cost <= most;
    let proof; // a promise
    const startProof = () => (proof = proof || prove(words, cost));

    function newPicture(isHarder) {
      if (isSilent()) return;
      const id = "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
        (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
      captchaId.value = id;
      captcha.value = "";
      const image = form.querySelector(".picture img");
      // The one for dark mode comes first: when it is not shown, setting it loads nothing.
      const dark = form.querySelector(".picture source");
      if (dark) dark.srcset = "/api/v1/captchas/" + id + "?dark=on" + (isHarder ? "&harder=on" : "");
      image.src = "/api/v1/captchas/" + id + (isHarder ? "?harder=on" : "");
      image.alt = isHarder ? words.harder : words.picture;
      image.width = isHarder ? 300 : 200;
      image.closest(".captcha").classList.toggle("harder", isHarder);
      audio.src = "/api/v1/captchas/" + id + "/audio?lang=" + document.documentElement.lang;
    }

    // The countdown follows the clocks, not its own ticks. The wall clock may be set back, and the monotonic clock
    // stops while the device sleeps, so the one that has advanced further is right.
    const [setAt, startedAt] = [Date.now(), performance.now()];
    let now = 0;
    const tick = () => (now = Math.max(now, Date.now() - setAt, performance.now() - startedAt));
    // Another number does not have to wait: the first may have been mistyped.
    const left = (at = tick()) => (!sentTo || digits() === sentTo ? Math.max(0, Math.ceil((deadline - at) / 1000)) : 0);
    function show() {
      clearTimeout(timer);
      // Everything is read at one moment, because the wait may end between two readings.
      const at = tick();
      const seconds = left(at);
      if (deadline && deadline <= at) {
        deadline = 0;
        $("spoken").textContent = words.ready;
      }
      if (deadline) timer = setTimeout(show, (deadline - at) % 1000 || 1000);
      const said = digits() === sentTo ? words.again : words.send;
      button.textContent = busy ? words.sending : seconds ? words.wait.replace("{n}", seconds) : said;
      button.disabled = busy || seconds > 0;
      form.classList.toggle("waiting", seconds > 0);
    }
    function countDown(seconds) {
      sentTo = digits();
      deadline = tick() + seconds * 1000;
      $("spoken").textContent = words.wait.replace("{n}", seconds);
      show();
    }
    // Another tab with the same number counts down too.
    const tabs = "BroadcastChannel" in window ? new BroadcastChannel("haoma") : { postMessage() {} };
    tabs.onmessage = ({ data }) => {
      if (data.number !== digits() || left()) return;
      form.classList.add("asked");
      countDown(data.seconds);
    };

    async function ask(body) {
      if (wantsProof) body.proof_of_work = await startProof();
      proof = undefined;
      const abort = new AbortController();
      const patience = setTimeout(() => abort.abort(), 10000);
      try {
        const response = await fetch("/api/v1/sms-codes", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
          body: JSON.stringify(body),
          signal: abort.signal,
        });
        return await response.json();
      } catch (_) {
        return { errno: "", errmsg: words.network };
      } finally {
        clearTimeout(patience);
      }
    }

    // Where the browser reads the message itself, nothing has to be typed: its last line names our host (WebOTP).
    let reading;
    function readMessage() {
      if (!("OTPCredential" in window)) return;
      if (reading) reading.abort();
      reading = new AbortController();
      navigator.credentials.get({ otp: { transport: ["sms"] }, signal: reading.signal }).then((read) => {
        if (!read || smsCode.value) return;
        smsCode.value = read.code;
        smsCode.dispatchEvent(new Event("input", { bubbles: true }));
        (form.elements.password || form.querySelector(".first")).focus();
      }).catch(() => {}); // no message came, or the person typed the code first
    }

    async function send() {
      if (busy) return;
      if (left()) return smsCode.focus();
      busy = true;
      show();
      say("");
      problem("mobile", "");
      problem("captcha", "");
      $("notice").textContent = "";
      const body = { mobile: mobile.value, purpose: words.purpose };
      if (!isSilent()) Object.assign(body, { captcha_id: captchaId.value, captcha: captcha.value });
      let answer = await ask(body);
      // The captcha was not checked: only the proof of work was missing, too old or too cheap.
      for (let turn = 0; turn < 2 && isProvable(answer.data) && !answer.data.captcha_required; turn++) {
        wantsProof = true;
        cost = answer.data.cost || 1;
        answer = await ask(body);
      }
      busy = false;
      const data = answer.data || {};
      // A picture is asked for, or this browser cannot compute. A captcha can be answered once, rightly or wrongly.
      const isPaidBoth = isProvable(data) && !!data.captcha_required;
      if (isPaidBoth) [wantsProof, cost] = [true, data.cost || 1];
      if (isPrice(data) || data.captcha_required) pictureField.classList.remove("silent");
      newPicture(isPrice(data) && !isPaidBoth);
      if (data.resend_after > 0) {
        countDown(data.resend_after);
        tabs.postMessage({ number: sentTo, seconds: data.resend_after });
      }
      show();
      if (answer.errno === "0") {
        $("notice").textContent = words.sent.replace("{mobile}", digits().replace(/^(\d{3})(\d{4})(\d{4})$/, "$1 $2 $3"));
        form.classList.add("asked");
        problem("sms_code", "");
        readMessage();
        smsCode.focus();
      } else {
        refused(answer);
      }
    }

    const isPrice = (data) => !!data && (data.proof_of_work_required || data.harder_captcha_required);
    function refused({ errno, errmsg, fields, data }) {
      let beside = {};
      if (errno === "4103") beside = fields || {};
      if (errno === "4002" || errno === "4004" || isPrice(data) || (data && data.captcha_required)) beside = { captcha: errmsg };
      if (errno === "4003") beside = { mobile: errmsg };
      const names = ["mobile", "captcha"].filter((name) => beside[name]);
      names.forEach((name) => problem(name, beside[name]));
      if (names.length) form.elements[names[0]].focus();
      else say(errmsg || words.network);
    }

    form.addEventListener("click", (event) => {
      const target = event.target.closest("button");
      if (target) pressed = target.value;
    });
    form.addEventListener("submit", (event) => {
      if (pressed === "picture") {
        event.preventDefault();
        newPicture(false);
        problem("captcha", "");
        captcha.focus();
      } else if (pressed === "send" || (pressed === "next" && !smsCode.value.trim())) {
        event.preventDefault();
        send();
      }
    });
    // "123 456", or the whole message.
    smsCode.addEventListener("input", () => {
      const text = smsCode.value.normalize("NFKC");
      const bare = text.replace(/[\s-]/g, "");
      const runs = text.match(/\d+/g) || [];
      const codes = new Set(runs.filter((run) => run.length === 6));
      const isSentence = /\D/.test(bare) || runs.every((run) => run.length === 6);
      // A text with two different codes is left as it is, and the server says what is wrong with it.
      const code = codes.size > 1 ? text : codes.size && isSentence ? [...codes][0] : bare;
      if (smsCode.value !== code) smsCode.value = code;
    });
    $("other-number").addEventListener("click", (event) => {
      event.preventDefault();
      mobile.select();
    });
    mobile.addEventListener("input", show);
    document.addEventListener("visibilitychange", show);
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) newPicture(false);
      show();
    });
    if (wantsProof) {
      if (!("needsHarder" in words)) newPicture(false);
      form.addEventListener("input", startProof);
    }
    const seconds = Number(button.dataset.resendAfter);
    if (seconds > 0) countDown(seconds);
    if (form.classList.contains("asked")) readMessage();
  }
})();
