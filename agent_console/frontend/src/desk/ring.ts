// The bell: two soft notes, made here so that no sound file has to be fetched before the first call.
const notes = [
  { at: 0, pitch: 784 },
  { at: 0.18, pitch: 988 },
  { at: 0.5, pitch: 784 },
  { at: 0.68, pitch: 988 },
];
const everyMs = 2600;

export class Bell {
  #audio: AudioContext | null = null;
  #timer = 0;

  constructor() {
    // Browsers let a page sound only after somebody touched it once.
    for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => this.#wake(), { capture: true });
  }

  start(): void {
    if (this.#timer) return;
    this.#wake();
    this.#chime();
    this.#timer = window.setInterval(() => this.#chime(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #wake(): void {
    this.#audio ??= new AudioContext();
    if (this.#audio.state === "suspended") void this.#audio.resume().catch(() => undefined);
  }

  #chime(): void {
    const audio = this.#audio;
    if (audio?.state !== "running") return;
    for (const { at, pitch } of notes) this.#note(audio, audio.currentTime + at, pitch);
  }

  #note(audio: AudioContext, at: number, pitch: number): void {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.16, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.34);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.36);
  }
}
