// Two pages of one paper: side by side, one over the other in turn, or with a slider between them. Zoom, keyboard, boxes.
const tools = document.getElementById("cach-xem");
const panes = document.getElementById("hai-trang");
const SWAP_MS = 700; // well below three flashes a second (WCAG 2.3.1)
const ZOOMS = [100, 150, 200, 300, 400];

if (tools !== null) {
  const copy = panes.querySelector(".pane.copy .window");
  const windows = Array.from(panes.querySelectorAll(".window"));
  const over = panes.querySelector("img.over");
  const edge = panes.querySelector(".edge");
  const badge = (copy ?? windows[0]).querySelector(".badge");
  const slider = document.getElementById("thanh-truot");
  const swap = document.getElementById("doi-anh");
  const run = document.getElementById("tu-chay");
  const output = tools.querySelector("output");
  let mode = "side";
  let zoom = 0;
  let timer = 0;

  function stop() {
    clearInterval(timer);
    timer = 0;
    run.setAttribute("aria-pressed", "false");
  }

  function start() {
    stop();
    timer = setInterval(turn, SWAP_MS);
    run.setAttribute("aria-pressed", "true");
  }

  function turn() {
    if (over === null) return;
    over.hidden = !over.hidden;
    badge.textContent = over.hidden ? tools.dataset.copy : tools.dataset.original;
  }

  function slide() {
    over.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    edge.style.left = `${slider.value}%`;
  }

  function show(wanted) {
    mode = wanted;
    panes.dataset.mode = mode;
    stop();
    tools.querySelector(".flicks").hidden = mode !== "flicker";
    tools.querySelector(".slide").hidden = mode !== "slider";
    if (over === null) return;
    over.hidden = mode !== "slider";
    edge.hidden = mode !== "slider";
    badge.hidden = mode !== "flicker";
    over.style.clipPath = "";
    if (mode === "slider") slide();
    if (mode === "flicker") {
      badge.textContent = tools.dataset.copy;
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) start();
    }
  }

  function enlarge(step) {
    const before = ZOOMS[zoom];
    zoom = Math.min(ZOOMS.length - 1, Math.max(0, zoom + step));
    const ratio = ZOOMS[zoom] / before;
    for (const each of windows) {
      const middle = [each.scrollLeft + each.clientWidth / 2, each.scrollTop + each.clientHeight / 2];
      each.querySelector(".sheet").style.width = `${ZOOMS[zoom]}%`;
      each.scrollLeft = middle[0] * ratio - each.clientWidth / 2;
      each.scrollTop = middle[1] * ratio - each.clientHeight / 2;
    }
    output.textContent = `${ZOOMS[zoom]} %`;
  }

  function goTo(button) {
    while (ZOOMS[zoom] < 200) enlarge(1);
    for (const each of windows) {
      const sheet = each.querySelector(".sheet");
      each.scrollLeft = (button.dataset.x / button.dataset.width) * sheet.offsetWidth - each.clientWidth / 2;
      each.scrollTop = (button.dataset.y / button.dataset.height) * sheet.offsetHeight - each.clientHeight / 2;
    }
    panes.scrollIntoView({ block: "nearest" });
    (copy ?? windows[0]).focus({ preventScroll: true });
  }

  for (const each of windows) {
    each.addEventListener("scroll", () => {
      for (const other of windows) {
        if (other === each) continue;
        if (Math.abs(other.scrollLeft - each.scrollLeft) > 1) other.scrollLeft = each.scrollLeft;
        if (Math.abs(other.scrollTop - each.scrollTop) > 1) other.scrollTop = each.scrollTop;
      }
    });
    each.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "+" || event.key === "=") enlarge(1);
      else if (event.key === "-") enlarge(-1);
      else if (event.key === " " && mode === "flicker") {
        stop();
        turn();
      } else return;
      event.preventDefault();
    });
  }
  for (const choice of tools.querySelectorAll("input[name=mode]")) {
    choice.addEventListener("change", () => show(choice.value));
  }
  for (const button of tools.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => enlarge(button.dataset.zoom === "in" ? 1 : -1));
  }
  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => goTo(button));
  }
  document.getElementById("hien-khung").addEventListener("change", (event) => {
    panes.classList.toggle("bare", !event.target.checked);
  });
  slider.addEventListener("input", slide);
  swap.addEventListener("click", () => {
    stop();
    turn();
  });
  run.addEventListener("click", () => (timer ? stop() : start()));
  document.querySelector(".keys").hidden = false;
  tools.hidden = false;
  const checked = tools.querySelector("input[name=mode]:checked");
  show(checked?.value ?? "side"); // a browser that comes back keeps the choice
}
