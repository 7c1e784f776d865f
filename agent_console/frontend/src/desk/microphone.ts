// The microphone: whether there is one and whether we may use it, and its sound for a call.
export type MicrophoneTrouble = "unsupported" | "insecure" | "no_microphone" | "denied" | "microphone_busy";

export class MicrophoneError extends Error {
  readonly trouble: MicrophoneTrouble;

  constructor(trouble: MicrophoneTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

// ?audio=raw switches the browser's sound processing off, which would swallow test tones.
function constraints(): MediaStreamConstraints {
  const processed = new URLSearchParams(location.search).get("audio") !== "raw";
  return {
    audio: { echoCancellation: processed, noiseSuppression: processed, autoGainControl: processed },
    video: false,
  };
}

export async function openMicrophone(): Promise<MediaStream> {
  if (!window.isSecureContext) throw new MicrophoneError("insecure");
  if (!("RTCPeerConnection" in window) || !navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia(constraints());
  } catch (error) {
    throw new MicrophoneError(trouble(error));
  }
}

function trouble(error: unknown): MicrophoneTrouble {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "no_microphone";
    default:
      return "microphone_busy";
  }
}

export function closeMicrophone(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

// Plugged in, unplugged, allowed or forbidden: worth another look.
export function onMicrophoneChange(look: () => void): void {
  navigator.mediaDevices?.addEventListener?.("devicechange", look);
  void navigator.permissions
    ?.query({ name: "microphone" as PermissionName })
    .then((status) => status.addEventListener("change", look))
    .catch(() => undefined);
}
