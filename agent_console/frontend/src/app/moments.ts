// Days and times are typed as 2026-11-28 10:00, alike in every browser and language; the calendar beside the field is the
// browser's own and only writes into it.
const parts = { field: "[data-moment] > [type=text]", native: ".moment-native" };

function within(element: Element): { field: HTMLInputElement; native: HTMLInputElement } | null {
  const place = element.closest("[data-moment]");
  const [field, native] = [parts.field, parts.native].map((part) => place?.querySelector<HTMLInputElement>(part));
  return field && native ? { field, native } : null;
}

export function wireMoments(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest(".moment-pick");
    const both = button && within(button);
    if (!both) return;
    both.native.value = both.field.value.trim().replace(" ", "T");
    both.native.showPicker();
  });
  document.addEventListener(
    "change",
    (event) => {
      const native = event.target as HTMLElement;
      const both = native.matches(parts.native) && within(native);
      if (!both) return;
      event.stopPropagation();
      both.field.value = both.native.value.replace("T", " ");
      for (const kind of ["input", "change"]) both.field.dispatchEvent(new Event(kind, { bubbles: true }));
      both.field.focus();
    },
    { capture: true },
  );
  // A list is filtered as soon as the day is whole, and not once more when its field is left.
  const day = "[data-moment=date] > [type=text]";
  const told = new WeakMap<HTMLInputElement, string>();
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (!event.isTrusted || !field.matches(day) || !/^(?:\d{4}-\d\d-\d\d)?$/.test(field.value)) return;
    told.set(field, field.value);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener(
    "change",
    (event) => {
      const field = event.target as HTMLInputElement;
      if (event.isTrusted && field.matches(day) && told.get(field) === field.value) event.stopPropagation();
    },
    { capture: true },
  );
}
