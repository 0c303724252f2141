// Browsers that ring: asks this one to, and sends what it says as the form would be sent anyway.
"use strict";

(() => {
  const form = document.querySelector("form[data-push-key]");
  if (!form) return;
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const unable = document.querySelector("[data-unable]");
  const said = form.querySelector("[data-said]");

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  async function hex(text) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((each) => each.toString(16).padStart(2, "0")).join("");
  }

  // Which of the listed browsers this one is.
  async function recognise(worker) {
    const subscription = await worker.pushManager.getSubscription();
    if (!subscription) return;
    const id = `push_${(await hex(subscription.endpoint)).slice(0, 32)}`;
    const mark = document.querySelector(`[data-browser="${id}"] [data-here]`);
    if (mark) mark.hidden = false;
    form.hidden = Boolean(mark);
  }

  async function subscribe() {
    if ((await Notification.requestPermission()) !== "granted") {
      said.textContent = form.dataset.refused;
      return;
    }
    const worker = await navigator.serviceWorker.ready;
    const key = bytes(form.dataset.pushKey);
    const old = await worker.pushManager.getSubscription();
    if (old) await old.unsubscribe();
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    form.elements.subscription.value = JSON.stringify(made);
    form.submit();
  }

  form.hidden = !able;
  unable.hidden = able;
  if (!able) return;
  navigator.serviceWorker.ready.then(recognise);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe().catch(() => {
      said.textContent = form.dataset.failed;
    });
  });
})();
