// <details class="menu"> closes on Escape, on a click elsewhere and when one of its items was chosen; arrows, Home and End
// go through its items, as in every menu.
export function wireMenus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      const inside = event.target instanceof Node && menu.contains(event.target);
      const item = event.target instanceof Element && event.target.closest("[role=menuitem], [role=menuitemradio]");
      if (!inside || item) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (walked(event)) event.preventDefault();
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault();
    }
  });
}

function walked(event: KeyboardEvent): boolean {
  const menu = event.target instanceof HTMLElement ? event.target.closest<HTMLDetailsElement>("details.menu") : null;
  if (!menu || event.ctrlKey || event.metaKey || event.altKey || !/^(?:ArrowDown|ArrowUp|Home|End)$/.test(event.key)) return false;
  if (event.target instanceof HTMLElement && event.target.matches("input, select, textarea")) return false;
  const items = [...menu.querySelectorAll<HTMLElement>("[role=menuitem], [role=menuitemradio]")];
  if (!items.length || (!menu.open && event.key !== "ArrowDown")) return false;
  menu.open = true;
  const here = items.findIndex((item) => item === event.target);
  const last = items.length - 1;
  const to = { ArrowDown: here < last ? here + 1 : 0, ArrowUp: here > 0 ? here - 1 : last, Home: 0, End: last }[event.key];
  items[to ?? 0]?.focus();
  return true;
}
