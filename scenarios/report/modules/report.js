"use strict";
// The page says everything without this script. With it, a link opens the step that it leads to, and buttons open all.
const steps = document.querySelectorAll("details.step");

function reveal() {
  const found = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const around = found ? found.closest("details") : null;
  if (around && !around.open) {
    around.open = true;
    found.scrollIntoView();
  }
}

for (const button of document.querySelectorAll("button[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const step of steps) step.open = button.dataset.open === "yes";
  });
}
addEventListener("hashchange", reveal);
reveal();
