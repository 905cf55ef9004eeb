// Everything works without this; with it, some things take one step less.
"use strict";

document.documentElement.classList.add("js");

// What is wrong in a form is where the cursor is.
document.querySelector("[aria-invalid=true]")?.focus();

// Boxes of the filters apply as they are ticked where they stand beside the clothes; who ticked one stays at it.
const filters = document.querySelector(".filter-form");
const wide = matchMedia("(min-width: 60rem)");
filters?.addEventListener("change", ({ target }) => {
  if (!wide.matches || target.type !== "checkbox") return;
  sessionStorage.setItem("ticked", JSON.stringify([target.name, target.value, scrollY]));
  filters.requestSubmit();
});
const ticked = JSON.parse(sessionStorage.getItem("ticked"));
if (filters && ticked) {
  const [name, value, place] = ticked;
  const box = [...filters.elements].find((one) => one.name === name && one.value === value);
  box?.focus({ preventScroll: true });
  scrollTo({ top: place, behavior: "instant" });
}
sessionStorage.removeItem("ticked");
// Empty fields do not clutter the address.
for (const form of document.querySelectorAll("form[action='/']")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

// A thumbnail turns the stage instead of moving the page.
const stage = document.querySelector(".stage");
const thumbs = [...document.querySelectorAll(".thumbs a")];
if (stage && thumbs.length) {
  const mark = () => {
    const shown = Math.round(stage.scrollLeft / stage.clientWidth);
    thumbs.forEach((thumb, index) => {
      if (index === shown) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
  };
  thumbs.forEach((thumb, index) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      stage.scrollTo({ left: index * stage.clientWidth });
    }),
  );
  stage.addEventListener("scroll", mark, { passive: true });
  mark();
}

// The heart answers without a new page.
for (const form of document.querySelectorAll("form[action$='/like']")) {
  const heart = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams({ on: heart.value });
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    if (!answer?.ok || answer.url.includes("/log-in")) {
      form.submit();
      return;
    }
    const liked = heart.value === "1";
    heart.value = liked ? "0" : "1";
    heart.classList.toggle("liked", liked);
    heart.setAttribute("aria-pressed", String(liked));
  });
}

// Photos can be dropped, are uploaded when chosen, and too large ones are told before they are sent.
const files = document.querySelector("#files");
const drop = document.querySelector(".drop");
if (files && drop) {
  const send = () => {
    const large = [...files.files].filter((file) => file.size > 10 * 1024 * 1024);
    files.setCustomValidity(large.length ? `${large[0].name} is larger than 10 MB.` : "");
    if (files.reportValidity() && files.files.length) {
      files.form.requestSubmit(drop.querySelector("button[value=upload]"));
    }
  };
  files.addEventListener("change", send);
  for (const type of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", type === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => {
    files.files = event.dataTransfer.files;
    send();
  });
}

// A form is sent once, however often its button is pressed; and again when that was stopped.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
const allow = () => {
  for (const form of document.forms) delete form.dataset.sent;
};
addEventListener("pageshow", allow);
globalThis.navigation?.addEventListener("navigateerror", allow);
