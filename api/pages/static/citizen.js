// Check a file without sending it: SHA-256 here, and only that row of digits goes to the service.
// The words stand in the page's templates; this script chooses one and fills in the facts.

const section = document.getElementById("bang-tep");
const frame = section.querySelector(".drop");
const field = section.querySelector("input[type=file]");
const status = document.getElementById("tep-tinh-trang");
const answers = document.getElementById("tra-loi");
const language = document.documentElement.lang;
const zone = "Asia/Ho_Chi_Minh";

function word(name) {
  return section.querySelector(`template[data-message="${name}"]`).content.textContent;
}

function say(name) {
  status.textContent = name === "" ? "" : word(name);
}

async function fingerprint(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  if (language !== "en") return iso.split("-").reverse().join("/");
  const name = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" }).format(Date.UTC(year, month - 1, date));
  return `${date} ${name} ${year}`;
}

function minute(iso) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(iso));
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${day(`${of("year")}-${of("month")}-${of("day")}`)} ${of("hour")}:${of("minute")}`;
}

function fillWords(root, values) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    node.data = node.data.replace(/\{(agency|valid_until|time)\}/g, (_, name) => values[name] ?? "");
  }
}

function phrase(name, values = {}) {
  const text = document.querySelector(`template[data-word="${name}"]`).content.textContent;
  return text.replace(/\{(\w+)\}/g, (_, part) => values[part] ?? "");
}

function named(other) {
  return phrase("successor", {
    title: other.title, number: other.number, date: day(other.issued_on), state: phrase(`state-${other.state}`),
  });
}

function fillFacts(root, facts) {
  for (const place of root.querySelectorAll("[data-fact]")) place.textContent = facts[place.dataset.fact];
}

function decisions(result) {
  const all = [...(result.change === null ? [] : [result.change]), ...[...result.corrections].reverse()];
  return all.map((change) => {
    const content = document.querySelector(`template[data-decision="${change.kind}"]`).content.cloneNode(true);
    const next = result.successor;
    fillFacts(content, {
      "note": change.note,
      "reason": language === "en" ? change.reason.text_en : change.reason.text_vi,
      "decision": phrase("decision", { number: change.decision_number, date: day(change.decision_date), by: change.decided_by }),
      "since": minute(change.at),
      "successor": next === null ? "" : named(next),
    });
    return content;
  });
}

function show(answer, file) {
  const result = answer.result;
  const noLimit = phrase("no-limit");
  const known = ["in-force", "expired", "withdrawn", "replaced"].includes(answer.state) && result !== null;
  const content = document.querySelector(`template[data-answer="${known ? answer.state : "unknown"}"]`).content.cloneNode(true);
  const until = result?.valid_until ? day(result.valid_until) : noLimit;
  fillWords(content, { agency: result?.agency, valid_until: until, time: minute(answer.answered_at) });
  const facts = { "file-name": file.name };
  if (known) {
    Object.assign(facts, {
      "title": result.title, "number": result.number, "agency": result.agency, "issued-on": day(result.issued_on),
      "holder": result.holder, "valid-until": until, "verification-code": result.verification_code,
      "main": result.main === null ? "" : named(result.main),
    });
  }
  fillFacts(content, facts);
  if (known) {
    content.querySelector("[data-when=earlier-version]").hidden = !result.earlier_version;
    content.querySelector("[data-when=main]").hidden = result.main === null;
    content.querySelector("[data-place=decisions]").replaceChildren(...decisions(result));
  }
  answers.replaceChildren(content);
  answers.querySelector("h2").focus();
  answers.scrollIntoView({ block: "start" });
}

async function check(file) {
  answers.replaceChildren();
  if (file.size > Number(section.dataset.limit)) return say("too-large");
  say("reading");
  let sha256;
  try {
    sha256 = await fingerprint(file);
  } catch {
    return say("unreadable"); // the file was moved, or the device has no memory left for it
  }
  try {
    const response = await fetch(`/v1/public/digests/${sha256}`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.status === 429) return say("busy");
    if (!response.ok) return say("offline");
    const answer = await response.json();
    say("");
    show(answer, file);
  } catch {
    say("offline"); // no network, or an answer that is none of ours: nothing was compared
  }
}

function isFile(event) {
  return Array.from(event.dataTransfer?.types ?? []).includes("Files");
}

document.getElementById("can-kich-ban").hidden = true;

if (globalThis.crypto?.subtle === undefined) {
  say("needs-secure");
} else {
  frame.hidden = false;
  frame.classList.add("scripted");
  field.addEventListener("change", () => {
    if (field.files.length > 0) check(field.files[0]);
  });
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
    if (event.dataTransfer.files.length > 0) check(event.dataTransfer.files[0]);
  });
}
