/**
 * Parts of a view that are drawn at each look at the network.
 */

/**
 * Writes only what differs: the focus stays, and whoever hears the page is told of changes alone.
 * @param {Element} place
 * @param {Element[]} parts
 */
export function write(place, parts) {
  const text = parts.map((part) => `${part.className} ${part.textContent}`).join("\n");
  if (place.getAttribute("data-text") !== text) place.replaceChildren(...parts);
  place.setAttribute("data-text", text);
}
