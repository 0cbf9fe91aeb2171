// A batch in work: look again every few seconds, but not while somebody is about to press a button.
const EVERY_MS = 5000;

setInterval(() => {
  if (document.hidden || document.activeElement?.closest("form")) return;
  location.reload();
}, EVERY_MS);
