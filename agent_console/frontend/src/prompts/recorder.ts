// What somebody says into the microphone, and how loud it is meanwhile.
import { closeMicrophone, MicrophoneError, openMicrophone } from "../desk/microphone.ts";

type Heard = (seconds: number, level: number) => void;

export class Recorder {
  readonly ended: Promise<Blob>;
  readonly #recorder: MediaRecorder;

  static async open(longest: number, heard: Heard): Promise<Recorder> {
    if (!("MediaRecorder" in window)) throw new MicrophoneError("unsupported");
    return new Recorder(await openMicrophone(), longest, heard);
  }

  private constructor(stream: MediaStream, longest: number, heard: Heard) {
    const pieces: Blob[] = [];
    this.#recorder = new MediaRecorder(stream);
    this.#recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    const meter = watch(stream, longest, heard, () => this.stop());
    this.ended = new Promise((done) => {
      this.#recorder.addEventListener("stop", () => {
        meter();
        closeMicrophone(stream);
        done(new Blob(pieces, { type: this.#recorder.mimeType }));
      });
    });
    this.#recorder.start();
  }

  stop(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }
}

// Tells time and level until it is ended; what lasts too long is over.
function watch(stream: MediaStream, longest: number, heard: Heard, over: () => void): () => void {
  const audio = new AudioContext();
  const analyser = audio.createAnalyser();
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const began = performance.now();
  const looking = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const seconds = (performance.now() - began) / 1000;
    heard(seconds, loudness(samples));
    if (seconds >= longest) over();
  }, 80);
  return () => {
    clearInterval(looking);
    void audio.close();
  };
}

// The loudest moment, on a scale where ordinary speech stands in the middle.
export function loudness(samples: Float32Array): number {
  let peak = 0;
  for (const one of samples) peak = Math.max(peak, Math.abs(one));
  return peak === 0 ? 0 : Math.max(0, Math.min(1, 1 + (20 * Math.log10(peak)) / 50));
}
