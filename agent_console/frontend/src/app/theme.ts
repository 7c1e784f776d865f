// Light, dark or as the system says. Kept in a cookie, so that the server paints the next page right at once.
const choices = ["auto", "light", "dark"] as const;
type Theme = (typeof choices)[number];

function chosen(): Theme {
  const found = /(?:^|; )cw_theme=(\w+)/.exec(document.cookie)?.[1];
  return choices.find((choice) => choice === found) ?? "auto";
}

function apply(theme: Theme): void {
  if (theme === "auto") document.documentElement.removeAttribute("data-bs-theme");
  else document.documentElement.dataset["bsTheme"] = theme;
  for (const control of document.querySelectorAll<HTMLElement>("[data-theme-choice]"))
    control.setAttribute("aria-pressed", String(control.dataset["themeChoice"] === theme));
}

// Buttons carry data-theme-choice="auto|light|dark".
export function wireTheme(): void {
  apply(chosen());
  document.addEventListener("click", (event) => {
    const control = (event.target as Element).closest<HTMLElement>("[data-theme-choice]");
    const theme = choices.find((choice) => choice === control?.dataset["themeChoice"]);
    if (!theme) return;
    document.cookie = `cw_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    apply(theme);
  });
}
