// Opens what an address points at, finds operations by words, and sends the requests of the forms. No other host is asked.
"use strict";

const operations = [...document.querySelectorAll(".operation")];

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches(".operation")) target.open = true;
  target?.scrollIntoView();
}

function find(words) {
  const wanted = words.toLowerCase().split(/\s+/);
  for (const operation of operations) {
    const text = operation.textContent.toLowerCase();
    const isHidden = !wanted.every((word) => text.includes(word));
    operation.hidden = isHidden;
    document.querySelector(`.contents a[href="#${operation.id}"]`).parentElement.hidden = isHidden;
  }
}

function requestOf(form) {
  const query = new URLSearchParams();
  const headers = {};
  let path = form.dataset.path;
  for (const input of form.querySelectorAll("input")) {
    if (input.value === "") continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.set(input.name, input.value);
    if (input.dataset.in === "header") headers[input.name] = input.value;
    if (input.dataset.in === "token") headers.authorization = `Bearer ${input.value}`;
  }
  const body = form.querySelector("textarea")?.value;
  return [path + (query.size ? `?${query}` : ""), { method: form.dataset.method.toUpperCase(), headers, body, cache: "no-store" }];
}

async function send(event) {
  event.preventDefault();
  const [path, request] = requestOf(event.target);
  const output = event.target.querySelector("output");
  const shown = document.createElement("pre");
  output.replaceChildren(`${request.method} ${path}`, shown);
  output.hidden = false;
  try {
    const answer = await fetch(path, request);
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") && !text.includes("\n");
    shown.textContent = `${answer.status}\n${isJson && text ? JSON.stringify(JSON.parse(text), null, 2) : text.slice(0, 100000)}`;
  } catch (error) {
    shown.textContent = String(error);
  }
}

document.querySelector("#find").addEventListener("input", (event) => find(event.target.value));
for (const form of document.querySelectorAll(".try")) form.addEventListener("submit", send);
addEventListener("hashchange", openTarget);
openTarget();
