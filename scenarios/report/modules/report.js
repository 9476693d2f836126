"use strict";
// The page says everything without this script. With it a link opens what it leads to, buttons open all steps, the contents
// mark the section in sight, and paper gets what is folded.
const chapters = document.querySelectorAll("details.chapter");
const steps = document.querySelectorAll("details.step");

function reveal() {
  const found = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const closed = [];
  for (let around = found?.closest("details"); around; around = around.parentElement.closest("details")) {
    if (!around.open) closed.push(around);
  }
  for (const around of closed) around.open = true;
  if (closed.length) found.scrollIntoView();
}

for (const button of document.querySelectorAll("button[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const each of [...chapters, ...steps]) each.open = button.dataset.open === "yes";
  });
}
document.getElementById("only-refused").addEventListener("change", () => {
  for (const chapter of chapters) chapter.open = true;
});

const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const inSight = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inSight[isIntersecting ? "add" : "delete"](target);
  const first = sections.find((section) => inSight.has(section));
  for (const link of links.values()) link.removeAttribute("aria-current");
  links.get(first?.getAttribute("aria-labelledby") ?? first?.id)?.setAttribute("aria-current", "true");
}, { rootMargin: "-25% 0px 0px 0px" });
const sections = [...document.querySelectorAll("main > :is(header, section)")];
for (const section of sections) watcher.observe(section);

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.printed:not([open])")];
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
addEventListener("hashchange", reveal);
reveal();
