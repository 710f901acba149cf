/* Haoma: makes the forms nicer to use. Every page works without it, and an older browser gets it without. */
(() => {
  "use strict";
  const root = document.documentElement;
  if (!("HTMLDialogElement" in window && "noModule" in HTMLScriptElement.prototype)) return;
  // The style sheet shows one step at a time from here on, before anything is drawn.
  root.classList.add("js");
  const $ = (id) => document.getElementById(id);
  const all = (css) => document.querySelectorAll(css);
  const digitsOf = (text) => text.normalize("NFKC").replace(/\D/g, "");

  // A number that was typed on one page is filled in on the next one of this tab.
  const carried = {
    get: () => { try { return sessionStorage.getItem("haoma-mobile") || ""; } catch (_) { return ""; } },
    set: (text) => { try { sessionStorage.setItem("haoma-mobile", text); } catch (_) {} }, // storage is switched off
  };

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
  const isPrice = (data) => !!data && !!(data.proof_of_work_required || data.harder_captcha_required);
  const isProvable = (data) =>
    !!data && !!data.proof_of_work_required && !data.harder_captcha_required && (data.cost || 1) <= most;

  async function prove({ prove, working }, cost, say) {
    const patience = setTimeout(() => say(working), 2000);
    try {
      return await (await import(prove)).prove(cost);
    } catch (_) {
      return "";
    } finally {
      clearTimeout(patience);
    }
  }

  async function call(method, path, body, key, words) {
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), 15000);
    try {
      const response = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json", "Accept-Language": root.lang, "Idempotency-Key": key },
        body: JSON.stringify(body),
        signal: abort.signal,
      });
      return { ...await response.json(), created: response.status === 201 };
    } catch (_) {
      return { errno: "", errmsg: words.network, lost: true };
    } finally {
      clearTimeout(patience);
    }
  }

  const uuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  // Draws an input as so many places that fill up. The input itself stays, for fingers, keyboards and screen readers.
  function places(input) {
    const cells = [];
    const draw = () => cells.forEach((cell, at) => {
      const text = [...input.value];
      cell.textContent = text[at] || "";
      cell.classList.toggle("full", at < text.length);
      cell.classList.toggle("next", at === Math.min(text.length, cells.length - 1));
    });
    const resize = (count) => {
      cells.splice(0).forEach((cell) => cell.remove());
      for (let at = 0; at < count; at++) {
        const cell = document.createElement("i");
        cell.setAttribute("aria-hidden", "true");
        cells.push(cell);
      }
      input.after(...cells);
      draw();
    };
    input.addEventListener("input", draw);
    return { draw, resize };
  }

  // Writes a mainland number as 138 0013 8000 while it is typed. Any other text is left alone.
  function group(input) {
    const text = input.value.normalize("NFKC").replace(/\p{Cf}/gu, "");
    const digits = digitsOf(text).replace(/^(00)?86(?=1\d{10}$)/, "");
    if (!/^[\d\s+().·-]*$/.test(text) || !/^1\d{0,10}$/.test(digits)) return;
    const grouped = digits.replace(/^(.{3})(.{1,4})(.{0,4})$/, "$1 $2 $3").trim();
    if (grouped === input.value) return;
    const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
    const isAtEnd = input.selectionStart === input.value.length;
    input.value = grouped;
    if (document.activeElement !== input) return;
    let at = grouped.length;
    if (!isAtEnd) for (at = 0; digitsOf(grouped.slice(0, at)).length < before; at++);
    input.setSelectionRange(at, at);
  }

  function ready() {
    // A reload does not say again what was just done.
    const here = new URL(location.href);
    if (here.searchParams.has("done")) {
      here.searchParams.delete("done");
      history.replaceState(history.state, "", here);
    }

    for (const input of all("input[data-show]")) {
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

    for (const place of all("[data-time]")) {
      const [time, how] = [new Date(place.dataset.time), { dateStyle: "medium", timeStyle: "short" }];
      const said = time.toLocaleString(root.lang, how);
      place.textContent = place.textContent.replace(/\d{4}-.+UTC/, said);
    }

    // The strength of a new password is shown in words while it is typed. Only the server decides.
    for (const input of all("input[data-weak]")) {
      const words = input.dataset;
      const hint = $(input.name + "-hint");
      const before = hint.textContent;
      hint.setAttribute("aria-live", "polite");
      input.addEventListener("input", () => {
        const missing = input.minLength - [...input.value].length;
        const bits = worth(input.value, digitsOf((input.form.elements.mobile || { value: "" }).value));
        const word = bits < 55 ? words.weak : bits < 75 ? words.fair : words.strong;
        const said = !input.value ? before : missing > 0 ? words.short.replace("{n}", missing) : word;
        if (hint.textContent !== said) hint.textContent = said;
        // The problem of the last attempt is shown in the same place.
        $(input.name + "-problem").textContent = "";
        input.removeAttribute("aria-invalid");
        hint.classList.toggle("strong", said === words.strong);
      });
    }

    for (const input of all("#login")) {
      input.addEventListener("input", () => carried.set(input.value));
      if (!input.value && carried.get()) {
        input.value = carried.get();
        requestAnimationFrame(() => input.form.elements.password.focus());
      }
    }

    for (const image of all(".picture img")) payForPicture(image);
    if ($("audio")) offerAudio($("audio"));
    for (const form of all("form[data-purpose], form[data-api]")) if ($("sheet")) enhance(form, form.dataset);
    for (const form of all("form[data-proof]:not([data-purpose], [data-api])")) payInAdvance(form);
    for (const form of all("form[data-pays][data-purpose]:not([data-api])")) payOnSubmit(form);
    sendOnce();
  }

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
  function payForPicture(image) {
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

  function offerAudio(audio) {
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

  // A form that needs a proof of work is sent when the proof is there. It is computed while the person types.
  function payInAdvance(form) {
    const proof = document.createElement("input");
    [proof.type, proof.name] = ["hidden", "proof_of_work"];
    let computing;
    const compute = () => (computing = computing || prove(form.dataset, form.dataset.cost, () => {}));
    form.append(proof);
    form.addEventListener("input", compute, { once: true });
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (proof.value || (button && button.value === "picture")) return;
      event.preventDefault();
      compute().then((solved) => {
        proof.value = solved;
        if (solved) form.requestSubmit(button);
        else form.submit();
      });
    });
  }

  // A form with a code that was refused for want of a proof of work is sent with one.
  function payOnSubmit(form) {
    form.addEventListener("submit", async (event) => {
      if (event.defaultPrevented || form.elements.proof_of_work || Number(form.dataset.pays) > most) return;
      event.preventDefault();
      const input = document.createElement("input");
      [input.type, input.name] = ["hidden", "proof_of_work"];
      form.append(input);
      input.value = await prove(form.dataset, Number(form.dataset.pays), () => {});
      form.requestSubmit(event.submitter);
    });
  }

  // A form is sent once. Its buttons are disabled only after the browser has recorded which one was pressed.
  function sendOnce() {
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
  }

  // The steps of a form: the number, the captcha in a sheet where one is asked for, then the code with whatever else.
  // The last step is a request, so that a refusal loses nothing.
  function enhance(form, words) {
    const field = form.elements;
    const { mobile, captcha, captcha_id: captchaId, sms_code: smsCode, password, terms } = field;
    const [sheet, send, resend, agree, audio] = ["sheet", "send", "resend", "agree", "audio"].map($);
    const heading = document.querySelector("h1");
    const lead = document.querySelector(".lead");
    const title = heading.textContent;
    const page = document.title;
    const last = [...form.querySelectorAll(".first")].pop(); // the button of the last step
    const country = form.querySelector(".country");
    const names = ["mobile", "captcha", "sms_code", "login", "password", "terms"].filter((it) => field[it]);
    let busy = ""; // what is being done, in words; empty while nothing is
    let deadline = 0; // until this time (see `now`) `sentTo` can get no other code
    let askedFor = ""; // the number that got a code from this form
    let sentTo = "";
    let timer;

    const digits = () => digitsOf(mobile.value).slice(-11);
    const isAtCode = () => form.classList.contains("asked");
    const shown = (number) => number.replace(/^(\d{3})(\d{4})(\d{4})$/, "$1 $2 $3");

    function problem(name, sentence) {
      $(name + "-problem").textContent = sentence;
      if (sentence) field[name].setAttribute("aria-invalid", "true");
      else field[name].removeAttribute("aria-invalid");
    }
    // What is wrong with no field stands where the person looks.
    function say(sentence) {
      const place = smsCode ? $(isAtCode() ? "sms_code-problem" : "send-problem") : $("alert");
      $("alert").textContent = "";
      place.textContent = sentence;
      if (sentence && place.tabIndex === -1) place.focus();
    }
    for (const name of names) field[name].addEventListener("input", () => problem(name, ""));

    const pictureField = captcha.closest(".captcha");
    const image = form.querySelector(".picture img");
    const length = () => (pictureField.classList.contains("harder") ? 6 : 4);
    const letters = places(captcha);
    const hint = $("captcha-hint").textContent;
    let answered; // what to do once the captcha is answered
    let isSilent = pictureField.classList.contains("silent") || !smsCode && !sheet.open;
    image.addEventListener("harder", () => letters.resize(6));
    letters.resize(length());
    if (sheet.open) sheet.close();

    function openSheet(then, sentence) {
      answered = then;
      isSilent = false;
      pictureField.classList.remove("silent");
      if (!sheet.open) sheet.showModal();
      problem("captcha", sentence);
      captcha.focus();
    }
    function newPicture(isHarder) {
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
      pictureField.classList.toggle("harder", isHarder);
      letters.resize(length());
      audio.src = "/api/v1/captchas/" + id + "/audio?lang=" + root.lang;
    }
    captcha.addEventListener("input", () => {
      if (sheet.open && !busy && answered && captcha.value.trim().length === length()) answered();
    });
    $("close").addEventListener("click", () => sheet.close());

    // The terms. Who forgot the box is asked once more, and goes on where they were.
    let agreed;
    function askForTerms(then) {
      agreed = then;
      agree.showModal();
    }
    if (agree) {
      agree.addEventListener("click", ({ target }) => {
        if (target.value) agree.close();
        if (target.value !== "agree") return;
        terms.checked = true;
        problem("terms", "");
        agreed();
      });
    }

    // A proof of work replaces a harder picture. It is computed while the person types. Where nothing is suspicious it
    // replaces every picture.
    let cost = Number(words.cost) || 1;
    let wantsProof = !!smsCode && words.proof === "wanted" && cost <= most;
    let proof; // a promise
    let owed; // whether the next request has to bring a proof beside a harder picture
    let slow = ""; // what to say while a proof takes long
    const working = (sentence) => {
      slow = sentence;
      if (busy) setBusy(sentence);
    };
    const startProof = () => (proof = proof || prove(words, cost, working).finally(() => { slow = ""; }));

    function setBusy(sentence) {
      busy = sentence && (slow || sentence);
      $("captcha-hint").textContent = busy || hint;
      last.disabled = !!busy;
      if (send) show();
    }

    // A request is repeated with the same key only if its answer was lost.
    let lost = {};
    async function request(method, path, body) {
      const text = JSON.stringify(body);
      const again = lost.text === text ? lost : { text, key: uuid() };
      const answer = await call(method, path, JSON.parse(again.body || text), again.key, words);
      lost = answer.lost ? again : {};
      return answer;
    }
    // Pays with a proof of work where only that is missing.
    async function payAndRequest(method, path, body) {
      if (wantsProof || owed) body.proof_of_work = await startProof();
      proof = owed = undefined;
      let answer = await request(method, path, body);
      for (let turn = 0; turn < 2 && isProvable(answer.data) && !answer.data.captcha_required; turn++) {
        cost = answer.data.cost || 1;
        body.proof_of_work = await startProof();
        proof = undefined;
        answer = await request(method, path, body);
      }
      return answer;
    }
    // A captcha can be answered once, rightly or wrongly. Returns whether one is asked for, and shows it.
    function wantsPicture(answer, then, hadPicture) {
      const data = answer.data || {};
      const isPaidBoth = isProvable(data) && !!data.captcha_required;
      if (isPaidBoth) [wantsProof, cost] = [true, data.cost || 1];
      if (data.proof_of_work_required && data.harder_captcha_required) {
        cost = data.cost;
        owed = startProof();
      }
      const isAbout = /^captcha-/.test(answer.error) || !!(answer.fields || {}).captcha || isPrice(data);
      if (!isAbout && !(data.captcha_required && answer.error !== "wrong-login")) return false;
      isSilent = false;
      newPicture(isPrice(data) && !isPaidBoth);
      openSheet(then, hadPicture || isPrice(data) ? (answer.fields || {}).captcha || answer.errmsg : "");
      return true;
    }

    async function finish() {
      if (busy) return;
      const body = {};
      for (const [name, value] of new FormData(form)) {
        const isOurs = ["by", "next", "step", "idempotency_key", "captcha_id", "captcha"].includes(name);
        if (!isOurs && (value || field[name].required)) body[name] = name === "remember" ? true : value;
      }
      const pays = answered === finish && !isSilent;
      if (pays && captcha.value.trim().length < length()) return openSheet(finish, "");
      answered = null;
      if (pays) Object.assign(body, { captcha_id: captchaId.value, captcha: captcha.value });
      names.forEach((name) => problem(name, ""));
      say("");
      document.title = page;
      setBusy(words.sending);
      const [method, path] = words.api.split(" ");
      if (Number(words.pays) > 0 && Number(words.pays) <= most) {
        body.proof_of_work = await prove(words, Number(words.pays), working);
      }
      const isProofSent = wantsProof;
      wantsProof = false;
      const answer = await payAndRequest(method, path, body);
      wantsProof = isProofSent;
      setBusy("");
      if (answer.errno === "0") return goOn(answer);
      if (wantsPicture(answer, finish, pays)) return;
      if (sheet.open) sheet.close();
      if (pays && !answer.lost && answer.errno !== "4103") newPicture(false);
      const fields = answer.fields || {};
      if (fields.terms && agree && Object.keys(fields).length === 1) return askForTerms(finish);
      if (answer.error === "wrong-login" && answer.data && answer.data.captcha_required) {
        [isSilent, answered] = [false, finish];
        newPicture(false);
      }
      refused(answer);
    }

    function goOn(answer) {
      form.classList.add("in");
      last.disabled = true;
      if (sheet.open) sheet.close();
      const isReset = words.purpose === "reset";
      if (!isReset) carried.set("");
      let path = isReset ? words.done : words.then;
      if (path === "/account" && (answer.created || (answer.data || {}).created)) path += "?done=registered";
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      setTimeout(() => location.replace(path), isStill ? 0 : 300);
    }

    function refused({ errno, error, errmsg, fields, data }) {
      let beside = errno === "4103" && fields || {};
      if (error === "sms-code-gone" || error === "sms-code-wrong") {
        beside = { sms_code: errmsg };
        smsCode.value = "";
        code.draw();
      }
      if (error === "mobile-taken" || error === "sms-bad-number" || error === "own-mobile") beside = { mobile: errmsg };
      if (error === "wrong-password" || error === "wrong-login") beside = { password: errmsg };
      const marked = names.filter((name) => beside[name]);
      marked.forEach((name) => problem(name, beside[name]));
      if (marked.length) document.title = words.problem + " · " + page;
      if (marked.includes("mobile") && smsCode) toNumber();
      if (error === "mobile-taken" && words.login) {
        const link = document.createElement("a");
        [link.href, link.textContent] = [words.login, words.loginWords];
        $("mobile-problem").append(" ", link);
      }
      if (marked.length) field[marked[0]].focus();
      else say(errmsg || words.network);
      if (error === "wrong-login") password.select();
    }

    form.addEventListener("submit", (event) => {
      const step = (event.submitter || {}).value || "";
      if (step === "picture") {
        event.preventDefault();
        newPicture(false);
        problem("captcha", "");
        captcha.focus();
      } else if (sheet.open) {
        event.preventDefault();
        if (!busy && answered) answered();
      } else if (smsCode && (step === "send" || (step === "next" && !isAtCode()))) {
        event.preventDefault();
        askForCode();
      } else if (step === "next" && password && !password.value && document.activeElement === smsCode) {
        event.preventDefault();
        password.focus();
      } else if (words.api) {
        event.preventDefault();
        finish();
      }
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      form.classList.remove("in");
      setBusy("");
      newPicture(false);
    });
    if (!smsCode) return;

    const box = mobile.closest(".number");
    function number() {
      if (country) group(mobile);
      const many = digits().length;
      box.style.setProperty("--filled", Math.min(1, many / 11));
      form.classList.toggle("ready", country ? many === 11 : many > 6);
      for (const twin of form.querySelectorAll(".unseen[autocomplete=username]")) twin.value = digits();
      show();
    }
    mobile.addEventListener("input", () => {
      carried.set(mobile.value);
      number();
    });

    // The code: "123 456", or the whole message.
    const code = places(smsCode);
    code.resize(6);
    smsCode.addEventListener("input", () => {
      const text = smsCode.value.normalize("NFKC");
      const bare = text.replace(/[\s-]/g, "");
      const runs = text.match(/\d+/g) || [];
      const codes = new Set(runs.filter((run) => run.length === 6));
      const isSentence = /\D/.test(bare) || runs.every((run) => run.length === 6);
      // A text with two different codes is left as it is, and the server says what is wrong with it.
      const read = codes.size > 1 ? text : codes.size && isSentence ? [...codes][0] : bare;
      if (smsCode.value !== read) smsCode.value = read;
      code.draw();
      if (!/^\d{6}$/.test(read) || !isAtCode()) return;
      if (password) password.focus();
      else if (words.api) finish();
      else form.requestSubmit(last);
    });

    function toCode() {
      if (isAtCode()) return;
      form.classList.add("asked");
      if (!(history.state || {}).code) history.pushState({ code: true }, "");
      turn();
      smsCode.focus();
    }
    function toNumber() {
      form.classList.remove("asked");
      turn();
    }
    function turn() {
      heading.textContent = isAtCode() ? words.enter : title;
      if (lead) lead.hidden = isAtCode();
      if (isAtCode()) $("sent").textContent = words.sent.replace("{mobile}", shown(askedFor || digits()));
      show();
    }
    $("other-number").addEventListener("click", (event) => {
      event.preventDefault();
      toNumber();
      mobile.select();
    });
    // Back leads from the code to the number.
    window.addEventListener("popstate", () => {
      if ((history.state || {}).code && askedFor === digits()) toCode();
      else toNumber();
    });

    // The countdown follows the clocks, not its own ticks. The wall clock may be set back, and the monotonic clock
    // stops while the device sleeps, so the one that has advanced further is right.
    const [setAt, startedAt] = [Date.now(), performance.now()];
    let now = 0;
    let whole = 60;
    function tick() { return (now = Math.max(now, Date.now() - setAt, performance.now() - startedAt)); }
    // Another number does not have to wait: the first may have been mistyped.
    function left(at = tick()) {
      return sentTo && digits() === sentTo ? Math.max(0, Math.ceil((deadline - at) / 1000)) : 0;
    }
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
      const wait = words.wait.replace("{n}", seconds);
      const isOurs = askedFor === digits();
      send.textContent = busy || (seconds ? isOurs ? words.enter : wait : words.send);
      send.disabled = !!busy || (seconds > 0 && !isOurs);
      $("resend-words").textContent = busy && isAtCode() && sheet.open ? busy : seconds ? wait : words.again;
      resend.disabled = !!busy || seconds > 0;
      resend.style.setProperty("--left", seconds / whole);
      form.classList.toggle("waiting", seconds > 0);
    }
    function countDown(seconds) {
      sentTo = digits();
      whole = Math.max(seconds, 1);
      deadline = tick() + seconds * 1000;
      $("spoken").textContent = words.wait.replace("{n}", seconds);
      show();
    }
    // Another tab with the same number counts down too.
    const tabs = "BroadcastChannel" in window ? new BroadcastChannel("haoma") : { postMessage() {} };
    tabs.onmessage = ({ data }) => {
      if (data.number !== digits() || left()) return;
      countDown(data.seconds);
      if (data.purpose !== words.purpose) return;
      askedFor = data.number;
      toCode();
      show();
    };

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
      }).catch(() => {}); // no message came, or the person typed the code first
    }

    async function askForCode() {
      if (busy) return;
      if (left() && askedFor === digits()) return toCode();
      ["mobile", "captcha"].forEach((name) => problem(name, ""));
      say("");
      const isMainland = /^1[3-9]\d{9}$/.test(digits());
      if (!mobile.value.trim() || (country && !isMainland && !/^\s*(\+|00)/.test(mobile.value))) {
        toNumber();
        problem("mobile", mobile.value.trim() ? words.malformed : mobile.placeholder);
        return mobile.focus();
      }
      if (terms && !terms.checked) return askForTerms(askForCode);
      const hasPicture = !isSilent;
      if (hasPicture && captcha.value.trim().length < length()) return openSheet(askForCode, "");
      setBusy(words.sending);
      const body = { mobile: mobile.value, purpose: words.purpose };
      if (hasPicture) Object.assign(body, { captcha_id: captchaId.value, captcha: captcha.value });
      const answer = await payAndRequest("POST", "/api/v1/sms-codes", body);
      setBusy("");
      const data = answer.data || {};
      if (data.resend_after > 0) {
        countDown(data.resend_after);
        tabs.postMessage({ number: sentTo, seconds: data.resend_after, purpose: words.purpose });
      }
      if (answer.errno === "0") {
        askedFor = digits();
        if (sheet.open) sheet.close();
        newPicture(false);
        problem("sms_code", "");
        toCode();
        turn();
        readMessage();
        smsCode.focus();
        return;
      }
      if (wantsPicture(answer, askForCode, hasPicture)) return;
      if (sheet.open) sheet.close();
      // The captcha is still good if nothing has looked at it.
      if (!answer.lost && answer.errno !== "4103") newPicture(false);
      refused(answer);
    }
    resend.addEventListener("click", askForCode);

    document.addEventListener("visibilitychange", show);
    if (wantsProof) {
      if (!("needsHarder" in words)) newPicture(false);
      form.addEventListener("input", startProof);
    }
    if (!mobile.value && words.purpose !== "rebind") mobile.value = carried.get();
    if (isAtCode()) askedFor = digits();
    const seconds = Number(send.dataset.resendAfter);
    if (seconds > 0) countDown(seconds);
    number();
    if (isAtCode()) {
      turn();
      readMessage();
    }
    // After the browser's own autofocus.
    requestAnimationFrame(() => {
      if (isAtCode()) smsCode.focus();
      else if (document.activeElement === mobile) mobile.select();
    });
    window.addEventListener("pageshow", show);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
})();
