// On every page: htmx for the plain pages, the reader's theme, menus that close themselves, days and times.
import htmx from "htmx.org";
import { wireMenus } from "./menus.ts";
import { wireMoments } from "./moments.ts";
import { wireTheme } from "./theme.ts";

// Nothing of ours needs eval or styles made at run time, so the content security policy may forbid both.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

wireTheme();
wireMenus();
wireMoments();
