// Opens what an address points at, finds operations by words, and sends the requests of the forms. No other host is asked.
import { byId, element, isDark } from "/page/elements.js";

const THEME = "tallystick-theme";
const { dataset } = document.documentElement;
const operations = [...document.querySelectorAll(".operation")];

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches(".operation")) target.open = true;
  target?.scrollIntoView();
}

function find({ target }) {
  const wanted = target.value.toLowerCase().split(/\s+/);
  for (const operation of operations) {
    const text = operation.textContent.toLowerCase();
    operation.hidden = !wanted.every((word) => text.includes(word));
    document.querySelector(`.contents a[href="#${operation.id}"]`).parentElement.hidden = operation.hidden;
  }
}

function requestOf(form) {
  const [query, headers] = [new URLSearchParams(), {}];
  let { path, method } = form.dataset;
  for (const { name, value, dataset: { in: place } } of form.querySelectorAll("input")) {
    if (value === "") continue;
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (place === "query") query.set(name, value);
    if (place === "header") headers[name] = value;
    if (place === "token") headers.authorization = `Bearer ${value}`;
  }
  const body = form.querySelector("textarea")?.value;
  return [path + (query.size ? `?${query}` : ""), { method: method.toUpperCase(), headers, body, cache: "no-store" }];
}

async function send(event) {
  event.preventDefault();
  const [path, request] = requestOf(event.target);
  const shown = element("pre", { tabindex: 0 });
  event.target.querySelector("output").replaceChildren(`${request.method} ${path}`, shown);
  const answer = await fetch(path, request).catch((error) => void shown.append(error));
  if (!answer) return;
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") && !text.includes("\n");
  shown.textContent = `${answer.status}\n${isJson && text ? JSON.stringify(JSON.parse(text), null, 2) : text.slice(0, 100000)}`;
}

dataset.theme = sessionStorage.getItem(THEME) ?? "";
byId("do-theme").addEventListener("click", () => {
  dataset.theme = isDark(dataset.theme) ? "light" : "dark";
  sessionStorage.setItem(THEME, dataset.theme);
});
byId("find").addEventListener("input", find);
for (const form of document.querySelectorAll(".try")) form.addEventListener("submit", send);
addEventListener("hashchange", openTarget);
openTarget();
