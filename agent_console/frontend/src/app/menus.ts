// <details class="menu"> closes on Escape, on a click elsewhere and when one of its items was chosen.
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
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault();
    }
  });
}
