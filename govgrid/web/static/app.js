// What every page does: the folding menu, one post at a time, questions before deeds, refusals.

const onClick = (selector, act) =>
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.(selector);
    if (target) act(target, event);
  });

onClick("[data-fold]", (button) => {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
});

onClick("[data-confirm]", (button, event) => {
  if (!window.confirm(button.dataset.confirm)) event.preventDefault();
});

onClick("[data-print]", () => window.print());

onClick("[data-check-all]", (box) => {
  for (const other of box.form?.elements[box.dataset.checkAll] ?? []) other.checked = box.checked;
});

// Menus close when the person turns elsewhere.
const closeMenus = (inside) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(inside)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

// A select or box that sends its form at once: <form data-auto>.
document.addEventListener("change", (event) => {
  event.target.form?.matches("[data-auto]") && event.target.form.requestSubmit();
});

// One post at a time: buttons rest while their form is under way.
// A field that asks while one types posts nothing, and a new question replaces the last.
const formOf = (event) => !event.detail.elt.matches?.("[data-live]") && event.detail.elt.closest?.("form");
const rest = (form, resting) => {
  form.toggleAttribute("data-sending", resting);
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.setAttribute("aria-disabled", String(resting));
  }
};
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = formOf(event);
  if (!form) return;
  if (form.hasAttribute("data-sending")) event.preventDefault();
  else rest(form, true);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event);
  if (form) rest(form, false);
});

// A choice after which one writes: <fieldset data-then="id of the text">.
document.addEventListener("change", ({ target }) => {
  const then = target.closest?.("[data-then]")?.dataset.then;
  if (then) document.getElementById(then)?.focus();
});

// Countdowns: <… data-now data-left data-over data-units> around <time datetime data-due>.
const MINUTE = 60_000;
const opened = new WeakMap(); // how far the page's clock is ahead of the browser's
const countDown = () => {
  for (const around of document.querySelectorAll("[data-now][data-units]")) {
    if (!opened.has(around)) opened.set(around, Date.parse(around.dataset.now) - Date.now());
    const now = Date.now() + opened.get(around);
    const units = around.dataset.units.split("|");
    for (const time of around.querySelectorAll("time[data-due]")) {
      const rest = Date.parse(time.dateTime) - now;
      const over = rest <= -MINUTE;
      const minutes = Math.trunc(Math.abs(rest) / MINUTE);
      const [days, hours] = [Math.trunc(minutes / 1440), Math.trunc(minutes / 60) % 24];
      const parts = [days, hours, minutes % 60]
        .map((n, place) => (place === 2 || days || (place === 1 && hours) ? `${n} ${units[place]}` : ""))
        .filter(Boolean);
      time.textContent = around.dataset[over ? "over" : "left"].replace("%s", parts.join(" "));
      time.classList.toggle("text-bad", over);
    }
  }
};
setInterval(countDown, MINUTE / 4);
document.addEventListener("htmx:load", countDown);

// Forms that leave htmx aside (files) rest for a moment too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("hx-boost") !== "false") return;
  if (form.hasAttribute("data-sending")) event.preventDefault();
  rest(form, true);
  setTimeout(() => rest(form, false), 3000);
});

// Links that fill a panel: <… data-reveal>. The chosen link is marked, the panel comes into view.
document.addEventListener("htmx:afterSwap", ({ detail: { target, requestConfig } }) => {
  if (!target.matches?.("[data-reveal]")) return;
  for (const link of document.querySelectorAll(`[hx-target="#${target.id}"]`)) {
    const chosen = link.getAttribute("href") === requestConfig.elt.getAttribute("href");
    if (chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const { top } = target.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight * 0.7) target.scrollIntoView({ block: "start" });
});

const messages = () => document.querySelector("#messages");

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const note = document.querySelector("#offline").content.cloneNode(true);
    messages().replaceChildren(note);
    messages().scrollIntoView({ block: "nearest" });
  });
}

// A refusal names fields: mark them, and bring the reader to the reason.
let sent = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  sent = formOf(event) || null;
});
document.addEventListener("htmx:afterSettle", () => {
  for (const field of document.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
  }
  const banner = messages()?.querySelector(".banner-bad");
  if (!banner || banner.dataset.read) return;
  banner.dataset.read = "yes";
  for (const reason of banner.querySelectorAll("[data-field]")) {
    sent?.elements.namedItem(reason.dataset.field)?.setAttribute?.("aria-invalid", "true");
  }
  banner.focus({ preventScroll: true });
});

// Whoever signs in next sees no room that was kept for somebody else.
const forgetRooms = () => {
  if (window.location.pathname === "/sign-in") window.caches?.delete("room");
};
document.addEventListener("htmx:load", forgetRooms);
forgetRooms();
