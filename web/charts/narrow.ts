// Charts in narrow places: drawings by the program, whose marks say which of the option they are. A finger has no
// place to rest on, so a mark first says what it is, with a link to what it is made of.

import { answering, type Changes, type Option, type Tip } from "./option.js";
import { tipElement, told } from "./tip.js";

/** Where a mark leads, and what it says. */
interface Found {
  tip?: Tip;
  go?: Changes;
}

/** A mark of the option: of a series where the drawing names it, else of what is told one by one. */
function found(option: Option, at: number, name?: string): Found {
  const marks = option.series[answering(option)]?.data ?? [];
  if (!option.tips) return { tip: marks[at]?.tip, go: marks[at]?.go };
  const tip = option.tips[at];
  const series = option.series.filter((one) => one.name === name);
  const mark = series.map((one) => one.data?.[at]).find((datum) => datum?.value != null);
  return { tip, go: mark?.go ?? option.goes?.[at] };
}

/** Makes a narrow drawing answer to fingers and keys; `read` gives its option when it is first needed. */
export function answer(
  place: HTMLElement,
  read: () => Promise<Option | undefined>,
  address: (changes: Changes) => URL,
): void {
  let option: Option | undefined;
  let at = -1;
  let shown: HTMLElement | undefined;
  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("aria-live", "polite");
  place.append(live);

  const hide = () => {
    shown?.remove();
    shown = undefined;
    for (const mark of place.querySelectorAll(".is-told")) mark.classList.remove("is-told");
  };
  const show = ({ tip, go }: Found) => {
    hide();
    if (!tip) return;
    shown = tipElement(tip);
    if (go && Object.keys(go).length > 0) {
      const link = document.createElement("a");
      link.href = address(go).href;
      link.textContent = place.dataset.open ?? tip.title;
      shown.append(link);
    }
    // At the end, so that nothing moves under the finger; it stays in view.
    place.append(shown);
    live.textContent = told(tip);
  };
  const ready = async () => {
    option ??= await read();
    return option;
  };

  place.addEventListener("click", async (event) => {
    const mark = (event.target as Element).closest<SVGElement>("[data-at]");
    if (!mark || !(await ready()) || !option) return;
    at = Number(mark.dataset.at);
    show(found(option, at, mark.dataset.name));
    mark.classList.add("is-told");
  });
  place.addEventListener("keydown", async (event) => {
    if (event.target !== place) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!(await ready()) || !option) return;
      const count = (option.tips ?? option.series[answering(option)]?.data ?? []).length;
      at = (at + step + count) % Math.max(1, count);
      show(found(option, at));
    } else if (event.key === "Enter") {
      shown?.querySelector("a")?.click();
    } else if (event.key === "Escape") {
      hide();
      at = -1;
    }
  });
}
