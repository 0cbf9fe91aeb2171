// Forms with file fields: which file was chosen, too large or not, and that the work goes on. Works without it too.
for (const form of document.querySelectorAll("form.chooses")) {
  const status = form.querySelector(".status");
  const button = form.querySelector("button[type=submit]");
  for (const frame of form.querySelectorAll(".drop")) {
    const field = frame.querySelector("input[type=file]");
    const chosen = frame.querySelector(".chosen");
    frame.classList.add("scripted");
    field.addEventListener("change", () => {
      const file = field.files[0];
      const tooLarge = file !== undefined && file.size > Number(form.dataset.limit);
      if (tooLarge) field.value = "";
      status.textContent = tooLarge ? form.dataset.tooLarge : "";
      chosen.hidden = file === undefined || tooLarge;
      chosen.textContent = chosen.hidden ? "" : form.dataset.chosen.replace("{name}", () => file.name);
    });
    for (const kind of ["dragenter", "dragover"]) {
      frame.addEventListener(kind, (event) => {
        event.preventDefault();
        frame.classList.add("over");
      });
    }
    frame.addEventListener("dragleave", (event) => {
      if (!frame.contains(event.relatedTarget)) frame.classList.remove("over");
    });
    frame.addEventListener("drop", (event) => {
      event.preventDefault();
      frame.classList.remove("over");
      if (event.dataTransfer.files.length !== 1) return;
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change"));
    });
  }
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    status.textContent = form.dataset.working;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    button.removeAttribute("aria-disabled");
    status.textContent = "";
  });
}
