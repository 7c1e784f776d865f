// Prompts of a voice menu: a file from this computer, or what one says into the microphone, becomes what callers hear.
import { SoundDesk } from "./sound.ts";

for (const root of document.querySelectorAll<HTMLElement>("[data-sound]")) new SoundDesk(root);
