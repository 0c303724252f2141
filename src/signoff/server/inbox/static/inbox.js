// The inbox by keyboard, and kept current while it stands open.
//
// Without this file every page works all the same. It moves the focus and reads pages anew; it never
// answers anything: what decides is a button that a person presses.
"use strict";

(() => {
  const REFRESH_SECONDS = 60;
  const OFF = "signoff-keys-off";

  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Keys

  function keysAreOff() {
    try {
      return localStorage.getItem(OFF) === "yes";
    } catch {
      return false;
    }
  }

  function turnKeys(off) {
    try {
      localStorage.setItem(OFF, off ? "yes" : "");
    } catch {
      // A browser that keeps nothing keeps the keys on.
    }
  }

  function links() {
    return all("#queue .task h2 a");
  }

  function move(step) {
    const found = links();
    const at = found.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : found.length - 1) : at + step;
    found[Math.max(0, Math.min(next, found.length - 1))]?.focus();
  }

  function focused() {
    return document.activeElement?.closest?.(".task");
  }

  function choose() {
    const box = focused()?.querySelector("input[type=checkbox]");
    if (box) box.click();
  }

  // On a task the button is focused, and pressed by whoever presses it. In the list the task opens,
  // or what has been chosen is shown together.
  function towards(selector) {
    const button = one(`.outcomes ${selector}`);
    if (button) {
      button.scrollIntoView({ block: "center" });
      button.focus();
    } else if (all("#queue input[name=task]:checked").length > 0) {
      one("[data-together]")?.click();
    } else {
      const link = focused()?.querySelector("h2 a");
      if (link) location.assign(`${link.getAttribute("href")}#decide`);
    }
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    x: choose,
    a: () => towards("button.main"),
    r: () => towards("button.bad"),
    u: () => one("a.home")?.click(),
    "/": () => one("#q")?.focus(),
    "?": () => one("#keys")?.showModal(),
  };

  function typing(target) {
    return Boolean(target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"));
  }

  document.addEventListener("keydown", (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);
    const known = Object.hasOwn(KEYS, event.key);
    if (!plain || !known || typing(event.target) || one("dialog[open]")) return;
    if (keysAreOff() && event.key !== "?") return;
    event.preventDefault();
    KEYS[event.key]();
  });

  const help = one("#keys");
  const box = help && one("input[type=checkbox]", help);
  if (box) {
    box.checked = !keysAreOff();
    box.addEventListener("change", () => turnKeys(!box.checked));
    for (const button of all("[data-keys]")) {
      button.hidden = false;
      button.addEventListener("click", () => help.showModal());
    }
  }

  // Parts of a form that apply only sometimes. Without this all of them are shown, each with what it
  // depends on; whether one counts is judged by the server.

  function posted(form, name) {
    return new FormData(form).getAll(name).filter((value) => value !== "");
  }

  function holds(form, { name, keys, empty }) {
    const values = posted(form, name);
    if (values.length === 0) return empty;
    return keys === null || values.every((value) => keys.includes(value));
  }

  function fold(form) {
    for (const part of all("[data-when]", form)) {
      const when = JSON.parse(part.dataset.when);
      part.hidden = when.all.every((test) => holds(form, test)) === when.not;
    }
  }

  for (const form of all("#decide")) {
    fold(form);
    form.addEventListener("input", () => fold(form));
  }

  // What is typed is kept a moment after the last key.

  const KEEP_MILLISECONDS = 2000;

  async function keep(form) {
    const said = one("[data-kept]", form);
    const button = one("[formaction$='/draft']", form);
    if (!said || !button) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("quietly", "yes");
    const address = button.getAttribute("formaction");
    try {
      const answer = await fetch(address, { method: "POST", body });
      if (answer.ok) said.textContent = one("[data-draft]").dataset.draft;
    } catch {
      // Nothing is kept just now; the button is still there.
    }
  }

  for (const form of all("#decide")) {
    let timer = null;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => keep(form), KEEP_MILLISECONDS);
    });
    form.addEventListener("submit", () => clearTimeout(timer));
  }

  // As an app

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").catch(() => {
      // Without it the inbox is a page like any other.
    });
  }

  // News

  function renew(part) {
    if (!one(part) || document.hidden) return;
    const address = location.pathname + location.search;
    htmx.ajax("GET", address, { target: part, select: part, swap: "outerMorph" });
  }

  function refresh() {
    renew("#queue");
  }

  function tell() {
    const note = one("[data-changed]");
    if (note) note.hidden = false;
  }

  let stream = null;

  // The list is asked about as it is shown now, which typing into its form changes.
  function listen() {
    const page = one("[data-news]");
    if (stream) stream.close();
    stream = null;
    if (!page || document.hidden) return;
    const list = Boolean(one("#queue"));
    const asked = new URLSearchParams(list ? location.search : "");
    asked.set("mark", one("[data-mark]").dataset.mark);
    stream = new EventSource(`${page.dataset.news}?${asked}`);
    stream.addEventListener("changed", list ? refresh : tell);
    stream.addEventListener("present", () => renew("#present"));
  }

  document.addEventListener("visibilitychange", () => {
    listen();
    refresh();
  });
  document.addEventListener("htmx:after:history:push", listen);
  window.addEventListener("pagehide", () => stream?.close());
  setInterval(refresh, REFRESH_SECONDS * 1000);
  listen();
})();
