/** What the preload puts on `window.postrider`: frames both ways and nothing else. Bytes are fetched from `/blob/` of the page's own origin. */
export interface ElectronBridge {
  send(frame: unknown): void;
  /** The answer stops listening. */
  onFrame(listener: (frame: unknown) => void): () => void;
}

/** The name on `window`. */
export const bridgeName = 'postrider';
/** The one IPC channel each way. */
export const frameChannel = 'postrider:frame';
