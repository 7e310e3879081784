// What the pointer, a finger and the keyboard are told of a mark.

import type { Tip } from "./option.js";

export function tipElement(tip: Tip): HTMLElement {
  const element = document.createElement("div");
  element.className = "tip";
  const title = document.createElement("p");
  title.className = "tip__title";
  title.textContent = tip.title;
  const list = document.createElement("dl");
  for (const [name, value] of tip.rows) {
    const term = document.createElement("dt");
    term.textContent = name;
    const said = document.createElement("dd");
    said.textContent = value;
    list.append(term, said);
  }
  element.append(title, list);
  return element;
}

export const told = (tip: Tip) =>
  [tip.title, ...tip.rows.map(([name, value]) => `${name} ${value}`)].join(", ");
