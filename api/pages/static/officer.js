// The desk: drop a paper anywhere in the frame. Without this script the plain file field does the same work.
const form = document.getElementById("giay-to");
const frame = form.querySelector(".drop");
const field = form.querySelector("input[type=file]");
const status = document.getElementById("tinh-trang");
const words = form.dataset;

const chosen = frame.querySelector(".chosen");
frame.classList.add("scripted");
frame.querySelector(".drop-word").hidden = false;

function acceptable(file) {
  if (file.size > Number(words.limit)) {
    field.value = "";
    chosen.hidden = true;
    status.textContent = words.tooLarge;
    return false;
  }
  status.textContent = "";
  chosen.hidden = false;
  chosen.textContent = words.chosen.replace("{name}", file.name);
  return true;
}

function isFile(event) {
  return Array.from(event.dataTransfer?.types ?? []).includes("Files");
}

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    frame.classList.add("over");
  });
}

document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) frame.classList.remove("over");
});

document.addEventListener("drop", (event) => {
  if (!isFile(event)) return;
  event.preventDefault();
  frame.classList.remove("over");
  const files = event.dataTransfer.files;
  if (files.length !== 1) {
    status.textContent = words.oneOnly;
    return;
  }
  field.files = files;
  if (acceptable(files[0])) form.requestSubmit();
});

field.addEventListener("change", () => {
  if (field.files.length === 1) acceptable(field.files[0]);
});

form.addEventListener("submit", (event) => {
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-disabled", "true");
  status.textContent = words.working;
});

// Coming back with the browser's back button: the page is as it was left.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  form.querySelector("button[type=submit]").removeAttribute("aria-disabled");
  status.textContent = "";
});
