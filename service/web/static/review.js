// Keys, type-ahead and the lease of the report that is open. Without this script the forms work all the same.
"use strict";

const $ = (selector, inside = document) => inside.querySelector(selector);
const $$ = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const REST = 300; // ms after a page is shown in which Enter decides nothing: a key pressed twice is not two decisions
const RENEW = 4 * 60 * 1000; // ms; a lease lasts ten minutes

const desk = $(".desk");
const form = $("#decide");
let busy = false; // the form has been sent

function say(text) {
  $("#status").textContent = text;
}

function decide(button) {
  if (!busy) form.requestSubmit(button);
}

// --- what is chosen ---------------------------------------------------------------------------------------------

function changed() {
  return $$("input[type=radio]:checked", form).some((radio) => !("suggested" in radio.dataset));
}

function showVerdict() {
  $("#agree .does").textContent = changed() ? "Simpan koreksi" : "Setuju";
}

function choose(radio) {
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  say(`Dipilih: ${$(".name", radio.closest(".choice")).textContent}`);
}

// Choose a label that is perhaps not among the five: it gets the row for others.
function chooseOther(target, option) {
  const known = $$(`input[name=${target}]`, form).find((radio) => radio.value === option.code);
  const row = $(`#${target}-lain`);
  const radio = known || $("input", row);
  if (!known) {
    radio.value = option.code;
    $(".name", row).textContent = option.name;
    $(".group", row).textContent = option.detail || "";
    row.hidden = false;
  }
  choose(radio);
}

// --- type-ahead -------------------------------------------------------------------------------------------------

const PATHS = { topic: "topik", agency: "instansi", place: "tempat" };

class Search {
  constructor(box) {
    this.target = box.dataset.target;
    this.input = $("input", box);
    this.list = $("ul", box);
    this.options = [];
    this.at = 0;
    this.asked = null; // the answer that is waited for
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.take(Number(item.dataset.at));
    });
  }

  ask() {
    const query = new URLSearchParams({ q: this.input.value });
    if (this.target === "agency") {
      query.set("tempat", $("input[name=place]:checked", form)?.value || "");
      query.set("hari", desk.dataset.date || "");
    }
    this.stop?.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.asked = fetch(`/review/cari/${PATHS[this.target]}?${query}`, { signal, headers: { Accept: "application/json" } })
      .then((answer) => answer.json().then((body) => (answer.ok ? this.show(body.found) : say(body.says))))
      .catch((error) => {
        if (error.name !== "AbortError") say("Pencarian gagal; coba lagi.");
      });
  }

  show(found) {
    if (document.activeElement !== this.input) return;
    this.options = found;
    this.list.replaceChildren(...found.map((option, at) => this.item(option, at)), this.tip(found.length));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(0);
    say(found.length ? `${found.length} pilihan` : "Tidak ada yang cocok");
  }

  item(option, at) {
    const item = document.createElement("li");
    item.id = `${this.target}-${at}`;
    item.dataset.at = at;
    item.setAttribute("role", "option");
    for (const [name, text] of [["name", option.name], ["detail", option.detail]]) {
      const part = document.createElement("span");
      part.className = name;
      part.dir = "auto";
      part.textContent = text;
      if (text) item.append(part);
    }
    return item;
  }

  tip(count) {
    const tip = document.createElement("li");
    tip.className = "tip";
    tip.setAttribute("role", "presentation");
    tip.textContent = count ? "Enter pilih dan simpan · Tab pilih saja · Esc batal" : "Tidak ada yang cocok";
    return tip;
  }

  mark(at) {
    this.at = at;
    $$("[role=option]", this.list).forEach((item, one) => {
      item.setAttribute("aria-selected", String(one === at));
      if (one === at) item.scrollIntoView({ block: "nearest" });
    });
    if (this.options.length) this.input.setAttribute("aria-activedescendant", `${this.target}-${at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  async key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing) return;
    if (event.key in steps && this.options.length) {
      event.preventDefault();
      this.mark((this.at + steps[event.key] + this.options.length) % this.options.length);
    } else if (event.key === "Escape") {
      this.input.blur();
    } else if (event.key === "Enter" || (event.key === "Tab" && this.input.value && !event.shiftKey)) {
      event.preventDefault();
      await this.asked; // of the letters typed last, however fast
      if (this.take(this.at) && event.key === "Enter") decide($("#agree"));
    }
  }

  take(at) {
    const option = this.options[at];
    if (!option || this.list.hidden) return false;
    this.input.value = "";
    this.input.blur();
    chooseOther(this.target, option);
    return true;
  }

  close() {
    this.stop?.abort();
    this.options = [];
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

// --- keys -------------------------------------------------------------------------------------------------------

const ACTS = {
  r: () => decide($("#unsure")),
  l: () => decide($("#skip")),
  "/": () => $("#cari-topic").focus(),
  i: () => $("#cari-agency").focus(),
  p: () => $("#cari-place").focus(),
  n: () => $("#note").focus(),
  b: () => $("#together")?.click(),
};

function pressed(event) {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && typing) typing.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || $("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "?") $("#help")?.showModal();
  else if (key === "z" && $("#undo")) $("#undo").requestSubmit();
  else if (form && key === "enter" && !event.target.closest("a, button")) decide($("#agree"));
  else if (form && key in ACTS) ACTS[key]();
  else if (form && $(`input[data-key="${CSS.escape(key.toUpperCase())}"][type=radio]`, form))
    choose($(`input[data-key="${CSS.escape(key.toUpperCase())}"][type=radio]`, form));
  else return;
  event.preventDefault();
}

// --- the lease --------------------------------------------------------------------------------------------------

const report = () => new URLSearchParams({ csrf: form.elements.csrf.value, report: desk.dataset.report });

async function keep() {
  const answer = await fetch("/review/pegang", { method: "POST", body: report(), headers: { Accept: "application/json" } });
  if (!answer.ok) say((await answer.json()).says);
}

function leave() {
  if (!busy) navigator.sendBeacon("/review/lepas", report());
}

// --- begin ------------------------------------------------------------------------------------------------------

if (form) {
  $$(".search").forEach((box) => new Search(box));
  form.addEventListener("change", showVerdict);
  showVerdict();
  form.addEventListener("submit", () => {
    busy = true;
  });
  $("#together")?.addEventListener("change", (event) => {
    $$("input[name=also]", form).forEach((box) => (box.checked = event.target.checked));
  });
  $$(".use").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const { topic, topicName, agency, agencyName } = button.dataset;
      if (topic) chooseOther("topic", { code: topic, name: topicName });
      if (agency) chooseOther("agency", { code: agency, name: agencyName });
      $("#agree").focus();
    });
  });
  if ("leased" in desk.dataset) {
    setInterval(() => document.hidden || keep(), RENEW);
    addEventListener("pagehide", leave);
  }
}
addEventListener("pageshow", (event) => event.persisted && location.reload());
const help = $("#help-button");
if (help) {
  help.hidden = false;
  help.addEventListener("click", () => $("#help").showModal());
}
setTimeout(() => {
  addEventListener("keydown", pressed);
  document.body.dataset.ready = "";
}, REST);
