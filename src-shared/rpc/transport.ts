/** Carries frames both ways, in order. What a frame means is not its business. `onMessage` is given whatever arrived, unchecked. */
export interface Transport {
  send(frame: unknown): void;
  onMessage(listener: (frame: unknown) => void): () => void;
  /** Called once when the other side is gone for good. */
  onClose(listener: () => void): () => void;
  close(): void;
}

/** Who listens to a transport, and that it closes once; what carries its frames is its own matter. */
export abstract class ListenedTransport implements Transport {
  readonly #messageListeners = new Set<(frame: unknown) => void>();
  readonly #closeListeners = new Set<() => void>();
  #isClosed = false;

  abstract send(frame: unknown): void;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A frame has come. */
  receive(frame: unknown): void {
    for (const listener of this.#messageListeners) listener(frame);
  }

  onMessage(listener: (frame: unknown) => void): () => void {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#closeListeners) listener();
  }
}

class Half extends ListenedTransport {
  peer: Half | undefined;

  send(frame: unknown): void {
    const peer = this.peer;
    if (this.isClosed || peer === undefined) return;
    void Promise.resolve().then(() => peer.receive(frame));
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.peer?.close();
  }
}

/** Two transports joined back to back, for a caller in the same process. Delivery is asynchronous, as on a wire. */
export function createTransportPair(): [Transport, Transport] {
  const left = new Half();
  const right = new Half();
  left.peer = right;
  right.peer = left;
  return [left, right];
}
