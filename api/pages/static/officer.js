// The desk: drop a paper anywhere in the frame. Without this script the plain file field does the same work.
const form = document.getElementById("giay-to");
const frame = form.querySelector(".drop");
const field = form.querySelector("input[type=file]");
const status = document.getElementById("tinh-trang");
const words = form.dataset;

const chosen = frame.querySelector(".chosen");
frame.classList.add("scripted");
frame.querySelector(".drop-word").hidden = false;

function refused(files) {
  if (files.length > Number(words.most)) return words.tooMany;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return size > Number(words.limit) ? words.tooLarge : "";
}

function acceptable(list) {
  const files = Array.from(list);
  const why = refused(files);
  if (why !== "") field.value = "";
  chosen.hidden = why !== "" || files.length === 0;
  status.textContent = why;
  if (chosen.hidden) return false;
  const several = files.length > 1;
  chosen.textContent = several ? words.several.replace("{count}", String(files.length)) : words.chosen.replace("{name}", () => files[0].name);
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
  if (refused(Array.from(files)) === "") field.files = files;
  if (acceptable(files)) form.requestSubmit();
});

field.addEventListener("change", () => {
  acceptable(field.files);
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
