// The inbox as an app: what a browser runs when no page of it is open.
//
// It keeps one page, which says that there is no connection. Tasks are kept nowhere: what waits and
// what was decided is asked of the server each time.
"use strict";

const KEPT = "signoff-1";
const OFFLINE = "/inbox/offline";
const ICON = "/inbox/static/icon-192.png";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.add(new Request(OFFLINE, { cache: "reload" }))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))),
  );
  event.waitUntil(old.then(() => self.clients.claim()));
});

// A notice comes in the form of the Push API's declarative messages.
self.addEventListener("push", (event) => {
  const { title, navigate, ...said } = event.data.json().notification;
  const shown = { ...said, icon: ICON, data: { navigate } };
  event.waitUntil(self.registration.showNotification(title, shown));
});

async function open(address) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => page.url === address);
  return there ? there.focus() : self.clients.openWindow(address);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.navigate));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
});
