// The second half of a double click is for what the first half was for. Where another key stands by now (Park, where
// Answer was) it is not pressed.
export function keepDoubleClicks(): void {
  let pressed: Element | null = null;
  document.addEventListener(
    "click",
    (event) => {
      const key = (event.target as Element).closest("button, a, [role=menuitem]");
      if (event.detail > 1 && key !== pressed) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      pressed = key;
    },
    { capture: true },
  );
}
