// What pages do beyond links and forms; each works without it. htmx swaps fragments; this file adds what
// htmx under a strict CSP cannot say in attributes: toasts, copying, the dialog, live times, announcements,
// and polls that rest while nobody looks.
(() => {
  "use strict";

  const root = document.documentElement;
  root.classList.add("js");

  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Saying things -------------------------------------------------------------------------------

  const TOAST_MS = 6000;
  const ICONS = { ok: "check", info: "info", warning: "warning", error: "warning" };

  function iconOf(name) {
    const any = $(".icon use");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    if (any) use.setAttribute("href", any.getAttribute("href").replace(/#.*/, `#${name}`));
    svg.append(use);
    return svg;
  }

  function noticeOf(text, tone) {
    const notice = document.createElement("div");
    const words = document.createElement("div");
    const close = document.createElement("button");
    notice.className = `notice notice-${tone}`;
    words.textContent = text;
    close.className = "dismiss";
    close.type = "button";
    close.setAttribute("aria-label", "Close this");
    close.append(iconOf("close"));
    notice.append(iconOf(ICONS[tone]), words, close);
    return notice;
  }

  function toast(text, tone = "ok") {
    const notice = noticeOf(text, tone in ICONS ? tone : "info");
    $("#toasts")?.append(notice);
    // Whoever reads it or is about to press something in it is given the time.
    const fade = () => (notice.matches(":hover, :focus-within") ? setTimeout(fade, TOAST_MS) : notice.remove());
    setTimeout(fade, TOAST_MS);
  }

  // A problem stays until it is closed or over; there is one at a time.
  function problem(text, kind) {
    const place = $("#problem");
    if (!place || (place.dataset.kind === kind && place.childElementCount)) return;
    const notice = noticeOf(text, "error");
    notice.setAttribute("role", "alert");
    place.dataset.kind = kind;
    place.replaceChildren(notice);
  }

  function problemOver(kind) {
    const place = $("#problem");
    if (place?.dataset.kind !== kind) return;
    place.replaceChildren();
    delete place.dataset.kind;
  }

  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));

  // What is announced: the words in data-announce, once each time they change.
  const announced = new Map($$("[data-announce][id]").map((element) => [element.id, element.dataset.announce]));

  function announce() {
    for (const element of $$("[data-announce][id]")) {
      const words = element.dataset.announce;
      if (words && announced.get(element.id) !== words) $("#live").textContent = words;
      announced.set(element.id, words);
    }
  }

  // Times ---------------------------------------------------------------------------------------

  // The server's clock counts, not the browser's. Steps as in webapp/pages/words/times.py.
  const ahead = Date.parse($('meta[name="now"]')?.content) - Date.now() || 0;
  const DAY = 86400;

  function span(seconds) {
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 2 * DAY) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / DAY)} days`;
  }

  function countOn() {
    if (document.hidden) return;
    for (const time of $$("time[data-exact]")) {
      const seconds = Math.round((Date.now() + ahead - Date.parse(time.dateTime)) / 1000);
      const far = Math.abs(seconds);
      if (far >= 14 * DAY) continue;
      const words = far < 1 ? "now" : seconds > 0 ? `${span(far)} ago` : `in ${span(far)}`;
      const place = $(".rel", time);
      if (place && place.textContent !== words) place.textContent = words;
    }
  }
  setInterval(countOn, 5000);

  // Keys, copying, closing ----------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = $("#search");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") {
      const open = $(".user[open], .menu[open]");
      if (!open) return;
      open.open = false;
      $("summary", open).focus();
    }
  });

  async function copy(button) {
    const text = button.dataset.copy ?? $(button.dataset.copyFrom)?.textContent ?? "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      toast("The browser did not allow copying. Select the text and copy it by hand.", "warning");
      return;
    }
    button.classList.add("copied");
    $("use", button).setAttribute("href", $("use", button).getAttribute("href").replace(/#.*/, "#check"));
    $("#live").textContent = `Copied ${text.length > 80 ? "" : text}`;
    setTimeout(() => {
      button.classList.remove("copied");
      $("use", button).setAttribute("href", $("use", button).getAttribute("href").replace(/#.*/, "#copy"));
    }, 1500);
  }

  document.addEventListener("click", (event) => {
    const user = $(".user[open]");
    if (user && !user.contains(event.target)) user.open = false;

    const button = event.target.closest(".copy");
    if (button) copy(button);

    const dismiss = event.target.closest(".dismiss");
    if (dismiss) {
      const place = dismiss.closest("#problem");
      if (place) delete place.dataset.kind;
      dismiss.closest(".notice").remove();
    }

    const dialog = event.target.closest("dialog");
    if (dialog && (event.target === dialog || event.target.closest("[data-close]"))) {
      event.preventDefault();
      dialog.close();
    }
  });

  // One tick for all of a list's.
  function showTicks() {
    for (const all of $$("input[data-ticks]")) all.hidden = false;
  }
  showTicks();

  document.addEventListener("change", (event) => {
    const { ticks } = event.target.dataset;
    if (!ticks) return;
    for (const one of $$(`input[name="${ticks}"]`, event.target.form)) one.checked = event.target.checked;
  });

  // A question lands in the dialog (macros/forms.html: asks); without JavaScript it is a page of its own.
  function ask(ctx) {
    const dialog = $("#dialog");
    if (ctx.target === dialog && dialog.childElementCount && !dialog.open) dialog.showModal();
  }

  // htmx ----------------------------------------------------------------------------------------

  const NO_ANSWER = "The connector does not answer, so this page is not up to date. It keeps trying.";
  const refused = new WeakSet();
  const isPoll = (ctx) => ctx?.sourceEvent?.type === "every";

  // Filters that are not set stay out of the address.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (!ctx.sourceElement.matches("form.filters")) return;
    for (const [name, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(name);
  });

  // A hidden page asks for nothing; what the server refused to a poll is not asked for again.
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    if (isPoll(ctx) && (document.hidden || refused.has(ctx.sourceElement))) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    countOn();
    for (const element of $$('[hx-trigger^="every"]')) element.dispatchEvent(new CustomEvent("every"));
  });

  document.addEventListener("htmx:after:swap", (event) => {
    announce();
    showTicks();
    ask(event.detail.ctx);
  });

  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response.status < 400) problemOver("silent");
  });

  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    const { status, headers } = ctx.response;
    if (ctx.hx.redirect) return;
    if (isPoll(ctx) && status < 500) refused.add(ctx.sourceElement);
    if (isPoll(ctx) && status >= 500) {
      problem(NO_ANSWER, "silent");
    } else if (status >= 500) {
      problem(`Something went wrong here, nothing was changed (error ${status}). Try again in a moment.`, "fault");
    } else if (!(headers.get("Vary") ?? "").includes("HX-Request-Type")) {
      // Not our words but those of something between: never swapped into the page.
      ctx.status = "foreign";
      problem(`The request was refused on its way to the connector (error ${status}).`, "foreign");
    }
  });

  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (!ctx) return;
    const words = "The connector did not answer, nothing was changed. Check the connection, then try again.";
    problem(isPoll(ctx) ? NO_ANSWER : words, isPoll(ctx) ? "silent" : "fault");
  });
})();
