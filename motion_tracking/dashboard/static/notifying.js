// What happens when somebody presses a notification?
//
// Phones let a page notify only through a worker such as this. It keeps no copy of anything, so that
// nothing old is ever shown.

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.where));
});

async function show(where) {
  const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!open) return self.clients.openWindow(new URL(`../${where}`, self.location));
  open.postMessage({ go: where });
  return open.focus();
}
