// What others may use of a page: citations, links and frames are completed with the address of the site, and copied.

/** Completes the addresses in what may be copied, where the site does not know how it is reached. */
function complete(field: HTMLInputElement | HTMLTextAreaElement): void {
  const place = field.dataset.place ?? "";
  if (!place.startsWith("/") && !place.startsWith("#")) return;
  const whole = new URL(place, location.href).href;
  // What is written within an attribute has its ampersands as references.
  const written = place.replaceAll("&", "&amp;");
  const text = field.value;
  field.value = text.includes(`"${written}"`)
    ? text.replace(`"${written}"`, `"${whole.replaceAll("&", "&amp;")}"`)
    : text.replace(place, whole);
  field.dataset.place = whole;
}

/** Writes a frame in the size and the colours that were chosen. */
function frame(choices: HTMLElement): void {
  const field = document.getElementById(choices.dataset.frame ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return;
  const chosen = (name: string) =>
    choices.querySelector<HTMLSelectElement>(`select[name="${name}"]`)?.value ?? "";
  const [width, height] = chosen("size").split("x");
  const address = new URL(field.dataset.place ?? "", location.href);
  if (chosen("theme")) address.searchParams.set("theme", chosen("theme"));
  const written = address.href.replaceAll("&", "&amp;");
  field.value = field.value
    .replace(/ src="[^"]*"/, () => ` src="${written}"`)
    .replace(/ width="\d+" height="\d+"/, ` width="${width}" height="${height}"`);
}

/** Copies a text; without the right to, it is marked for the reader to copy. */
async function copy(button: HTMLButtonElement): Promise<void> {
  const field = document.getElementById(button.dataset.copy ?? "");
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.focus();
    field.select();
    return;
  }
  const status = button.parentElement?.querySelector("[role='status']") ?? said(button);
  status.textContent = button.dataset.done ?? "";
}

/** The place beside a button where it is said that it has done its work. */
function said(button: HTMLButtonElement): HTMLElement {
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  status.className = "share__done";
  button.after(status);
  return status;
}

/** Makes what may be copied of a page ready. */
export function prepareSharing(): void {
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    ".share__text",
  )) {
    complete(field);
  }
  for (const hidden of document.querySelectorAll<HTMLElement>(".share [hidden]")) {
    hidden.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const button = target.closest<HTMLButtonElement>("button[data-copy]");
  if (button) void copy(button);
});

document.addEventListener("change", (event) => {
  const choices = (event.target as HTMLElement).closest<HTMLElement>("[data-frame]");
  if (choices) frame(choices);
});

// An explanation that is shown goes when it is not wanted.
document.addEventListener("keydown", (event) => {
  const word = document.activeElement;
  if (event.key === "Escape" && word instanceof HTMLElement && word.matches(".term__word")) {
    word.blur();
  }
});
